"""Words become a plan: factors by Hydra's grammar, experiments' factors, and one clear line for every mistake."""

from pathlib import Path

import pytest

import sim
from sim.ground.params import ConfigError
from sim.study.plan import applied, digest_of, leaves
from sim.study.planning import question

SMALL = ("population.customers=300", "periods=12", "replications=2", "engine=serial")


def plan(*words, **how):
    return question([*SMALL, *words], **how).plan


def test_hydras_words_for_many_values_make_factors():
    found = plan("mechanism.imitation.lag=range(1,4)", "firms.thrift.markup=choice(0.1,0.2)")
    assert [f.name for f in found.factors] == ["mechanism.imitation.lag", "firms.thrift.markup"]
    assert [tuple(p.values.values()) for p in found.points] == [(lag, m) for lag in (1, 2, 3) for m in (0.1, 0.2)]
    assert len(found.bases) == 1, "numbers are set in one composed configuration"


@pytest.mark.parametrize(
    "words",
    [
        ["mechanism.imitation.lag=5"],
        ["firms.thrift.markup=0.3"],
        ["firms.thrift.strategy=distinctiveness", "firms.thrift.seats=30"],
        ["scenario=telecom", "mechanism.imitation.lag=5"],
        ["mechanism=[state_dependence]"],
        ["~mechanism.imitation", "~mechanism.capability"],
        ["population.ideal_spread=0", "mechanism.random_tastes.spread={comfort:0.1}"],
        ["mechanism.random_tastes.spread.comfort=0.1", "mechanism.random_tastes.spread={comfort:0.2}"],
        ["+mechanism.entry.opens.bus=3", "++periods=13", "name='a b'"],
    ],
)
def test_a_point_is_the_configuration_that_hydra_would_compose(words):
    """The same words as levels of a factor, or on the command line of one run: the same scenario and the same run id."""
    from sim.study.factor import Factor
    from sim.world.composing.configuration import load, plain

    levels = {"base": (), "changed": tuple(words)}
    factor = Factor(name="arm", keys=(), levels=tuple(levels), low=0.0, high=0.0, whole=False, words=levels)
    found = plan(named=(factor,)).config(1)
    assert digest_of(found) == digest_of(plain(load([*SMALL, *words])))


def test_a_number_that_is_set_is_the_number_that_hydra_sets():
    swept = plan("mechanism.imitation.lag=1,5", "firms.thrift.markup=0.1,0.3").config(3)
    alone = plan("mechanism.imitation.lag=5", "firms.thrift.markup=0.3").config(0)
    one, other = (sim.Scenario.from_config(config) for config in (swept, alone))
    assert one == other


def test_choices_of_files_are_composed_once_each():
    found = plan("scenario=intercity,telecom", "mechanism.imitation.lag=1,2,3")
    assert len({p.base for p in found.points}) == 2
    assert [leaves(found.config(n))["mechanism.imitation.lag"] for n in range(6)] == [1, 2, 3, 1, 2, 3]
    assert [found.config(n)["name"] for n in (0, 5)] == ["intercity", "telecom"]


def test_named_levels_that_only_set_values_are_not_composed():
    from sim.study.factor import Factor

    levels = {"near": ("population.ideal_spread=0.1", "firms.echo.markup=0.2"), "far": ("population.ideal_spread=0.3",)}
    factor = Factor(name="needs", keys=(), levels=tuple(levels), low=0.0, high=0.0, whole=False, words=levels)
    found = plan(named=(factor,))
    assert len(found.bases) == 1
    assert [found.config(n)["population"]["ideal_spread"] for n in (0, 1)] == [0.1, 0.3]
    assert [leaves(found.config(n)).get("firms.echo.markup") for n in (0, 1)] == [0.2, None]


def test_an_interval_over_whole_numbers_gives_whole_numbers():
    found = plan("mechanism.imitation.lag=interval(1,12)", "design=latin_hypercube", "design.samples=12")
    lags = [p.values["mechanism.imitation.lag"] for p in found.points]
    assert sorted(lags) == list(range(1, 13))
    assert all(type(lag) is int for lag in lags)


def test_a_run_is_named_by_what_bears_on_it():
    def ids(*words):
        made = plan(*words)
        return {run.run for run in made.runs(made.replications)}

    base = ids()
    assert len(base) == 2
    assert ids("threads=2") == base == ids("engine=processes", "tables=[firms]")
    assert base < ids("replications=3")
    assert ids("seed=2") != base
    assert not ids("mechanism.imitation.lag=5") & base


def test_setting_values_leaves_what_is_shared_alone():
    base = {"a": {"b": {"c": 1}, "d": 2}}
    assert applied(base, {"a.b.c": 5, "a.e": {"f": 1}, "a.d": None}) == {"a": {"b": {"c": 5}, "e": {"f": 1}}}
    assert base == {"a": {"b": {"c": 1}, "d": 2}}


