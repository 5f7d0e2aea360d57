"""Contributions against the firms' books, and the yearly measures against sums kept by hand."""

import numpy as np
import pytest

import sim
from sim.market.records import Records
from sim.metrics.value import abc_classes, abc_shares, gini, top_share
from sim.science.kernels.customer_value import book_contributions
from sim.world.mechanisms.valuation import classes_by_stage, contributions

YEARLY = ["mean_contribution", "value_gini", "value_top", "value_a", "value_b", "value_c", "lifetime_value"]
f4 = np.float32


def scenario(*overrides):
    return sim.compose("population.customers=3000", "periods=24", "replications=1", *overrides)


@pytest.fixture(scope="module")
def played():
    """Two years: the market, its records, and each customer's contributions of the second year in float64."""
    free = ("mechanism.complaint.handling_cost=0", "mechanism.complaint.redress_cost=0")
    market = sim.Market(scenario("~mechanism.life_events", *free))
    records, by_hand, profit = Records(market), np.zeros((len(market.firms), market.heads)), []

    def see(rows):
        for f, firm in enumerate(market.firms):
            who = np.flatnonzero(rows.provider == f)
            cost = firm.unit_cost[rows.cell[who]] * rows.journey[firm.mode_index][who]
            by_hand[f, rows.identity[who]] += rows.paid[who] / 100 - cost

    for month in range(24):
        market.witness = see if month >= 12 else None
        market.step()
        records.note()
        if month >= 12:
            profit.append([firm.books["profit"] + firm.fixed_cost for firm in market.firms])
    return market, records.frame("records"), by_hand, np.sum(profit, axis=0)


def test_contributions_are_money_paid_less_what_the_journeys_cost(played):
    market, _, by_hand, _ = played
    bought = market.table["recent"].sum(axis=0)
    assert (abs(market.table["contribution"] * 0.1 - by_hand) <= 0.0501 * bought).all()


def test_they_add_up_to_the_profit_before_fixed_costs(played):
    market, _, _, profit = played
    for f in range(len(market.firms)):
        kept = market.table["contribution"][f].sum() * 0.1
        purchases = market.year[:, f].sum()
        assert kept == pytest.approx(profit[f], abs=0.05 * purchases + 0.2)
    coaches = [f.index for f in market.firms if f.mode == market.modes["bus"]]
    assert market.table["contribution"][coaches].sum() * 0.1 == pytest.approx(profit[coaches].sum(), rel=0.002)


def test_the_records_hold_the_measures_of_the_year(played):
    market, frame, by_hand, _ = played
    last = frame[frame["period"] == 23].set_index("firm")
    for f, firm in enumerate(market.firms):
        bought = (market.table["bought"][f] & np.uint32(0xFFF)) != 0
        kept = market.table["contribution"][f, bought] * 0.1
        row = last.loc[firm.name]
        assert row["mean_contribution"] == pytest.approx(kept.mean())
        assert row["mean_contribution"] == pytest.approx(by_hand[f, bought].mean(), abs=0.05)
        assert row["value_gini"] == pytest.approx(gini(kept), nan_ok=True)
        assert row["value_top"] == pytest.approx(top_share(kept), nan_ok=True)
        assert row[["value_a", "value_b", "value_c"]].tolist() == pytest.approx(abc_shares(kept).tolist(), nan_ok=True)
        margin, retained = row["mean_contribution"], row["retention"]
        assert row["lifetime_value"] == pytest.approx(margin * retained / (1.12 - retained))
        assert row["customer_equity"] == pytest.approx(row["lifetime_value"] * bought.sum())


def test_special_and_ordinary_customers_are_told_apart(played):
    """The third balance of C2: how satisfied the best fifth and all others are, ranked by what they contributed."""
    market, frame, _, _ = played
    last = frame[frame["period"] == 23].set_index("firm")
    f = market.firm("grandcoach").index
    rows = np.flatnonzero(market.table["bought"][f] & np.uint32(0xFFF))
    worth = market.table["contribution"][f, rows]
    best = set(rows[np.lexsort((market.table["identity"][rows], -worth))[: round(0.2 * len(rows))]])
    felt = {row: market.table["satisfaction"][f, row] / 1024 for row in rows}
    found = last.loc["grandcoach"]
    assert found["satisfaction_a"] == pytest.approx(np.mean([felt[row] for row in best]), abs=0.01)
    assert found["satisfaction_rest"] == pytest.approx(
        np.mean([felt[row] for row in rows if row not in best]), abs=0.01
    )


