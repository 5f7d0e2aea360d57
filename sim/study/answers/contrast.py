"""Two arms compared, metric by metric and firm by firm: differences, their intervals, and how large they are.

An arm is one scenario played with several seeds. Arms that share seeds share every draw (common random numbers), so
their differences are taken seed by seed and vary much less than the arms themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.ground.params import ConfigError, nearest
from sim.metrics.interval import holm

EXACT = 1e-12  # of the values' size: differences that vary by less do so by rounding only


class Estimate(NamedTuple):
    """A difference b - a with Student's limits, its p-value, and its size in standard deviations; NaN where not known."""

    difference: float
    low: float
    high: float
    p: float
    effect: float
    effect_low: float
    effect_high: float


def _unsure(difference: float) -> Estimate:
    return Estimate(difference, *[float("nan")] * 6)


def paired(one: np.ndarray, other: np.ndarray, confidence: float = 0.95) -> Estimate:
    """Student's estimate of the mean of other - one over pairs.

    effect is the mean difference in standard deviations of the differences, d_z, times Hedges' correction for small
    samples; its limits are approximate and err to the wide side with few pairs. With one pair, or where all pairs differ by the
    same amount, there is nothing to judge chance by: the difference stands alone.

    one, other : (pairs,) values of the same seeds; pairs of which one is NaN are left out.
    Source: Student (1908), Biometrika 6; Hedges (1981), J. Educational Statistics 6, 107-128; limits of standardised
    differences, Bonett (2008), Psychological Methods 13, 99-109.

    >>> found = paired(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0]))
    >>> [round(x, 2) for x in found[:5]]
    [2.0, -0.48, 4.48, 0.07, 1.14]
    """
    from scipy.stats import ttest_1samp

    one, other = np.asarray(one, float), np.asarray(other, float)
    known = np.isfinite(one) & np.isfinite(other)
    gaps, size = (other - one)[known], np.abs([one[known], other[known]])
    if len(gaps) == 0:
        return _unsure(float("nan"))
    mean, n = float(gaps.mean()), len(gaps)
    if n < 2 or np.ptp(gaps) <= EXACT * size.max():
        return _unsure(mean)
    test = ttest_1samp(gaps, 0)
    limits = test.confidence_interval(confidence)
    effect, df = mean / gaps.std(ddof=1), n - 1
    variance = (1 + effect**2 / 2) / df
    return Estimate(
        mean, float(limits.low), float(limits.high), float(test.pvalue), *_effect(effect, df, variance, confidence)
    )


def independent(one: np.ndarray, other: np.ndarray, confidence: float = 0.95) -> Estimate:
    """Welch's estimate of mean(other) - mean(one) of arms that share no draws.

    effect is the difference in units of the root of the mean of the two variances, times Hedges' correction.

    one, other : (seeds of that arm,) values; NaN is left out.
    Source: Welch (1947), Biometrika 34; Bonett (2008), Psychological Methods 13, 99-109.

    >>> found = independent(np.array([1.0, 2.0, 3.0]), np.array([3.0, 4.0, 5.0]))
    >>> [round(x, 2) for x in found[:5]]
    [2.0, -0.27, 4.27, 0.07, 1.6]
    """
    from scipy.stats import ttest_ind

    one, other = (values[np.isfinite(values)] for values in (np.asarray(one, float), np.asarray(other, float)))
    if min(len(one), len(other)) == 0:
        return _unsure(float("nan"))
    mean = float(other.mean() - one.mean())
    size = EXACT * np.abs([*one, *other]).max()
    if min(len(one), len(other)) < 2 or max(np.ptp(one), np.ptp(other)) <= size:
        return _unsure(mean)
    test = ttest_ind(other, one, equal_var=False)
    limits = test.confidence_interval(confidence)
    spreads, dfs = np.array([one.var(ddof=1), other.var(ddof=1)]), np.array([len(one), len(other)]) - 1
    pooled = spreads.mean()
    effect = mean / np.sqrt(pooled)
    variance = effect**2 * (spreads**2 / dfs).sum() / (8 * pooled**2) + (spreads / dfs).sum() / pooled
    return Estimate(
        mean,
        float(limits.low),
        float(limits.high),
        float(test.pvalue),
        *_effect(effect, int(dfs.sum()), variance, confidence),
    )


