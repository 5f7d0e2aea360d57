"""Every key of a composed configuration is given every wrong shape: one line that names the place, or a value that is played."""

import copy
import functools
import math
import re

import numpy as np
import pytest
from configurations import WORDS, WORLDS, changed, composed
from omegaconf import OmegaConf

import sim
from sim.ground.params import ConfigError
from sim.study.plan import applied, digest_of, leaves
from sim.study.planning import question
from sim.world.composing.absent import without_nothing
from sim.world.composing.configuration import load, study_values
from sim.world.scenario import Scenario


class Unheard:
    """A thing that no file can say, and that fails when it is shown."""

    def __repr__(self):
        raise RuntimeError("no words for it")


SHAPES = {
    "nothing": None, "yes": True, "no": False, "none": 0, "less": -1, "part": 0.3, "many": 10**400, "nan": math.nan, "infinite": math.inf,
    "text": "abc", "no text": "", "lines": "a\nb", "long": "x" * 5000, "an empty list": [], "a list": [1], "lists": [[["a"]]],
    "texts": ["a", None], "an empty mapping": {}, "a mapping": {"a": 1}, "a number's": {1: 2}, "a truth's": {True: 1}, "nobody's": {None: 1},
    "a mapping of lists": {"a": [{"b": 3}]}, "bytes": b"a", "a set": {1}, "complex": 1j, "unheard": Unheard(), "array": np.arange(3),
    "a class": dict, "date": np.datetime64("2024-01-01"),
}  # fmt: skip


@functools.cache
def keys(world):
    """Dotted keys of every value and of every mapping that holds some, those with dots in a name left aside."""
    found = leaves(composed(world))
    inner = {".".join(key.split(".")[:n]) for key in found for n in range(1, key.count(".") + 1)}
    return sorted(inner | set(found))


def tried(config, key, told):
    """What the door says of a configuration: None, or its one line, which must be a good one."""
    try:
        Scenario.from_config(config)
    except ConfigError as error:
        said = str(error)
        assert len(said.splitlines()) == 1 and said.isprintable(), (key, told, said)
        assert len(said) <= 800, (key, told, said)
        assert set(re.findall(r"\w+", key)) & set(re.findall(r"\w+", said)), (key, told, said)
        return said
    return None


@pytest.mark.parametrize("world", range(len(WORLDS)), ids=["intercity", "telecom", "price war"])
def test_any_shape_at_any_key_is_played_or_refused_in_one_line(world):
    config, shapes = composed(world), list(SHAPES.items())
    refused = 0
    for number, key in enumerate(keys(world)):
        for told, value in shapes[number % 16 :: 16]:
            refused += tried(changed(config, key, value), key, told) is not None
    assert refused > 150, refused


@pytest.mark.parametrize("told", SHAPES)
def test_any_shape_at_the_top_and_as_a_firm_or_mechanism(told):
    config, value = composed(0), SHAPES[told]
    for key in [*config, "firms.thrift", "firms.thrift.policy", "firms.thrift.policy.dealers", "mechanism.imitation", "population.segments"]:
        said = tried(changed(config, key, copy.copy(value)), key, told)
        number = key in ("seed", "periods", "threads", "replications", "firms.thrift.policy.dealers")
        fits = (key in ("name", "currency") and told == "text") or (told == "an empty mapping" and "policy" in key)
        fits |= key in ("mechanism", "metric", "chapter") and told in ("nothing", "an empty mapping")
        fits |= key == "firms.thrift.policy" and told == "nothing"
        fits |= key == "mechanism.imitation" and isinstance(value, dict)  # values for a mechanism that is switched off
        assert said or fits or (number and type(value) is int), (key, told)


