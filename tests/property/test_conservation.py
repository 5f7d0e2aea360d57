"""Nothing is lost and nothing is made up: customers, money and points balance to the last unit."""

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import sim
from sim.market.records import Records

BUSY = ("mechanism.loyalty_programme.threshold=30", "mechanism.loyalty_programme.expiry=4", "firms.echo.markup=0.1")


@pytest.fixture(scope="module")
def market(world):
    return sim.Market(world("periods=30", *BUSY))


class Ledger:
    """Every purchase of a month as customers lived it, by firm."""

    def __init__(self, market):
        self.market, firms = market, len(market.firms)
        self.bought, self.received, self.free, self.occasions = *(np.zeros(firms, np.int64) for _ in range(3)), 0
        market.witness = self.note

    def note(self, rows):
        """Add one occasion of some customers."""
        bought = rows.provider >= 0
        np.add.at(self.bought, rows.provider[bought], 1)
        np.add.at(self.received, rows.provider[bought], rows.paid[bought])
        np.add.at(self.free, rows.provider[rows.free], 1)
        self.occasions += len(rows)


@pytest.fixture(scope="module")
def history(market):
    """Play 30 months and note what each left behind."""
    months = []
    for _ in range(30):
        before = [f.cash_cents for f in market.firms]
        ledger = Ledger(market)
        market.step()
        months.append(
            {
                "before": before,
                "after": [f.cash_cents for f in market.firms],
                "books": [dict(f.books) for f in market.firms],
                "ledger": ledger,
                "tally": {name: market.total(name).copy() for name in market.tally},
                "points": market.table["points"].astype(int),
                "alive": market.table["alive"].copy(),
            }
        )
    return months


def test_served_and_outside_are_the_purchase_occasions(market, history):
    for month in history:
        assert month["tally"]["purchases"].tolist() == month["ledger"].bought.tolist()
        assert month["tally"]["occasions"][0] == month["ledger"].occasions > month["ledger"].bought.sum()


def test_cash_changes_by_revenue_minus_cost_to_the_cent(market, history):
    for month in history:
        for f, (before, after, books) in enumerate(zip(month["before"], month["after"], month["books"], strict=True)):
            received = int(month["ledger"].received[f])
            assert round(books["revenue"] * 100) == received
            assert after - before == received - round(books["cost"] * 100)


def test_points_earned_less_redeemed_less_expired_are_the_liability(history):
    liability = np.zeros(len(history[0]["points"]), int)
    redeemed = expired = 0
    for month in history:
        t = month["tally"]
        liability = (
            liability + t["points_earned"] - t["points_redeemed"] - t["points_expired"] - t["points_at_partners"]
        )
        assert month["points"].sum(axis=1).tolist() == liability.tolist()
        redeemed, expired = redeemed + t["points_redeemed"].sum(), expired + t["points_expired"].sum()
    assert redeemed > 0
    assert expired > 0


def test_free_trips_are_the_points_redeemed(market, history):
    mosaic = next(f.index for f in market.firms if f.name == "mosaic")
    for month in history:
        free = month["ledger"].free[mosaic]
        assert free * 30 == month["tally"]["points_redeemed"][mosaic]


def test_breadth_and_depth_bound_the_share():
    """Purchases from a firm in the window = breadth x buyers x depth x purchases per buyer: own never exceeds wallet."""
    market = sim.Market(sim.compose("population.customers=2000", "periods=14"))
    for _ in range(14):
        market.step()
        own, wallet, buyers = market.total("own"), market.total("wallet"), market.total("buyers")
        assert (own <= wallet).all()
        assert (buyers <= own).all()
        assert own.sum() == market.total("market")[1]


def test_the_records_hold_breadth_depth_and_retention_as_counted_by_hand():
    """From every purchase of every customer, month by month; unknown until their windows are full."""
    market = sim.Market(sim.compose("population.customers=1500", "periods=27"))
    records, bought = Records(market), np.zeros((27, len(market.firms), 1500), int)

    def note(rows):
        who = rows.provider >= 0
        np.add.at(bought[market.period], (rows.provider[who], rows.identity[who]), 1)

    market.witness = note
    for _ in range(27):
        market.step()
        records.note()
    frame = records.frame("records").set_index(["period", "firm"])
    assert bought.max() > 1, "several purchases in a month"
    assert frame.loc[:10, ["breadth", "depth"]].isna().all().all()
    assert frame.loc[11:, ["breadth", "depth"]].notna().all().all()
    assert frame.loc[:22, "retention"].isna().all()
    now, before = bought[15:27].sum(axis=0), bought[3:15].sum(axis=0)
    for f in market.firms:
        customers, were = now[f.index] > 0, before[f.index] > 0
        row = frame.loc[(26, f.name)]
        assert row["breadth"] == customers.sum() / (now.sum(axis=0) > 0).sum()
        assert row["depth"] == now[f.index].sum() / now[:, customers].sum()
        assert row["retention"] == (customers & were).sum() / were.sum()
        assert row["share"] == bought[26, f.index].sum() / bought[26].sum()


@settings(
    phases=[Phase.explicit, Phase.generate],
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    seed=st.integers(0, 2**31),
    weight=st.floats(0, 5),
    loss=st.floats(1, 5),
    threshold=st.integers(20, 60),
    noise=st.floats(0, 2),
    markup=st.floats(-0.5, 2),
)
def test_any_legal_world_stays_finite_and_balanced(seed, weight, loss, threshold, noise, markup):
    market = sim.Market(
        sim.compose(
            "population.customers=300", f"seed={seed}", f"mechanism.satisfaction.weight={weight}",
            f"mechanism.satisfaction.loss_aversion={loss}", f"mechanism.loyalty_programme.threshold={threshold}",
            f"firms.thrift.delivery_noise={noise}", f"firms.thrift.markup={markup}",
        )
    )  # fmt: skip
    for _ in range(4):
        before = [f.cash_cents for f in market.firms]
        market.step()
        assert market.total("purchases").sum() <= market.total("occasions")[0]
        assert all(np.isfinite(market.table[name]).all() for name in market.table.columns)
        change = [round((f.books["revenue"] - f.books["cost"]) * 100) for f in market.firms]
        assert [f.cash_cents for f in market.firms] == [b + c for b, c in zip(before, change, strict=True)]
        assert (market.table["points"] >= 0).all()


def test_the_lines_of_cost_add_up_to_the_cost_of_every_month(world):
    """Every bill has a line, and nothing else is charged; amounts are booked in whole cents."""
    result = sim.run(world("periods=14"))
    lines = result.spending.groupby(["period", "firm"])["amount"].sum()
    cost = result.firms.set_index(["period", "firm"])["cost"]
    assert (lines - cost.reindex(lines.index)).abs().max() <= 0.005
    assert {"journeys", "overhead", "capability", "innovation", "advertising", "research"} <= set(
        result.spending["line"]
    )
    surplus = result.market["total_surplus"] - result.firms.groupby("period")["profit"].sum() / 2000
    occasions = result.market["purchases"] / (1 - result.market["outside_share"])
    assert surplus.to_numpy() == pytest.approx((result.market["consumer_surplus"] * occasions / 2000).to_numpy())
