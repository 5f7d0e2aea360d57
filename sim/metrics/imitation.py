"""How fast differences are copied, from the table of features (A7)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

PARITY = 0.8
FEWEST = 5


@dataclass(frozen=True)
class Duration:
    """Median of a duration over features, some of which had not ended when the run did (right-censored).

    median, low, high : Kaplan-Meier median with 95 % limits [months], NaN where the curve does not come down to one
    half. ended, total : features that reached the mark, features observed.
    """

    median: float
    low: float
    high: float
    ended: int
    total: int


def _crossing(survival: object, level: float = 0.5) -> float:
    below = survival.probabilities <= level
    return float(survival.quantiles[below.argmax()]) if below.any() else float("nan")


def median_duration(months: np.ndarray, ended: np.ndarray) -> Duration:
    """Kaplan-Meier median of durations of which some are censored.

    Source: Kaplan & Meier (1958), J. American Statistical Association 53; limits by the log-log method.

    >>> median_duration(np.array([2, 4, 6, 8]), np.array([True] * 4)).median
    4.0
    """
    from scipy.stats import CensoredData, ecdf

    ended = np.asarray(ended, bool)
    if not len(months):
        return Duration(*[float("nan")] * 3, 0, 0)
    survival = ecdf(CensoredData(uncensored=months[ended], right=months[~ended])).sf
    if not ended.any():
        return Duration(*[float("nan")] * 3, 0, len(months))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # limits are undefined where the curve is 0 or 1
        limits = survival.confidence_interval(method="log-log")
    return Duration(_crossing(survival), _crossing(limits.low), _crossing(limits.high), int(ended.sum()), len(months))


def copies(features: pd.DataFrame) -> pd.DataFrame:
    """Mean adoption and fidelity over the innovator's rivals, by feature and age [months]."""
    rivals = features[features["firm"] != features["introduced_by"]]
    rivals = rivals.assign(age=rivals["period"] - rivals["introduced"], matched=rivals["fidelity"] >= PARITY)
    grouped = rivals.groupby(["feature", "kind", "age"])
    return grouped[["adopted", "fidelity", "matched"]].mean().reset_index()


def feature_adoption(features: pd.DataFrame) -> pd.DataFrame:
    """Adoption curve of each feature: part of the rivals that offer it by age, with Wilson's 95 % limits over rivals [1].

    Returns feature, kind, age [months], adopted, low, high, fidelity (mean over rivals), rivals.
    Source: diffusion curve, Rogers (2003); limits, Wilson (1927), J. American Statistical Association 22.

    >>> rows = pd.DataFrame({"feature": "a-1", "kind": "x", "introduced_by": "a", "firm": ["a", "b", "c"], "period": 1,
    ...     "introduced": 0, "adopted": [True, True, False], "fidelity": [1.0, 0.6, 0.0]})
    >>> feature_adoption(rows)[["age", "adopted", "low", "high", "fidelity"]].round(3).values.tolist()
    [[1.0, 0.5, 0.095, 0.905, 0.3]]
    """
    from scipy.stats import norm

    rivals = features[features["firm"] != features["introduced_by"]]
    rivals = rivals.assign(age=rivals["period"] - rivals["introduced"])
    grouped = rivals.groupby(["feature", "kind", "age"])
    frame = grouped.agg(
        adopted=("adopted", "mean"), fidelity=("fidelity", "mean"), rivals=("firm", "nunique")
    ).reset_index()
    p, n, z = frame["adopted"], frame["rivals"], norm.ppf(0.975)
    middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    frame = frame.assign(low=(middle - half).clip(0, 1), high=(middle + half).clip(0, 1))
    return frame[["feature", "kind", "age", "adopted", "low", "high", "fidelity", "rivals"]]


def adoption_curve(features: pd.DataFrame) -> pd.DataFrame:
    """Part of the rivals that offer a feature, by kind and age, with the 95 % interval over features [1].

    Returns kind, age [months], adopted, low, high, features; ages seen by fewer than five features are left out.
    Source: diffusion curve, Rogers (2003), Diffusion of Innovations, 5th ed.
    """
    from scipy.stats import t

    grouped = copies(features).groupby(["kind", "age"])["adopted"].agg(["mean", "std", "count"]).reset_index()
    grouped = grouped[grouped["count"] >= FEWEST]
    half = t.ppf(0.975, grouped["count"] - 1) * grouped["std"] / np.sqrt(grouped["count"])
    return pd.DataFrame(
        {
            "kind": grouped["kind"],
            "age": grouped["age"],
            "adopted": grouped["mean"],
            "low": (grouped["mean"] - half).clip(0, 1),
            "high": (grouped["mean"] + half).clip(0, 1),
            "features": grouped["count"],
        }
    )


def _until(curves: pd.DataFrame, reached: pd.Series) -> Duration:
    first = curves[reached].groupby("feature")["age"].min()
    last = curves.groupby("feature")["age"].max()
    months = last.copy()
    months.loc[first.index] = first
    return median_duration(months.to_numpy(float), last.index.isin(first.index))


def time_to_parity(features: pd.DataFrame) -> Duration:
    """Months from introduction until half of the rivals offer the feature at a fidelity of 0.8 or more."""
    curves = copies(features)
    return _until(curves, curves["matched"] >= 0.5)


def half_life(features: pd.DataFrame) -> Duration:
    """Months from introduction until the innovator's lead, 1 minus the rivals' mean fidelity, is halved."""
    curves = copies(features)
    return _until(curves, curves["fidelity"] >= 0.5)
