"""Arms of a comparison: nothing else may move, they must share a firm, and an experiment's own factors can be arms."""

import pytest

import sim
from sim.study.answers.compare import arms_of
from sim.study.planning import question

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own

SMALL = ("population.customers=300", "replications=1", "engine=serial")
EXPERIMENT = """# @package _global_
factors:
  fare: {set: [firms.thrift.markup, firms.echo.markup], to: "0.1, 0.3"}
  arm: {levels: {peace: [], war: ["firms.grandcoach.pricing=undercut", "~mechanism.imitation"]}}
"""


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "own" / "experiment"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(EXPERIMENT)
    return str(folder.parent)


def test_nothing_moves_but_the_arms(tmp_path):
    for ask in (sim.compare, sim.explain):
        with pytest.raises(sim.ConfigError, match=r"mechanism\.imitation\.lag would take several values in each arm"):
            words = "firms.thrift.markup=0.1", "firms.thrift.markup=0.3", "mechanism.imitation.lag=1,2"
            ask(*SMALL, *words, folder=tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_arms_without_a_common_firm_are_refused_before_anything_is_played(tmp_path):
    with pytest.raises(sim.ConfigError, match=r"no firm is in both arms: A has air, .*; B has swift"):
        sim.compare(*SMALL, "periods=12", "scenario=intercity", "scenario=telecom", folder=tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_an_experiments_factors_can_be_arms(own):
    fixed, factor = arms_of([*SMALL, "experiment=mine", "arm=peace", "arm=war", "fare=0.1"], ())
    asked = question(fixed, own, named=(factor,))
    peace, war = asked.plan.config(0), asked.plan.config(1)
    assert [f.name for f in asked.plan.factors] == ["arm"]
    assert "imitation" in peace["mechanism"] and "imitation" not in war["mechanism"]
    assert war["firms"]["grandcoach"]["pricing"]["_target_"].endswith("Undercut")
    fixed, factor = arms_of([*SMALL, "experiment=mine", "fare=0.1", "fare=0.3", "arm=peace"], ())
    markups = [question(fixed, own, named=(factor,)).plan.config(n)["firms"]["echo"]["markup"] for n in (0, 1)]
    assert markups == [0.1, 0.3]


def test_an_experiments_factor_that_is_left_alone_is_refused(own, tmp_path):
    with pytest.raises(sim.ConfigError, match="compare: fare would take several values"):
        words = *SMALL, "experiment=mine", "arm=peace", "arm=war"
        sim.compare(*words, config_dir=own, folder=tmp_path / "study")
    with pytest.raises(sim.ConfigError, match="arm = wars: unknown level; nearest valid name: 'war'"):
        sim.compare(*SMALL, "experiment=mine", "arm=peace", "arm=wars", "fare=0.1", config_dir=own)


def test_a_value_of_a_precision_states_one():
    asked = question([*SMALL, "precision.half_width=0.02", "firms.thrift.markup=0.1,0.2"])
    assert asked.precision.half_width == 0.02


def test_it_is_known_of_every_arm_who_moved_from_whom(tmp_path):
    small = (*SMALL, "scenario=telecom", "periods=3", "mechanism=[cost_accounting]")
    found = sim.compare(*small, *(f"firms.basic.markup={markup}" for markup in (0.05, 0.1, 2.0)), folder=tmp_path)
    assert found.facts["arms"] == "A: firms.basic.markup=0.05; B: firms.basic.markup=0.1; C: firms.basic.markup=2.0"
    near, far = found.moved("B"), found.moved("C")
    bought = near.drop(index="nobody").sum(axis=1)
    assert bought.equals(far.drop(index="nobody").sum(axis=1)) and bought["basic"] > 0
    assert far.loc["basic", "basic"] < near.loc["basic", "basic"]
    with pytest.raises(sim.ConfigError, match="no panel of 'A' was kept; valid names: B, C"):
        found.moved("A")


def test_explain_takes_no_study(tmp_path):
    (tmp_path / "study.json").write_text("{}")
    with pytest.raises(sim.ConfigError, match="takes no study; it plays what lies between two arms"):
        sim.explain(str(tmp_path), "arm=A", "arm=B")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"metric": "shar"}, "--metric = 'shar': not recorded of a firm; nearest valid name: 'share'"),
        ({"firm": "thrifft"}, "--firm thrifft: no such firm in both scenarios; nearest valid name: 'thrift'"),
    ],
)
def test_a_misspelt_metric_or_firm_to_explain_is_refused_before_anything_is_played(tmp_path, how, said):
    with pytest.raises(sim.ConfigError, match=said):
        sim.explain(*SMALL, "firms.thrift.markup=0.1", "firms.thrift.markup=0.3", folder=tmp_path, **how)
    assert not list(tmp_path.iterdir())


def test_a_difference_that_may_be_none_has_no_parts_told_of_it(tmp_path):
    arms = "firms.thrift.markup=0.2", "firms.thrift.markup=0.21"
    small = *SMALL[::2], "replications=2", "periods=2", "mechanism=[cost_accounting]"
    found = sim.explain(*small, arms=arms, firm="thrift", folder=tmp_path)
    assert found.total[1] < 0 < found.total[2]
    assert found.table["share_of_total"].isna().all()


def test_an_explanation_speaks_the_words_of_the_market(tmp_path):
    words = ["scenario=telecom", SMALL[0], "periods=12", "replications=2", "engine=serial"]
    found = sim.explain(
        *words, arms=["", "firms.basic.markup=0.4"], metric="share", firm="basic", folder=tmp_path / "s"
    )
    assert found.noun == "share of subscriptions"
    assert "Why the share of subscriptions of basic differs" in sim.report(found, tmp_path).read_text()
