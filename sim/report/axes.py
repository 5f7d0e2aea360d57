"""Parts of pictures that many figures share: panels, names beside lines and points, what to say when nothing is known."""

from __future__ import annotations

import warnings

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from sim.report import fonts
from sim.shown import visible

LINE, TICK = 160, 60  # letters of a line, and of a name at a tick
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
            if (plain := _plain(text.get_text())) != text.get_text():
                text.set_text(plain)
            fonts.fit(text)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"Glyph \d+", UserWarning)  # said once, by `fonts.caution`
            warnings.filterwarnings("ignore", "constrained_layout not applied", UserWarning)  # names too long for it
            super().draw(renderer)


class _Named(FuncFormatter):
    """Names at ticks, without control codes."""

    def __call__(self, x, pos=None) -> str:
        return _plain(super().__call__(x, pos), TICK)


def _plain(text: str, most: int = LINE) -> str:
    """Text without control codes, its lines cut where they would push the picture off the page."""
    return "\n".join(line if len(line) <= most else f"{line[: most - 1]}…" for line in map(visible, text.split("\n")))


def keyed(name: str) -> str:
    """A name for a legend, which leaves out what begins with an underscore.

    >>> keyed("_north"), keyed("north")
    (' _north', 'north')
    """
    return f" {name}" if name.startswith("_") else name


def row(columns: int = 1, width: float = 9.0, height: float = 4.2) -> tuple[Figure, np.ndarray]:
    """A figure of panels side by side; sizes are in inches."""
    figure = Picture(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def grid(
    count: int, columns: int, height: float, share: str = "none", width: float = 11.0
) -> tuple[Figure, list[Axes]]:
    """A figure of so many panels in rows of at most `columns`; height of a row in inches, `share` y-axes "all", "row" or "none".

    >>> figure, axes = grid(5, 3, 2.0)
    >>> len(axes), len(figure.axes)
    (5, 5)
    """
    columns = min(columns, count)
    rows = -(-count // columns)
    figure = Picture(figsize=(width, height * rows + 0.6), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharey=share).ravel()
    for axis in axes[count:]:
        axis.remove()
    for axis in axes[:count]:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, list(axes[:count])


def empty(axis: Axes, why: str) -> None:
    """Say on an axis why there is nothing to draw."""
    axis.set_axis_off()
    axis.text(0.5, 0.5, why, ha="center", va="center", transform=axis.transAxes, fontsize=10)


def apart(heights: dict[str, float], gap: float) -> dict[str, float]:
    """Heights of labels, pushed apart so that none covers another, around where they belong."""
    names = sorted(heights, key=lambda name: heights[name])
    placed: dict[str, float] = {}
    last = -np.inf
    for name in names:
        last = placed[name] = max(heights[name], last + gap)
    shift = np.mean([placed[name] - heights[name] for name in names])
    return {name: height - shift for name, height in placed.items()}


def name_lines(axis: Axes, ends: dict[str, tuple[float, float]], part: float = 0.06) -> None:
    """Write names to the right of where lines end, joined to them where they had to move."""
    low, high = axis.get_ylim()
    right = max(x for x, _ in ends.values())
    heights = apart({name: y for name, (_, y) in ends.items()}, (high - low) * part)
    up = max(low + (high - low) * part - min(heights.values()), 0.0)  # not onto the numbers below the axis
    for name, height in heights.items():
        axis.annotate(
            name, ends[name], xytext=(right + 0.015 * (axis.get_xlim()[1] - axis.get_xlim()[0]), height + up), textcoords="data",
            va="center", fontsize=9, annotation_clip=False, arrowprops=LEADER | {"shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


def name_points(axis: Axes, points: dict[str, tuple[float, float]]) -> None:
    """Write names beside points, joined to them where two would have covered each other."""
    (left, right), (low, high) = axis.get_xlim(), axis.get_ylim()
    placed = apart({name: y for name, (_, y) in points.items()}, (high - low) * 0.06)
    for name, (x, y) in points.items():
        axis.annotate(
            name, (x, y), xytext=(x + 0.03 * (right - left), placed[name] + 0.025 * (high - low)), textcoords="data",
            va="bottom", fontsize=9, annotation_clip=False, arrowprops=LEADER,
        )  # fmt: skip
