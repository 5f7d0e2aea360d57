"""What money spent brings back: the first balance of a differentiated service, spend against return (C2)."""

from __future__ import annotations

import numpy as np


def net_return(profit: np.ndarray, spent: np.ndarray) -> tuple[float, float, float, float]:
    """Profit that a line of spending brings, its own cost paid, for each unit of money spent on it.

    profit : (pairs,) difference in profit between a run with the spending and one without, on the same draws [¤].
    spent : (pairs,) money spent on it in the first over the second [¤], of a mean above 0.
    Returns the ratio of the means, the limits of its 95 % interval by Fieller's theorem, and the two-sided p that the
    mean of `profit` is zero; limits are infinite where what was spent cannot be told from nothing, and NaN for one pair.
    Source: return on marketing investment, Farris, Hanssens, Lenskold & Reibstein (2015), J. of Marketing Analytics 3;
    interval: Fieller (1954), J. of the Royal Statistical Society B 16.

    >>> net_return(np.array([-5.0, -5.0, -5.0]), np.array([10.0, 10.0, 10.0]))[:3]
    (-0.5, -0.5, -0.5)
    """
    from scipy.stats import t, ttest_1samp

    profit, spent = np.asarray(profit, float), np.asarray(spent, float)
    pairs, ratio = len(profit), float(profit.mean() / spent.mean())
    if pairs < 2:
        return ratio, np.nan, np.nan, np.nan
    q = t.ppf(0.975, pairs - 1) ** 2 / pairs
    (a, c), (_, b) = np.cov(profit, spent)
    square = spent.mean() ** 2 - q * b
    if square <= 0:
        return ratio, -np.inf, np.inf, np.nan
    middle = profit.mean() * spent.mean() - q * c
    root = float(np.sqrt(max(middle**2 - square * (profit.mean() ** 2 - q * a), 0.0)))
    p = float(ttest_1samp(profit, 0).pvalue) if np.ptp(profit) > 0 else float(profit.mean() == 0)
    return ratio, float((middle - root) / square), float((middle + root) / square), p
