"""Who moved from whom: every purchase of both scenarios is in the matrix once."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.params import ConfigError
from sim.study.moves import NOBODY, moves, moves_rate

FIRMS = ["x", "y", "z"]


def panel(rng, seeds=(1, 2, 3), customers=60, months=5):
    """Purchases of customers with up to two occasions a month, four in ten of which are missed."""
    index = pd.MultiIndex.from_product(
        [seeds, range(customers), range(months), range(2)], names=["seed", "customer", "period", "occasion"]
    )
    frame = index.to_frame(index=False)
    frame["firm"] = rng.choice(FIRMS, len(frame), p=[0.5, 0.3, 0.2])
    return frame[rng.random(len(frame)) < 0.6].sample(frac=1, random_state=1)


@pytest.fixture
def two():
    rng = np.random.default_rng(3)
    return panel(rng), panel(rng)


def test_rows_are_what_was_sold_here_and_columns_what_was_sold_there(two):
    a, b = two
    table = moves(a, b, FIRMS)
    assert table.loc[FIRMS].sum(axis=1).to_dict() == a["firm"].value_counts().to_dict()
    assert table[FIRMS].sum(axis=0).to_dict() == b["firm"].value_counts().to_dict()
    assert table.loc[NOBODY, NOBODY] == 0
    assert table.loc[NOBODY, FIRMS].min() > 0 < table.loc[FIRMS, NOBODY].min()


def test_nobody_moves_where_nothing_differs(two):
    a, _ = two
    table = moves(a, a.sample(frac=1, random_state=2), FIRMS).to_numpy()
    assert np.array_equal(table, np.diag(np.diag(table)))
    assert table.trace() == len(a)


def test_an_occasion_is_matched_by_all_four_of_its_names():
    a = pd.DataFrame({"seed": [1, 2], "customer": 1, "period": 0, "occasion": 0, "firm": ["x", "y"]})
    for name in ("customer", "period", "occasion"):
        assert moves(a, a.assign(**{name: 5}), FIRMS).loc[NOBODY].sum() == 2
    swapped = a.assign(seed=[2, 1])
    assert moves(a, swapped, FIRMS).loc["x", "y"] == 1


def test_rates_are_means_over_seeds_with_students_limits(two):
    a, b = two
    rates = moves_rate(a, b, FIRMS).set_index(["from_firm", "to_firm"])
    each = [
        moves(a[a["seed"] == s], b[b["seed"] == s], FIRMS).loc["x", "y"] / (a["seed"] == s).sum() for s in (1, 2, 3)
    ]
    row = rates.loc[("x", "y")]
    assert np.isclose(row["rate"], np.mean(each))
    assert np.isclose(row["high"] - row["rate"], 4.302653 * np.std(each, ddof=1) / np.sqrt(3))
    assert np.isclose(rates.loc[FIRMS, "rate"].sum(), 1.0)
    assert row["seeds"] == 3
    single = moves_rate(a[a["seed"] == 1], b[b["seed"] == 1], FIRMS)
    assert single["low"].isna().all() and single["rate"].notna().all()


def test_two_runs_of_one_seed_follow_the_same_occasions():
    """A dearer firm loses its own purchases only: nobody moves between the others in the first month."""
    small = ("records=panel", "records.sample=2000", "population.customers=2000", "periods=1", "replications=1")
    play = [
        sim.run(sim.compose(*small, "mechanism=[cost_accounting]", *more))
        for more in ((), ("firms.grandcoach.markup=0.8",))
    ]
    a, b = (result.panel.assign(seed=1) for result in play)
    table = moves(a, b, sorted(play[0].firms["firm"].unique()))
    assert table.loc["grandcoach"].sum() > table.loc["grandcoach", "grandcoach"]
    others = table.drop(index="grandcoach", columns="grandcoach").to_numpy()
    assert np.array_equal(others, np.diag(np.diag(others)))
    assert table["grandcoach"].drop("grandcoach").sum() == 0


def test_mistakes_are_said_in_one_line(two):
    a, b = two
    with pytest.raises(ConfigError, match="purchases from 'z', who is not among the firms"):
        moves(a, b, ["x", "y"])
    with pytest.raises(ConfigError, match="seed 3 is in one panel only"):
        moves(a, b[b["seed"] < 3], FIRMS)
    with pytest.raises(ConfigError, match="two purchases on one occasion"):
        moves(a, pd.concat([b, b.iloc[:1]]), FIRMS)
