"""What an innovation is worth to who made it, for how long, and when a market turns into a commodity (A7, A8, A9).

Functions take the records of several seeds (`Result.replications`, `Result.all_features`). For the least noise give them
the difference of two runs that share their draws, with and without innovation: see experiments/imitation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.metrics.imitation import copies
from sim.metrics.interval import half_width

GRID = np.geomspace(0.5, 240, 400)  # half-lives tried [months]; the last one means that nothing is halved
RESAMPLES = 1999


def premiums(
    firms: pd.DataFrame, features: pd.DataFrame, metric: str, before: int = 6, after: int = 24
) -> pd.DataFrame:
    """(ages, seeds) mean premium of innovators over their rivals, less what it was before the innovation [metric's unit].

    Premium of a feature at age a: innovator's metric in month t + a minus the mean of its rivals' (the other firms that the
    features' rows of that month name), minus the mean of the same over the `before` months up to t - 1. Features that came
    before month `before` are left out; with before = 0 nothing is taken off. A seed's value is the mean over its features.

    Source: event study, MacKinlay (1997), J. Economic Literature 35, 13-39.

    >>> firms = pd.DataFrame({"seed": 1, "period": [0, 0, 1, 1, 2, 2], "firm": ["a", "b"] * 3, "share": [0.5, 0.5, 0.6, 0.4, 0.5, 0.5]})
    >>> features = pd.DataFrame({"seed": 1, "feature": "1/a-1", "introduced_by": "a", "introduced": 1, "firm": ["a", "b"]})
    >>> premiums(firms, features, "share", before=1, after=1)[1].round(3).tolist()
    [0.2, 0.0]
    """
    wide = {seed: rows.pivot(index="period", columns="firm", values=metric) for seed, rows in firms.groupby("seed")}
    ages = np.arange(after + 1)
    found: dict[int, list[np.ndarray]] = {seed: [] for seed in wide}
    for (seed, _), rows in features.groupby(["seed", "feature"]):
        owner, start = rows["introduced_by"].iloc[0], int(rows["introduced"].iloc[0])
        rivals = sorted(set(rows["firm"]) - {owner})
        if not rivals or start < before:
            continue
        gap = wide[seed][owner] - wide[seed][rivals].mean(axis=1)
        base = gap.reindex(range(start - before, start)).mean() if before else 0.0
        found[seed].append(gap.reindex(start + ages).to_numpy() - base)
    means = {seed: np.nanmean(curves, axis=0) for seed, curves in found.items() if curves and _known(curves)}
    return pd.DataFrame(means, index=pd.Index(ages, name="age"))


def _known(curves: list[np.ndarray]) -> bool:
    return bool(np.isfinite(curves).any(axis=0).all())


def event_study(curves: pd.DataFrame) -> pd.DataFrame:
    """Mean of `premiums` over seeds by age with 95 % limits (Student): age [months], premium, low, high, seeds.

    >>> event_study(pd.DataFrame({1: [1.0], 2: [3.0]}, index=pd.Index([0], name="age")))["premium"].tolist()
    [2.0]
    """
    half = np.array([half_width(row) for row in curves.to_numpy()])
    mean = curves.mean(axis=1)
    frame = {"age": curves.index, "premium": mean, "low": mean - half, "high": mean + half, "seeds": curves.shape[1]}
    return pd.DataFrame(frame).reset_index(drop=True)


@dataclass(frozen=True)
class HalfLife:
    """An advantage that decays: its size at the start [metric's unit] and its half-life [months], with 95 % limits.

    months is infinite where the advantage does not fall, and NaN where there is none to fall.
    """

    start: float
    start_low: float
    start_high: float
    months: float
    low: float
    high: float


def _decay(curves: np.ndarray, ages: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least-squares start and half-life of start * 2^(-age / half-life), for each of the (curves, ages)."""
    shapes = 0.5 ** (ages / GRID[:, None])
    size = (shapes**2).sum(axis=1)
    start = curves @ shapes.T / size
    best = (start**2 * size).argmax(axis=1)  # what is explained of the sum of squares
    start = start[np.arange(len(curves)), best]
    months = np.where(best == len(GRID) - 1, np.inf, GRID[best])
    return start, np.where(start > 0, months, np.nan)


def advantage_half_life(curves: pd.DataFrame, first: int = 1) -> HalfLife:
    """Half-life of the premium: start * 2^(-age / h) fitted to the mean curve from age `first`, bootstrap over seeds.

    Limits are percentiles of 1999 resamples of seeds, widened for the small number of seeds as Student's t is; resamples
    without a premium count as a half-life of zero.
    Source: expanded percentile interval, Hesterberg (2015), American Statistician 69, 371-386; half-life of an advantage as in
    McNamara, Vaaler & Devers (2003), Strategic Management J. 24, 261-278.

    >>> ages = np.arange(25)
    >>> lead = pd.DataFrame({seed: 8 * 0.5 ** (ages / 6) for seed in (1, 2)}, index=ages)
    >>> found = advantage_half_life(lead)
    >>> round(found.start, 1), round(found.months, 1), round(found.high, 1)
    (8.0, 6.0, 6.0)
    """
    from scipy.stats import norm, t

    if curves.empty:
        return HalfLife(*[float("nan")] * 6)
    ages, values = curves.index.to_numpy(float), curves.to_numpy()
    here = ages >= first
    ages, values = ages[here], values[here]
    rng, seeds = np.random.default_rng(0), values.shape[1]
    picks = rng.integers(seeds, size=(RESAMPLES, seeds))
    resampled = np.concatenate([values.mean(axis=1)[None], values.T[picks].mean(axis=1)])
    starts, halves = _decay(resampled, ages)
    tail = norm.cdf(-np.sqrt(seeds / (seeds - 1)) * t.ppf(0.975, seeds - 1)) if seeds > 1 else 0.025
    start = np.quantile(starts[1:], [tail, 1 - tail])
    low, high = np.quantile(np.where(np.isnan(halves[1:]), 0.0, halves[1:]), [tail, 1 - tail], method="nearest")
    return HalfLife(float(starts[0]), float(start[0]), float(start[1]), float(halves[0]), float(low), float(high))


def first_mover_advantage(
    firms: pd.DataFrame, features: pd.DataFrame, metric: str = "share", months: int = 12
) -> tuple[float, float, int]:
    """What innovators keep after parity: mean of metric minus the followers' over so many months, half-width, features.

    Parity of a feature is the first month in which half of the rivals offer it at a fidelity of 0.8 or more; followers are
    those who offer it then. Features are averaged within a seed, the interval is over seeds. Where firms differ anyway,
    give the difference of two runs, as above.

    Source: Lieberman & Montgomery (1988), First-mover advantages, Strategic Management J. 9, 41-58.
    """
    curves = copies(features)
    parity = curves[curves["matched"] >= 0.5].groupby("feature")["age"].min()
    kept: dict[int, list[float]] = {}
    wide = {seed: rows.pivot(index="period", columns="firm", values=metric) for seed, rows in firms.groupby("seed")}
    for (seed, name), rows in features[features["feature"].isin(parity.index)].groupby(["seed", "feature"]):
        owner, month = rows["introduced_by"].iloc[0], int(rows["introduced"].iloc[0] + parity[name])
        then = rows[(rows["period"] == month) & rows["adopted"] & (rows["firm"] != owner)]
        window = wide[seed].loc[month : month + months - 1]
        kept.setdefault(seed, []).append(float((window[owner] - window[list(then["firm"])].mean(axis=1)).mean()))
    means = np.array([np.mean(values) for values in kept.values()])
    mean = float(means.mean()) if len(means) else float("nan")
    return mean, half_width(means), sum(len(values) for values in kept.values())


def commoditisation(distance: np.ndarray, reference: np.ndarray | float) -> np.ndarray:
    """How far offers have become alike: 1 - distance / reference, held to [0, 1]; 1 is a commodity [1].

    distance : mean distance between the offers of competing firms (`offers.offer_distance`). reference : the same at a
    date or in a market to compare with, such as the same run without imitation.

    Source: homogeneity as the first mark of a commodity, Reimann, Schilke & Thomas (2010), Int. J. Research in
    Marketing 27, 188-197; distance as in Lancaster (1966).

    >>> commoditisation(np.array([2.0, 0.5, 3.0]), 2.0).tolist()
    [0.0, 0.75, 0.0]
    """
    distance, reference = np.broadcast_arrays(np.asarray(distance, float), np.asarray(reference, float))
    part = np.divide(distance, reference, out=np.full(distance.shape, np.nan), where=reference > 0)
    return np.clip(1 - part, 0.0, 1.0)


def created_and_taken(with_it: pd.DataFrame, without: pd.DataFrame, firms: list[str]) -> dict[str, tuple[float, float]]:
    """Journeys a month that some firms gained, split into created and taken from others, each with its half-width.

    with_it, without : records of two runs that share their draws (seed, period, firm, purchases). gained = created + taken;
    created is what all firms together sell more, so what came from staying out; taken is what the others lost.

    Source: category expansion and business stealing, van Heerde, Gupta & Wittink (2003), J. Marketing Research 40.

    >>> rows = lambda a, b: pd.DataFrame({"seed": [1, 1], "period": 0, "firm": ["a", "b"], "purchases": [a, b]})
    >>> {k: v[0] for k, v in created_and_taken(rows(8, 5), rows(4, 6), ["a"]).items()}
    {'gained': 4.0, 'created': 3.0, 'taken': 1.0}
    """
    change = _monthly(with_it).sub(_monthly(without), fill_value=0)
    own = change[[f for f in change.columns if f in firms]].sum(axis=1)
    parts = {"gained": own, "created": change.sum(axis=1), "taken": own - change.sum(axis=1)}
    return {name: (float(values.mean()), half_width(values.to_numpy())) for name, values in parts.items()}


def _monthly(rows: pd.DataFrame) -> pd.DataFrame:
    sold = rows.pivot_table(index=["seed", "period"], columns="firm", values="purchases", aggfunc="sum")
    return sold.groupby(level="seed").mean()


def market_stage(sales: np.ndarray, year: int = 12, steady: float = 0.05) -> list[str]:
    """Stage of a market's life cycle by month, from the growth of twelve months' sales over the twelve before.

    introduction in the first two years, when nothing can be compared; growth above `steady`, decline below minus steady,
    else maturity. Source: Levitt (1965); rules on sales growth as in Polli & Cook (1969), J. Business 42, 385-400.

    >>> market_stage(np.array([1, 2, 3, 3, 1.0]), year=1)
    ['introduction', 'growth', 'growth', 'maturity', 'decline']
    """
    sales = np.asarray(sales, float)
    stages = []
    for month in range(1, len(sales) + 1):
        if month < 2 * year:
            stages.append("introduction")
            continue
        now, then = sales[month - year : month].sum(), sales[month - 2 * year : month - year].sum()
        growth = now / then - 1 if then > 0 else float(now > 0)
        stages.append("growth" if growth > steady else "decline" if growth < -steady else "maturity")
    return stages
