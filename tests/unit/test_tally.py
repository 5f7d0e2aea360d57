"""What a block's customers did, added up by firm, against sums one can follow."""

import numpy as np
import pytest

from sim.ground.grid import FULL, GRID
from sim.science.kernels.tally import add_by_firm, tally_experience, tally_returning, tally_sales

ROWS, FIRMS, CELLS = 1000, 3, 4
rng = np.random.default_rng(8)
PROVIDER, BEFORE = (rng.integers(-1, FIRMS, ROWS).astype(np.int8) for _ in range(2))


def sums(*shapes):
    return [np.zeros(shape, np.int64) for shape in shapes]


def test_sales_go_to_the_firm_that_sold():
    cell, mode = rng.integers(0, CELLS, ROWS).astype(np.uint16), np.array([1, 0, 1], np.int32)
    journey, paid = rng.random((2, ROWS), np.float32), rng.integers(0, 9999, ROWS).astype(np.int32)
    scratch = np.empty(ROWS, np.float32), np.empty(ROWS, np.int64)
    purchases, units, revenue = sums(FIRMS, (FIRMS, CELLS), FIRMS)
    tally_sales(PROVIDER, cell, mode, journey, paid, *scratch, purchases, units, revenue)
    for f in range(FIRMS):
        mine = PROVIDER == f
        assert (purchases[f], revenue[f]) == (mine.sum(), paid[mine].sum())
        for c in range(CELLS):
            assert units[f, c] == np.rint(journey[mode[f], mine & (cell == c)].astype(float) * GRID).sum()


def test_experience_goes_to_the_firm_that_served():
    quality, gap = rng.normal(size=(2, ROWS)).astype(np.float32)
    found = sums(FIRMS, FIRMS)
    tally_experience(PROVIDER, quality, gap, np.empty(ROWS, np.int64), *found)
    for f in range(FIRMS):
        for total, values in zip(found, (quality, gap), strict=True):
            assert total[f] == np.rint(values[PROVIDER == f].astype(float) * GRID).sum()


def test_returning_are_the_buyers_who_bought_before():
    returning, repeated = sums(FIRMS, FIRMS)
    tally_returning(PROVIDER, BEFORE, returning, repeated)
    for f in range(FIRMS):
        assert returning[f] == ((BEFORE == f) & (PROVIDER >= 0)).sum()
        assert repeated[f] == ((BEFORE == f) & (PROVIDER == f)).sum()


@pytest.mark.parametrize("amount", [1, -5, FULL // 4, FULL // 3, FULL // 2 + 1, FULL, -FULL, -(FULL // 3)])
def test_a_sum_that_would_turn_over_stays_at_its_end(amount):
    provider, amounts, total = np.zeros(3, np.int8), np.full(3, amount), np.zeros(2, np.int64)
    add_by_firm(provider, amounts, total)
    assert total.tolist() == [min(max(3 * amount, -FULL), FULL), 0]
    add_by_firm(provider, amounts, total)
    assert total.tolist() == [min(max(6 * amount, -FULL), FULL), 0]
