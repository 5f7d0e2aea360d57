"""Firms that come and go while others test markets, sell through dealers, campaign: nothing is billed or kept that is not there."""

import copy
import pickle

import numpy as np
import pytest

import sim
from sim.desk.environment import Firms
from sim.market import phases
from sim.market.pilot import try_out
from sim.science.kernels.dealers import list_wanting
from sim.world.revision import Pilots

SMALL = ("population.customers=2000", "replications=1", "periods=20")
LATE = "++mechanism.entry.opening.thrift=3"


def market(*overrides):
    return sim.Market(sim.compose(*SMALL, *overrides))


def test_somebody_may_enter_while_a_test_market_is_held():
    orders = ["firms.echo.strategy=mixed", "firms.echo.revision=best_response", "firms.echo.revise_every=2"]
    played = market(LATE, *orders)
    played.run_for(6)
    assert "test_markets" in played.firm("echo").bills or played.firm("echo").mix
    assert played.firm("thrift").trading


def test_test_markets_are_billed_once_whatever_happens_to_the_firm():
    played = market(
        "++mechanism.entry.patience.bus=3", "firms.thrift.strategy=mixed", "firms.thrift.revision=best_response",
        "firms.thrift.revise_every=4", "firms.thrift.pilot_months=1", "firms.thrift.pilot_cost=0.3", "firms.thrift.opening_cash=1.0",
    )  # fmt: skip
    bills, cash = [], []
    for _ in range(12):
        played.step()
        bills.append(played.firm("thrift").bills.get("test_markets", 0.0))
        cash.append(played.firm("thrift").cash_cents)
    assert not played.firm("thrift").trading
    assert sum(bill > 0 for bill in bills) == 1
    assert len(set(cash[-5:])) == 1, "nothing is charged to who is gone"


def test_a_launch_discount_does_not_eat_into_the_fare_that_the_rule_goes_on_from():
    """Hill climbing moves by a step of what it asked itself; a cut of a fifth is taken off once, not month by month."""
    played, asked, posted = market(LATE, "firms.thrift.pricing=hill_climbing"), [], []
    for _ in range(9):
        played.step()
        asked.append(played.firm("thrift").asked[0])
        posted.append(played.firm("thrift").price)
    step = played.world.firms["thrift"].pricing.fare_step
    assert posted[3:9] == pytest.approx([0.8 * fare for fare in asked[3:9]], abs=0.006)
    assert np.abs(np.diff(asked[3:9])).max() <= step + 1e-9


def test_who_is_not_in_the_market_has_no_dealers_and_no_outlets():
    played = market(LATE, "++mechanism.entry.opening.echo=19", "mechanism.dealers.opening=2")
    late, never = played.firm("thrift").index, played.firm("echo").index
    recorded, dealers = played.world.mechanism["dealers"].on_record, []
    for _ in range(6):
        played.step()
        dealers.append(int(recorded(played)["dealers"][late]))
        assert recorded(played)["dealers"][never] == 0
        assert recorded(played)["outlet_coverage"][never] == 0
    assert dealers[:3] == [0, 0, 0]
    assert dealers[3] > 0
    phases.begin(played)
    played.firm("thrift").trading = False
    for mechanism in played.mechanisms:
        mechanism.on_leave(played, played.firm("thrift"))
    assert recorded(played)["dealers"][late] == recorded(played)["outlet_coverage"][late] == 0


def test_sisters_and_brands_do_not_answer_their_own_newcomer():
    played = market(
        "++mechanism.entry.opening.echo=3", "++mechanism.entry.franchise.echo=mosaic",
        "mechanism.ownership.sets={duo: [echo, nightowl]}",
    )  # fmt: skip
    played.run_for(4)
    cut = dict(zip((f.name for f in played.firms), played.world.mechanism["entry"].on_record(played)["cut"], strict=True))
    assert {name: part for name, part in cut.items() if part} == {"echo": 0.2, "grandcoach": 0.1, "thrift": 0.1}


@pytest.mark.parametrize("again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["copy", "pickle"])
def test_a_copy_from_inside_a_month_goes_on_alike(again):
    """Who entered or left this month has done so; what was published is kept."""
    one = market("++mechanism.entry.patience.bus=6", "mechanism.imitation.judged_by=profit")
    one.run_for(4)
    phases.begin(one)
    two = again(one)
    for each in (one, two):
        each.open()
        each.customers.do("step")
        each.close()
    held = [market.snapshot() for market in (one, two)]
    for state in held:
        state["features"] = [vars(feature) for feature in state["features"]]
    np.testing.assert_equal(*held)


def lasting(market):
    """Who buys at outlets only, who has one of a firm's near, and what a copy of each feature would be worth."""
    dealers, thrift, rows = market.world.mechanism["dealers"], market.firm("thrift"), market.block(0, market.heads)
    dealers.on_occasion(rows)
    wants = rows.passing["wants"]
    list_wanting(rows.identity, np.ones(len(rows), bool), *rows.passing["wanting"])
    rows.channel[:] = list(market.world.mechanism["contact_channels"].friction).index("third_party")
    appeal = np.zeros(len(rows), np.float32)
    dealers.on_consider(rows, thrift, appeal)
    for feature in market.features:
        feature.fidelity["echo"] = 0.6
    market.world.mechanism["complexity"].on_open(market)
    return wants, np.isfinite(appeal), [feature.worth["echo"] for feature in market.features]


def test_in_a_test_market_people_stay_who_they_are_and_chances_are_others():
    held = []

    class Watched(sim.Market):
        """A market that plays no fourth month, and says so."""

        def step(self):
            held.append(self) if self.period == 3 else super().step()

    words = (
        "mechanism.complexity.interdependence=4", "mechanism.innovation.productivity=3", "mechanism.dealers.insist=0.5",
    )  # fmt: skip
    played = Watched(sim.compose(*SMALL, *words))
    played.run_for(3)
    try_out(played, played.firm("echo"), Pilots(({"price": 1.0},), 1, 0.0))
    (trial,) = held
    for name in ("wish", "luck", "voucher", "delivery"):
        assert (trial.keys(name) != played.keys(name)).any()
    (wants, near, worth), in_trial = (lasting(m) for m in (played, trial))
    assert 0 < wants.sum() < len(wants) and 0 < near.sum() < len(near)
    assert (wants == in_trial[0]).all() and (near == in_trial[1]).all() and worth == in_trial[2]


def test_a_firm_played_from_outside_may_enter_later():
    world = Firms(sim.compose(*SMALL, LATE), ["echo", "thrift"])
    seen, _ = world.reset(seed=1)
    assert set(seen) == {"echo"}
    for month in range(5):
        seen, rewards, *_ = world.step({name: np.full(world.action_space(name).shape, 0.5) for name in world.agents})
        assert ("thrift" in seen) == (month >= 2)
    assert rewards["thrift"] != 0
