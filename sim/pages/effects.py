"""What each of many factors does to a metric by itself: fitted to all points and all factors at once, seed by seed.

Where several factors move at once, what lies at one value of a factor also has its own values of the others, and in a few
dozen points these need not cancel. So the metric is fitted as a sum of one curve a factor,

    metric = level + curve_1(factor_1) + curve_2(factor_2) + ...,

a line or a parabola for numbers, a value a level for names, by least squares. A factor is drawn as its own curve, and each
point as the curve plus what the whole fit leaves: what the other factors do is taken away.

Source: partial residuals, Larsen & McCleary (1972), Technometrics 14, 781-790.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.pages.axes import SMALL, grid, headline
from sim.pages.response import Measure, band, beside, dots, legend, means, numeric, places, sure
from sim.pages.style import Look, looks
from sim.study.declared import Name
from sim.study.factor import Factor

ENOUGH = 2  # points for each number that is fitted
LEVEL, REST = "level of the fit", "rest of the fit"


def _terms(factor: Factor, values: Sequence, degree: int) -> np.ndarray:
    """(points, terms) of a factor's curve, each with mean zero over the points."""
    if numeric(factor):
        x = np.asarray(values, float)
        x = (x - x.min()) / (np.ptp(x) or 1.0)
        terms = np.vander(x, 1 + min(degree, len(np.unique(x)) - 1), increasing=True)[:, 1:]
    else:
        terms = np.eye(len(factor.levels))[places(factor, values)][:, 1:]
    return terms - terms.mean(axis=0)


def _fit(rows: pd.DataFrame, column: str, factors: Sequence[Factor]) -> pd.DataFrame | None:
    """Points of one seed with each factor's part in the metric, the level and the rest; None if they are too few."""
    for degree in (2, 1):
        terms = [_terms(factor, rows[factor.name], degree) for factor in factors]
        table = np.hstack([np.ones((len(rows), 1)), *terms])
        if len(rows) >= ENOUGH * table.shape[1]:
            break
    else:
        return None
    found = np.linalg.lstsq(table, rows[column].to_numpy(float), rcond=None)[0]
    ends = np.cumsum([1, *(part.shape[1] for part in terms)])
    parts = {
        factor.name: part @ found[start:end]
        for factor, part, start, end in zip(factors, terms, ends, ends[1:], strict=False)
    }
    return rows[["point"]].assign(**parts, **{LEVEL: found[0], REST: rows[column] - table @ found})


def effects(rows: pd.DataFrame, column: str, factors: Sequence[Factor]) -> dict[str, pd.DataFrame]:
    """What each factor does by itself, by its name: a row a point.

    Parameters
    ----------
    rows : of one firm: point, seed, the factors, the metric. column : the metric.

    Returns
    -------
    For each factor: the factor, mean (the curve, in units of the metric), half (of the 95 % interval over seeds of the
    curve's distance to the mean over all points, paired by seed; NaN with one seed), at (the point without what the other
    factors do). Nothing where the points are too few, fewer than two for each number fitted.

    >>> lag = Factor(name="lag", keys=("lag",), levels=None, low=0.0, high=4.0, whole=False, words={})
    >>> runs = pd.DataFrame({"point": range(6), "seed": 1, "lag": [0.0, 1, 2, 3, 4, 5], "share": [1.0, 3, 5, 7, 9, 11]})
    >>> effects(runs, "share", [lag])["lag"]["mean"].round(6).tolist()
    [1.0, 3.0, 5.0, 7.0, 9.0, 11.0]
    """
    fits = [_fit(own, column, factors) for _, own in rows.dropna(subset=column).groupby("seed")]
    fits = [fit for fit in fits if fit is not None]
    if not fits:
        return {}
    found, where = pd.concat(fits), rows.drop_duplicates("point").set_index("point")
    level, rest = found[LEVEL].mean(), found.groupby("point")[REST].mean()
    told = {}
    for factor in factors:
        curve = means(found, ["point"], factor.name).set_index("point")
        told[factor.name] = pd.DataFrame(
            {
                factor.name: where.loc[curve.index, factor.name],
                "mean": level + curve["mean"],
                "half": curve["half"],
                "at": level + curve["mean"] + rest,
            }
        )
    return told


def against_each(
    outcomes: pd.DataFrame,
    measure: Measure,
    factors: Sequence[Factor],
    strategies: Mapping[str, str],
    called: Mapping[str, Name],
) -> Figure:
    """The metric against each factor by itself, a panel a factor: curves with their bands, and every point without bars."""
    figure, axes = grid(len(factors), 3, 2.3, share="all")
    fitted = True
    for number, (firm, look) in enumerate(looks(strategies).items()):
        rows = outcomes[outcomes["firm"] == firm]
        found = effects(rows, measure.column, factors)
        fitted = fitted and bool(found)
        for axis, factor in zip(axes, factors, strict=True):
            alone = means(rows, ["point", factor.name], measure.column)
            line = found.get(factor.name, alone.assign(at=alone["mean"]))
            x = line[factor.name] if numeric(factor) else beside(factor, line, number, len(strategies))
            axis.plot(x, line["at"], look.marker, color=look.colour, ms=3.5, mew=0, alpha=0.5)
            if found:
                _curve(axis, line.assign(x=x), look, numeric(factor))
    for axis, factor in zip(axes, factors, strict=True):
        if not numeric(factor):
            axis.set_xticks(range(len(factor.levels)), [str(level) for level in factor.levels])
        axis.set_xlabel(called[factor.name].label, fontsize=SMALL)
    for axis in axes[::3]:
        axis.set_ylabel(measure.title, fontsize=SMALL)
    legend(figure, strategies)
    how = "every factor by itself" if fitted else "points only: too few to tell what each factor does by itself"
    headline(figure, measure.headed(f"{how}; {sure(outcomes)}"))
    return figure


def _curve(axis: Axes, line: pd.DataFrame, look: Look, numbers: bool) -> None:
    line = line.drop_duplicates("x").sort_values("x")
    if numbers:
        low, high = line["mean"] - line["half"], line["mean"] + line["half"]
        band(axis, line["x"], line.assign(low=low, high=high), replace(look, marker=""))
    else:
        dots(axis, line["x"], line, look)
