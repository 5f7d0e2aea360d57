"""The report's pictures, drawn from a result without touching the run. Every axis has a unit, every line an interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.metrics.imitation import adoption_curve, half_life, time_to_parity
from sim.metrics.interval import YEAR, by_period, last_year
from sim.report.style import MODES, OUTSIDE, look
from sim.report.summary import contested

if TYPE_CHECKING:
    from sim.runs import Result


def _figure(columns: int = 1, width: float = 9.0, height: float = 4.2) -> tuple[Figure, np.ndarray]:
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _over(result: Result) -> str:
    """How sure a picture is: over how many seeds its 95 % intervals are."""
    seeds = result.replications["seed"].nunique()
    return f"95 % over {seeds} seeds" if seeds > 1 else "one seed, no interval"


def _labels(axis: Axes, x: float, places: dict[str, float], gap: float) -> None:
    """Write names at the right edge, pushed apart so that none covers another."""
    last = -np.inf
    for name, y in sorted(places.items(), key=lambda item: item[1]):
        last = max(y, last + gap)
        axis.annotate(name, (x, last), (8, 0), textcoords="offset points", va="center", fontsize=9)


def _names(axis: Axes, points: dict[str, tuple[float, float]]) -> None:
    """Write names beside points, pushed up where two would cover each other."""
    low, high = axis.get_ylim()
    last, gap = -np.inf, (high - low) * 0.055
    for name, (x, y) in sorted(points.items(), key=lambda item: item[1][1]):
        last = max(y + gap / 4, last + gap)
        axis.annotate(name, (x, last), (9, 0), textcoords="offset points", va="bottom", fontsize=9)


def shares(result: Result) -> Figure:
    """Main picture: all purchase occasions by mode, and the contested mode by firm, over time."""
    figure, (left, right) = _figure(2, 11.0, 4.6)
    data = result.replications
    months = np.sort(data["period"].unique())
    heads = result.scenario.population.customers
    mean = data.groupby(["period", "firm"])["purchases"].mean().unstack().loc[months] / heads
    rivals = contested(result)
    groups = {name: mean[name] for name in mean if name not in rivals}
    groups["coaches" if len(rivals) > 1 and "bus" in result.scenario.population.modes else "rivals"] = mean[
        list(rivals)
    ].sum(axis=1)
    _stack(
        left,
        months,
        groups | {"nobody": 1 - mean.sum(axis=1)},
        [*MODES[: len(groups)], OUTSIDE.colour],
        [""] * (len(groups) + 1),
    )
    left.set(title="All purchase occasions", ylabel="share of occasions [1]", xlabel="month")
    inside = mean[list(rivals)].div(mean[list(rivals)].sum(axis=1), axis=0)
    order = inside.mean().sort_values(ascending=False).index
    looks = [look(rivals[name]) for name in order]
    named = {f"{name}\n({rivals[name]})": inside[name] for name in order}
    _stack(right, months, named, [item.colour for item in looks], [item.hatch for item in looks])
    right.set(title="Of the coach journeys, by operator", ylabel="share of coach journeys [1]", xlabel="month")
    widest = last_year(data, ["share"])["share"].loc[list(rivals)]
    known = (
        f"; last-year shares of all journeys are known to ±{widest['half'].max():.4f}"
        if widest["half"].notna().any()
        else ""
    )
    figure.suptitle(f"Who carries the travellers ({_over(result)}{known})", fontsize=10)
    return figure


def _stack(axis: Axes, months: np.ndarray, parts: dict[str, pd.Series], colours: list[str], hatches: list[str]) -> None:
    if len(months) == 1:  # a month is drawn from its beginning to its end
        months, parts = np.array([months[0], months[0] + 1]), {name: pd.concat([p, p]) for name, p in parts.items()}
    bands = axis.stackplot(
        months, *[p.to_numpy() for p in parts.values()], colors=colours, edgecolor="white", linewidth=0.6
    )
    for band, hatch in zip(bands, hatches, strict=True):
        band.set_hatch(hatch)
    top, places = 0.0, {}
    for name, part in parts.items():
        places[name] = top + part.iloc[-1] / 2
        top += part.iloc[-1]
    _labels(axis, months[-1], places, 0.11 if any("\n" in name for name in parts) else 0.055)
    axis.set(xlim=(months[0], months[-1]), ylim=(0, 1))


def breadth_depth(result: Result) -> Figure:
    """How many customers a firm reaches against how much of their travel it gets, last year, with intervals."""
    figure, (axis,) = _figure(1, 7.0, 4.6)
    table, points = last_year(result.replications, ["breadth", "depth"]), {}
    for name, strategy in contested(result).items():
        row, style = table.loc[name], look(strategy)
        axis.errorbar(
            row["breadth", "mean"],
            row["depth", "mean"],
            xerr=row["breadth", "half"],
            yerr=row["depth", "half"],
            fmt=style.marker,
            color=style.colour,
            ms=9,
            capsize=3,
            mec="black",
            mew=0.6,
        )
        points[f"{name} ({strategy})"] = row["breadth", "mean"], row["depth", "mean"]
    axis.margins(0.25, 0.2)
    _names(axis, points)
    axis.set(
        xlabel="breadth: part of the year's travellers carried [1]",
        ylabel="depth: share of wallet of its customers [1]",
    )
    axis.set_title(f"Breadth and depth in the last year; bars: {_over(result)}", fontsize=10)
    return figure


def _lines(axis: Axes, result: Result, metric: str, smooth: int = 1) -> None:
    frame, rivals, ends = by_period(result.replications, metric, smooth), contested(result), {}
    for name, strategy in rivals.items():
        rows, style = frame[frame["firm"] == name].dropna(subset="mean"), look(strategy)
        if rows.empty:
            continue
        alone = style.marker if len(rows) == 1 else None
        axis.plot(rows["period"], rows["mean"], color=style.colour, ls=style.line, lw=1.8, marker=alone)
        axis.fill_between(rows["period"], rows["low"], rows["high"], color=style.colour, alpha=0.15, lw=0)
        ends[name] = rows["mean"].iloc[-1]
    if not ends:
        axis.text(0.5, 0.5, "the run is too short for this measure", ha="center", transform=axis.transAxes)
        return
    low, high = axis.get_ylim()
    _labels(axis, frame["period"].max(), ends, (high - low) * 0.06)
    axis.set_xlabel("month")


def _year(result: Result) -> int:
    """Records in a year."""
    return max(YEAR // result.scenario.records.every, 1)


def loyalty(result: Result) -> Figure:
    """Repeat rate and yearly retention over time."""
    figure, (left, right) = _figure(2, 11.0, 4.2)
    _lines(left, result, "repeat_rate", _year(result))
    left.set_title("Repeat rate, 12-month mean", fontsize=10)
    left.set_ylabel("buyers who stay with their last operator [1]")
    _lines(right, result, "retention")
    right.set_title("Retention, year on year", fontsize=10)
    right.set_ylabel("customers of the year before who came back [1]")
    figure.suptitle(f"Loyalty as it shows in purchases; bands: {_over(result)}", fontsize=10)
    return figure


def profit(result: Result) -> Figure:
    """Monthly profit over time."""
    figure, (axis,) = _figure(1, 9.0, 4.2)
    _lines(axis, result, "profit", _year(result))
    axis.axhline(0, color="black", lw=0.6)
    axis.set_ylabel("profit [AUD/month], 12-month mean")
    axis.set_title(f"Profit; bands: {_over(result)}", fontsize=10)
    return figure


def adoption(result: Result) -> Figure:
    """Part of the rivals that offer a feature by its age, with time to parity and half-life of the lead."""
    figure, (axis,) = _figure(1, 9.0, 4.2)
    features = result.all_features
    curves = adoption_curve(features) if len(features) else pd.DataFrame({"kind": []})
    if curves.empty:
        axis.text(0.5, 0.5, "fewer than five features were introduced", ha="center", transform=axis.transAxes)
        return figure
    for kind, rows in curves.groupby("kind"):
        style, age = look(kind), rows["age"].max()
        axis.plot(rows["age"], rows["adopted"], color=style.colour, ls=style.line, lw=1.8)
        axis.fill_between(rows["age"], rows["low"], rows["high"], color=style.colour, alpha=0.15, lw=0)
        axis.annotate(
            f"{kind} ({rows['features'].max()} features)",
            (age, rows["adopted"].iloc[-1]),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axis.set(xlabel="months since a feature was introduced", ylabel="part of the rivals that offer it [1]", ylim=(0, 1))
    axis.set_title(
        f"Time to parity: {time_to_parity(features)}\nHalf-life of the lead: {half_life(features)}", fontsize=9
    )
    return figure


def positioning(result: Result) -> Figure:
    """Where the offers stand and how they moved: comfort against fare, and flexibility against depth of offer."""
    pairs = [
        ("price", "comfort", "fare of a standard journey [AUD]", "comfort over a standard coach [classes]"),
        (
            "flexibility",
            "depth_of_offer",
            "flexibility: part of the timetable's gap closed [1]",
            "diversification: depth of offer [1]",
        ),
    ]
    pairs = [p for p in pairs if {p[0], p[1]} <= set(result.replications.columns)]
    figure, axes = _figure(max(len(pairs), 1), 11.0 if len(pairs) > 1 else 7.0, 4.4)
    if not pairs:
        axes[0].text(
            0.5,
            0.5,
            "all offers are the standard service:\nthe mechanisms that tell them apart are off",
            ha="center",
            transform=axes[0].transAxes,
        )
    for axis, (x, y, xlabel, ylabel) in zip(axes, pairs, strict=False):
        points = {}
        for name, strategy in contested(result).items():
            rows, style = (
                result.replications[result.replications["firm"] == name].groupby("period")[[x, y]].mean(),
                look(strategy),
            )
            axis.plot(rows[x], rows[y], color=style.colour, lw=1, alpha=0.6)
            axis.plot(rows[x].iloc[-1], rows[y].iloc[-1], style.marker, color=style.colour, ms=9, mec="black", mew=0.6)
            points[name] = rows[x].iloc[-1], rows[y].iloc[-1]
        axis.margins(0.2, 0.15)
        _names(axis, points)
        axis.set(xlabel=xlabel, ylabel=ylabel)
    figure.suptitle("Positioning: path over the run, marker at its end; mean over seeds", fontsize=10)
    return figure


ALL = {
    "shares": shares,
    "breadth_depth": breadth_depth,
    "loyalty": loyalty,
    "profit": profit,
    "adoption": adoption,
    "positioning": positioning,
}