EXPERIMENT = """# @package _global_
factors:
  mechanism.imitation.lag: choice(1, 12)
  both: {set: [firms.thrift.markup, firms.echo.markup], to: "0.1,0.2"}
  arm: {levels: {plain: [], without: ["~firms.nightowl", firms.mosaic.markup=0.4]}}
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(EXPERIMENT)
    return str(tmp_path)


def test_an_experiments_file_says_what_moves(own):
    found = plan("experiment=mine", own=own)
    assert [len(f.levels) for f in found.factors] == [2, 2, 2]
    last = sim.Scenario.from_config(found.config(7))
    assert "nightowl" not in last.firms
    assert [last.firms[name].pricing.markup for name in ("thrift", "echo", "mosaic")] == [0.2, 0.2, 0.4]
    assert last.mechanism["imitation"].lag == 12


def test_factors_of_an_experiment_are_fixed_or_chosen_on_the_command_line(own):
    found = plan("experiment=mine", "mechanism.imitation.lag=7", "both=0.3,0.5", "arm=without", own=own)
    assert [f.name for f in found.factors] == ["both", "arm"]
    assert [tuple(p.values.values()) for p in found.points] == [(0.3, "without"), (0.5, "without")]
    assert leaves(found.config(0))["mechanism.imitation.lag"] == 7


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["mechanism.imitation.lagg=1,2"], "mechanism.imitation.lagg: unknown name; nearest valid name"),
        (["mechanism.imitation.lag=1,-2"], "expected 0 <= lag"),
        (["firms.thrift.markup=interval(0.1,-5)", "design=random"], "expected low < high"),
        (["firms.thrift.markup=interval(-9,0.1)", "design=random"], "markup"),
        (["firms.thrift.strategy=price,distinctivness"], "nearest valid name: 'distinctiveness'"),
        (["mechanism.imitation.lag=1,1"], "the same value twice"),
        (["firms.thrift.markup=1,1.0"], "the same value twice"),
        (["mechanism.imitation.lag=range(1,4,0)"], "expected steps that lead there"),
        (["firms.thrift.markup=range(0.4,0.1,0.1)"], "firms.thrift.markup = 0.4, ..., 0.1: expected steps"),
        (["firms.thrift.markup=range(0,1e9,0.1)"], "at most 1,000,000"),
        (["mechanism.imitation.lag=interval(0.5,5)", "design=random"], "expected whole numbers as its limits"),
        (["mechanism.imitation.lag=interval(1,5)"], "design=latin_hypercube"),
        (["firms.thrift.markup=interval(0.1,0.2)", "design=sobol", "design.samples=100"], "power of two"),
        (["seed=1,2"], "cannot be a factor; a study's seeds are seed=1 replications=10"),
        (["threads=1,2"], "threads: a run does not depend on it"),
        (["tables=[firms],[firms,market]"], "tables: a run does not depend on it"),
        (["engine=serial,processes"], "engine: a run does not depend on it"),
        (["tables=[market]"], "expected firms among them"),
        (["tables=[firms,marketing]"], "nearest valid name: 'market'"),
        (["tables=[firms,panel]"], "records.sample above 0"),
        (["engine=process"], "nearest valid name: 'processes'"),
        (["mechanism.imitation.lag=choice(1"], "not of the form name=value"),
        (["precision=stated", "precision.metric=shares"], "nearest valid name"),
        (["design.samples=8"], "design=factorial takes none; expected one of design=latin_hypercube, design=random, design=sobol"),
        (["design.sample=8"], "nearest valid name: 'design.samples'"),
    ],
)
def test_a_mistake_is_one_clear_line(words, told):
    with pytest.raises(ConfigError) as caught:
        plan(*words)
    assert told in str(caught.value), caught.value
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["status", "share", "firm", "Seed", "mean", "'a\"b'", "Arm"])
def test_a_factor_does_not_take_the_name_of_a_column(own, name):
    file = Path(own) / "experiment" / "mine.yaml"
    file.write_text(EXPERIMENT.replace("both:", f"{name}:"))
    with pytest.raises(ConfigError, match=r"factors\..*: the tables have a column of this name"):
        plan("experiment=mine", own=own)


def test_the_last_word_about_a_name_counts():
    lag = "mechanism.imitation.lag"
    assert [factor.levels for factor in plan(f"{lag}=6", f"{lag}=1,2", f"{lag}=3,4").factors] == [(3, 4)]
    fixed = plan(f"{lag}=1,2", f"{lag}=6")
    assert (fixed.factors, fixed.config(0)["mechanism"]["imitation"]["lag"]) == ((), 6)


def test_nothing_is_moved_by_two_factors(own):
    with pytest.raises(ConfigError, match=r"firms\.echo\.markup: moved by two factors, both and firms\.echo\.markup"):
        plan("experiment=mine", "firms.echo.markup=0.1,0.2", own=own)


def test_a_named_level_does_not_move_what_no_run_depends_on(own):
    file = Path(own) / "experiment" / "mine.yaml"
    file.write_text(EXPERIMENT.replace('["~firms.nightowl"', '["seed=3"'))
    with pytest.raises(ConfigError, match="seed: a run does not depend on it"):
        plan("experiment=mine", own=own)


def test_a_level_that_an_experiment_does_not_have(own):
    with pytest.raises(ConfigError, match="arm = wihout: unknown level; nearest valid name: 'without'"):
        plan("experiment=mine", "arm=wihout", own=own)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("botth=0.1,0.2", "botth: unknown name; nearest valid name: 'both'"),
        ("botth=0.1", "botth: unknown name; nearest valid name: 'both'"),
        ("perods=12", "perods: unknown name; nearest valid name: 'periods'"),
    ],
)
def test_a_misspelt_factor_is_held_against_the_experiments_own(own, word, told):
    with pytest.raises(ConfigError) as failure:
        plan("experiment=mine", word, own=own)
    assert str(failure.value) == f"{told}; factors of the experiment: mechanism.imitation.lag, both, arm"


def test_a_single_run_says_that_only_studies_move_a_factor(own):
    with pytest.raises(ConfigError, match="both: a factor of the experiment, moved by studies only"):
        sim.compose("experiment=mine", "both=0.1", config_dir=own)
