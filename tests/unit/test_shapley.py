"""Shapley values: the axioms, closed forms, and sampled orders within their own error."""

import numpy as np
import pytest

from sim.ground.params import ConfigError
from sim.study.answers.shapley import attributions, coalitions, permutations, shapley, shapley_sampled, turned_on

COSTS = np.array([1.0, 1.0, 2.0, 3.5, 3.5, 5.0, 6.0, 8.0, 9.0, 11.0, 12.0, 15.0])


def airport(on):
    """The longest runway that any of those who are on needs."""
    return max((COSTS[i] for i in on), default=0.0)


def airport_values(n):
    """Each pays an equal part of every stretch that it uses: Littlechild & Owen (1973), Management Science 20."""
    stretches = np.diff(COSTS[:n], prepend=0.0)
    return np.cumsum(stretches / np.arange(n, 0, -1))


def random_game(n, seeds=3):
    rng = np.random.default_rng(4)
    return {on: rng.normal(size=seeds) for on in coalitions(n)}


def test_gloves():
    """One left glove, two right ones, a pair is worth 1: (2/3, 1/6, 1/6)."""
    game = {on: [float(0 in on and len(on) > 1)] for on in coalitions(3)}
    assert np.allclose(shapley(game, 3)[:, 0], [2 / 3, 1 / 6, 1 / 6])


def test_airport():
    game = {on: [airport(on)] for on in coalitions(9)}
    assert np.allclose(shapley(game, 9)[:, 0], airport_values(9))


def test_values_add_up_seed_by_seed():
    game = random_game(6)
    assert np.allclose(shapley(game, 6).sum(axis=0), game[frozenset(range(6))] - game[frozenset()])


def test_equal_switches_get_the_same_and_idle_ones_nothing():
    game = {on: [float(len(on & {0, 2}) ** 2 + 3 * (1 in on))] for on in coalitions(4)}
    assert np.allclose(shapley(game, 4)[:, 0], [2, 3, 2, 0])


def test_it_is_the_mean_over_all_orders():
    from itertools import permutations as orders

    game = random_game(4)
    assert np.allclose(shapley(game, 4), shapley_sampled(game, list(orders(range(4))))[0])


def test_sampled_orders_agree_within_four_standard_errors():
    n, orders = 12, permutations(12, 400, seed=8)
    wanted = turned_on(orders)
    assert len(wanted) <= 2 + 400 * (n - 1)
    estimates, errors = shapley_sampled({on: [airport(on), 2 * airport(on)] for on in wanted}, orders)
    assert estimates.shape == (12, 2)
    assert np.allclose(estimates.sum(axis=0), [15, 30])
    assert np.all(np.abs(estimates.mean(axis=1) - 1.5 * airport_values(n)) < 4 * errors)
    assert np.all(errors[1:] > 0)
    few = shapley_sampled({on: [airport(on)] for on in wanted}, orders[:100])[1]
    more = shapley_sampled({on: [airport(on)] for on in wanted}, orders)[1]
    assert 1.5 < np.median(few / more) < 2.7, "four times the orders halve the error"


def test_the_stated_error_is_that_of_repeated_sampling():
    game = random_game(5, seeds=1)
    tried = [shapley_sampled(game, permutations(5, 40, seed)) for seed in range(200)]
    spread = np.std([estimates[:, 0] for estimates, _ in tried], axis=0, ddof=1)
    stated = np.mean([errors for _, errors in tried], axis=0)
    assert np.allclose(stated, spread, rtol=4 / np.sqrt(2 * 199))


def test_orders_are_the_same_for_the_same_seed_and_uniform():
    assert permutations(5, 20, seed=0) == permutations(5, 20, seed=0) != permutations(5, 20, seed=1)
    first = np.array(permutations(4, 4000, seed=2))[:, 0]
    assert np.all(np.abs(np.bincount(first) / 4000 - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 4000))


def test_the_table_takes_both_errors():
    estimates = np.array([[1.0, 2.0, 3.0], [4.0, 4.0, 4.0]])
    exact = attributions(["lag", "price"], estimates)
    sampled = attributions(["lag", "price"], estimates, np.array([1.0, 1.0]))
    assert np.isclose(exact["high"][0] - 2, 4.302653 / np.sqrt(3))
    assert np.isclose(sampled["high"][0] - 2, 4.302653 * np.sqrt(1 / 3 + 1))
    assert exact[["low", "p", "holm"]].iloc[1].isna().all()
    assert attributions(["lag"], estimates[:1, :1])["low"].isna().all()


def test_mistakes_are_said_in_one_line():
    assert len(coalitions(10)) == 1024
    with pytest.raises(ConfigError, match="11 switches: expected 1 to 10 for exact values; sample orders"):
        coalitions(11)
    with pytest.raises(ConfigError, match=r"0 switches: .* the two scenarios do not differ"):
        coalitions(0)
    with pytest.raises(ConfigError, match=r"no run with the switches \{0, 1\} on"):
        shapley({on: [0.0] for on in coalitions(2) if len(on) < 2}, 2)
    with pytest.raises(ConfigError, match="at least 2"):
        permutations(3, 1, seed=1)
    with pytest.raises(ConfigError, match="at least 2"):
        shapley_sampled({}, [(0, 1)])
