"""Terms in the rules of firms that nothing else would miss: each was dropped once, and only these tests saw it."""

import numpy as np
import pytest

import sim
from sim.market.pilot import try_out
from sim.science.kernels.dealers import BRANCH
from sim.science.rules.awareness import AWARE, BUYER
from sim.science.rules.customer_management import WINNING, voucher_code
from sim.state.features import Feature
from sim.world.revision import Pilots
from sim.world.strategies import Decision, PublicFacts


def market(*overrides, customers=3000):
    return sim.Market(sim.compose(f"population.customers={customers}", "replications=1", "periods=30", *overrides))


def test_an_outlet_saves_the_firm_the_cost_of_selling():
    still = ["mechanism=[dealers,cost_accounting]", "mechanism.dealers.churn=0", "mechanism.dealers.exit=0"]
    dear, saving = (market(*still, f"mechanism.dealers.saved={saved}") for saved in (0, 2))
    for played in (dear, saving):
        played.step()
    sold = dear.total("outlet_sales")[:, 1:].sum(axis=1)
    assert sold.sum() > 0
    cost = [played.world.mechanism["dealers"].on_record(played)["outlet_cost"] for played in (dear, saving)]
    assert cost[0] - cost[1] == pytest.approx(2.0 * sold)


def test_a_firm_is_told_of_everybody_it_turned_away():
    played = market("mechanism.perishability.seats.bus=0.02")
    played.run_for(2)
    thrift = played.firm("thrift")
    away = played.total("second_choices") + played.total("unserved")
    assert played.total("unserved")[thrift.index] > 0
    assert played.world.mechanism["capacity"].on_report(played, thrift)["turned_away"] == away[thrift.index]


def test_building_costs_and_retiring_does_not():
    wide = ["mechanism.perishability.seats.bus=1", "mechanism.capacity.fleet=1", "mechanism.capacity.target_load=1"]
    free, paid = (market(*wide, f"mechanism.capacity.adjustment_cost={cost}") for cost in (0, 50))
    for played in (free, paid):
        played.run_for(2)
    f = paid.firm("thrift")
    assert paid.kept["fleet"][f.index] < 1
    assert f.bills["capacity"] == free.firm("thrift").bills["capacity"]


def test_a_partial_copy_of_a_created_market_serves_a_part():
    """Of customers whom no ordinary service fits, 0.4 can go to who opened the market and 0.2 to who half copied it."""
    played = market()
    cells = np.ones(played.cells, bool)
    offered = {"thrift": 1.0, "echo": 0.5}
    played.features.append(
        Feature("thrift-1", "flexibility", "thrift", 0, 0, 0.0, cells, 0.0, scale=1.0, creates=0.4, offered=offered)
    )
    rows, able = played.block(0, played.heads), {}
    rows.unmet[:], rows.occasions[:] = True, 1
    creation = played.world.mechanism["market_creation"]
    creation.on_offer(played)
    creation.on_occasion(rows)
    for name in offered:
        appeal = np.zeros(len(rows), np.float32)
        creation.on_weigh(rows, played.firm(name), appeal)
        able[name] = np.isfinite(appeal)
    for name, share in (("thrift", 0.4), ("echo", 0.2)):
        assert able[name].mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / len(rows)))


def test_a_franchisee_is_known_as_its_brand_is_and_no_more():
    played = market("++mechanism.entry.franchise.echo=mosaic")
    echo, mosaic = (played.firm(name) for name in ("echo", "mosaic"))
    played.table["funnel"][echo.index] = 0
    played.table["funnel"][mosaic.index] = BUYER
    echo.brand = "mosaic"
    played.world.mechanism["entry"].on_hear(played.block(0, played.heads))
    assert (played.table["funnel"][echo.index] == AWARE).all()


def test_in_a_test_market_rivals_hold_no_interviews(monkeypatch):
    seen = []

    class Watched(sim.Market):
        def step(self):
            super().step()
            seen.append(self.firm("mosaic").policy("segment_needs", "interviews"))

    played = Watched(sim.compose("population.customers=1000", "replications=1", "periods=30"))
    played.run_for(1)
    assert seen == [60]
    try_out(played, played.firm("echo"), Pilots(({"price": 1.0},), 2, 0.0))
    assert seen[1:] == [0, 0]


@pytest.mark.parametrize(("since", "copied"), [(20.0, True), (5.0, False)])
def test_what_pays_is_judged_by_the_year_before(since, copied):
    """Profits long ago do not count: good years, then a bad one, then a feature and a better, or a worse, month."""
    played = market(
        "mechanism.imitation.judged_by=profit", "mechanism.imitation.lag=0", "mechanism.imitation.imitability.flexibility=1"
    )
    played.firm("echo").decision = Decision(imitation=1.0)
    imitation, cells = played.world.mechanism["imitation"], np.ones(played.cells, bool)
    for month, profit in enumerate([100.0] * 12 + [10.0] * 12 + [since], 1):
        played.period, played.published = month, {"thrift": PublicFacts(30.0, 0.0, 0.0, profit)}
        imitation.on_open(played)
    held = {"thrift": 1.0}
    played.features.append(Feature("thrift-1", "flexibility", "thrift", 24, 0, 1.0, cells, 0.0, scale=1.0, fidelity=held))
    imitation.on_settle(played)
    assert ("echo" in held) == copied


def test_an_own_branch_explains_as_well_as_the_channel_says():
    """What a third party loses over the usual is made good where an own branch sells instead."""
    played = market("firms.thrift.policy.dealers={branches: 1}", "mechanism.dealers.insist=1")
    played.open()
    channels, dealers = (played.world.mechanism[name] for name in ("contact_channels", "dealers"))
    lost = channels.control["third_party"] - channels.control["branch"]
    assert lost > 0
    rows = played.block(0, played.heads)
    rows.channel[:] = list(channels.friction).index("third_party")
    rows.provider[:], rows.quality[:] = played.firm("thrift").index, 0
    dealers.on_occasion(rows)
    dealers.on_serve(rows)
    at_a_branch = rows.passing["outlet"] == BRANCH
    assert 0 < at_a_branch.sum() < len(rows)
    assert rows.quality[at_a_branch] == pytest.approx(lost)
    assert not rows.quality[~at_a_branch].any()


def test_a_voucher_is_worth_nothing_to_who_travels_free():
    played = market("firms.mosaic.policy.customer_management={budget: 0.02}")
    played.step()
    mosaic, rows = played.firm("mosaic"), played.block(0, played.heads)
    mechanism, half = played.world.mechanism["customer_management"], played.heads // 2
    rows.voucher_with[:], rows.voucher[:] = mosaic.index, voucher_code(WINNING, mechanism.validity)
    rows.points[mosaic.index] = 0
    rows.points[mosaic.index][:half] = played.world.mechanism["loyalty_programme"].threshold
    gained = np.zeros(len(rows), np.float32)
    mechanism.on_weigh(rows, mosaic, gained)
    assert (gained[:half] == 0).all()
    assert (gained[half:] > 0).all()
