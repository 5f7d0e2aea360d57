"""Means over replications with their intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

YEAR = 12


def half_width(values: np.ndarray, confidence: float = 0.95) -> float:
    """Half-width of Student's interval of a mean; NaN for fewer than two values.

    >>> round(half_width(np.array([1.0, 2.0, 3.0])), 3)
    2.484
    """
    from scipy.stats import t

    values = np.asarray(values, float)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return float("nan")
    return float(t.ppf((1 + confidence) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))


def proportion(count: int, of: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share, count out of so many; NaN for fewer than two.

    Source: Wilson (1927), J. American Statistical Association 22, 209-212.

    >>> [round(limit, 3) for limit in proportion(7, 10)]
    [0.397, 0.892]
    """
    from scipy.stats import binomtest

    if of < 2:
        return float("nan"), float("nan")
    found = binomtest(count, of).proportion_ci(confidence, "wilson")
    return float(found.low), float(found.high)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's step-down correction of p-values for being read together; NaN stays.

    The library collects garbage each time, some tenths of a second in a large process: call it once for all that is read.

    Source: Holm (1979), Scandinavian J. of Statistics 6.

    >>> holm(np.array([0.01, np.nan, 0.04])).tolist()
    [0.02, nan, 0.04]
    """
    from statsmodels.stats.multitest import multipletests

    p = np.asarray(p, float)
    adjusted, known = np.full(len(p), np.nan), np.isfinite(p)
    if known.any():
        adjusted[known] = multipletests(p[known], method="holm")[1]
    return adjusted


def by_period(replications: pd.DataFrame, metric: str, smooth: int = 1) -> pd.DataFrame:
    """Mean over seeds of a firm's metric by period, with 95 % limits; smoothed first over so many records.

    Returns firm, period, mean, low, high.
    """
    from scipy.stats import t

    wide = replications.pivot_table(index="period", columns=["firm", "seed"], values=metric, dropna=False)
    wide = wide.rolling(smooth, min_periods=1).mean()
    grouped = wide.T.groupby(level="firm")
    mean, spread, count = grouped.mean().T, grouped.std().T, grouped.count().T
    half = t.ppf(0.975, (count - 1).clip(lower=1)) * spread / np.sqrt(count)
    frame = pd.DataFrame({"mean": mean.stack(), "low": (mean - half).stack(), "high": (mean + half).stack()})
    return frame.reset_index()[["firm", "period", "mean", "low", "high"]]


def last_year(replications: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Mean of each metric over the last 12 months, then over seeds, with the half-width of its 95 % interval.

    Returns one row a firm with columns (metric, "mean") and (metric, "half").
    """
    recent = replications[replications["period"] > replications["period"].max() - YEAR]
    per_seed = recent.groupby(["firm", "seed"])[list(metrics)].mean()
    grouped = per_seed.groupby(level="firm")
    table = pd.concat({"mean": grouped.mean(), "half": grouped.agg(half_width)}, axis=1)
    return table.swaplevel(axis=1).sort_index(axis=1)


def difference(replications: pd.DataFrame, metric: str, one: str, other: str) -> tuple[float, float]:
    """Mean and 95 % half-width of one firm's last-year metric minus another's, paired by seed; NaN where no pair is known."""
    recent = replications[replications["period"] > replications["period"].max() - YEAR]
    wide = recent.pivot_table(index="seed", columns="firm", values=metric, dropna=False)
    gap = (wide[one] - wide[other]).dropna().to_numpy()
    return (float(gap.mean()) if len(gap) else float("nan")), half_width(gap)
