"""Who entered the market and who left it: a table over seeds, and a picture of who was there when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from sim.metrics.interval import by_period
from sim.metrics.presence import comings_and_goings
from sim.pages.axes import HEAD, in_percent, row
from sim.pages.chapters import Told
from sim.pages.figures import over
from sim.pages.summary import cell
from sim.world.chapter import Chapter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.market.runs import Result


@dataclass(frozen=True, kw_only=True)
class Entry(Chapter):
    """Who entered the market and who left it, if firms wait outside or may have to leave."""

    def tell(self, result: Result) -> Told | None:
        """Who came and went, if firms wait outside or may have to leave."""
        rule, firms = result.scenario.mechanism.get("entry"), result.scenario.firms
        if rule is None:
            return None
        waiting = {*rule.opening, *rule.invited}
        names = [name for name, firm in firms.items() if name in waiting or rule.patience.get(firm.mode)]
        if not names:
            return None
        rows = result.replications[result.replications["firm"].isin(names)]
        found = comings_and_goings(rows).loc[names].reset_index()
        told = pd.DataFrame([_told(firm, firm["firm"] in rule.opening) for _, firm in found.iterrows()])
        strategy = dict(zip(rows["firm"], rows["strategy"], strict=True))
        full = told.copy()
        full.insert(1, "strategy", full["firm"].map(strategy))
        return Told(
            "Who entered and who left", ((full, _note(rows)),), told, found, partial(_picture, result, rows, names),
            "Left: how often each firm was in the market. Right: how many of them were there; band: 95 % limits of the mean.",
        )  # fmt: skip


def _told(firm: pd.Series, planned: bool) -> dict[str, str]:
    return {
        "firm": firm["firm"],
        "entered [% of seeds]": "planned" if planned else "–" if firm["at_start"] else _share(firm, "entered"),
        "month of entry": "at the start" if firm["at_start"] else cell(*firm[["entered_month", "entered_half"]], 1),
        "left [% of seeds]": _share(firm, "left"),
        "month of leaving": cell(*firm[["left_month", "left_half"]], 1),
        "there in the end [% of seeds]": _share(firm, "there"),
    }


def _share(firm: pd.Series, event: str) -> str:
    share, low, high = 100 * firm[[event, f"{event}_low", f"{event}_high"]]
    return f"{share:.0f}" if np.isnan(low) else f"{share:.0f} ({low:.0f} to {high:.0f})"


def _number(rows: pd.DataFrame) -> pd.DataFrame:
    """How many of the firms were in the market, over seeds, by month."""
    there = rows.groupby(["seed", "period"])["trading"].sum().astype(float).rename("number").reset_index()
    return by_period(there.assign(firm="all"), "number")


def _note(rows: pd.DataFrame) -> str:
    end = _number(rows).iloc[-1]
    number = cell(end["mean"], (end["high"] - end["low"]) / 2, 1)
    return (
        f"Of {rows['firm'].nunique()} that may come or go, {number} were in the market in the last month. Shares are those of the "
        "seeds in which it happened, with 95 % limits (Wilson); months count from 0 and are means over these seeds ± 95 % "
        "half-width."
    )


def _picture(result: Result, rows: pd.DataFrame, names: list[str]) -> Figure:
    figure, (left, right) = row(2, 1.6 + 0.32 * len(names))
    there = rows.groupby(["firm", "period"])["trading"].mean().unstack().loc[names[::-1]]
    months = there.columns.to_numpy()
    edges = np.array([max(months[0] + 1 - result.scenario.records.every, 0), *(months + 1)])
    shade = left.pcolormesh(edges, np.arange(len(names) + 1), there, cmap="Blues", vmin=0, vmax=1, rasterized=True)
    left.set_yticks(np.arange(len(names)) + 0.5, there.index)
    left.set_title("Who was in the market", fontsize=HEAD)
    figure.colorbar(shade, ax=left, label="share of seeds [%]", format=in_percent)
    number = _number(rows)
    low, high = (number[limit].clip(0, len(names)) for limit in ("low", "high"))
    right.stairs(high, edges, baseline=low, fill=True, color="black", alpha=0.15)
    right.stairs(number["mean"], edges, baseline=None, color="black", lw=1.8)
    right.set(ylim=(0, len(names) + 0.5), ylabel="firms in the market [firms]")
    right.yaxis.set_major_locator(MaxNLocator(integer=True))
    right.set_title(f"How many of the {len(names)}; band: {over(result)}", fontsize=HEAD)
    for axis in (left, right):
        axis.set_xlabel("month")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure
