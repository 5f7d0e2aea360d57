"""Contracts: who is bound stays, the hazard of leaving jumps at the end of the term, penalties are money like any other."""

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError

COACHES = ["echo", "grandcoach", "mosaic", "nightowl", "thrift"]


def coaches(months, penalty, *overrides, customers=20_000):
    """Five equal coaches and nothing else but staying at home; a coach is worth so much that all travel often."""
    scenario = sim.compose(
        f"population.customers={customers}", "periods=40", "mechanism=[contract]",
        f"mechanism.contract.months.bus={months}", f"mechanism.contract.penalty.bus={penalty}",
        *[f"firms.{name}.list_price=33.46" for name in COACHES], *overrides,
    )  # fmt: skip
    firms = {name: firm for name, firm in scenario.firms.items() if firm.mode == "bus"}
    market = sim.Market(scenario.replace(firms=firms))
    market.table["standard_appeal"][market.firms[0].mode_index] = 6.0
    return market


def watch(market, months):
    """(months, customers) providers."""
    history = []
    for _ in range(months):
        market.step()
        history.append(market.table["provider"].copy())
    return np.array(history)


def leaving(history):
    """Chance of buying from another firm by months since the first purchase, of who travels in both."""
    first = history[0]
    there = first >= 0
    return np.array([((row != first) & (row >= 0))[there].sum() / (row >= 0)[there].sum() for row in history[1:]])


def test_nobody_leaves_within_the_term_and_the_hazard_jumps_at_its_end():
    history = watch(coaches(6, 10_000.0), 8)
    hazard = leaving(history)
    assert hazard[:5].max() == 0.0, "months 1 to 5 of a contract of 6 months signed in month 0"
    free = leaving(watch(coaches(0, 0.0), 8))
    people = (history[0] >= 0).sum()
    assert abs(hazard[5] - free[5]) < 4 * np.sqrt(2 * free[5] * (1 - free[5]) / people)
    assert hazard[5] > 0.5


def test_a_penalty_is_weighed_as_the_money_that_it_is():
    """Of the bound, the part who leave is the logit with the penalty's disutility, customer by customer."""
    market = coaches(12, 60.0, customers=100_000)
    market.step()
    tie = market.table["contract_with"].copy()
    bound = tie >= 0
    market.step()
    now = market.table["provider"]
    alpha = market.table["price_sensitivity"][bound].astype(float)
    bus = market.firms[0].mode_index
    worth = np.exp(6 + np.log(0.2) - alpha * market.table["journey"][bus][bound] * 33.46)
    others = 4 * worth * np.exp(-alpha * 60.0)
    p = others / (1 + worth + others)
    left = (now[bound] >= 0) & (now[bound] != tie[bound])
    assert abs(left.sum() - p.sum()) < 4 * np.sqrt((p * (1 - p)).sum())
    assert 0.1 < p.mean() < 0.9


def test_the_books_balance_to_the_cent_and_customers_paid_what_firms_received():
    market = coaches(5, 12.34)
    firms, broken_ever = len(market.firms), 0
    for _ in range(12):
        paid, owed = np.zeros(firms, np.int64), np.zeros(firms, np.int64)
        tie, before = market.table["contract_with"].copy(), [f.cash_cents for f in market.firms]
        market.step()
        now = market.table["provider"]
        np.add.at(paid, now[now >= 0], market.table["paid"][now >= 0])
        broke = (now >= 0) & (tie >= 0) & (tie != now)
        np.add.at(owed, tie[broke], 1234)
        assert market.total("revenue").tolist() == (paid + owed).tolist()
        assert market.total("penalties").tolist() == owed.tolist()
        after = [f.cash_cents for f in market.firms]
        assert after == [b + p + o for b, p, o in zip(before, paid.tolist(), owed.tolist(), strict=True)]
        broken_ever += broke.sum()
    assert broken_ever > 1000


def test_a_contract_runs_its_months_and_is_signed_again_only_when_free():
    market = coaches(4, 10_000.0, customers=2000)
    left, signed = np.zeros(2000, int), 0
    for _ in range(15):
        market.step()
        bought = market.table["provider"] >= 0
        new = bought & (left == 0)
        signed += new.sum()
        left = np.where(new, 4, left)
        left = np.maximum(left - 1, 0)
        assert market.table["contract_left"].tolist() == left.tolist()
        assert ((market.table["contract_with"] >= 0) == (left > 0)).all()
        assert market.total("signed").sum() == new.sum()
        assert market.total("bound").sum() == (left > 0).sum()
    assert signed > 3 * 2000


def test_several_purchases_a_month_break_and_sign_one_after_the_other():
    market = coaches(6, 5.0, "mechanism=[contract,purchase_incidence]", "mechanism.purchase_incidence.mean=3")
    tie, broken = np.full(market.heads, -1), np.zeros(len(market.firms), int)
    cents = np.zeros(len(market.firms), np.int64)

    def note(rows):
        who, f = rows.identity, rows.provider
        broke = (f >= 0) & (tie[who] >= 0) & (tie[who] != f)
        np.add.at(broken, tie[who][broke], 1)
        tie[who] = np.where((f >= 0) & ((tie[who] < 0) | broke), f, tie[who])
        np.add.at(cents, f[f >= 0], rows.paid[f >= 0])

    market.witness = note
    market.step()
    assert broken.sum() > 1000
    assert market.total("broken").tolist() == broken.tolist()
    assert market.total("revenue").tolist() == (cents + 500 * broken).tolist()
    assert (market.table["contract_with"] == tie).all()


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["mechanism.contract.months.bus=61"], "months.bus = 61 months: expected months.bus <= periods = 60"),
        (["+mechanism.contract.months.buss=6"], "unknown mode; nearest valid name: 'bus'"),
        (["mechanism.contract.penalty.bus=20"], "penalty.bus = 20 AUD: expected months.bus >= 1"),
        (["mechanism.contract.months.bus=-1"], "months.bus = -1 months"),
        (["mechanism.contract.months.bus=2.5"], "expected a whole number"),
    ],
)
def test_bad_input_gets_one_line(overrides, said):
    with pytest.raises(ConfigError, match="contract") as error:
        sim.compose(*overrides)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_the_contract_of_a_customer_who_left_the_market_lapses():
    market = sim.Market(
        sim.compose(
            "mechanism=[contract,life_events]", "population.customers=5000", "mechanism.contract.months.bus=12",
            "mechanism.contract.penalty.bus=10", "mechanism.life_events.departure=0.2", "mechanism.life_events.empty=0",
        )
    )  # fmt: skip
    market.run_for(4)
    gone = ~market.table["alive"]
    market.step()
    assert gone.sum() > 1000
    assert (market.table["contract_with"][gone] == -1).all()
    assert market.total("bound").sum() == ((market.table["contract_with"] >= 0) & ~gone).sum()
