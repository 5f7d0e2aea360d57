"""Pictures of what a sensitivity analysis, a search for boxes, or a regret table found; from plain tables."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.pages.axes import HEAD, SMALL, grid, headline, keyed
from sim.study import measures

FIRST, TOTAL, BOX, RANGE = "#56B4E9", "#0072B2", "#0072B2", "#DDDDDD"
FUTURES = 12


def sobol(indices: pd.DataFrame, outcome: str, confidence: float = 0.95) -> Figure:
    """First-order and total Sobol indices with their intervals, the most influential factor on top.

    Parameters
    ----------
    indices : a row a factor: factor, first, first_half, total, total_half (half-widths). outcome : what they are of.
    confidence : of the intervals.
    """
    rows = indices.sort_values("total", ascending=False)
    figure, (axis,) = grid(1, 1, 0.9 + 0.5 * len(rows))
    places = np.arange(len(rows))
    for column, shift, colour, hatch, label in (
        ("first", -0.19, FIRST, "", "first order: alone"),
        ("total", 0.19, TOTAL, "///", "total: alone and together with others"),
    ):
        axis.barh(
            places + shift, rows[column], height=0.36, color=colour, hatch=hatch, edgecolor="white", lw=0, label=label,
            xerr=rows[f"{column}_half"].fillna(0.0), error_kw={"capsize": 3, "lw": 1.2},
        )  # fmt: skip
    axis.set_yticks(places, [_short(name) for name in rows["factor"]])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.axvline(0, color="black", lw=0.7)
    axis.set_xlabel("part of the variance between points [1]")
    figure.legend(loc="outside lower center", ncols=2, fontsize=SMALL, frameon=False)
    told = f"What moves {outcome}: Sobol indices; lines: {confidence * 100:g} % bootstrap intervals"
    headline(figure, told)
    return figure


def morris(effects: pd.DataFrame, outcome: str, unit: str = "", confidence: float = 0.95) -> Figure:
    """Morris's plane: mean absolute elementary effect against its spread; above the line effects change sign or size.

    Parameters
    ----------
    effects : a row a factor: factor, mu_star, mu_star_half, sigma. outcome, unit : what the effects are on, and in.
    confidence : of the intervals.
    """
    figure, (axis,) = grid(1, 1, 4.4)
    rows = effects.sort_values("mu_star", ascending=False).fillna({"mu_star_half": 0.0})
    top = 1.1 * max(float((rows["mu_star"] + rows["mu_star_half"]).max()), float(rows["sigma"].max()), 1e-12)
    axis.plot(
        [0, top], [0, top], color="#777777", ls="--", lw=0.9, label="spread = mean: effects depend on other factors"
    )
    names = []
    for number, row in enumerate(rows.itertuples(), 1):
        bar = {"ecolor": TOTAL, "elinewidth": 1.2, "capsize": 3}
        axis.errorbar(row.mu_star, row.sigma, xerr=row.mu_star_half, fmt="o", ms=12, mfc="white", mec=TOTAL, **bar)
        axis.text(row.mu_star, row.sigma, str(number), ha="center", va="center_baseline", fontsize=SMALL, zorder=5)
        names.append(Line2D([], [], ls="", marker=f"${number}$", color="black", ms=7, label=keyed(_short(row.factor))))
    axis.set(xlim=(-0.03 * top, top), ylim=(-0.03 * top, top))
    figure.legend(handles=names, loc="outside right center", fontsize=SMALL, frameon=False, title="factors by mean effect")
    of = f" [{unit}]" if unit else ""
    axis.set_xlabel(f"mean absolute elementary effect μ*{of}")
    axis.set_ylabel(f"standard deviation of the effects σ{of}")
    axis.legend(loc="upper left", fontsize=SMALL, frameon=False)
    told = f"What moves {outcome}: Morris's elementary effects over the whole range; bars: {confidence * 100:g} % intervals"
    axis.set_title(textwrap.fill(told, 92), fontsize=HEAD)
    return figure


def scores(table: pd.DataFrame, outcome: str) -> Figure:
    """Feature scores as bars, the largest on top; table : factor, score, adding up to 1. outcome : what they are of."""
    rows = table.sort_values("score")
    figure, (axis,) = grid(1, 1, 1.0 + 0.4 * len(rows))
    axis.barh(range(len(rows)), rows["score"], color=TOTAL, height=0.6)
    axis.set_yticks(range(len(rows)), [_short(name) for name in rows["factor"]])
    axis.set_xlabel("feature score, all together 1 [1]")
    axis.set_title(textwrap.fill(f"What matters for {outcome}: extremely randomised trees", 92), fontsize=HEAD)
    return figure


def box(limits: pd.DataFrame, coverage: float, density: float, outcome: str) -> Figure:
    """Limits of a box within each factor's range, drawn as parts of the range; factors the box leaves free are not drawn.

    Parameters
    ----------
    limits : a row a factor that the box restricts: factor, low, high (the box), minimum, maximum (the whole range).
    coverage : part of all cases that are inside the box. density : part of the box's points that are cases.
    outcome : what a case is, in words.
    """
    figure, (axis,) = grid(1, 1, 0.9 + 0.55 * max(len(limits), 1))
    for place, row in enumerate(limits.itertuples()):
        span = row.maximum - row.minimum
        start, stop = (row.low - row.minimum) / span, (row.high - row.minimum) / span
        axis.barh(place, 1.0, height=0.5, color=RANGE)
        axis.barh(place, stop - start, left=start, height=0.5, color=BOX)
        axis.annotate(f"{row.minimum:g}", (-0.015, place), ha="right", va="center", fontsize=SMALL, annotation_clip=False)
        axis.annotate(f"{row.maximum:g}", (1.015, place), ha="left", va="center", fontsize=SMALL, annotation_clip=False)
        axis.text((start + stop) / 2, place - 0.27, _limits(row), ha="center", va="bottom", fontsize=SMALL)
    axis.set_yticks(range(len(limits)), [_short(name) for name in limits["factor"]])
    axis.tick_params(axis="y", length=0, pad=34)
    axis.set(xlim=(-0.02, 1.02), ylim=(len(limits) - 0.4, -0.8), xticks=[])
    axis.spines[:].set_visible(False)
    axis.set_xlabel("grey: range of the study; blue: inside the box", fontsize=SMALL)
    told = f"Box in which {outcome}: coverage {coverage:.2f} of all cases, density {density:.2f} [1]"
    headline(figure, told)
    return figure


def _limits(row) -> str:
    """A box's limits in words; a side that it leaves open is left out."""
    if row.low <= row.minimum:
        return f"at most {row.high:.3g}"
    if row.high >= row.maximum:
        return f"at least {row.low:.3g}"
    return f"{row.low:.3g} to {row.high:.3g}"


