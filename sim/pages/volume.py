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

from sim.pages.axes import PRINTED, SMALL, Picture, empty, headline, plain
from sim.pages.contrast import label, wrapped
from sim.study import measures
from sim.study.answers.moves import NOBODY, matrix

if TYPE_CHECKING:
    from sim.study.answers.compare import Comparison

WON, LOST = "#0072B2", "#E69F00"
MOST = 12  # moves of an arm that a page lists


def source_of_volume(comparison: Comparison, arm: str) -> Figure:
    """Above: purchases by who served them in the first arm and who in this one. Below: what each firm won and lost.

    Above in percent of what the row's firm sold in the first arm, with half-widths over seeds; what stayed, and what nobody
    had sold, as counts. Below as counts, all seeds together. All of the sampled customers' panel.
    """
    figure = Picture(figsize=(PRINTED, 7.6), layout="constrained")
    if comparison.moves is None:
        empty(figure.subplots(), "not known: no panel of customers was kept (records.sample)")
        return figure
    above, below = figure.subplots(2, 1, height_ratios=(1.5, 1))
    rows = comparison.moves[comparison.moves["arm"] == arm]
    counts = matrix(rows).astype(float)
    bought = counts.drop(index=NOBODY).to_numpy().sum()
    if bought == 0:
        empty(above, "nobody in the sample bought anything")
        below.set_axis_off()
        return figure
    words = (comparison.scenario_words or measures.PLAIN)["purchases"]
    _matrix(above, rows, comparison, arm, words)
    _flows(below, counts, words)
    stayed = np.diag(counts.drop(index=NOBODY, columns=NOBODY)).sum()
    headline(
        figure,
        f"Who moved from whom in the last {comparison.moved_months} months: {bought - stayed:,.0f} of {bought:,.0f} "
        f"{words} of the panel went elsewhere ({100 * (bought - stayed) / bought:.1f} %)",
    )
    return figure


def _matrix(axis: Axes, rows: pd.DataFrame, comparison: Comparison, arm: str, words: str) -> None:
    names = list(rows["from_firm"].unique())
    moved = rows[(rows["from_firm"] != rows["to_firm"]) & (rows["from_firm"] != NOBODY)]
    top = moved["part"].max() if moved["part"].max() > 0 else 1.0
    shade = rows["part"].where(rows.index.isin(moved.index)).to_numpy(float).reshape(len(names), -1)
    plain(axis)
    axis.imshow(shade, cmap="Blues", norm=Normalize(0, top), aspect="auto")
    for place, row in enumerate(rows.itertuples()):
        i, j = divmod(place, len(names))
        told = not math.isnan(shade[i, j])
        if not told:
            axis.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor="#DDDDDD", edgecolor="white"))
        text = _percent(row) if told else f"{row.purchases:,}" * (row.purchases > 0)
        ink = "white" if told and row.part > 0.6 * top else "#222222"
        axis.text(j, i, text, ha="center", va="center", fontsize=SMALL, color=ink)
    axis.set_xticks(range(len(names)), names, rotation=35, ha="right", fontsize=SMALL)
    axis.set_yticks(range(len(names)), names, fontsize=SMALL)
    axis.set_xlabel(f"who serves them in {label(comparison, arm)}", fontsize=SMALL)
    axis.set_ylabel(wrapped(f"who serves them in {label(comparison, comparison.names[0])}", 44), fontsize=SMALL)
    axis.set_title(f"blue: % of what the row's firm sold in the first arm;\ngrey: {words}", fontsize=SMALL)
    axis.spines[:].set_visible(False)


def _percent(row) -> str:
    """A part in percent over its half-width, with two digits of it and two decimals at most; nothing where nothing moved."""
    half = 50 * (row.high - row.low)
    digits = min(max(1 - math.floor(math.log10(half)), 0), 2) if half > 0 else 2
    return f"{100 * row.part:.{digits}f}" + f"\n±{half:.{digits}f}" * (half > 0) if row.purchases else ""


def table(comparison: Comparison, arm: str) -> pd.DataFrame:
    """The largest moves of an arm as text: from whom to whom, purchases, percent of what the first sold, with interval."""
    rows = comparison.moves[comparison.moves["arm"] == arm]
    rows = rows[(rows["from_firm"] != rows["to_firm"]) & (rows["purchases"] > 0)]
    rows = rows.sort_values("purchases", ascending=False, kind="stable").head(MOST)
    parts = (100 * rows[["part", "low", "high"]]).itertuples(index=False)
    return pd.DataFrame(
        {
            "from": rows["from_firm"],
            "to": rows["to_firm"],
            "moved": rows["purchases"].map("{:,}".format),
            f"% of what it sold ({comparison.confidence * 100:g} %)": [
                measures.between(*p, "points", False) for p in parts
            ],
        }
    )


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


def _flows(axis: Axes, counts: pd.DataFrame, words: str) -> None:
    plain(axis)
    flows = net_flows(counts)
    places = np.arange(len(flows))
    axis.barh(places, flows["won"], color=WON, height=0.6, label="won from others")
    axis.barh(
        places, -flows["lost"], color=LOST, height=0.6, hatch="///", edgecolor="white", lw=0, label="lost to others"
    )
    axis.plot(flows["net"], places, "D", color="black", mfc="white", ms=7, mew=1.4, label="net")
    axis.axvline(0, color="black", lw=0.7)
    right = max(flows["won"].max(), 1e-9)
    for place, net in zip(places, flows["net"], strict=True):
        axis.text(right * 1.06, place, measures.number(net, "customers", signed=True), va="center", fontsize=SMALL)
    axis.set_yticks(places, flows.index, fontsize=SMALL)
    axis.invert_yaxis()
    axis.set_xlabel(f"{words} of the panel, all seeds together", fontsize=SMALL)
    axis.set_title("won, lost and net, by firm (number: net)", fontsize=SMALL)
    axis.legend(fontsize=SMALL, frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.24))
