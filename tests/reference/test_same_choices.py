"""The compiled market and the one written from the pages agree on choices, fares, costs, cash, opinions, points."""

import ast
from pathlib import Path

import pytest
from plain_cases import EVERY, LIVELY, ONCE, SOBER, drawn, world
from plain_comparison import disagreements, house_after, plain_after
from plain_market import KNOWN, PlainMarket

import sim

HERE = Path(__file__).parent
MONTHS = 12
ALLOWED = {"draws", "draw"}  # modules of the addressed draws; the scenario is handed over
OF_THE_PLAIN_MARKET = ("market", "customers", "population", "firms", "features", "rules", "draws")


def played(scenario):
    """Play a scenario by both markets, month by month; they must agree after each. Returns the plain one."""
    house, plain = sim.Market(scenario), PlainMarket(scenario)
    for month in range(scenario.periods):
        house.step()
        plain.step()
        assert not disagreements(house_after(house), plain_after(plain)), f"month {month}"
    return plain


@pytest.mark.parametrize(
    "words",
    [
        [f"mechanism=[{','.join(KNOWN)}]", "seed=11"],
        [ONCE, "scenario=telecom", "mechanism.transport_cost.need=support"],
        [EVERY, "scenario=two_leaders"],
        ["mechanism=[]"],
        ["mechanism=[satisfaction,must_have,loyalty_programme]", "seed=7"],
        ["experiment=speed", EVERY],
        SOBER,
    ],
)
def test_every_customer_chooses_the_same(words):
    played(world(*words, customers=200, months=MONTHS))


def test_they_agree_where_much_happens():
    plain = played(world(*LIVELY, customers=120, months=24))
    features = plain.features.every
    assert any(len(feature.fidelity) > 1 for feature in features)
    assert any(feature.given_up for feature in features)
    assert any(firm.followed != [1 / 4] * 4 for firm in plain.firms)
    assert any(sum(firm.heard) > 60 for firm in plain.firms)


def test_they_agree_in_worlds_that_nobody_chose():
    happened = dict.fromkeys(("points_redeemed", "points_expired", "points_at_partners", "copies", "given_up"), 0)
    for number in range(16):
        words = drawn(number)
        try:
            plain = played(world(*words, months=10))
        except AssertionError as error:
            raise AssertionError(f"world {number}: {' '.join(words)}") from error
        for name in happened.keys() & plain.count.keys():
            happened[name] += sum(plain.count[name])
        happened["copies"] += sum(len(feature.fidelity) > 1 for feature in plain.features.every)
        happened["given_up"] += sum(bool(feature.given_up) for feature in plain.features.every)
    assert all(happened.values()), happened


def test_the_plain_market_shares_nothing_but_the_draws():
    for part in OF_THE_PLAIN_MARKET:
        for node in ast.walk(ast.parse((HERE / f"plain_{part}.py").read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            for name in names:
                path = name.split(".")
                assert path[0] != "sim" or ALLOWED & set(path), f"plain_{part}.py takes {name}"
