"""What a firm learns, forgets, gains and pays, against closed forms."""

import numpy as np
import pytest

import sim
from sim.market.agents import Firm
from sim.science.kernels.learning_relationship import forget, learn

LONE = ("mechanism=[learning_relationship,segment_needs]", "mechanism.segment_needs.variety_cost=0")


def grow(step, purchases):
    knowledge = np.zeros((1, 1), np.uint16)
    for _ in range(purchases):
        learn(np.zeros(1, np.int8), np.zeros(1, np.uint32), np.full(1, step, np.float32), knowledge)
    return knowledge[0, 0] / 65535


@pytest.mark.parametrize("step", [0.3, 0.05, 0.002])
def test_knowledge_grows_by_the_learning_curve(step):
    for n in (1, 2, 10, 60, 400):
        rounding = (1 - (1 - step) ** n) / step / 65535  # half a unit a purchase, and what is left of it later
        assert grow(step, n) == pytest.approx(1 - (1 - step) ** n, abs=rounding)


def test_growth_does_not_stall_and_does_not_overflow():
    assert grow(0.002, 10_000) > 0.99
    assert grow(1.0, 3) == 1.0


def test_what_is_not_used_is_forgotten_to_the_last_bit():
    knowledge = np.full(1, 40_000, np.uint16)
    for month in range(1, 41):
        forget(np.float32(0.98), knowledge)
        assert knowledge[0] == pytest.approx(40_000 * 0.98**month, abs=50 * (1 - 0.98**month) + 0.1)
    for _ in range(1000):
        forget(np.float32(0.98), knowledge)
    assert knowledge[0] == 0


@pytest.fixture
def able(monkeypatch):
    """Every coach has half of the capability to diversify, from the first day."""
    monkeypatch.setattr(Firm, "depth", property(lambda self: 0.5 if self.mode.seats else 0.0))


def test_only_those_who_bought_are_known_and_only_by_able_firms(able):
    market = sim.Market(sim.compose("population.customers=5000", *LONE, "mechanism.learning_relationship.forgetting=0"))
    for month in range(1, 4):
        market.step()
        bought = np.array([[bin(b).count("1") for b in row] for row in market.table["bought"]])
        for firm in market.firms:
            depth = 0.5 if firm.mode.seats else 0.0
            expected = 1 - (1 - 0.3 * depth) ** bought[firm.index]
            assert market.table["knowledge"][firm.index] / 65535 == pytest.approx(expected, abs=1e-4), (
                firm.name,
                month,
            )


def play_known(known, *overrides):
    """One month in which thrift knows everybody, and the month's shares in closed form."""
    scenario = sim.compose("population.customers=100000", "seed=6", "periods=1", *LONE, *overrides)
    market = sim.Market(scenario)
    thrift = market.firm("thrift").index
    market.table["knowledge"][thrift] = round(known * 65535)
    market.step()
    table, rows = market.table, []
    for firm in market.firms:
        m = firm.mode_index
        fare = table["price_sensitivity"].astype(float) * table["journey"][m] * market.board.fare[firm.index].mean()
        rows.append(table["standard_appeal"][m] + np.log(firm.spec.presence) - fare)
    away = (0.5 - table["ideal"].astype(float)) ** 2
    gain = 1.07 * (away - (1 - known) ** 2 * away).sum(axis=0)
    rows[thrift] += gain
    odds = np.exp(np.array(rows))
    return market, odds / (1 + odds.sum(axis=0)), gain


def test_the_known_are_offered_what_they_want(able):
    """Shares and delivered quality with knowledge 0.6, against the logit with the gain written out."""
    market, probability, gain = play_known(0.6)
    error = np.sqrt((probability * (1 - probability)).sum(axis=1))
    z = (market.total("purchases") - probability.sum(axis=1)) / error
    assert np.abs(z).max() < 4
    thrift = market.firm("thrift").index
    unknown = play_known(0.0)[1][thrift].sum()
    assert market.total("purchases")[thrift] > unknown + 4 * np.sqrt(unknown)
    buyers = market.table["provider"] == thrift
    assert market.table["quality"][buyers] == pytest.approx(gain[buyers], abs=1e-3)


def test_adapting_is_paid_for(able):
    free, dear = (play_known(0.6, f"mechanism.learning_relationship.adaptation_cost={c}",
                             "mechanism=[cost_accounting,learning_relationship,segment_needs]")[0] for c in (0, 3))  # fmt: skip
    assert (free.table["provider"] == dear.table["provider"]).all()
    sold = dear.total("purchases")[dear.firm("thrift").index]
    paid = dear.firm("thrift").books["cost"] - free.firm("thrift").books["cost"]
    assert paid == pytest.approx(3 * 0.6 * sold, abs=0.02)
    assert dear.firm("grandcoach").books["cost"] == free.firm("grandcoach").books["cost"]


def test_customers_who_are_known_come_back(able):
    """The rival must learn again: more of last time's buyers stay with an able coach."""
    rates = []
    for rate in (0, 1):
        market = sim.Market(
            sim.compose("population.customers=60000", *LONE, f"mechanism.learning_relationship.rate={rate}",
                        "mechanism.segment_needs.weight=5")
        )  # fmt: skip
        for _ in range(12):
            market.step()
        coaches = [f.index for f in market.firms if f.mode.seats]
        repeated, returning = (market.total(name)[coaches].sum() for name in ("repeated", "returning"))
        p = repeated / returning
        rates.append((p, p * (1 - p) / returning))
    (before, v0), (after, v1) = rates
    assert after - before > 4 * np.sqrt(v0 + v1)
