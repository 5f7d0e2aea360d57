"""Laws of buying and of spreading against samples drawn from the model that they describe."""

import numpy as np
import pytest
from scipy.stats import chisquare

from sim.metrics.adoption import bass_curve, peak_height, peak_time
from sim.metrics.laws import dirichlet_frequency, dirichlet_penetration, nbd_fit, nbd_probabilities, nbd_shape

M, K, S = 3.0, 0.8, 1.5
SHARES = np.array([0.5, 0.3, 0.15, 0.05])
HEADS = 100_000


def gamma_poisson(rng, heads=HEADS):
    return rng.poisson(rng.gamma(K, M / K, heads))


def test_nbd_is_the_mixture_of_poissons_over_a_gamma():
    counts = np.arange(12)
    found = np.bincount(gamma_poisson(np.random.default_rng(1)), minlength=200)[:12] / HEADS
    expected = nbd_probabilities(M, K, counts)
    assert (np.abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / HEADS)).all()


def test_nbd_has_its_moments():
    counts = np.arange(2000)
    p = nbd_probabilities(M, K, counts)
    assert p.sum() == pytest.approx(1)
    assert p @ counts == pytest.approx(M)
    assert p @ (counts - M) ** 2 == pytest.approx(M + M**2 / K)


@pytest.mark.parametrize("shape", [0.05, 0.8, 1.0, 40.0])
def test_shape_comes_back_from_mean_and_zeros(shape):
    assert nbd_shape(M, 1 - (1 + M / shape) ** -shape) == pytest.approx(shape, rel=1e-6)


def test_no_shape_fits_buying_as_even_as_poisson():
    assert np.isnan(nbd_shape(M, 1 - np.exp(-M)))
    assert np.isnan(nbd_shape(M, 0.99))
    assert np.isnan(nbd_shape(1.0, 1.0))
    assert np.isnan(nbd_shape(0.0, 0.0))


def test_the_fit_is_the_chi_square_of_its_classes_the_last_open():
    observed = [50, 25, 12, 6, 7]
    below = nbd_probabilities(0.95, nbd_shape(0.95, 0.5), np.arange(4))
    expected = 100 * np.append(below, 1 - below.sum())
    by_hand = chisquare(observed, expected, ddof=2)
    assert nbd_fit(np.repeat(np.arange(5), observed)) == pytest.approx((by_hand.statistic, 2, by_hand.pvalue))


def test_the_fit_accepts_gamma_poisson_and_refuses_two_kinds_of_customers():
    rng = np.random.default_rng(7)
    assert nbd_fit(gamma_poisson(rng, 5000)).probability > 0.001
    assert nbd_fit(rng.poisson(np.where(rng.random(5000) < 0.5, 0.2, 8.0))).probability < 1e-6


def test_the_fit_is_as_strict_as_it_says():
    rng = np.random.default_rng(8)
    chances = np.array([nbd_fit(gamma_poisson(rng, 1000)).probability for _ in range(200)])
    assert chances.mean() == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / 200))


def test_the_fit_of_even_or_too_few_counts_is_unknown():
    assert np.isnan(nbd_fit(np.ones(100, int)).probability)
    assert np.isnan(nbd_fit(np.array([0, 0, 1, 3])).statistic)


def test_dirichlet_against_a_sample():
    rng = np.random.default_rng(3)
    bought = rng.multinomial(gamma_poisson(rng), rng.dirichlet(S * SHARES, HEADS))
    buyers = bought > 0
    reached = dirichlet_penetration(M, K, S, SHARES)
    assert (np.abs(buyers.mean(axis=0) - reached) < 4 * np.sqrt(reached * (1 - reached) / HEADS)).all()
    frequency = dirichlet_frequency(M, K, S, SHARES)
    for f, expected in enumerate(frequency):
        own = bought[buyers[:, f], f]
        assert abs(own.mean() - expected) < 4 * own.std() / np.sqrt(len(own))


def test_dirichlet_with_s_equal_to_k_is_an_nbd_for_each_firm():
    assert dirichlet_penetration(M, K, K, SHARES) == pytest.approx(1 - (1 + M / K) ** (-K * SHARES))


def test_dirichlet_between_one_firm_each_and_all_alike():
    each_one_firm = SHARES * (1 - (1 + M / K) ** -K)
    all_alike = 1 - (1 + M * SHARES / K) ** -K
    assert dirichlet_penetration(M, K, 1e-9, SHARES) == pytest.approx(each_one_firm, rel=1e-6)
    assert dirichlet_penetration(M, K, 1e5, SHARES) == pytest.approx(all_alike, rel=1e-4)


def test_small_firms_suffer_twice_under_the_dirichlet():
    reached, frequency = (law(M, K, S, SHARES) for law in (dirichlet_penetration, dirichlet_frequency))
    assert (np.diff(reached) < 0).all()
    assert (np.diff(frequency) < 0).all()


def test_bass_curve_solves_its_equation():
    p, q = 0.01, 0.12
    months = np.linspace(0, 120, 12_001)
    curve = bass_curve(months, p, q)
    assert curve[0] == 0
    assert curve[-1] == pytest.approx(1, abs=1e-4)
    slope = np.gradient(curve, months)
    assert slope[1:-1] == pytest.approx(((p + q * curve) * (1 - curve))[1:-1], abs=1e-6)
    assert months[slope.argmax()] == pytest.approx(peak_time(p, q), abs=0.02)
    assert slope.max() == pytest.approx(peak_height(p, q), rel=1e-5)


def test_bass_without_imitation_is_fastest_at_the_start():
    assert (peak_time(0.1, 0.05), peak_height(0.1, 0.05)) == (0.0, 0.1)
    assert (peak_time(0.1, 0.0), peak_height(0.1, 0.0)) == (0.0, 0.1)
    assert bass_curve(np.array([1.0]), 0.1, 0.0) == pytest.approx(1 - np.exp(-0.1))