def regret(table: pd.DataFrame, outcome: str, unit: str) -> Figure:
    """Regret of every strategy in every future: cells where futures are few, dots along a line where they are many.

    Parameters
    ----------
    table : a row a strategy and future: strategy, future, regret (0 for the best of a future). outcome, unit : of it.
    """
    wide = table.pivot_table(index="strategy", columns="future", values="regret", sort=False)
    wide = wide.loc[wide.max(axis=1).sort_values(kind="stable").index]
    figure = _cells(wide, unit) if wide.shape[1] <= FUTURES else _dots(wide, outcome, unit)
    told = (
        f"Regret of {outcome} [{unit}]: what the best strategy of each future has more; smallest largest regret on top"
    )
    headline(figure, told)
    return figure


def _cells(wide: pd.DataFrame, unit: str) -> Figure:
    figure, (axis,) = grid(1, 1, 1.5 + 0.42 * len(wide))
    values = wide.assign(largest=wide.max(axis=1)).to_numpy(float)
    top = np.nanmax(values) if np.nanmax(values) > 0 else 1.0
    axis.imshow(values, cmap="Oranges", vmin=0, vmax=top, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        ink = "white" if value > 0.65 * top else "black"
        weight = "bold" if j == wide.shape[1] or value == 0 else "normal"
        axis.text(j, i, measures.number(value, unit), ha="center", va="center", fontsize=SMALL, color=ink, weight=weight)
    axis.axvline(wide.shape[1] - 0.5, color="white", lw=5)
    names = [textwrap.fill(str(future), 14) for future in wide.columns]
    axis.set_xticks(range(wide.shape[1] + 1), [*names, "largest"], fontsize=SMALL, rotation=30, ha="right")
    axis.set_yticks(range(len(wide)), wide.index)
    axis.set_xlabel("future")
    axis.spines[:].set_visible(False)
    return figure


def _dots(wide: pd.DataFrame, outcome: str, unit: str) -> Figure:
    figure, (axis,) = grid(1, 1, 1.0 + 0.5 * len(wide))
    for place, (_, row) in enumerate(wide.iterrows()):
        values = row.dropna().to_numpy()
        heights = place + 0.25 * np.linspace(-1, 1, len(values))
        axis.plot(
            values, heights, "o", color=TOTAL, ms=3.5, alpha=0.4, mew=0, label="one future" if place == 0 else None
        )
        axis.plot(np.median(values), place, "|", color="black", ms=18, mew=2, label="median" if place == 0 else None)
        axis.plot(values.max(), place, "D", mfc="white", mec="black", ms=7, label="largest" if place == 0 else None)
    axis.set_yticks(range(len(wide)), wide.index)
    axis.set_ylim(len(wide) - 0.5, -0.5)
    axis.set_xlabel(f"regret of {outcome} [{unit}], {wide.shape[1]} futures")
    figure.legend(loc="outside lower center", ncols=3, fontsize=SMALL, frameon=False)
    return figure


def _short(name: str) -> str:
    """A factor's name over two lines where it is long."""
    return textwrap.fill(str(name), 34)
