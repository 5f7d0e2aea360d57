"""What differs between two configurations becomes switches that can be thrown one by one."""

import pytest

import sim
from sim.ground.params import ConfigError
from sim.study.plan import applied, digest_of
from sim.study.switches import check_playable, side_by_side, switches, thrown
from sim.world.composing.configuration import load, plain

SMALL = ("population.customers=300", "periods=12")


def config(*words):
    return plain(load([*SMALL, *words]))


def between(one, other):
    return switches(config(*one), config(*other), False)


@pytest.mark.parametrize(
    "words",
    [
        ["~mechanism.imitation"],
        ["firms.grandcoach.markup=0.1", "seed=9", "replications=3"],
        ["firms.thrift.strategy=distinctiveness", "firms.thrift.seats=30", "firms.thrift.pricing=undercut"],
        ["~firms.nightowl", "mechanism.imitation.lag=7"],
        ["mechanism=[state_dependence]"],
        ["scenario=two_leaders"],
        ["population.price_sensitivity=0.03", "mechanism.contexts.gap.night=5.0"],
    ],
)
def test_all_switches_thrown_give_the_other_configuration(words):
    one, other = config(), config(*words)
    for before, after in ((one, other), (other, one)):
        made = switches(before, after, False)
        there = applied(before, thrown(made, frozenset(range(len(made)))))
        assert sim.Scenario.from_config(there) == sim.Scenario.from_config(
            after | {k: there[k] for k in ("seed", "name", "replications")}
        )
        assert digest_of(applied(before, thrown(made, frozenset()))) == digest_of(before)


def test_each_difference_is_one_switch_with_its_values_in_its_name():
    made = between([], ["mechanism.imitation.lag=7", "firms.grandcoach.markup=0.1", "~mechanism.word_of_mouth"])
    assert sorted(s.name for s in made) == [
        "firms.grandcoach.markup 0.287 -> 0.1",
        "mechanism.imitation.lag 3 -> 7",
        "mechanism.word_of_mouth off",
    ]


def test_a_strategy_goes_with_the_values_that_only_it_has():
    made = between([], ["firms.thrift.strategy=distinctiveness", "firms.thrift.seats=30", "firms.thrift.known=0.5"])
    assert sorted(s.name for s in made) == [
        "firms.thrift.known 0.8 -> 0.5",
        "firms.thrift.strategy -> distinctiveness",
    ]


def test_mechanisms_that_need_one_another_are_thrown_together():
    one, other = config("mechanism=[]"), config("mechanism=[satisfaction,complaint]")
    made = switches(one, other, False)
    check_playable(one, made, False)
    named = [s.name for s in made]
    needs = sim.Scenario.from_config(other).mechanism["complaint"].needs
    assert (len(named) == 1) == ("satisfaction" in needs), named


def test_a_mechanism_a_firm_and_a_rule_have_one_row_beside_each_other():
    arms = "", "~mechanism.imitation firms.thrift.pricing=undercut firms.echo.markup=0.1", "~firms.thrift"
    found = side_by_side({name: config(*words.split()) for name, words in zip("ABC", arms, strict=True)})
    assert {row["parameter"]: [row[name] for name in "ABC"] for row in found} == {
        "mechanism.imitation": ["on", "off", "on"],
        "firms.thrift": ["there", "there", "–"],
        "firms.echo.markup": ["–", "0.1", "–"],
    }
    rule = side_by_side({"A": config(), "B": config("firms.thrift.pricing=undercut")})
    assert rule == [{"parameter": "firms.thrift.pricing", "A": "cost_plus", "B": "undercut"}]


def test_nothing_that_differs_is_one_clear_line():
    with pytest.raises(ConfigError, match="do not differ"):
        between([], ["seed=5", "threads=2"])
