"""Metrics on numbers small enough to do by hand."""

import numpy as np
import pandas as pd
import pytest

from sim.ground.grid import NOBODY, WINDOW
from sim.metrics.imitation import adoption_curve, half_life, median_duration, time_to_parity
from sim.metrics.interval import by_period, difference, half_width, last_year
from sim.metrics.share import breadth, depth, herfindahl, share
from sim.science.kernels.tally import move_on, remember, tally_market, tally_window, turn_month


def windows(purchases):
    """Play purchases (periods, customers) through the windows of two firms and count them."""
    customers = purchases.shape[1]
    bought, recent = np.zeros((2, customers), np.uint32), np.zeros((WINDOW, customers), np.uint8)
    wallet, last = np.zeros(customers, np.uint16), np.full((2, customers), NOBODY, np.int8)
    scratch = np.zeros(customers, np.int32), np.zeros(customers, np.float32), np.zeros(customers, np.float32)
    for period, provider in enumerate(purchases.astype(np.int8)):
        for months in bought:
            move_on(months)
        turn_month(period % WINDOW, recent, wallet, *last, *scratch)
        remember(provider, np.arange(customers, dtype=np.uint32), period % WINDOW, bought, recent, wallet)
    counts = [np.zeros(2, np.int64) for _ in range(5)]
    for f in range(2):
        tally_window(bought[f], wallet, f, *counts[:4])
    tally_market(wallet, counts[4])
    own = np.array([(purchases[-WINDOW:] == f).sum() for f in range(2)])
    return bought, wallet, dict(zip(("buyers", "wallet", "held", "kept", "market"), counts, strict=True)) | {"own": own}


def test_the_windows_hold_the_last_year_and_the_year_before():
    rng = np.random.default_rng(5)
    purchases = rng.choice([NOBODY, 0, 1], (60, 40), p=[0.9, 0.06, 0.04])  # rare enough that many buy in one year only
    bought, wallet, counts = windows(purchases)
    assert wallet.tolist() == (purchases[-12:] >= 0).sum(axis=0).tolist()
    for f in range(2):
        for b in range(24):
            assert ((bought[f] >> b) & 1).tolist() == (purchases[-1 - b] == f).tolist()
        was, now = (purchases[-24:-12] == f).any(axis=0), (purchases[-12:] == f).any(axis=0)
        assert counts["held"][f] == was.sum()
        assert counts["kept"][f] == (was & now).sum() < min(was.sum(), now.sum())


def test_several_purchases_in_a_month_all_count():
    bought, recent = np.zeros((2, 1), np.uint32), np.zeros((WINDOW, 1), np.uint8)
    wallet = np.zeros(1, np.uint16)
    for provider in (0, 0, 1, NOBODY):
        remember(np.array([provider], np.int8), np.zeros(1, np.uint32), 3, bought, recent, wallet)
    assert (wallet[0], recent[3, 0], bought[:, 0].tolist()) == (3, 3, [1, 1])


def test_breadth_counts_customers_and_depth_counts_purchases():
    # three customers: ten trips with firm 0; five with each; two with firm 1
    purchases = np.full((12, 3), NOBODY)
    purchases[:10, 0], purchases[:5, 1], purchases[5:10, 1], purchases[:2, 2] = 0, 0, 1, 1
    _, _, c = windows(purchases)
    assert breadth(c["buyers"], c["market"][0]).tolist() == [2 / 3, 2 / 3]
    assert depth(c["own"], c["wallet"]).tolist() == [15 / 20, 7 / 12]
    assert share(c["own"]).tolist() == [15 / 22, 7 / 22]
    assert herfindahl(share(np.array([1, 1, 1, 1]))) == 0.25


def test_kaplan_meier_median_counts_features_that_had_not_ended():
    all_ended = median_duration(np.array([2.0, 4, 6, 8]), np.array([True] * 4))
    half_censored = median_duration(np.array([2.0, 4, 6, 8]), np.array([True, False, False, False]))
    assert all_ended.median == 4
    assert np.isnan(half_censored.median)
    assert (half_censored.ended, half_censored.total) == (1, 4)


def features(fidelity_by_age):
    """One feature of firm a, five copies of the table under five names, rivals b and c with the same fidelity."""
    rows = [
        (f"x{n}", "price", "a", 10 + age, firm, firm == "a" or fidelity > 0, 1.0 if firm == "a" else fidelity, 10)
        for n in range(5)
        for age, fidelity in enumerate(fidelity_by_age)
        for firm in "abc"
    ]
    return pd.DataFrame(
        rows, columns=["feature", "kind", "introduced_by", "period", "firm", "adopted", "fidelity", "introduced"]
    )


def test_parity_and_half_life_are_read_off_the_rivals_fidelity():
    table = features([0.0, 0.0, 0.4, 0.5, 0.7, 0.8, 0.9])
    assert time_to_parity(table).median == 5
    assert half_life(table).median == 3
    assert adoption_curve(table)["adopted"].tolist() == [0, 0, 1, 1, 1, 1, 1]


def replications(values):
    """A table of one metric for firms a and b: values (seeds, firms), constant over 24 months."""
    rows = [(s, p, f, v) for s, pair in enumerate(values) for p in range(24) for f, v in zip("ab", pair, strict=True)]
    return pd.DataFrame(rows, columns=["seed", "period", "firm", "x"])


def test_intervals_over_seeds():
    table = replications([(1.0, 0.0), (2.0, 1.5), (3.0, 2.0)])
    assert half_width(np.array([1.0, 2.0, 3.0])) == pytest.approx(4.302653 * 1 / np.sqrt(3), rel=1e-5)
    assert last_year(table, ["x"]).loc["a", ("x", "mean")] == 2.0
    gap, half = difference(table, "x", "a", "b")
    assert gap == pytest.approx((1.0 + 0.5 + 1.0) / 3)
    assert half == pytest.approx(half_width(np.array([1.0, 0.5, 1.0])))
    band = by_period(table, "x")
    assert band[band["firm"] == "a"]["high"].iloc[0] == pytest.approx(2.0 + half_width(np.array([1.0, 2.0, 3.0])))
