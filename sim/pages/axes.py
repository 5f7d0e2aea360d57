"""Parts of pictures that many figures share: panels, names beside lines and points, what to say when nothing is known."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from sim.ground.shown import visible
from sim.ground.units import Words, told
from sim.pages import fonts
from sim.pages.style import Look
from sim.study.measures import MINUS

PRINTED = 7.2  # inches: a figure over both columns of a journal, or over the text of a page
NEAR = 0.02  # of an axis: two markers so near cover each other
SMALL, HEAD = 8, 9  # points, of all text and of titles: nothing is smaller in print
LINE = 92  # characters of a headline that fit over a figure
LONG, TICK = 160, 60  # letters of a line, and of a name at a tick
LEADER = {"arrowstyle": "-", "lw": 0.5, "color": "#888888"}

class Picture(Figure):
    """A figure that shows names letter by letter, whatever they are: never as formulas or control codes, in any script."""

    def draw(self, renderer) -> None:
        """Make every text plain, then draw."""
        for axes in self.axes:
            for axis in (axes.xaxis, axes.yaxis):
                ticks = axis.get_major_formatter()
                if isinstance(ticks, FuncFormatter) and not isinstance(ticks, _Named):
                    axis.set_major_formatter(_Named(ticks.func))
        for text in self.findobj(Text):
            text.set(parse_math=False, usetex=False)
            if (plain := _bare(text.get_text())) != text.get_text():
                text.set_text(plain)
            fonts.fit(text)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph \d+", UserWarning)  # said once, by `fonts.caution`
            warnings.filterwarnings("ignore", "constrained_layout not applied", UserWarning)  # names too long for it
            super().draw(renderer)


def in_words(figure: Figure, words: Words) -> Figure:
    """The figure with all its texts in a scenario's words for money and time."""
    for text in figure.findobj(Text):
        if (said := told(text.get_text(), words)) != text.get_text():
            text.set_text(said)
    return figure


class _Named(FuncFormatter):
    """Names at ticks, without control codes."""

    def __call__(self, x, pos=None) -> str:
        return _bare(super().__call__(x, pos), TICK)


def _bare(text: str, most: int = LONG) -> str:
    """Text without control codes, its lines cut where they would push the picture off the page."""
    return "\n".join(line if len(line) <= most else f"{line[: most - 1]}…" for line in map(visible, text.split("\n")))


def keyed(name: str) -> str:
    """A name for a legend, which leaves out what begins with an underscore.

    >>> keyed("_north"), keyed("north")
    (' _north', 'north')
    """
    return f" {name}" if name.startswith("_") else name