def hedges(df: float) -> float:
    """Factor that takes the bias from a standardised difference, 1 - 3 / (4 df - 1).

    Source: Hedges (1981), J. Educational Statistics 6, 107-128.

    >>> hedges(1), round(hedges(19), 2)
    (0.0, 0.96)
    """
    return 1 - 3 / (4 * df - 1)


def _effect(effect: float, df: int, variance: float, confidence: float) -> tuple[float, float, float]:
    from scipy.stats import norm

    if df < 2:
        return float("nan"), float("nan"), float("nan")
    correction = hedges(df)
    half = float(norm.ppf((1 + confidence) / 2)) * np.sqrt(variance)
    return float(correction * effect), float(correction * effect - half), float(correction * effect + half)


def contrasts(outcomes: pd.DataFrame, a: str, b: str, metrics: Sequence[str], confidence: float = 0.95) -> pd.DataFrame:
    """Differences b - a by metric and firm, paired by seed; `unpaired` takes over where the arms share no seed.

    Parameters
    ----------
    outcomes : columns arm, seed, firm and the metrics, a row a run and firm. Of arms that share some seeds, those count.
    a, b : the two arms. metrics : columns of outcomes. confidence : of each interval by itself.

    Returns
    -------
    A row a metric and firm: metric, firm, mean_a, mean_b, difference, low, high, p, holm (p corrected over all rows in which
    it is known), effect, effect_low, effect_high (see `paired`, `independent`), pairs (seeds in which both arms know the
    value; 0 if unpaired), seeds_a, seeds_b (seeds behind the means), how (paired or unpaired). NaN where not known.

    Raises
    ------
    ConfigError : an arm or metric that is not there; an arm that holds a seed twice.

    >>> runs = pd.DataFrame({"arm": ["a", "a", "b", "b"], "seed": [1, 2, 1, 2], "firm": "x", "share": [0.1, 0.2, 0.3, 0.5]})
    >>> table = contrasts(runs, "a", "b", ["share"])
    >>> table[["difference", "pairs", "how"]].round(3).to_numpy().tolist()
    [[0.25, 2, 'paired']]
    """
    return _finished(_differences(outcomes, a, b, metrics, confidence))


def each_against(
    outcomes: pd.DataFrame,
    first: str,
    others: Sequence[str],
    metrics: Sequence[str],
    confidence: float = 0.95,
    contested: Sequence[str] | None = None,
) -> pd.DataFrame:
    """`contrasts` of several arms to the first one, with a column arm, to be read together: holm is over all rows.

    contested : the firms over which holm is; by default all. It is NaN for the others.

    >>> runs = pd.DataFrame({"arm": [*"aabbcc"], "seed": [1, 2] * 3, "firm": "x", "share": [0.1, 0.2, 0.3, 0.5, 0.1, 0.3]})
    >>> each_against(runs, "a", ["b", "c"], ["share"])[["arm", "difference", "p", "holm"]].round(2).to_numpy().tolist()
    [['b', 0.25, 0.13, 0.25], ['c', 0.05, 0.5, 0.5]]
    """
    rows = [
        row | {"arm": other} for other in others for row in _differences(outcomes, first, other, metrics, confidence)
    ]
    return _finished(rows, contested)


def _differences(
    outcomes: pd.DataFrame, a: str, b: str, metrics: Sequence[str], confidence: float
) -> list[dict[str, object]]:
    arms = _arms(outcomes, a, b, metrics)
    if not set(arms[a]["seed"]) & set(arms[b]["seed"]):
        return _unpaired(arms[a], arms[b], metrics, confidence)
    rows = []
    for metric, firm, one, other in _cells(arms[a], arms[b], metrics):
        together = pd.concat([one, other], axis=1, join="inner").dropna()
        left, right = (together.iloc[:, side].to_numpy() for side in (0, 1))
        if together.empty:
            left, right = one.dropna().to_numpy(), other.dropna().to_numpy()
        found = paired(left, right, confidence) if len(together) else _unsure(float("nan"))
        rows.append(_row(metric, firm, left, right, found) | {"pairs": len(together), "how": "paired"})
    return rows


