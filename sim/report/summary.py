"""The last year in one table and one paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.metrics.imitation import half_life, time_to_parity
from sim.metrics.interval import difference, last_year

if TYPE_CHECKING:
    from sim.runs import Result

COLUMNS = {
    "share": "share of journeys [1]",
    "breadth": "breadth [1]",
    "depth": "depth [1]",
    "repeat_rate": "repeat rate [1]",
    "retention": "retention [1]",
    "profit": "profit [AUD/month]",
    "price": "price [AUD]",
    "satisfaction_gap": "satisfaction gap [utils]",
}
DIGITS = {"profit": 0, "price": 2}


def contested(result: Result) -> dict[str, str]:
    """Firms that share a mode with another, with their strategies; all firms if none does."""
    firms = result.scenario.firms
    modes = [spec.mode for spec in firms.values()]
    names = [name for name, spec in firms.items() if modes.count(spec.mode) > 1] or list(firms)
    strategy = dict(zip(result.firms["firm"], result.firms["strategy"], strict=True))
    return {name: strategy[name] for name in names}


def table(result: Result) -> pd.DataFrame:
    """Last-year means over seeds as text, with the 95 % half-width behind ±; a row a firm, rivals of one mode first."""
    numbers = last_year(result.replications, list(COLUMNS))
    strategy = dict(zip(result.firms["firm"], result.firms["strategy"], strict=True))
    order = sorted(numbers.index, key=lambda name: (strategy[name] == "fixed", -numbers.loc[name, ("share", "mean")]))
    rows = []
    for name in order:
        cells = {"firm": name, "strategy": strategy[name]}
        for metric, title in COLUMNS.items():
            cells[title] = _cell(*numbers.loc[name, metric][["mean", "half"]], DIGITS.get(metric, 3))
        rows.append(cells)
    return pd.DataFrame(rows)


def _cell(mean: float, half: float, digits: int) -> str:
    if np.isnan(mean):
        return "–"
    text = f"{mean:.{digits}f}".replace("-0.000", "0.000")
    return text if np.isnan(half) else f"{text} ±{half:.{digits}f}"


def _signed(value: float, half: float, digits: int) -> str:
    return f"{value:+.{digits}f} (95 %: {value - half:+.{digits}f} to {value + half:+.{digits}f})"


def _contest(result: Result, metric: str, noun: str, digits: int, names: list[str]) -> str:
    """Who leads by a metric, by how much over the next, and whether that can be told from chance."""
    means = (
        last_year(result.replications.query("firm in @names"), [metric])[metric]["mean"]
        .dropna()
        .sort_values(ascending=False)
    )
    if len(means) < 2 or means.iloc[0] == means.iloc[1]:
        return ""
    first, second = means.index[:2]
    gap, half = difference(result.replications, metric, first, second)
    if np.isnan(half):
        return f"{first} has the highest {noun} ({means[first]:.{digits}f}), ahead of {second} ({means[second]:.{digits}f}); one seed says nothing about chance."
    if abs(gap) <= half:
        return (
            f"In {noun}, {first} and {second} lead and cannot be told apart: difference {_signed(gap, half, digits)}."
        )
    return f"{first} has the highest {noun} ({means[first]:.{digits}f}), {_signed(gap, half, digits)} over {second}."


def sentences(result: Result) -> list[str]:
    """What happened, sentence by sentence, saying only what the numbers bear out."""
    rivals = contested(result)
    strategy, names = rivals, list(rivals)
    seeds, months = result.replications["seed"].nunique(), result.scenario.periods
    told = [
        f"{months} month{'s' * (months > 1)}, {result.scenario.population.customers:,} customers, "
        f"{seeds} seed{'s' * (seeds > 1)}; figures are for the {'last year' if months > 12 else 'whole run'}."
    ]
    contests = (
        ("profit", "profit [AUD/month]", 0),
        ("breadth", "breadth", 3),
        ("depth", "depth", 3),
        ("retention", "retention", 3),
    )
    told += [_contest(result, metric, noun, digits, names) for metric, noun, digits in contests]
    told.append(_follower(result, strategy))
    market = result.market
    first, last = market["outside_share"].iloc[:12].mean(), market["outside_share"].iloc[-12:].mean()
    if months > 12:
        told.append(
            f"Occasions without a journey went from {first:.3f} in the first year to {last:.3f} in the last (seed {result.scenario.seed})."
        )
    if len(result.all_features):
        told.append(
            f"Features, all seeds: time to parity {time_to_parity(result.all_features)}; half-life of the lead {half_life(result.all_features)}."
        )
    return [part for part in told if part]


def words(result: Result) -> str:
    """What happened, in one short paragraph."""
    return " ".join(sentences(result))


def _follower(result: Result, strategy: dict[str, str]) -> str:
    """How the imitator fares against the distinctive firm it may copy."""
    pairs = [
        (a, b) for a in strategy for b in strategy if strategy[a] == "follower" and strategy[b] == "distinctiveness"
    ]
    if not pairs:
        return ""
    follower, original = pairs[0]
    gap, half = difference(result.replications, "profit", original, follower)
    if np.isnan(half):
        return ""
    if abs(gap) <= half:
        return f"The follower {follower} earns what the distinctive {original} earns, as far as can be told: {_signed(gap, half, 0)} AUD/month."
    more = "more" if gap > 0 else "less"
    return f"The distinctive {original} still earns {more} than the follower {follower}: {_signed(gap, half, 0)} AUD/month."
