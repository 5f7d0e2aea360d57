"""Pictures of how scenarios differ: by metric and firm, month by month, and both levels beside one another."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.pages.axes import HEAD, SMALL, empty, grid, headline, keyed, name_lines
from sim.pages.style import Look, looks
from sim.study import measures
from sim.study.measures import COLUMNS
from sim.study.unit import gap_unit, level_unit

if TYPE_CHECKING:
    from sim.study.answers.compare import Comparison

PANELS = 9
EXACT = 1e-12  # of the levels: a smaller difference is rounding
SHOWN = ("share", "profit")
FIRST = {"color": "#333333", "ls": (0, (4, 2)), "lw": 1.0, "zorder": 3}
LINES = ("-", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P")


def known(comparison: Comparison, how: str = "paired") -> str:
    """What the intervals are, for titles and captions; `how` "" is for the levels of one arm, which are not paired."""
    if comparison.seeds < 2:
        return "one seed, no interval"
    paired = f"{how} " if how and set(comparison.contrasts["how"]) == {"paired"} else ""
    return f"{100 * comparison.confidence:g} % intervals over {comparison.seeds} {paired}seeds"


def label(comparison: Comparison, arm: str) -> str:
    """An arm with the first words of what it was asked for, for keys and axes."""
    asked = textwrap.shorten(comparison.words.get(arm) or "as it stands", 56, placeholder=" …")
    return arm if ":" in arm else f"{arm}: {asked}"


def always(row) -> bool:
    """Whether a contrast is the same in every one of several seeds, so that chance has no part in it and no interval is there."""
    several = row.pairs > 1 or (row.how == "unpaired" and min(row.seeds_a, row.seeds_b) > 1)
    return bool(several and math.isnan(row.low) and abs(row.difference) > EXACT * max(abs(row.mean_a), abs(row.mean_b)))


def told(row, confidence: float) -> bool:
    """Whether a contrast is told from zero: by Holm's corrected p, or because it is the same in every seed."""
    return bool(row.holm < 1 - confidence) or always(row)


def strategies(comparison: Comparison) -> dict[str, str]:
    """The contested firms with their strategies, in the order in which they are drawn."""
    return {firm: comparison.strategies[firm] for firm in comparison.contested}


def wrapped(name: str, width: int = 60) -> str:
    """A long name on several lines."""
    return textwrap.fill(name, width)


def forest(comparison: Comparison) -> Figure:
    """Difference of every arm to the first by metric and contested firm, with its interval; a filled marker is told from zero."""
    rows = comparison.contrasts[comparison.contrasts["difference"].notna()]
    metrics = [m for m in COLUMNS if m in set(rows["metric"])] or list(rows["metric"].unique()[:PANELS])
    style, arms = looks(strategies(comparison)), list(comparison.names[1:])
    if not metrics:
        figure, (axis,) = grid(1, 1, 2.0)
        empty(axis, "no metric is known in both")
        return figure
    figure, axes = grid(len(metrics), 3, 0.9 + 0.3 * len(style) * max(len(arms), 1), share="all")
    for axis, metric in zip(axes, metrics, strict=True):
        axis.axvline(0, color="black", lw=0.7)
        for place, (firm, look) in enumerate(style.items()):
            for number, arm in enumerate(arms):
                found = rows[(rows["metric"] == metric) & (rows["firm"] == firm) & (rows["arm"] == arm)]
                height = place + (number - (len(arms) - 1) / 2) * 0.7 / len(arms)
                marker = look.marker if len(arms) == 1 else MARKERS[number % len(MARKERS)]
                _bar(axis, found, height, look.colour, marker, gap_unit(metric)[1], comparison.confidence)
        axis.set_title(wrapped(measures.name(metric, comparison.scenario_words), 26), fontsize=HEAD)
        axis.set_xlabel(f"difference [{gap_unit(metric)[0] or 1}]", fontsize=SMALL)
        axis.xaxis.set_major_locator(MaxNLocator(3))
    labels = [f"{firm}\n({strategy})" for firm, strategy in strategies(comparison).items()]
    axes[0].set(yticks=range(len(style)), yticklabels=labels, ylim=(len(style) - 0.4, -0.6))
    figure.legend(handles=_key(comparison), loc="outside lower center", ncols=2, fontsize=SMALL, frameon=False)
    title = f"Difference to {label(comparison, comparison.names[0])}; mean of the last year; bars: {known(comparison)}"
    headline(figure, title)
    return figure


def _bar(
    axis: Axes, found: pd.DataFrame, height: float, colour: str, marker: str, scale: float, confidence: float
) -> None:
    for row in found.itertuples():
        if not math.isnan(row.low):
            axis.plot([row.low * scale, row.high * scale], [height, height], color=colour, lw=2, solid_capstyle="butt")
        face = colour if told(row, confidence) else "white"
        axis.plot(row.difference * scale, height, marker, mfc=face, mec=colour, mew=1.5, ms=6.5)


