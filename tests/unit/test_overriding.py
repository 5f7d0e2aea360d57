"""What is composed by parts is what Hydra composes as a whole, or the same mistake."""

import itertools
import random

import pytest
from hydra.errors import HydraException
from omegaconf import OmegaConf

from sim.ground.params import ConfigError
from sim.world.composing import composition, configuration

WORDS = [
    "seed=7", "periods=abc", "mechanism=[]", "mechanism=[imitation,capability]", "mechanism.imitation.lag=5", "~mechanism.imitation",
    "scenario=telecom", "scenario=nowhere", "~precision", "precision=stated", "precision.half_width=0.1", "firms.thrift.markup=0.3",
    "firms.thrift={markup:0.1}", "~firms.thrift", "firms.new.mode=bus", "+engine.more=1", "engine.workers=3", "engine=dask",
    "engine.address=tcp://a:1", "++name='a b'", "name=${seed}", "seedd=1", "mechanism.imitation=null", "tables=[firms]",
    "population=telecom", "population.customers=300", "design=sobol", "design.samples=8", "+extra.deep.er=[1,2]", "records.every=2",
    "seed=1,2", "seed=", "x", "a@b=c", "strategy@firms.thrift.x=price", "~seed", "~nothing", "+seed=2",
]  # fmt: skip


def asked(words):
    """What a user gets of words: values, choices and words, or one line."""
    try:
        config = configuration.load(words)
    except (ConfigError, HydraException) as error:
        return str(error)
    hydra = config.hydra
    choices, told = OmegaConf.to_container(hydra.runtime.choices), sorted(hydra.overrides.task)
    values = {name: OmegaConf.to_container(config[name]) if OmegaConf.is_config(config[name]) else config[name] for name in config if name != "hydra"}
    return values, choices, told


def as_a_whole(words):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "told_apart", lambda overrides, folders: (list(overrides), []))
        return asked(words)


def test_every_word_by_itself():
    for word in WORDS:
        assert asked([word]) == as_a_whole([word]), word


def test_words_in_any_order():
    chance = random.Random(1)
    pairs = list(itertools.permutations(WORDS, 2))
    for words in [*chance.sample(pairs, 8), *(chance.sample(WORDS, 4) for _ in range(6))]:
        assert asked(list(words)) == as_a_whole(list(words)), words
