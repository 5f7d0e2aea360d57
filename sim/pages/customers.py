"""Where customers stand with the contested firms: how far along the funnel, and in which stage of the relationship."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.metrics.interval import YEAR
from sim.pages.axes import SMALL, headline, percent, row
from sim.pages.summary import contested

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.market.runs import Result

FUNNEL = {"unaware": "#FFFFFF", "aware": "#DDDDDD", "interested": "#9ECAE1", "buyer": "#4292C6", "loyal": "#08519C"}
STAGES = {"exploring": "#C7E9C0", "forming": "#74C476", "stable": "#238B45", "degenerating": "#D9A441"}


def standing(result: Result) -> Figure:
    """Stacked parts of the customers by firm, means over the last year and all seeds.

    Left: who knows, likes, buys from, is loyal to each firm, of all customers. Right: stages, of those in a relation.
    """
    figure, (funnel, stages) = row(2, 3.6)
    rows = result.replications
    recent = rows[rows["period"] > rows["period"].max() - YEAR].groupby("firm").mean(numeric_only=True)
    recent = recent.loc[list(contested(result))]
    counted = [name for name in recent if name.startswith("funnel_")]
    heads = recent[counted].sum(axis=1) if counted else None
    parts = {stage: f"funnel_{stage}" for stage in FUNNEL}
    _stack(funnel, recent, parts, heads, FUNNEL, "part of all customers [%]", "awareness")
    related = {stage: stage for stage in STAGES}
    total = recent[list(related)].sum(axis=1) if set(related) <= set(recent) else None
    _stack(stages, recent, related, total, STAGES, "part of those in a relation [%]", "life_cycle")
    headline(figure, "Where customers stand with each firm: mean of the last year over all seeds")
    return figure


def _stack(
    axis, recent, parts: Mapping[str, str], total, colours: Mapping[str, str], label: str, mechanism: str
) -> None:
    if total is None or not (total > 0).any():
        axis.set_axis_off()
        axis.text(0.5, 0.5, f"not known: the mechanism {mechanism} is off", ha="center", transform=axis.transAxes, fontsize=SMALL)
        return
    below = total * 0.0
    for stage, column in parts.items():
        part = (recent[column] / total).fillna(0.0)
        faint = {"edgecolor": "#AAAAAA", "ls": ":"} if stage == "unaware" else {"edgecolor": "black"}
        axis.bar(range(len(part)), part, bottom=below, color=colours[stage], lw=0.5, label=stage, **faint)
        for x, (size, base) in enumerate(zip(part, below, strict=True)):
            if size > 0.06:
                ink = "white" if stage in ("loyal", "buyer", "stable") else "black"
                axis.text(x, base + size / 2, f"{100 * size:.0f}", ha="center", va="center", fontsize=SMALL, color=ink)
        below = below + part
    axis.set_xticks(range(len(recent)), recent.index)
    axis.set(ylabel=label, ylim=(0, 1))
    percent(axis, "y")
    axis.tick_params(axis="x", rotation=20)
    axis.legend(fontsize=SMALL, frameon=False, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.2), reverse=True)
