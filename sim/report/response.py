"""How a metric answers to the factors of a study: pictures for no, one, two and many factors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.metrics.interval import by_period, half_width
from sim.report import measures
from sim.report.axes import empty, grid, name_lines
from sim.report.style import Look, looks
from sim.study.factor import Factor

BINS, FEW, CELLS = 8, 24, 48


def means(outcomes: pd.DataFrame, by: Sequence[str], metric: str) -> pd.DataFrame:
    """Mean of a metric over seeds with the half-width of its 95 % interval, a row a combination of `by`.

    Returns the columns of `by`, then mean, half (NaN with one seed), seeds.

    >>> runs = pd.DataFrame({"point": [0, 0, 0], "share": [1.0, 2.0, 3.0]})
    >>> means(runs, ["point"], "share").round(3).to_numpy().tolist()
    [[0.0, 2.0, 2.484, 3.0]]
    """
    grouped = outcomes.dropna(subset=metric).groupby(list(by), sort=False, observed=True)[metric]
    return grouped.agg(mean="mean", half=half_width, seeds="count").reset_index()


def numeric(factor: Factor) -> bool:
    """Whether a factor's values are numbers, so that they have places on an axis."""
    kinds = (int, float, np.integer, np.floating)
    levels = factor.levels or ()
    return factor.continuous or all(isinstance(v, kinds) and not isinstance(v, bool) for v in levels)


def places(factor: Factor, values: Sequence) -> list[int]:
    """Position of each value among a factor's levels, also where a store has kept them as text.

    >>> lag = Factor(name="lag", keys=("lag",), levels=(3, "none"), low=0, high=0, whole=False, words={})
    >>> places(lag, ["none", "3", 3.0])
    [1, 0, 0]
    """
    known = {str(level): place for place, level in enumerate(factor.levels)}
    known |= {level: place for place, level in enumerate(factor.levels)}
    return [known[value] for value in values]


def sure(outcomes: pd.DataFrame) -> str:
    """How sure a picture is: over how many seeds a point its 95 % intervals are."""
    seeds = outcomes.groupby("point")["seed"].nunique()
    if seeds.empty or seeds.max() < 2:
        return "one seed a point, no interval"
    low, high = seeds.min(), seeds.max()
    return f"95 % intervals over {low if low == high else f'{low} to {high}'} seeds a point"


def over_months(rows: pd.DataFrame, metric: str, strategies: Mapping[str, str]) -> Figure:
    """The metric month by month with its band, by firm; rows: seed, period, firm, metric."""
    figure, (axis,) = grid(1, 1, 4.2, width=9.0)
    frame, ends = by_period(rows, metric), {}
    for firm, look in looks(strategies).items():
        line = frame[frame["firm"] == firm].dropna(subset="mean")
        if len(line):
            _band(axis, line["period"], line, look)
            ends[firm] = line["period"].iloc[-1], line["mean"].iloc[-1]
    if not ends:
        empty(axis, "the runs are too short for this measure")
        return figure
    if frame["period"].nunique() > 1:
        axis.set_xlim(frame["period"].min(), frame["period"].max())
    name_lines(axis, ends)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set(xlabel="month", ylabel=measures.title(metric))
    seeds = rows["seed"].nunique()
    told = f"95 % intervals over {seeds} seeds" if seeds > 1 else "one seed, no interval"
    figure.suptitle(f"{measures.heading(metric)} by month, mean over seeds; bands: {told}", fontsize=10)
    return figure


def _band(axis: Axes, x: Sequence, line: pd.DataFrame, look: Look) -> None:
    axis.plot(
        x, line["mean"], color=look.colour, ls=look.line, lw=1.7, marker=look.marker, ms=5, markevery=_every(line)
    )
    axis.fill_between(x, line["low"], line["high"], color=look.colour, alpha=0.15, lw=0)


