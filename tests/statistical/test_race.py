"""The race of a purchase occasion has the winner that Gumbel shocks have, and winners by the multinomial logit."""

import numpy as np
import pytest
from scipy.stats import chisquare

from sim.ground import draws
from sim.ground.grid import NOBODY
from sim.science.kernels.choose import consider, open_choice
from sim.science.kernels.draw import uniforms

N, FIRMS, NOW = 2**20, 5, np.uint32(9)
IDENTITY = np.arange(N, dtype=np.uint32)
NEVER = np.float32(-np.inf)


def race(appeal, seed=1):
    """Whom each customer buys from, at these appeals (firms, customers), and the sum of odds."""
    rows = appeal.shape[1]
    provider, before = np.full(rows, NOBODY, np.int8), np.full(rows, NOBODY, np.int8)
    first, inclusive, draw = np.empty((3, rows), np.float32)
    open_choice(IDENTITY[:rows], NOW, *draws.key(seed, "outside shock"), provider, before, first, inclusive)
    for f, column in enumerate(appeal):
        key = draws.key(seed, "shock", str(f))
        consider(IDENTITY[:rows], NOW, *key, column, np.int8(f), draw, provider, first, inclusive)
    return provider, inclusive


def shocks(firms, seed=1):
    """The same draws as standard Gumbel shocks in double precision, the outside option last."""
    keys = [*(draws.key(seed, "shock", str(f)) for f in range(firms)), draws.key(seed, "outside shock")]
    u = np.empty((firms + 1, N), np.float32)
    for row, key in zip(u, keys, strict=True):
        uniforms(IDENTITY, NOW, *key, row)
    return -np.log(-np.log(u.astype(float)))


@pytest.fixture(scope="module")
def appeal():
    """Appeals of a million customers, from hardly ever to nearly always, a firm that some do not consider."""
    drawn = np.random.default_rng(1).normal(0, 2, (FIRMS, N)).astype(np.float32)
    drawn[3, ::7] = NEVER
    return drawn


def test_a_million_races_have_the_winners_of_gumbel_shocks_in_double_precision(appeal):
    """But for rounding: where the two best are within a part in a hundred thousand of each other."""
    provider, inclusive = race(appeal)
    value = np.vstack([appeal.astype(float), np.zeros(N)]) + shocks(FIRMS)
    best = value.argmax(axis=0)
    differs = np.where(best == FIRMS, NOBODY, best) != provider
    ranked = np.sort(value, axis=0)
    assert (ranked[-1] - ranked[-2])[differs].max(initial=0.0) < 1e-5
    assert differs.sum() < 20
    assert inclusive == pytest.approx(1 + np.exp(appeal.astype(float)).sum(axis=0), rel=1e-6)


def test_who_is_out_of_the_question_never_wins(appeal):
    assert not (race(appeal)[0][::7] == 3).any()
    assert (race(np.full((2, N), NEVER))[0] == NOBODY).all()


@pytest.mark.parametrize("values", [(0.0, 0.0), (-3.0, 1.0, 2.5), (0.1, -0.2, 0.3, -0.4, 0.5, -7.0)], ids=str)
@pytest.mark.parametrize("seed", [1, 2])
def test_winners_are_those_of_the_multinomial_logit(values, seed):
    provider, _ = race(np.repeat(np.array(values, np.float32)[:, None], N, axis=1), seed)
    odds = np.exp([0.0, *values])
    assert chisquare(np.bincount(provider + 1, minlength=len(odds)), N * odds / odds.sum()).pvalue > 1e-4


@pytest.mark.parametrize("scale", [30, 100, 1000])
def test_large_appeals_are_told_apart_and_beat_small_ones(scale):
    """Some below the size at which times are told by their logarithms, some above it, some near it."""
    appeal = np.random.default_rng(2).normal(0, scale, (FIRMS, N)).astype(np.float32)
    appeal[0] = np.float32(60) + np.random.default_rng(3).normal(0, 1, N)
    provider, _ = race(appeal)
    value = np.vstack([appeal.astype(float), np.zeros(N)]) + shocks(FIRMS)
    best = value.argmax(axis=0)
    differs = np.where(best == FIRMS, NOBODY, best) != provider
    ranked = np.sort(value, axis=0)
    assert (ranked[-1] - ranked[-2])[differs].max(initial=0.0) < 1e-6 * max(scale, 60)
    assert differs.sum() < 100


def test_of_equal_times_the_first_in_order_wins():
    """The same key twice gives the same times."""
    provider, appeal = np.full(1000, NOBODY, np.int8), np.zeros(1000, np.float32)
    first, inclusive, draw = np.full((3, 1000), np.inf, np.float32)
    for f in (2, 0, 1):
        consider(IDENTITY[:1000], NOW, *draws.key(1, "shock"), appeal, np.int8(f), draw, provider, first, inclusive)
    assert (provider == 2).all()
