"""Who moved from whom: every purchase of both scenarios is in the matrix once."""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.ground.params import ConfigError
from sim.study.answers.moves import NOBODY, matrix, moves

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
    table = matrix(moves(a, b, FIRMS))
    assert table.loc[FIRMS].sum(axis=1).to_dict() == a["firm"].value_counts().to_dict()
    assert table[FIRMS].sum(axis=0).to_dict() == b["firm"].value_counts().to_dict()
    assert table.loc[NOBODY, NOBODY] == 0
    assert table.loc[NOBODY, FIRMS].min() > 0 < table.loc[FIRMS, NOBODY].min()


def test_nobody_moves_where_nothing_differs(two):
    a, _ = two
    table = matrix(moves(a, a.sample(frac=1, random_state=2), FIRMS)).to_numpy()
    assert np.array_equal(table, np.diag(np.diag(table)))
    assert table.trace() == len(a)


def test_an_occasion_is_matched_by_all_four_of_its_names():
    a = pd.DataFrame({"seed": [1, 2], "customer": 1, "period": 0, "occasion": 0, "firm": ["x", "y"]})
    for name in ("customer", "period", "occasion"):
        assert matrix(moves(a, a.assign(**{name: 5}), FIRMS)).loc[NOBODY].sum() == 2
    swapped = a.assign(seed=[2, 1])
    assert matrix(moves(a, swapped, FIRMS)).loc["x", "y"] == 1


def test_parts_are_of_what_the_firm_sold_means_over_seeds_with_students_limits(two):
    a, b = two
    b = b.assign(firm=b["firm"].mask((b["seed"] == 2) & (b["customer"] < 30), "z"))
    table = moves(a, b, FIRMS)
    for firm in FIRMS:
        sold = a[a["firm"] == firm].groupby("seed").size()
        one = [matrix(moves(a[a["seed"] == s], b[b["seed"] == s], FIRMS)).loc[firm, "z"] / sold[s] for s in (1, 2, 3)]
        (row,) = table[(table["from_firm"] == firm) & (table["to_firm"] == "z")].itertuples()
        assert np.isclose(row.part, np.mean(one))
        assert np.isclose(row.high - row.part, 4.302653 * np.std(one, ddof=1) / np.sqrt(3))
        assert np.isclose(row.part - row.low, row.high - row.part)
        assert np.isclose(table.loc[table["from_firm"] == firm, "part"].sum(), 1.0)
    assert table.loc[table["from_firm"] == NOBODY, "part"].isna().all()
    assert set(table["seeds"]) == {3}
    single = moves(a[a["seed"] == 1], b[b["seed"] == 1], FIRMS)
    assert single["low"].isna().all() and single.loc[single["from_firm"] != NOBODY, "part"].notna().all()


def test_a_seed_in_which_a_firm_sold_nothing_says_nothing_of_its_customers(two):
    a, b = two
    a = a.assign(firm=a["firm"].mask((a["seed"] == 1) & (a["firm"] == "x"), "y"))
    rest = moves(a[a["seed"] > 1], b[b["seed"] > 1], FIRMS)
    (whole, alone) = (t[t["from_firm"] == "x"].reset_index(drop=True) for t in (moves(a, b, FIRMS), rest))
    pd.testing.assert_frame_equal(whole.drop(columns="seeds"), alone.drop(columns="seeds"))


def test_two_runs_of_one_seed_follow_the_same_occasions():
    """A dearer firm loses its own purchases only: nobody moves between the others in the first month."""
    small = ("records=panel", "records.sample=2000", "population.customers=2000", "periods=1", "replications=1")
    play = [
        sim.run(sim.compose(*small, "mechanism=[cost_accounting]", *more))
        for more in ((), ("firms.grandcoach.markup=0.8",))
    ]
    a, b = (result.panel.assign(seed=1) for result in play)
    table = matrix(moves(a, b, sorted(play[0].firms["firm"].unique())))
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