def _every(line: pd.DataFrame) -> int:
    """Which points get a marker: all of a few, else every sixth part of the line."""
    return 1 if len(line) <= FEW else len(line) // 6


def along_one(outcomes: pd.DataFrame, metric: str, factor: Factor, strategies: Mapping[str, str]) -> Figure:
    """The metric against one factor with its 95 % band over seeds, by firm; named levels side by side with bars."""
    figure, (axis,) = grid(1, 1, 4.4, width=9.0)
    found, numbers = means(outcomes, [factor.name, "firm"], metric), numeric(factor)
    ends, style = {}, looks(strategies)
    for number, (firm, look) in enumerate(style.items()):
        line = found[found["firm"] == firm]
        if line.empty:
            continue
        if numbers:
            line = line.sort_values(factor.name)
            half = line["half"]
            _band(axis, line[factor.name], line.assign(low=line["mean"] - half, high=line["mean"] + half), look)
            ends[firm] = line[factor.name].iloc[-1], line["mean"].iloc[-1]
        else:
            _dots(axis, _beside(factor, line, number, len(style)), line, look, 7)
    if numbers and ends:
        name_lines(axis, ends)
    if not numbers:
        axis.set_xticks(range(len(factor.levels)), [str(level) for level in factor.levels])
        axis.set_xlim(-0.5, len(factor.levels) - 0.5)
        _legend(figure, strategies)
    axis.set(xlabel=factor.name, ylabel=measures.title(metric))
    figure.suptitle(f"{measures.heading(metric)}, mean of the last year; {sure(outcomes)}", fontsize=10)
    return figure


def _beside(factor: Factor, line: pd.DataFrame, number: int, firms: int) -> np.ndarray:
    """Places of named levels, each firm a little beside the others."""
    return np.array(places(factor, line[factor.name])) + (number - (firms - 1) / 2) * 0.12


def _dots(axis: Axes, x: Sequence, line: pd.DataFrame, look: Look, size: float, faint: float = 1.0) -> None:
    bars = {"elinewidth": 1.0, "mec": "black", "mew": 0.4, "alpha": faint}
    half = line["half"].fillna(0.0)
    axis.errorbar(x, line["mean"], yerr=half, fmt=look.marker, color=look.colour, ms=size, **bars)