def unpaired(outcomes: pd.DataFrame, a: str, b: str, metrics: Sequence[str], confidence: float = 0.95) -> pd.DataFrame:
    """As `contrasts`, of arms whose draws have nothing to do with one another: Welch's intervals.

    >>> runs = pd.DataFrame({"arm": ["a", "a", "b", "b"], "seed": [1, 2, 3, 4], "firm": "x", "share": [0.1, 0.2, 0.3, 0.5]})
    >>> unpaired(runs, "a", "b", ["share"])[["difference", "pairs", "seeds_b", "how"]].round(3).to_numpy().tolist()
    [[0.25, 0, 2, 'unpaired']]
    """
    arms = _arms(outcomes, a, b, metrics)
    return _finished(_unpaired(arms[a], arms[b], metrics, confidence))


def _unpaired(a: pd.DataFrame, b: pd.DataFrame, metrics: Sequence[str], confidence: float) -> list[dict[str, object]]:
    rows = []
    for metric, firm, one, other in _cells(a, b, metrics):
        left, right = one.dropna().to_numpy(), other.dropna().to_numpy()
        found = independent(left, right, confidence)
        rows.append(_row(metric, firm, left, right, found) | {"pairs": 0, "how": "unpaired"})
    return rows


def judged(figures: Sequence[np.ndarray], signs: Sequence[int], level: float = 0.05) -> pd.DataFrame:
    """What became of figures whose sign was expected: a row each, p-values corrected by Holm over all of them.

    figures : of each, a value a seed, such as a paired difference. signs : of each, 1 or -1, or 0 where none was expected.
    Returns mean, half (half-width of its 95 % interval), p (corrected; NaN where no sign was expected) and verdict: comes out,
    the other way, cannot be told (p not below `level`), or nothing where no sign was expected.

    >>> judged([np.array([1.0, 1.1, 0.9]), np.array([-1.0, 1.0, 0.1])], [-1, 1])["verdict"].tolist()
    ['the other way', 'cannot be told']
    """
    rows = []
    for values, sign in zip(figures, signs, strict=True):
        found = paired(np.zeros(len(values)), values)
        verdict = "comes out" if np.sign(found.difference) == sign else "the other way"
        rows.append(
            (found.difference, (found.high - found.low) / 2, found.p if sign else np.nan, verdict if sign else "")
        )
    table = pd.DataFrame(rows, columns=["mean", "half", "p", "verdict"])
    table["p"] = holm(table["p"].to_numpy())
    return table.assign(
        verdict=table["verdict"].where((table["p"] < level) | (table["verdict"] == ""), "cannot be told")
    )


def _arms(outcomes: pd.DataFrame, a: str, b: str, metrics: Sequence[str]) -> dict[str, pd.DataFrame]:
    names = list(outcomes["arm"].unique())
    for arm in (a, b):
        if arm not in names:
            raise ConfigError(f"compare: no runs of {arm!r}; {nearest(str(arm), map(str, names))}")
    if a == b:
        raise ConfigError(f"compare: {a!r} with itself; expected two scenarios or studies")
    for metric in metrics:
        if metric not in outcomes.columns:
            raise ConfigError(f"compare: no metric {metric!r} in both; {nearest(metric, outcomes.columns)}")
    arms = {arm: outcomes[outcomes["arm"] == arm] for arm in (a, b)}
    for arm, rows in arms.items():
        twice = rows[rows.duplicated(["seed", "firm"])]
        if len(twice):
            raise ConfigError(f"compare: {arm!r} holds seed {twice['seed'].iloc[0]} twice; expected one point an arm")
    return arms


def _cells(one: pd.DataFrame, other: pd.DataFrame, metrics: Sequence[str]):
    firms = list(dict.fromkeys([*one["firm"], *other["firm"]]))
    for metric in metrics:
        wide = [side.pivot(index="seed", columns="firm", values=metric).reindex(columns=firms) for side in (one, other)]
        yield from ((metric, firm, wide[0][firm], wide[1][firm]) for firm in firms)


def _row(metric: str, firm: str, left: np.ndarray, right: np.ndarray, found: Estimate) -> dict[str, object]:
    means = [float(side.mean()) if len(side) else float("nan") for side in (left, right)]
    counts = {"seeds_a": len(left), "seeds_b": len(right)}
    return {"metric": metric, "firm": firm, "mean_a": means[0], "mean_b": means[1]} | found._asdict() | counts


def _finished(rows: list[dict[str, object]], contested: Sequence[str] | None = None) -> pd.DataFrame:
    table = pd.DataFrame(rows)
    among = table["p"] if contested is None else table["p"].where(table["firm"].isin(contested))
    table.insert(table.columns.get_loc("p") + 1, "holm", holm(among.to_numpy(float)))
    return table
