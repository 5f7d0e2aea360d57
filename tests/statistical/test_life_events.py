"""Customers leave and others move in: the market keeps its size, grows, and disturbs nobody who stays."""

import numpy as np
import pytest
from scipy.stats import chisquare

import sim

SMALL = ["mechanism=[life_events]", "population.customers=50000"]


def alive(market, months):
    sizes = []
    for _ in range(months):
        market.step()
        sizes.append(int(market.table["alive"].sum()))
    return np.array(sizes)


def test_the_market_keeps_its_size():
    market = sim.Market(
        sim.compose(*SMALL, "mechanism.life_events.departure=0.02", "mechanism.life_events.empty=0.324324")
    )
    sizes = alive(market, 60)
    expected = market.heads / (1 + 24 * 0.02)
    assert np.abs(sizes - expected).max() < 5 * np.sqrt(market.heads * 0.25)
    assert market.total("departed")[0] > 0
    assert market.total("arrived")[0] > 0


def test_lifetimes_are_geometric():
    market = sim.Market(sim.compose(*SMALL, "mechanism.life_events.departure=0.05", "mechanism.life_events.empty=0"))
    left = -np.diff(np.append(market.heads, alive(market, 20)))
    law = 0.05 * 0.95 ** np.arange(20)
    seen, expected = np.append(left, market.heads - left.sum()), np.append(law, 1 - law.sum()) * market.heads
    assert chisquare(seen, expected).pvalue > 0.001


def test_an_empty_market_fills_and_is_then_full():
    market = sim.Market(
        sim.compose(
            *SMALL, "mechanism.life_events.departure=0", "mechanism.life_events.empty=0.6",
            "mechanism.life_events.filled_by=30",
        )
    )  # fmt: skip
    sizes = alive(market, 32) / market.heads
    assert sizes[14] == pytest.approx(0.4 + 0.6 / 2, abs=0.01)
    assert sizes[-1] == 1.0


def test_who_is_not_there_buys_nothing_and_who_stays_is_not_disturbed():
    calm = sim.Market(sim.compose("mechanism=[]", "population.customers=50000"))
    busy = sim.Market(sim.compose(*SMALL, "mechanism.life_events.departure=0.05", "mechanism.life_events.empty=0.3"))
    stayed = busy.table["alive"].copy()
    for _ in range(12):
        gone = ~busy.table["alive"]
        stayed &= busy.table["alive"]
        present = (~gone).sum()
        calm.step()
        busy.step()
        assert (busy.table["provider"][gone] == -1).all()
        assert (busy.table["provider"][stayed] == calm.table["provider"][stayed]).all()
        assert busy.total("occasions")[0] == present
    assert stayed.sum() > 10_000


def test_whoever_moves_in_is_somebody_new():
    market = sim.Market(
        sim.compose(
            "mechanism=all",
            "population.customers=5000",
            "mechanism.life_events.departure=0.1",
            "mechanism.life_events.empty=0",
        )
    )
    before = market.table["price_sensitivity"].copy()
    market.run_for(20)
    born = market.table["price_sensitivity"] != before
    assert born.sum() == 0, "a place stands empty for two years"
    market.run_for(20)
    born = market.table["alive"] & (market.table["price_sensitivity"] != before)
    assert born.sum() > 1000
    calm = sim.Market(sim.compose("mechanism=all", "population.customers=5000"))
    for name in ("price_sensitivity", "rate"):
        new, old = np.log(market.table[name][born]), np.log(calm.table[name])
        assert abs(new.mean() - old.mean()) < 4 * old.std() * np.sqrt(1 / len(new) + 1 / len(old)), name