@pytest.mark.parametrize("world", [0, 1])
def test_an_unknown_name_without_a_value_is_refused_and_a_known_one_is_missed(world):
    config = composed(world)
    for key in {key.rpartition(".")[0] for key in leaves(config)}:
        if not key or re.match(r"population\.(tastes|words)$|firms$|mechanism$", key):
            continue
        place = functools.reduce(lambda values, part: values[part], key.split("."), config)
        if not (key in ("records", "population") or key.count(".") == 1):
            continue
        if key.startswith("mechanism.") and "_target_" not in place:
            continue  # values for a mechanism that is switched off
        if re.match(r"population\.(modes|segments)$|population\.words$|population\.tastes$", key):
            continue
        with pytest.raises(ConfigError, match="unknown name"):
            without_nothing(changed(config, f"{key}.misspeltt", None))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["firms.thirft=null"], "firms.thirft: unknown name; nearest valid name: 'thrift'"),
        (["+mechanism.imitatoin=null"], "nearest valid name: 'imitation'"),
        (["+firms.thrift={markup: 0, 3: null}"], "a decimal number has a point, no comma"),
        (["firms.thrift.markupp=null"], "firms.thrift.markupp: unknown name; nearest valid name: 'markup'"),
        (["+population.usage_spraed=null"], "population.usage_spraed: unknown name"),
        (["+records.evry=null"], "records.evry: unknown name; nearest valid name: 'every'"),
        (["+recrods=null"], "recrods: unknown name; nearest valid name: 'records'"),
        (["+population.tastes.comfrot=0.2"], "tastes.comfrot"),
        (["factors.x=3"], "factors.x: read by studies only"),
        (["+factors.x.levels=3"], "factors.x.levels: read by studies only"),
        (["metrics=5"], "metrics: read by studies only"),
        (["firms.thrift.policy=5"], "config key `firms.thrift.policy`"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else "",
)  # fmt: skip
def test_what_was_passed_over_gets_one_line(words, said):
    with pytest.raises(ConfigError) as caught:
        sim.compose(*WORDS, *words)
    assert said in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_what_a_file_put_there_can_be_taken_out():
    scenario = sim.compose(*WORDS, "firms.mosaic=null", "mechanism.imitation=null", "mechanism.market_creation=null")
    assert "mosaic" not in scenario.firms and "imitation" not in scenario.mechanism


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["moves=abc"], "moves = 'abc': expected a whole number"),
        (["chunk_seconds=-1"], "chunk_seconds = -1 s: expected 0 <= chunk_seconds"),
        (["metrics=5"], "metrics = 5: expected a list"),
        (["metrics=[]"], "metrics = []: expected at least one"),
        (["metrics=share"], "metrics = 'share': expected a list"),
        (["tables=null"], "tables: missing"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else "",
)  # fmt: skip
def test_a_study_refuses_what_a_run_does_not_read_in_one_line(words, said):
    with pytest.raises(ConfigError) as caught:
        study_values(load([*WORDS, *words]))
    assert said in str(caught.value) and len(str(caught.value).splitlines()) == 1


STUDY = ("chunk_seconds", "moves", "metrics", "tables", "design", "engine", "precision", "factors")


@pytest.mark.parametrize("key", STUDY)
def test_any_shape_of_a_key_of_studies(key):
    config = load(WORDS)
    for told, value in SHAPES.items():
        if isinstance(value, (set, complex, Unheard, np.ndarray, type, np.datetime64)) or told == "nobody's":
            continue
        wrong = copy.deepcopy(config)
        OmegaConf.set_struct(wrong, False)
        wrong[key] = value
        try:
            study_values(wrong)
        except ConfigError as error:
            assert key in str(error) and len(str(error).splitlines()) == 1, (told, str(error))


