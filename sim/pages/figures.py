"""The report's pictures, drawn from a result without touching the run. Every axis has a unit, every line an interval."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.metrics.imitation import adoption_curve
from sim.metrics.interval import YEAR, by_period, last_year
from sim.pages.axes import HEAD, SMALL, empty, headline, mark_points, name_lines, percent, row
from sim.pages.style import MODES, OUTSIDE, Look, look, looks
from sim.pages.summary import COMFORT_MEASURED, contested, durations, is_comfort, rivals_noun

if TYPE_CHECKING:
    from sim.market.runs import Result

FRACTIONS = {"repeat_rate", "retention", "breadth", "depth", "share"}
AMOUNTS = {"dealers", "dealer_income"}  # never below zero


def over(result: Result) -> str:
    """How sure a picture is: over how many seeds its 95 % intervals are."""
    seeds = result.replications["seed"].nunique()
    return f"95 % over {seeds} seeds" if seeds > 1 else "one seed, no interval"


def shares(result: Result) -> Figure:
    """Main picture: all purchases by mode, and those of the contested mode by firm, over time.

    Where everybody has one occasion a month, what is left of them is drawn as nobody's.
    """
    figure, (left, right) = row(2, 3.4)
    data = result.replications
    months = np.sort(data["period"].unique())
    mean = data.groupby(["period", "firm"])["purchases"].mean().unstack().loc[months]
    mean = mean / result.scenario.population.customers
    rivals, noun, words = contested(result), rivals_noun(result), result.scenario.population.words
    bought = words["purchases"]
    groups = {name: mean[name] for name in mean if name not in rivals}
    groups[noun] = mean[list(rivals)].sum(axis=1)
    colours = [*(MODES[i % len(MODES)] for i in range(len(groups))), OUTSIDE]
    once = not {"purchase_incidence", "life_events"} & set(result.scenario.mechanism)
    rest = {"nobody": 1 - mean.sum(axis=1)} if once else {}
    _stack(left, months, groups | rest, colours, [""] * len(colours), 1.0 if once else 1.05 * mean.sum(axis=1).max())
    left.set_title("All purchase occasions" if once else f"All {bought}", fontsize=HEAD)
    left.set(ylabel="share of occasions [%]" if once else f"{bought} a head of market and month", xlabel="month")
    inside = mean[list(rivals)].div(mean[list(rivals)].sum(axis=1), axis=0).fillna(0)
    order, style = inside.mean().sort_values(ascending=False).index, looks(rivals)
    named = {f"{name}\n({rivals[name]})": inside[name] for name in order}
    _stack(right, months, named, [style[n].colour for n in order], [style[n].hatch for n in order])
    right.set_title(f"Of the {bought} with the {noun}, by firm", fontsize=HEAD)
    right.set(ylabel=f"share of {bought} with the {noun} [%]", xlabel="month")
    percent(right, "y")
    if once:
        percent(left, "y")
    known = last_year(data, ["share"])["share"].loc[list(rivals), "half"]
    sure = f"; last-year shares of all {bought} are known to ±{100 * known.max():.2f} points" if known.notna().any() else ""
    headline(figure, f"Who {words['serves']} the customers ({over(result)}{sure})")
    return figure


def _stack(
    axis: Axes,
    months: np.ndarray,
    parts: dict[str, pd.Series],
    colours: list[str],
    hatches: list[str],
    height: float = 1.0,
) -> None:
    if len(months) == 1:  # a month is drawn from its beginning to its end
        months, parts = np.array([months[0], months[0] + 1]), {name: pd.concat([p, p]) for name, p in parts.items()}
    bands = axis.stackplot(
        months, *[p.to_numpy() for p in parts.values()], colors=colours, edgecolor="white", linewidth=0.6
    )
    for band, hatch in zip(bands, hatches, strict=False):
        band.set_hatch(hatch)
    axis.set(xlim=(months[0], months[-1]), ylim=(0, height))
    top, ends = 0.0, {}
    for name, part in parts.items():
        ends[name] = months[-1], top + part.iloc[-1] / 2
        top += part.iloc[-1]
    name_lines(axis, ends, 0.15 if any("\n" in name for name in parts) else 0.075)


def breadth_depth(result: Result) -> Figure:
    """How many customers a firm reaches against how much of their travel it gets, last year, with intervals."""
    figure, (axis,) = row(1, 3.6)
    table, rivals = last_year(result.replications, ["breadth", "depth"]), contested(result)
    if table["breadth"]["mean"].isna().all():
        empty(axis, "breadth and depth look back over 12 months: the run is too short")
        return figure
    points = {}
    for name, style in looks(rivals).items():
        x, y = table.loc[name, ("breadth", "mean")], table.loc[name, ("depth", "mean")]
        if np.isnan(x) or np.isnan(y):  # nobody bought from it: it was not there
            continue
        half = {m: np.nan_to_num(table.loc[name, (m, "half")]) for m in ("breadth", "depth")}
        bars = {m: [[min(half[m], v)], [min(half[m], 1 - v)]] for m, v in (("breadth", x), ("depth", y))}
        axis.errorbar(
            x, y, xerr=bars["breadth"], yerr=bars["depth"], fmt="none", ecolor=style.colour, capsize=3, alpha=0.6
        )
        points[f"{name} ({rivals[name]})"] = x, y
    mark_points(axis, points, dict(zip(points, (looks(rivals)[label.rpartition(" (")[0]] for label in points), strict=True)))
    percent(axis, "x")
    percent(axis, "y")
    axis.set(
        xlabel="breadth: part of the year's {buyers} {served} [%]".format(**result.scenario.population.words),
        ylabel="depth: share of wallet of its customers [%]",
    )
    axis.set_title(f"Breadth and depth in the last year; bars: {over(result)}", fontsize=HEAD)
    return figure


def lines(axis: Axes, result: Result, metric: str, smooth: int = 1) -> None:
    """A line a contested firm over the months with its 95 % band, smoothed over so many records."""
    rows = result.replications
    there = rows[rows["trading"].astype(bool)] if "trading" in rows else rows  # who is not in the market has no line
    frame, ends = by_period(there, metric, smooth), {}
    bounds = (0.0 if metric in FRACTIONS | AMOUNTS else -np.inf, 1.0 if metric in FRACTIONS else np.inf)
    if frame.dropna(subset="mean")["period"].nunique() == 1:
        _month(axis, frame.dropna(subset="mean").set_index("firm"), looks(contested(result)), bounds)
        return
    for name, style in looks(contested(result)).items():
        rows = frame[frame["firm"] == name].dropna(subset="mean")
        if rows.empty:
            continue
        alone = style.marker if len(rows) == 1 else None
        axis.plot(rows["period"], rows["mean"], color=style.colour, ls=style.line, lw=1.8, marker=alone)
        low, high = rows["low"].clip(*bounds), rows["high"].clip(*bounds)
        axis.fill_between(rows["period"], low, high, color=style.colour, alpha=0.15, lw=0)
        ends[name] = rows["period"].iloc[-1], rows["mean"].iloc[-1]
    if not ends:
        empty(axis, "the run is too short for this measure")
        return
    name_lines(axis, ends)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel("month")


def _month(axis: Axes, rows: pd.DataFrame, style: dict[str, Look], bounds: tuple[float, float]) -> None:
    """The only month that is known, firms side by side; rows by firm: period, mean, low, high."""
    rows = rows.loc[[name for name in style if name in rows.index]]
    for place, firm in enumerate(rows.itertuples()):
        low, high = np.clip([firm.low, firm.high], *bounds)
        bars = np.nan_to_num([[firm.mean - low], [high - firm.mean]])
        axis.errorbar(place, firm.mean, bars, fmt=style[firm.Index].marker, color=style[firm.Index].colour, capsize=3)
    axis.set_xticks(range(len(rows)), rows.index, rotation=20)
    axis.set_xlabel(f"month {rows['period'].iloc[0]}; earlier ones are not known")


def yearly(result: Result) -> int:
    """Records in a year."""
    return max(YEAR // result.scenario.records.every, 1)


def loyalty(result: Result) -> Figure:
    """Repeat rate and yearly retention over time."""
    figure, (left, right) = row(2)
    lines(left, result, "repeat_rate", yearly(result))
    for axis in (left, right):
        percent(axis, "y")
    left.set_title("Repeat rate, 12-month mean", fontsize=HEAD)
    left.set_ylabel("buyers who stay with their last firm [%]")
    lines(right, result, "retention")
    right.set_title("Retention, year on year", fontsize=HEAD)
    right.set_ylabel("last year's customers who came back [%]")
    headline(figure, f"Loyalty as it shows in purchases; bands and bars: {over(result)}")
    return figure


def profit(result: Result) -> Figure:
    """Monthly profit over time."""
    figure, (axis,) = row(1)
    billed = "cost_accounting" in result.scenario.mechanism
    lines(axis, result, "profit", yearly(result))
    axis.axhline(0, color="black", lw=0.6)
    axis.set_ylabel(f"{'profit' if billed else 'revenue'} [¤/month], 12-month mean")
    axis.set_title(f"{'Profit' if billed else 'Revenue: no costs are billed'}; bands: {over(result)}", fontsize=HEAD)
    return figure


def adoption(result: Result) -> Figure:
    """Part of the rivals that offer a feature by its age, with time to parity and half-life of the lead."""
    figure, (axis,) = row(1)
    if "innovation" not in result.scenario.mechanism:
        empty(axis, "innovation is off: no features")
        return figure
    curves = adoption_curve(result.all_features) if len(result.all_features) else pd.DataFrame()
    if curves.empty:
        empty(axis, "fewer than five features of a kind were introduced")
        return figure
    ends = {}
    for kind, rows in curves.groupby("kind"):
        style = look(kind)
        axis.plot(rows["age"], rows["adopted"], color=style.colour, ls=style.line, lw=1.8)
        axis.fill_between(rows["age"], rows["low"], rows["high"], color=style.colour, alpha=0.15, lw=0)
        ends[f"{kind} ({rows['features'].max()} features)"] = rows["age"].iloc[-1], rows["adopted"].iloc[-1]
    axis.set(xlabel="months since a feature was introduced", ylabel="part of the rivals that offer it [%]", ylim=(0, 1))
    percent(axis, "y")
    name_lines(axis, ends)
    axis.set_title("\n".join(textwrap.fill(told, 92) for told in durations(result)), fontsize=SMALL)
    return figure


def positioning(result: Result) -> Figure:
    """Where the offers stand and how they moved: comfort against fare, and flexibility against depth of offer."""
    words = result.scenario.population.words
    pairs = [
        (
            "price",
            "comfort",
            "{price} of a standard {purchase} [¤]".format(**words),
            "{signature} over {standard} [classes]".format(**words),
        ),
        (
            "flexibility",
            "depth_of_offer",
            "flexibility: part of {gap} closed [%]".format(**words),
            "diversification: depth of offer [%]",
        ),
    ]
    pairs = [p for p in pairs if {p[0], p[1]} <= set(result.replications.columns)]
    figure, axes = row(max(len(pairs), 1), 3.4)
    if not pairs:
        empty(axes[0], "all offers are the standard service:\nthe mechanisms that tell them apart are off")
    for axis, (x, y, xlabel, ylabel) in zip(axes, pairs, strict=False):
        points = {}
        for name, style in looks(contested(result)).items():
            there = result.replications["price"].notna() & (result.replications["firm"] == name)
            rows = result.replications[there].groupby("period")[[x, y]].mean()
            if rows.empty:
                continue
            axis.plot(rows[x], rows[y], color=style.colour, lw=1, alpha=0.6)
            points[name] = rows[x].iloc[-1], rows[y].iloc[-1]
        axis.margins(0.2, 0.15)
        if y == "comfort" and is_comfort(result) and axis.get_ylim()[1] > COMFORT_MEASURED:
            axis.axhspan(
                COMFORT_MEASURED, axis.get_ylim()[1], color="#F2E6E6", zorder=0, label="beyond what was measured"
            )
            axis.legend(loc="lower right", fontsize=SMALL, frameon=False)
        mark_points(axis, points, looks(contested(result)))
        for which, of in (("x", xlabel), ("y", ylabel)):
            if of.endswith("[%]"):
                percent(axis, which)
        axis.set(xlabel=textwrap.fill(xlabel, 42), ylabel=textwrap.fill(ylabel, 42))
    headline(figure, "Positioning: path over the run, marker at its end; mean over seeds")
    return figure


ALL = {
    "shares": shares,
    "breadth_depth": breadth_depth,
    "loyalty": loyalty,
    "profit": profit,
    "adoption": adoption,
    "positioning": positioning,
}
