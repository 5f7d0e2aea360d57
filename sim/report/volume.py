"""Who moved from whom: the source-of-volume matrix as a picture, and what each firm won and lost by it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.report import measures
from sim.report.axes import empty
from sim.report.contrast import label, wrapped

if TYPE_CHECKING:
    from sim.questions.compare import Comparison

NOBODY = "nobody"
WON, LOST = "#0072B2", "#E69F00"


def source_of_volume(comparison: Comparison) -> Figure:
    """Left: purchases by who served them in the first arm and who in the second. Right: what each firm won and lost.

    Both in percent of the first arm's purchases in the sampled customers' panel; on the diagonal are those that
    stayed, as counts.
    """
    figure = Figure(figsize=(11.0, 5.2), layout="constrained")
    if comparison.moves is None:
        empty(figure.subplots(), "not known: no panel of customers was kept (records.sample)")
        return figure
    left, right = figure.subplots(1, 2, width_ratios=(1.25, 1))
    moves = comparison.moves.astype(float)
    bought = moves.drop(index=NOBODY, errors="ignore").to_numpy().sum()
    if bought == 0:
        empty(left, "nobody in the sample bought anything")
        right.set_axis_off()
        return figure
    part = 100 * moves / bought
    _matrix(left, moves, part, comparison)
    _flows(right, part)
    stayed = np.diag(moves.drop(index=NOBODY, columns=NOBODY, errors="ignore")).sum()
    words = (
        f"{measures.PLAIN['purchases']}" if not comparison.scenario_words else comparison.scenario_words["purchases"]
    )
    figure.suptitle(
        f"Who moved from whom in the last {comparison.moved_months} months: {bought - stayed:,.0f} of {bought:,.0f} "
        f"{words} of the panel went elsewhere ({100 * (bought - stayed) / bought:.1f} %); counts, no interval",
        fontsize=10,
    )
    return figure


def _matrix(axis: Axes, moves: pd.DataFrame, part: pd.DataFrame, comparison: Comparison) -> None:
    size = len(part)
    off = part.to_numpy().copy()
    np.fill_diagonal(off, np.nan)
    top = np.nanmax(off) if size > 1 and np.nanmax(off) > 0 else 1.0
    axis.imshow(np.where(np.eye(size, dtype=bool), np.nan, off), cmap="Blues", norm=Normalize(0, top))
    digits = max(2, 1 - math.floor(math.log10(top)))
    for (i, j), value in np.ndenumerate(part.to_numpy()):
        same = i == j
        if same:
            axis.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor="#DDDDDD", edgecolor="white"))
        text = _count(moves.iat[i, j], part.index[i]) if same else _percent(value, digits)
        ink = "white" if not same and value > 0.6 * top else "#222222"
        axis.text(j, i, text, ha="center", va="center", fontsize=8, color=ink)
    axis.set_xticks(range(size), part.columns, rotation=35, ha="right", fontsize=9)
    axis.set_yticks(range(size), part.index, fontsize=9)
    axis.set_xlabel(f"who serves them in {label(comparison, comparison.names[1])}", fontsize=9)
    axis.set_ylabel(wrapped(f"who serves them in {label(comparison, comparison.names[0])}", 44), fontsize=9)
    axis.set_title(
        "off the diagonal: % of all purchases of the first arm;\ndiagonal: purchases that stayed", fontsize=9
    )
    axis.spines[:].set_visible(False)


def _count(count: float, firm: str) -> str:
    return "" if firm == NOBODY else f"{count:,.0f}"


def _percent(value: float, digits: int) -> str:
    """A percentage; what rounds to nothing is said to be less than the last digit.

    >>> _percent(0.052, 3), _percent(0.0001, 3), _percent(0.0, 3)
    ('0.052', '<0.001', '')
    """
    least = 10.0**-digits
    return "" if value == 0 else f"<{least:.{digits}f}" if value < least / 2 else f"{value:.{digits}f}"


def net_flows(moves: pd.DataFrame) -> pd.DataFrame:
    """What each firm won from the others and lost to them, in the unit of the matrix; `net` adds up to zero with nobody.

    >>> matrix = pd.DataFrame([[5, 2], [1, 0]], ["a", "nobody"], ["a", "nobody"])
    >>> net_flows(matrix).loc["a"].tolist()
    [1.0, 2.0, -1.0]
    """
    values = moves.to_numpy(float)
    stayed = np.diag(values)
    won, lost = values.sum(axis=0) - stayed, values.sum(axis=1) - stayed
    return pd.DataFrame({"won": won, "lost": lost, "net": won - lost}, index=moves.index)


def _flows(axis: Axes, part: pd.DataFrame) -> None:
    flows = net_flows(part)
    places = np.arange(len(flows))
    axis.barh(places, flows["won"], color=WON, height=0.6, label="won from others")
    axis.barh(
        places, -flows["lost"], color=LOST, height=0.6, hatch="///", edgecolor="white", lw=0, label="lost to others"
    )
    axis.plot(flows["net"], places, "D", color="black", mfc="white", ms=7, mew=1.4, label="net")
    axis.axvline(0, color="black", lw=0.7)
    right = max(flows["won"].max(), 1e-9)
    for place, net in zip(places, flows["net"], strict=True):
        axis.text(right * 1.06, place, measures.number(net, "points", signed=True), va="center", fontsize=9)
    axis.set_yticks(places, flows.index, fontsize=9)
    axis.invert_yaxis()
    axis.set_xlabel("% of all purchases of the first arm", fontsize=9)
    axis.set_title("won, lost and net, by firm (number: net)", fontsize=9)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(fontsize=8, frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.12))