def _legend(figure: Figure, strategies: Mapping[str, str]) -> None:
    handles = [
        Line2D([], [], color=look.colour, marker=look.marker, ls=look.line, mec="black", mew=0.4, label=f"{f} ({strategies[f]})")
        for f, look in looks(strategies).items()
    ]  # fmt: skip
    columns = min(len(handles), int(figure.get_figwidth() // 2.1))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=9, frameon=False)


def over_two(
    outcomes: pd.DataFrame, metric: str, factors: tuple[Factor, Factor], strategies: Mapping[str, str]
) -> Figure:
    """The metric over a grid of two factors, a heat map a firm, all in one scale; cells hold the mean over seeds."""
    across, up = factors
    figure, axes = grid(len(strategies), 3, 0.7 + 0.34 * min(len(up.levels), 12))
    found = means(outcomes, [across.name, up.name, "firm"], metric)
    found = found.assign(x=places(across, found[across.name]), y=places(up, found[up.name]))
    scale, unit = Normalize(found["mean"].min(), found["mean"].max()), measures.unit(metric)
    for axis, (firm, strategy) in zip(axes, strategies.items(), strict=True):
        cells = np.full((len(up.levels), len(across.levels)), np.nan)
        own = found[found["firm"] == firm]
        cells[own["y"], own["x"]] = own["mean"]
        image = axis.imshow(cells, cmap="cividis", norm=scale, aspect="auto", origin="lower")
        if cells.size <= CELLS:
            _numbers(axis, cells, scale, unit)
        axis.set_xticks(range(len(across.levels)), [str(v) for v in across.levels], fontsize=8)
        axis.set_yticks(range(len(up.levels)), [str(v) for v in up.levels], fontsize=8)
        axis.set_title(f"{firm} ({strategy})", fontsize=9)
    figure.supxlabel(across.name, fontsize=9)
    figure.supylabel(up.name, fontsize=9)
    figure.colorbar(image, ax=axes, fraction=0.03, pad=0.01).set_label(measures.title(metric), fontsize=9)
    widest = found["half"].max()
    known = (
        f"; half-widths at most {measures.number(widest, unit)} {unit.removeprefix('1')}".rstrip()
        if np.isfinite(widest)
        else ""
    )
    figure.suptitle(f"{measures.heading(metric)}, mean of the last year; {sure(outcomes)}{known}", fontsize=10)
    return figure


def _numbers(axis: Axes, cells: np.ndarray, scale: Callable[[float], float], unit: str) -> None:
    for (i, j), value in np.ndenumerate(cells):
        ink = "black" if np.isfinite(value) and scale(value) > 0.5 else "white"
        digits = {"1": f"{value:.3f}"}.get(unit, measures.number(value, unit))
        axis.text(j, i, digits if np.isfinite(value) else "", ha="center", va="center", fontsize=7.5, color=ink)


def against_each(
    outcomes: pd.DataFrame, metric: str, factors: Sequence[Factor], strategies: Mapping[str, str]
) -> Figure:
    """The metric at every point against each factor, a panel a factor; lines are means of eighths of the points."""
    figure, axes = grid(len(factors), 3, 3.0, share="all")
    found = means(outcomes, ["point", *(factor.name for factor in factors), "firm"], metric)
    for axis, factor in zip(axes, factors, strict=True):
        for number, (firm, look) in enumerate(looks(strategies).items()):
            line = found[found["firm"] == firm]
            x = line[factor.name] if numeric(factor) else _beside(factor, line, number, len(strategies))
            _dots(axis, x, line, look, 3.5, 0.45)
            if numeric(factor) and len(line) >= FEW:
                trend = _trend(np.asarray(x, float), line["mean"].to_numpy())
                axis.plot(trend.index, trend, color=look.colour, ls=look.line, lw=2.2)
        if not numeric(factor):
            axis.set_xticks(range(len(factor.levels)), [str(level) for level in factor.levels])
        axis.set_xlabel(factor.name, fontsize=9)
        axis.tick_params(labelsize=8)
    for axis in axes[::3]:
        axis.set_ylabel(measures.title(metric), fontsize=9)
    _legend(figure, strategies)
    trends = ""
    if outcomes["point"].nunique() >= FEW:
        trends = "; lines: means of eighths of the points" + _close(axes, found["mean"])
    figure.suptitle(
        f"{measures.heading(metric)}, mean of the last year, at every point; {sure(outcomes)}{trends}", fontsize=10
    )
    return figure


def _close(axes: Sequence[Axes], mean: pd.Series) -> str:
    """Look at the means, not at intervals that few seeds make much longer than all that the factors do; says so."""
    low, high = mean.min(), mean.max()
    bottom, top = axes[0].get_ylim()
    near = max(bottom, low - (high - low) / 2), min(top, high + (high - low) / 2)
    if not near[0] < near[1] or near == (bottom, top):
        return ""
    axes[0].set_ylim(near)
    return "; longer intervals are cut"


def _trend(x: np.ndarray, y: np.ndarray) -> pd.Series:
    """Means of y over as many equal parts of the points, by the mean x of each part; equal x stay together.

    >>> _trend(np.arange(16.0), np.arange(16.0)).head(2).to_dict()
    {0.5: 0.5, 2.5: 2.5}
    """
    parts = pd.Series(x).rank(method="min", pct=True).sub(1e-9).mul(BINS).astype(int).to_numpy()
    grouped = pd.DataFrame({"x": x, "y": y}).groupby(parts).mean()
    return grouped.set_index("x")["y"]
