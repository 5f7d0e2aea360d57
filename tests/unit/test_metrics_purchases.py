"""Patterns of repeat buying and of staying, on panels small enough to count by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.metrics.purchases import (
    double_jeopardy,
    duplication_coefficient,
    duplication_of_purchase,
    penetration,
    purchase_counts,
    purchase_frequency,
    purchase_pairs,
    share_of_category_requirements,
    switching_matrix,
)
from sim.metrics.survival import churn_hazard, cohort_retention, tenure


def panel(**histories):
    """A panel from `period firm` pairs of customers 0, 1, ...: "0a 3b" is one purchase from a in month 0, b in 3."""
    rows = [
        (customer, int(purchase[:-1]), purchase[-1])
        for customer, history in enumerate(histories.values())
        for purchase in history.split()
    ]
    return pd.DataFrame(rows, columns=["customer", "period", "firm"]).assign(amount=10.0)


MARKET = panel(ann="0a 1a 2a 3b", bob="0a 5b", cat="2b 4b", dan="1c")


def test_penetration_counts_customers_and_frequency_counts_purchases():
    assert penetration(MARKET, 10).to_dict() == {"a": 0.2, "b": 0.3, "c": 0.1}
    assert purchase_frequency(MARKET).to_dict() == {"a": 4 / 2, "b": 4 / 3, "c": 1.0}
    assert share_of_category_requirements(MARKET).to_dict() == {"a": 4 / 6, "b": 4 / 8, "c": 1.0}


def test_penetration_times_frequency_is_purchases_per_head():
    per_head = penetration(MARKET, 10) * purchase_frequency(MARKET)
    assert per_head.to_numpy() == pytest.approx(MARKET["firm"].value_counts().sort_index().to_numpy() / 10)


def test_duplication_is_read_along_the_row():
    table = duplication_of_purchase(MARKET)
    assert table.loc["a"].tolist() == [1.0, 1.0, 0.0]
    assert table.loc["b"].to_numpy() == pytest.approx([2 / 3, 1.0, 0.0])
    assert table.loc["c"].tolist() == [0.0, 0.0, 1.0]


def test_duplication_coefficient_against_least_squares_by_hand():
    reached = pd.Series([0.1, 0.2])
    law = duplication_coefficient(pd.DataFrame([[1.0, 0.5], [0.1, 1.0]]), reached)
    slope = (0.1 * 0.1 + 0.5 * 0.2) / (0.1**2 + 0.2**2)
    residual = (0.1 - slope * 0.1) ** 2 + (0.5 - slope * 0.2) ** 2
    assert law.coefficient == pytest.approx(slope)
    assert law.explained == pytest.approx(1 - residual / (2 * 0.2**2))


def test_firms_bought_independently_are_duplicated_as_often_as_they_are_bought():
    rng = np.random.default_rng(11)
    heads, reached = 40_000, np.array([0.1, 0.25, 0.5])
    customer, firm = np.nonzero(rng.random((heads, 3)) < reached)
    bought = pd.DataFrame({"customer": customer, "period": 0, "firm": np.array(list("xyz"))[firm]})
    law = duplication_coefficient(duplication_of_purchase(bought), penetration(bought, heads))
    assert law.coefficient == pytest.approx(1, abs=0.03)
    assert law.explained > 0.99


def test_switching_follows_time_and_keeps_to_one_customer():
    table = switching_matrix(MARKET.sample(frac=1, random_state=3))
    assert table.loc["a"].tolist() == [0.5, 0.5, 0.0]
    assert table.loc["b"].tolist() == [0.0, 1.0, 0.0]
    assert table.loc["c"].isna().all()


def test_purchases_of_one_month_keep_their_order():
    pairs = purchase_pairs(panel(ann="0a 0b 0a 1c"))
    assert list(zip(pairs["firm"], pairs["next_firm"], strict=True)) == [("a", "b"), ("b", "a"), ("a", "c")]


def test_categories_of_firms_do_as_well_as_names():
    stored = MARKET.astype({"firm": "category"})
    pd.testing.assert_frame_equal(switching_matrix(stored), switching_matrix(MARKET), check_names=False)
    assert penetration(stored, 10).tolist() == penetration(MARKET, 10).tolist()
    assert share_of_category_requirements(stored).tolist() == share_of_category_requirements(MARKET).tolist()
    assert purchase_counts(stored).to_numpy().tolist() == purchase_counts(MARKET).to_numpy().tolist()


def test_double_jeopardy_is_the_same_for_firms_that_follow_the_law():
    reached = np.array([0.1, 0.3, 0.6])
    assert double_jeopardy(reached, 2.7 / (1 - reached)) == pytest.approx(2.7)


def test_retention_of_a_cohort_by_window():
    years = panel(stays="0a 13a 25a", leaves="5a 11a 12b", back="11a 30a", late="12a 24a 26a", other="35b")
    kept = cohort_retention(years, "a")
    assert kept.index.tolist() == [12, 24]
    assert kept.to_numpy() == pytest.approx([1 / 3, 2 / 3])  # late is not of the cohort


def test_retention_leaves_out_a_window_that_has_not_ended():
    assert cohort_retention(panel(ann="0a 13a 22a"), "a").empty
    assert cohort_retention(panel(ann="0a 13a 23a"), "a").to_dict() == {12: 1.0}


def test_hazard_counts_those_at_risk_and_no_others():
    years = panel(stays="0a 13a 25a", leaves="5a 11a", back="3a 27a", late="24a 35a", newer="20a", other="35b")
    hazard = churn_hazard(years, "a")
    assert hazard.index.tolist() == [1, 2]
    assert hazard["customers"].tolist() == [3, 1]  # late and newer have had no whole second window
    assert hazard["hazard"].to_numpy() == pytest.approx([2 / 3, 0.0])


def test_hazard_of_customers_who_leave_at_random_is_that_rate():
    rng = np.random.default_rng(2)
    heads, years, rate = 20_000, 6, 0.3
    lives = rng.geometric(rate, heads)
    rows = [(i, 12 * year, "a") for i, life in enumerate(lives) for year in range(min(life, years))]
    rows.append((heads, 12 * years - 1, "b"))
    hazard = churn_hazard(pd.DataFrame(rows, columns=["customer", "period", "firm"]), "a")
    error = np.sqrt(rate * (1 - rate) / hazard["customers"])
    assert hazard.index.tolist() == [1, 2, 3, 4, 5]
    assert (np.abs(hazard["hazard"] - rate) < 4 * error).all()


def test_a_firm_that_sold_nothing_has_no_rates():
    years = panel(ann="0a 35a")
    assert cohort_retention(years, "z").isna().tolist() == [True, True]
    assert churn_hazard(years, "z")["customers"].tolist() == [0, 0]
    assert churn_hazard(years, "z")["hazard"].isna().all()
    assert churn_hazard(panel(ann="0a 5a"), "a").empty
    assert tenure(years, "z").empty


def test_tenure_runs_from_first_to_last_purchase_from_the_firm():
    assert tenure(MARKET, "a").to_dict() == {0: 2, 1: 0}
    assert tenure(MARKET, "b").to_dict() == {0: 0, 1: 0, 2: 2}
