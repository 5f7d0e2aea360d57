"""How far the offers of competing firms lie apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np


def price_dispersion(prices: np.ndarray) -> float:
    """Coefficient of variation of posted prices: standard deviation / mean [1]; NaN for fewer than two firms.

    Source: Sorensen (2000), J. Political Economy 108; Baye, Morgan & Scholten (2006).

    >>> round(price_dispersion(np.array([30.0, 50.0])), 3)
    0.25
    """
    return float(np.std(prices) / np.mean(prices)) if len(prices) > 1 and np.mean(prices) > 0 else float("nan")


def offer_distance(offers: np.ndarray) -> float:
    """Mean Euclidean distance between pairs of offers, attributes in utils at mean tastes; NaN for fewer than two.

    offers : (firms, attributes) [utils].
    Source: product differentiation as distance in characteristics space, Lancaster (1966), J. Political Economy 74.

    >>> offer_distance(np.array([[0.0, 0.0], [3.0, 4.0]]))
    5.0
    """
    pairs = [np.linalg.norm(a - b) for a, b in combinations(offers, 2)]
    return float(np.mean(pairs)) if pairs else float("nan")


def mean_over(measure: Callable[[np.ndarray], float], values: np.ndarray, groups: Sequence[Sequence[int]]) -> float:
    """Mean of a measure over groups of firms that compete with one another; NaN without such a group.

    >>> mean_over(price_dispersion, np.array([30.0, 50.0, 9.0, 9.0]), [[0, 1], [2, 3]])
    0.125
    """
    return float(np.mean([measure(values[list(group)]) for group in groups])) if groups else float("nan")
