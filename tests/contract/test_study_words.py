"""Words of studies that would be passed over, mixed or misread are one line; nothing is played with something else in silence."""

import itertools

import pytest

import sim
from sim.ground.params import ConfigError
from sim.study.answers.compare import arms_of
from sim.study.planning import question

SMALL = ("population.customers=300", "periods=2", "replications=2", "engine=serial")
BEFORE = ("", "+", "++")
ARMS = ("firms.thrift.markup=0.1", "firms.thrift.markup=0.3")


def refused(*words, **how):
    with pytest.raises(ConfigError) as caught:
        question([*SMALL, *words], **how)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize("before", BEFORE)
def test_a_word_does_not_write_an_experiments_factors(before):
    names = "", ".x", ".firms.thrift.markup", ".x.levels.a", ".x.set"
    for name, value in itertools.product(names, ("5", "abc", "[1,2]", "1,2", "null", "[]", "range(3)")):
        assert f"factors{name}: stands in the file of an experiment" in refused(f"{before}factors{name}={value}")
    assert "factors: stands in the file" in refused("~factors")


@pytest.mark.parametrize("kind", ["design", "engine", "precision"])
def test_a_study_has_one_design_one_engine_one_precision(kind):
    for value in ("[random]", "[serial,dask]", "[]", "5", "true", "{a:1}"):
        assert f"{kind}={value}: expected the name of one {kind}" in refused(f"{kind}={value}")


DESIGNS = ["random", "latin_hypercube", "sobol", "morris"]


@pytest.mark.parametrize("design", DESIGNS)
def test_arms_are_played_once_each_whatever_the_design(design, tmp_path):
    """Another design would draw arms, and their names would stand at each other's numbers."""
    for ask in (sim.compare, sim.explain):
        with pytest.raises(ConfigError, match="^design: arms are played once each, which only design=factorial does"):
            ask(*SMALL, f"design={design}", *ARMS, folder=tmp_path / "study")
    assert not list(tmp_path.iterdir())
    fixed, factor = arms_of([*SMALL, "design=factorial", *ARMS], ())
    assert [p.values for p in question(fixed, named=(factor,)).plan.points] == [{"arm": "A"}, {"arm": "B"}]


EXPERIMENT = """# @package _global_
factors:
  fare: {set: [firms.thrift.markup, firms.echo.markup], to: "0.1, 0.3"}
"""


def test_a_value_that_an_experiments_factor_would_overwrite_is_refused(tmp_path):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(EXPERIMENT)
    own = str(tmp_path)
    for name, value in itertools.product(("thrift", "echo"), ("0.5", "0.5,0.6", "interval(0.1,0.2)", "range(0.1,0.3,0.1)")):
        told = refused("experiment=mine", "design=random", f"firms.{name}.markup={value}", own=own)
        assert told.startswith(f"firms.{name}.markup: ") and "fare" in told
        assert ("the experiment's factor fare sets it" if value == "0.5" else "moved by two factors") in told
    found = question([*SMALL, "experiment=mine", "fare=0.5", "firms.mosaic.markup=0.2"], own).plan
    assert not found.factors


def test_what_is_named_twice_is_kept_and_shown_once():
    asked = question([*SMALL, "tables=[firms,market,firms]", "metrics=[share,profit,share]"])
    assert asked.plan.tables == ("firms", "market") and asked.metrics == ("share", "profit")
