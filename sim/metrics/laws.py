"""What stochastic models of repeat buying expect: NBD for one market, NBD-Dirichlet for the firms in it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

FEWEST = 5
NEGLIGIBLE = 1e-12
SHAPES = (1e-6, 1e6)


class Fit(NamedTuple):
    """Chi-square [1], its degrees of freedom and the probability of one as large where the law holds [1]."""

    statistic: float
    freedom: int
    probability: float


def nbd_probabilities(mean: float, shape: float, counts: np.ndarray) -> np.ndarray:
    """Probability of so many purchases of a customer whose rate is gamma distributed over customers [1].

    mean : purchases per head M. shape : of the gamma distribution, K; variance M + M^2 / K.
    Source: Ehrenberg (1959), Applied Statistics 8.

    >>> nbd_probabilities(1.0, 1.0, np.array([0, 1, 2])).round(6).tolist()
    [0.5, 0.25, 0.125]
    """
    from scipy.stats import nbinom

    return nbinom.pmf(counts, shape, shape / (shape + mean))


def nbd_shape(mean: float, reached: float) -> float:
    """Shape K [1] by mean and zeros: 1 - b = (1 + M / K)^-K; NaN where no K does, as for even (Poisson) buying.

    mean : purchases per head M. reached : penetration b.
    Source: Ehrenberg (1988), Repeat-Buying, ch. 4.

    >>> round(nbd_shape(1.0, 0.5), 6)
    1.0
    """
    from scipy.optimize import brentq

    def excess(shape: float) -> float:
        """Log of those who buy nothing, ln(1 - b), less that of a shape; it rises with the shape."""
        return shape * np.log1p(mean / shape) + np.log1p(-reached)

    if not 0 < reached < 1 or excess(SHAPES[0]) > 0 or excess(SHAPES[1]) < 0:
        return float("nan")
    return float(np.exp(brentq(lambda log: excess(np.exp(log)), *np.log(SHAPES))))


def _classes(expected: np.ndarray) -> list[int]:
    """First count of each class, so that every class expects at least five customers."""
    starts, inside = [0], 0.0
    for count, customers in enumerate(expected):
        if inside >= FEWEST and expected[count:].sum() >= FEWEST:
            starts.append(count)
            inside = 0.0
        inside += customers
    return starts


def nbd_fit(purchases: np.ndarray) -> Fit:
    """Chi-square test of the NBD, fitted by mean and zeros, in classes that expect five customers or more.

    purchases : (heads,) purchases of each customer, those with none included.
    Two parameters are fitted, so freedom = classes - 3; NaN where none is left or no NBD has that mean and zeros.
    Source: Ehrenberg (1959), Applied Statistics 8.

    >>> nbd_fit(np.repeat([0, 1, 2, 3, 4], [50, 25, 12, 6, 7])).freedom
    2
    """
    from scipy.stats import chi2

    purchases = np.asarray(purchases)
    observed = np.bincount(purchases)
    shape = nbd_shape(purchases.mean(), np.mean(purchases > 0))
    expected = len(purchases) * nbd_probabilities(purchases.mean(), shape, np.arange(len(observed)))
    expected[-1] += len(purchases) - expected.sum()
    starts = _classes(expected)
    freedom = len(starts) - 3
    if np.isnan(shape) or freedom < 1:
        return Fit(float("nan"), freedom, float("nan"))
    observed, expected = np.add.reduceat(observed, starts), np.add.reduceat(expected, starts)
    statistic = float(np.sum((observed - expected) ** 2 / expected))
    return Fit(statistic, freedom, float(chi2.sf(statistic, freedom)))


def dirichlet_penetration(mean: float, shape: float, concentration: float, share: np.ndarray) -> np.ndarray:
    """Part of the heads who buy from a firm at all, expected by the NBD-Dirichlet [1].

    b = 1 - sum over n of NBD(n; M, K) BetaBinomial(0; n, S share, S (1 - share)).
    mean : purchases per head M of the whole market. shape : K of their NBD. concentration : S, small where each
    customer keeps to few firms. share : volume shares of the firms, each between 0 and 1 and neither.
    Source: Goodhardt, Ehrenberg & Chatfield (1984), J. Royal Statistical Society A 147.

    >>> dirichlet_penetration(1.0, 1.0, 1.0, np.array([0.5])).round(6).tolist()  # S = K: 1 - (1 + M / K)^-(K share)
    [0.292893]
    """
    from scipy.stats import betabinom, nbinom

    counts = np.arange(nbinom.isf(NEGLIGIBLE, shape, shape / (shape + mean)) + 1)
    share = np.atleast_1d(np.asarray(share, float))[:, None]
    none = betabinom.pmf(0, counts, concentration * share, concentration * (1 - share))
    return 1 - none @ nbd_probabilities(mean, shape, counts)


def dirichlet_frequency(mean: float, shape: float, concentration: float, share: np.ndarray) -> np.ndarray:
    """Purchases per buyer of a firm, expected by the NBD-Dirichlet: w = M share / b [1].

    Parameters and source as for dirichlet_penetration.

    >>> dirichlet_frequency(1.0, 1.0, 1.0, np.array([0.5])).round(6).tolist()  # 0.5 / 0.292893
    [1.707107]
    """
    return mean * np.atleast_1d(share) / dirichlet_penetration(mean, shape, concentration, share)
