"""The factors of the experiments make the worlds that their files say."""

import functools

import pytest

from sim.configuration import load, plain, study_values
from sim.planning import question
from sim.scenario import Scenario
from sim.study.plan import differing

COACHES = ("northline", "southline", "harbour", "valley")
KINDS = ("flexibility", "diversification", "distinctiveness")


@functools.cache
def planned(experiment):
    return question([f"experiment={experiment}"]).plan


def config_of(plan, **values):
    (number,) = [number for number, point in enumerate(plan.points) if dict(point.values) == values]
    return plan.config(number)


def test_a_world_of_the_imitation_grid_sets_all_kinds_and_copies_that_do_not_grow():
    plan = planned("imitation")
    assert len(plan.points) == 27
    rule = config_of(plan, imitability=0.5, lag=12, fidelity=0.7)["mechanism"]["imitation"]
    assert rule["imitability"] == dict.fromkeys(KINDS, 0.5)
    assert [rule[name] for name in ("lag", "first_fidelity", "ceiling", "growth")] == [12, 0.7, 0.7, 0]


def test_the_controls_differ_from_the_grid_by_imitation_and_innovation_only():
    plan, grid = planned("imitation_controls"), planned("imitation").config(0)
    shipped, alone, nothing_new = (
        config_of(plan, world=name) for name in ("as shipped", "no imitation", "no innovation")
    )
    between = {key.rpartition(".")[0] for key in differing(shipped, grid)}
    assert between == {"", "mechanism.imitation", "mechanism.imitation.imitability"}
    assert set(shipped["mechanism"]) - set(alone["mechanism"]) == {"imitation"}
    assert list(differing(shipped, nothing_new)) == ["mechanism.innovation.productivity"]
    assert nothing_new["mechanism"]["innovation"]["productivity"] == 0


@pytest.mark.parametrize(("fares", "at_peace"), [("peace", COACHES), ("war", ()), ("held", ("harbour", "valley"))])
def test_who_fights_the_price_war(fares, at_peace):
    plan = planned("price_war")
    assert len(plan.points) == 12
    config = config_of(plan, fares=fares, protection=0, market="steep")
    second = {firm: config["firms"][firm]["schedule_markups"][1] for firm in COACHES}
    assert second == {firm: 0.287 if firm in at_peace else -0.2 for firm in COACHES}
    assert config["firms"]["harbour"]["policy"]["dealers"]["protection"] == 0
    surveyed = config_of(plan, fares=fares, protection=0, market="corridor")["population"]["price_sensitivity"]
    assert config["population"]["price_sensitivity"] == pytest.approx(3 * surveyed)


def test_the_ablation_leaves_out_every_mechanism_with_those_that_need_it():
    found = load(["experiment=ablation"])
    levels = study_values(found)["factors"]["without"]["levels"]
    gone = {name: {word.removeprefix("~mechanism.") for word in words} for name, words in levels.items()}
    mechanisms = Scenario.from_config(plain(found)).mechanism
    assert gone.pop("nothing") == set()
    assert gone == {name: {name, *(o for o, m in mechanisms.items() if name in m.needs)} for name in mechanisms}