def row(columns: int = 1, height: float = 3.2) -> tuple[Figure, np.ndarray]:
    """A figure of panels side by side, as wide as it is printed; the height is in inches."""
    figure = Picture(figsize=(PRINTED, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for axis in axes:
        plain(axis)
    return figure, axes


def plain(axis: Axes) -> None:
    """Take off what holds no ink, and set all text of an axis to the size in which it is printed."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.tick_params(labelsize=SMALL)
    for text in (axis.xaxis.label, axis.yaxis.label, axis.xaxis.offsetText, axis.yaxis.offsetText):
        text.set_fontsize(SMALL)


def headline(figure: Figure, text: str) -> None:
    """Write what a figure shows above it, over as many lines as it needs."""
    lines = (textwrap.fill(line, int(LINE * figure.get_figwidth() / PRINTED)) for line in text.split("\n"))
    figure.suptitle("\n".join(lines), fontsize=HEAD)


def in_percent(value: float, place: int | None = None) -> str:
    """A fraction's number in per cent, for an axis; place : among the ticks, not needed.

    >>> in_percent(0.125), in_percent(-0.1)
    ('12.5', '−10')
    """
    return f"{round(100 * value, 9) + 0.0:g}".replace("-", MINUS)


def percent(axis: Axes, which: str) -> None:
    """Write the numbers of fractions along "x" or "y" in per cent, as the tables have them."""
    getattr(axis, f"{which}axis").set_major_formatter(in_percent)


def grid(count: int, columns: int, height: float, share: str = "none") -> tuple[Figure, list[Axes]]:
    """A figure of so many panels in rows of at most `columns`; height of a row in inches, `share` y-axes "all", "row" or "none".

    >>> figure, axes = grid(5, 3, 2.0)
    >>> len(axes), len(figure.axes)
    (5, 5)
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    figure = Picture(figsize=(PRINTED, height * rows + 0.6), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharey=share).ravel()
    for axis in axes[count:]:
        axis.remove()
    for axis in axes[:count]:
        plain(axis)
    return figure, list(axes[:count])


def empty(axis: Axes, why: str) -> None:
    """Say on an axis why there is nothing to draw."""
    axis.set_axis_off()
    axis.text(0.5, 0.5, why, ha="center", va="center", transform=axis.transAxes, fontsize=HEAD)


def apart(heights: dict[str, float], gap: float) -> dict[str, float]:
    """Heights of labels, pushed apart so that none covers another, around where they belong."""
    names = sorted(heights, key=lambda name: heights[name])
    placed: dict[str, float] = {}
    last = -np.inf
    for name in names:
        last = placed[name] = max(heights[name], last + gap)
    shift = np.mean([placed[name] - heights[name] for name in names])
    return {name: height - shift for name, height in placed.items()}


def name_lines(axis: Axes, ends: dict[str, tuple[float, float]], part: float = 0.075) -> None:
    """Write names to the right of where lines end, joined to them where they had to move."""
    low, high = axis.get_ylim()
    right = max(x for x, _ in ends.values())
    heights = apart({name: y for name, (_, y) in ends.items()}, (high - low) * part)
    up = max(low + (high - low) * part - min(heights.values()), 0.0)  # not onto the numbers below the axis
    for name, height in heights.items():
        axis.annotate(
            name, ends[name], xytext=(right + 0.015 * (axis.get_xlim()[1] - axis.get_xlim()[0]), height + up), textcoords="data",
            va="center", fontsize=SMALL, annotation_clip=False, arrowprops=LEADER | {"shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


def together(axis: Axes, points: dict[str, tuple[float, float]]) -> list[list[str]]:
    """Names of points by where they lie: those whose markers would cover one another are in one list.

    >>> figure, (axis,) = grid(1, 1, 2.0)
    >>> together(axis, {"a": (0.0, 0.0), "b": (0.5, 0.5), "c": (0.0, 0.001)})
    [['a', 'c'], ['b']]
    """
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    groups: list[list[str]] = []
    for name, (x, y) in points.items():
        near = (g for g in groups if np.hypot((points[g[0]][0] - x) / (right - left), (points[g[0]][1] - y) / (high - low)) < NEAR)
        group = next(near, None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return groups


def mark_points(axis: Axes, points: dict[str, tuple[float, float]], style: Mapping[str, Look]) -> None:
    """Draw a marker a point, of those in one place the first the largest, so that none hides another, and name them."""
    for group in together(axis, points):
        for place, name in enumerate(group):
            size = 8 + 5 * (len(group) - 1 - place)
            look = style[name]
            axis.plot(*points[name], look.marker, color=look.colour, ms=size, mec="black", mew=0.6, zorder=3 + place)
    names = {" and ".join(group): points[group[0]] for group in together(axis, points)}
    name_points(axis, names)


def name_points(axis: Axes, points: dict[str, tuple[float, float]]) -> None:
    """Write names beside points, joined to them where two would have covered each other."""
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    placed = apart({name: y for name, (_, y) in points.items()}, (high - low) * 0.07)
    for name, (x, y) in points.items():
        axis.annotate(
            name, (x, y), xytext=(x + 0.03 * (right - left), placed[name] + 0.025 * (high - low)), textcoords="data",
            va="bottom", fontsize=SMALL, annotation_clip=False, arrowprops=LEADER,
        )  # fmt: skip