def _key(comparison: Comparison) -> list[Line2D]:
    plain = {"ls": "", "mec": "#444444", "mew": 1.5, "ms": 7}
    key = [
        Line2D(
            [],
            [],
            marker="o",
            mfc="#444444",
            label=f"filled: told from zero (Holm, {100 * comparison.confidence:g} %)",
            **plain,
        ),
        Line2D([], [], marker="o", mfc="white", label="hollow: not told from zero", **plain),
    ]
    if len(comparison.names) > 2:
        arms = enumerate(comparison.names[1:])
        key += [
            Line2D([], [], marker=MARKERS[n % len(MARKERS)], mfc="#BBBBBB", label=keyed(label(comparison, a)), **plain)
            for n, a in arms
        ]
    return key


def _preferred(frame: pd.DataFrame) -> list[str]:
    """Share and profit if they are there, otherwise the first two metrics of a frame."""
    there = list(frame["metric"].unique())
    return [metric for metric in SHOWN if metric in there] or there[:2]


def paths(comparison: Comparison) -> Figure:
    """The difference to the first arm month by month, of share and profit, by firm with its band."""
    metrics, arms = _preferred(comparison.paths), list(comparison.names[1:])
    if not metrics:
        figure, (axis,) = grid(1, 1, 2.0)
        empty(axis, "no month is known in both")
        return figure
    figure, axes = grid(len(metrics) * len(arms), len(metrics), 2.9)
    for number, axis in enumerate(axes):
        arm, metric = arms[number // len(metrics)], metrics[number % len(metrics)]
        rows = comparison.paths[(comparison.paths["arm"] == arm) & (comparison.paths["metric"] == metric)]
        _gaps(axis, rows, looks(strategies(comparison)), gap_unit(metric)[1])
        name = measures.name(metric, comparison.scenario_words)
        axis.set(xlabel="month", ylabel=f"difference of {name} [{gap_unit(metric)[0] or 1}]")
        axis.set_title(f"{name}\n{wrapped(f'{arm} minus {comparison.names[0]}', 44)}", fontsize=SMALL)
    headline(figure, f"How the difference came about, month by month; bands: {known(comparison)}")
    return figure


def _gaps(axis: Axes, rows: pd.DataFrame, style: dict[str, Look], scale: float) -> None:
    axis.axhline(0, color="black", lw=0.7)
    ends = {}
    for firm, look in style.items():
        line = rows[rows["firm"] == firm].dropna(subset="mean").sort_values("period")
        if line.empty:
            continue
        months, mean = line["period"], line["mean"] * scale
        axis.plot(months, mean, color=look.colour, ls=look.line, lw=1.7, marker=look.marker if len(line) == 1 else None)
        axis.fill_between(months, line["low"] * scale, line["high"] * scale, color=look.colour, alpha=0.13, lw=0)
        ends[firm] = months.iloc[-1], mean.iloc[-1]
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    if ends and rows["period"].nunique() > 1:
        axis.set_xlim(rows["period"].min(), rows["period"].max())
    if ends:
        name_lines(axis, ends, 0.07)


def levels(comparison: Comparison, metric: str) -> Figure:
    """A metric month by month in every arm, a panel a contested firm; the first arm is grey and dashed."""
    style = looks(strategies(comparison))
    rows = comparison.series[comparison.series["metric"] == metric]
    rows = rows.assign(**rows[["mean", "low", "high"]] * level_unit(metric)[1])
    figure, axes = grid(len(style), 3, 2.0, share="all")
    for axis, (firm, look) in zip(axes, style.items(), strict=True):
        for number, arm in enumerate(comparison.names):
            line = rows[(rows["firm"] == firm) & (rows["arm"] == arm)].dropna(subset="mean").sort_values("period")
            drawn = _drawn(number, look.colour)
            axis.plot(line["period"], line["mean"], marker="o" if len(line) == 1 else None, **drawn)
            axis.fill_between(line["period"], line["low"], line["high"], color=drawn["color"], alpha=0.18, lw=0)
        axis.set_title(f"{firm}\n({comparison.strategies[firm]})", fontsize=SMALL)
        axis.set_xlabel("month", fontsize=SMALL)
        axis.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    for axis in axes[::3]:
        axis.set_ylabel(wrapped(measures.title(metric, comparison.scenario_words), 34), fontsize=SMALL)
    key = [
        Line2D([], [], label=keyed(wrapped(label(comparison, arm))), **_drawn(n, "#111111"))
        for n, arm in enumerate(comparison.names)
    ]
    figure.legend(handles=key, loc="outside lower center", ncols=min(len(key), 2), fontsize=SMALL, frameon=False)
    name = measures.heading(metric, comparison.scenario_words)
    headline(figure, f"{name} in each arm, mean over seeds; bands: {known(comparison, '')}")
    return figure


def _drawn(number: int, colour: str) -> dict:
    """Colour, line and width of an arm: the first is grey and dashed, the others have the firm's colour and own lines."""
    return FIRST if number == 0 else {"color": colour, "ls": LINES[(number - 1) % len(LINES)], "lw": 1.8}
