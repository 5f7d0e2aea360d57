"""Test markets that a firm pays for: rivals hold still, chance is another one, nothing of the market itself moves."""

import copy
import dataclasses
import functools
import pickle

import numpy as np
import pytest

import sim
from sim.market import phases, pilot
from sim.world.revision import Pilots
from sim.world.strategies import KINDS

REVIEWS = ["strategy=mixed", "revision=best_response", "revise_every=2", "pilot_months=1"]


@functools.cache
def world(*overrides):
    own = [f"firms.thrift.{one}" for one in REVIEWS]
    return sim.compose("population.customers=500", "periods=6", "replications=1", *own, *overrides)


def played(scenario, months):
    market = sim.Market(scenario)
    for _ in range(months):
        market.step()
    return market


def books(market):
    return [firm.books for firm in market.firms], market.table["provider"].tobytes(), market.firm("thrift").mix


def test_pilots_are_ordered_at_reviews_paid_for_and_their_best_mix_is_taken():
    market = sim.Market(world("mechanism=[cost_accounting,signature]"))
    costs = []
    for month in range(4):
        phases.begin(market)
        seen = phases.look(market)
        told = seen["thrift"].reports.get("pilot")
        assert (told is not None) == (month == 2)
        phases.decide(market, seen)
        phases.offer(market)
        costs.append(market.firm("thrift").fixed_cost)
        market.customers.do("step")
        market.close()
        if told:
            assert len(told["mixes"]) == len(told["profit"]) == 5
            assert market.firm("thrift").mix == told["mixes"][int(np.argmax(told["profit"]))]
    # 0.03 overhead and 0.05 spending a head; five test markets of one month at 0.002 a head
    assert costs == pytest.approx([40.0, 40.0, 40.0 + 5 * 0.002 * 500, 40.0])


def test_a_test_market_leaves_the_market_as_it_was():
    market = played(world(), 2)
    phases.begin(market)
    before = pickle.dumps(market.snapshot())
    firm = market.firm("thrift")
    profits = pilot.try_out(market, firm, Pilots((dict(firm.mix), {"price": 1.0}), 2, 0.0))
    assert pickle.dumps(market.snapshot()) == before
    assert profits == pilot.try_out(market, firm, Pilots((dict(firm.mix), {"price": 1.0}), 2, 0.0))
    assert profits[0] != profits[1]


def test_its_chances_are_not_those_of_the_market():
    """What the test market of the present mix earns is not what the market then earns, but is no stranger to it."""
    scenario = sim.compose("population.customers=20000", "periods=3", "replications=1", "firms.thrift.strategy=mixed")
    market = played(scenario, 2)
    phases.begin(market)
    firm = market.firm("thrift")
    (tried,) = pilot.try_out(market, firm, Pilots((dict(firm.mix),), 1, 0.0))
    market.step()
    assert tried != firm.books["profit"] / 20000
    # purchases are counts of some 300 with a margin of 10 AUD each; both are one draw
    assert abs(tried * 20000 - firm.books["profit"]) < 4 * np.sqrt(2 * firm.books["purchases"]) * 35


def test_rivals_hold_still(monkeypatch):
    """In the copy they repeat decision and fares; the one who tests decides by the mix on trial."""
    market = played(world(), 2)
    phases.begin(market)
    offers = []
    step = sim.Market.step

    def watched(trial):
        step(trial)
        offers.append((trial.board.cents.copy(), [firm.decision for firm in trial.firms], trial.firm("thrift").mix))

    monkeypatch.setattr(sim.Market, "step", watched)
    tried = ({"price": 1.0}, {"distinctiveness": 1.0})
    pilot.try_out(market, market.firm("thrift"), Pilots(tried, 2, 0.0))
    me = market.firm("thrift").index
    others = [f.index for f in market.firms if f.index != me]
    assert len(offers) == 4
    for cents, decisions, mix in offers:
        assert (cents[others] == market.board.cents[others]).all()
        for f in others:
            decided = market.firms[f].decision
            assert decisions[f] == dataclasses.replace(decided, policy={**decided.policy, "segment_needs": {"interviews": 0}})
        assert mix in tried
    assert [offers[i][1][me].policy["signature"]["seats"] for i in (0, 2)] == [47, 32]


def test_it_is_the_same_on_more_threads_after_a_copy_and_after_a_pickle():
    whole = played(world(), 5)
    assert whole.firm("thrift").mix != dict.fromkeys(KINDS, 0.25)
    assert books(played(world("threads=2"), 5)) == books(whole)
    half = played(world(), 3)
    for other in (copy.deepcopy(half), pickle.loads(pickle.dumps(half))):
        for _ in range(2):
            other.step()
        assert books(other) == books(whole)


def test_one_s_test_markets_do_not_move_anybody_else_s():
    """Two firms that test at the same time try against last month's offers, whoever comes first."""
    both = world(*(f"firms.echo.{one}" for one in REVIEWS))
    market = played(both, 2)
    phases.begin(market)
    thrift = phases.look(market)["thrift"].reports["pilot"]
    alone = played(both, 2)
    phases.begin(alone)
    first = pilot.hold(alone, alone.firm("thrift"), alone.firm("thrift").look(alone.published))
    assert first.reports["pilot"]["profit"] == thrift["profit"]