def test_they_are_known_in_the_last_month_of_a_year_only(played):
    _, frame, _, _ = played
    ends = frame["period"].isin([11, 23])
    assert frame.loc[~ends, YEARLY].isna().all().all()
    assert frame.loc[ends, "mean_contribution"].notna().all()
    coaches = ends & ~frame["firm"].isin(["air", "car", "train"])
    assert frame.loc[coaches, YEARLY[:-1]].notna().all().all()
    assert frame.loc[frame["period"] == 11, "lifetime_value"].isna().all()


def test_a_new_year_begins_at_zero():
    market = sim.Market(scenario("~mechanism.life_events"))
    market.run_for(13)
    bought = market.table["bought"] & np.uint32(1) != 0
    assert (market.table["contribution"][~bought] == 0).all()
    assert (market.table["contribution"][bought] != 0).any()


def test_beyond_the_limit_it_stays_there():
    held = np.array([[32700, -32700, 0]], np.int16)
    ones = np.ones((1, 3), f4)
    for _ in range(3):
        book_contributions(
            np.array([0, 0, -1], np.int8), np.arange(3, dtype=np.uint32), np.array([0, 1, 0], np.int16), np.zeros(1, np.int8), ones,
            np.array([3345, 0, 0], np.int32), np.array([[26.0, 500.0]], f4), np.full(3, 0.5, f4), f4(0.1), *np.empty((2, 3), f4), held,
        )  # fmt: skip
    assert held.tolist() == [[32767, -32768, 0]]


def test_a_free_trip_costs_what_it_costs_and_a_cost_of_service_is_taken_off():
    held = np.zeros((1, 2), np.int16)
    book_contributions(
        np.zeros(2, np.int8), np.arange(2, dtype=np.uint32), np.zeros(2, np.int16), np.zeros(1, np.int8), np.array([[1.0, 0.5]], f4),
        np.array([0, 2000], np.int32), np.array([[26.0]], f4), np.ones(2, f4), f4(0.1), *np.empty((2, 2), f4), held,
    )  # fmt: skip
    assert held.tolist() == [[-270, 60]]


def test_stage_and_class_together_count_every_customer(played):
    market, _, _, _ = played
    f = market.firm("car").index
    rows = np.flatnonzero(market.table["bought"][f] & np.uint32(0xFFF))
    table = classes_by_stage(market.table["relation"][f, rows], contributions(market, f))
    assert table.sum() == len(rows)
    assert table.sum(axis=0).tolist() == np.bincount(abc_classes(contributions(market, f)), minlength=3).tolist()
    assert table.sum(axis=1).tolist() == np.bincount(market.table["relation"][f, rows], minlength=6).tolist()


def test_numbering_and_threads_change_no_bit_of_the_records():
    world, frames = scenario("population.customers=9000", "periods=12"), []
    order = np.random.default_rng(2).permutation(9000)
    for changes, identity in (({}, None), ({"threads": 2}, None), ({}, order)):
        market = sim.Market(world.replace(**changes), identity=identity)
        records = Records(market)
        market.run_for(12)
        records.note()
        frames.append(records.frame("records"))
    assert frames[0].equals(frames[1])
    assert frames[0][YEARLY].equals(frames[2][YEARLY])


def test_it_changes_nothing_in_the_market():
    books = []
    for word in ("periods=6", "~mechanism.customer_value"):
        market = sim.Market(scenario(word, "~mechanism.customer_management"))
        market.run_for(6)
        books.append((market.table["provider"].tobytes(), [firm.books for firm in market.firms]))
    assert books[0] == books[1]


def test_yearly_records_have_it_too_and_without_the_mechanism_there_are_no_such_columns():
    frame = sim.run(scenario("records=yearly")).firms
    assert frame["mean_contribution"].notna().all()
    assert "mean_contribution" not in sim.run(scenario("mechanism=[]", "periods=2")).firms
    assert len(sim.run(scenario("mechanism=[customer_value]", "periods=12")).firms) == 8 * 12


def test_what_a_complaint_costs_is_the_complainers():
    words = "~mechanism.life_events", "periods=6", "mechanism.complaint.threshold=0", "population.customers=6000"
    market = sim.Market(scenario(*words))
    spent = np.zeros(len(market.firms))
    free = ("mechanism.complaint.handling_cost=0", "mechanism.complaint.redress_cost=0")
    other = sim.Market(scenario(*words, *free))
    for _ in range(6):
        market.step()
        other.step()
        spent += 5.0 * market.total("complaints").sum(axis=1) + 26.0 * market.total("moods")[2]
    taken = (other.table["contribution"] * 0.1 - market.table["contribution"] * 0.1).sum(axis=1)
    coaches = np.array([firm.mode.seats > 0 for firm in market.firms])
    assert spent[coaches].min() > 200
    assert taken[coaches] == pytest.approx(spent[coaches], rel=0.01)
    assert (taken[~coaches] == 0).all(), "the accounts of the other modes are outside the question"