@pytest.mark.parametrize(
    "spec", [None, 5, {}, [], [[]], {"set": 5, "to": 3}, {"set": [], "to": 3}, {"set": ["a"], "to": {}}, {"levels": 5}, {"levels": {}},
             {"levels": {"a": 5}}, {"levels": {"a": [5]}}, {"levels": {"a": {"b": 1}}}, {"set": [1], "to": 1}, {"levels": None}, "", "[", [None]],
    ids=repr,
)  # fmt: skip
def test_any_shape_of_a_factor_of_an_experiment(spec, tmp_path):
    import yaml

    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text("# @package _global_\n" + yaml.safe_dump({"factors": {"x": spec}}))
    with pytest.raises(ConfigError) as caught:
        question([*WORDS, "experiment=mine"], str(tmp_path))
    assert len(str(caught.value).splitlines()) == 1 and str(caught.value)


def test_all_that_is_missing_or_unknown_is_told_at_once():
    config = composed(0)
    thrift = {name: value for name, value in config["firms"]["thrift"].items() if name not in ("mode", "overhead", "known")}
    with pytest.raises(ConfigError, match=r"firms.thrift.mode, firms.thrift.overhead, firms.thrift.known: missing; each requires a value"):
        Scenario.from_config(changed(config, "firms.thrift", thrift))
    with pytest.raises(ConfigError, match=r"firms.thrift.presense, firms.thrift.knwon: unknown names; .*'presence' for presense, .*'known'"):
        Scenario.from_config(changed(config, "firms.thrift", config["firms"]["thrift"] | {"presense": 1, "knwon": 2}))
    with pytest.raises(ConfigError, match=r"seed, periods: missing; each requires a value"):
        Scenario.from_config({k: v for k, v in config.items() if k not in ("seed", "periods")})


def numpys(value):
    """Numbers and truth values as NumPy has them."""
    if isinstance(value, dict):
        return {key: numpys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [numpys(item) for item in value]
    kind = {bool: np.bool_, int: np.int64, float: np.float64, str: np.str_}.get(type(value))
    return kind(value) if kind else value


@pytest.mark.parametrize("world", [0, 1])
def test_numpys_numbers_are_numbers_everywhere(world):
    own, other = (Scenario.from_config(config) for config in (composed(world), numpys(composed(world))))
    assert own == other and repr(own) == repr(other)
    for scenario in (own.replace(seed=np.int64(8)), own.replace(seed=np.uint8(8))):
        assert scenario == own.replace(seed=8) and type(scenario.seed) is int
    found = applied(composed(world), {"seed": 8})
    assert digest_of(found) == digest_of(applied(composed(world), {"seed": 8}))


@pytest.mark.parametrize("seed", [np.float64(3.0), np.bool_(True), True, 2.5, "3", np.array([3]), np.nan, [3], -1, np.int64(-1)])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(ConfigError):
        sim.run(sim.compose(*WORDS), seed)


CALLS = {
    "run": [((5,), {}), (("scenario",), {}), ((None,), {}), (("w",), {"folder": 3}), (("w", None, None, 5), {})],
    "compose": [((5,), {}), ((["seed=1"],), {}), (({"seed": 1},), {}), (("seed=1",), {"config_dir": 5}), ((None,), {})],
    "sweep": [((5,), {}), ((["seed=1"],), {}), (("seed=1",), {"folder": 5}), ((b"seed=1",), {})],
    "compare": [((5,), {}), (("seed=1",), {"arms": "ab"}), (("seed=1",), {"arms": 5}), (("seed=1",), {"arms": [1, 2]})],
    "explain": [((5,), {}), (("seed=1",), {"arms": "ab"}), (("seed=1",), {"metric": 5}), (("seed=1",), {"firm": 5})],
    "analyse": [((5,), {}), ((None,), {}), (("nowhere",), {"metric": 5}), (([],), {})],
}


@pytest.mark.parametrize("name", CALLS)
def test_a_public_function_that_is_called_with_something_else_says_so(name):
    for args, more in CALLS[name]:
        args = tuple(sim.compose(*WORDS) if arg == "w" else arg for arg in args)
        with pytest.raises(ConfigError) as caught:
            getattr(sim, name)(*args, **more)
        assert len(str(caught.value).splitlines()) == 1 and str(caught.value)
