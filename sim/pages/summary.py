"""The last year in one table and one paragraph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.metrics.imitation import Duration, half_life, time_to_parity
from sim.metrics.interval import YEAR, difference, last_year
from sim.study.measures import COLUMNS, MINUS, cautions_first
from sim.world.contested import contested_of

if TYPE_CHECKING:

    from sim.market.runs import Result

PARTS = {metric for metric, title in COLUMNS.items() if title.endswith("[%]")}  # of a whole: stored as fractions, told in per cent
DIGITS = {"profit": 0, "price": 2} | dict.fromkeys(PARTS, 1)
COMFORT_MEASURED = 2.0  # classes: the range of the comfort classes whose worth was estimated (register R16)
ENOUGH = 10  # features, to speak of a typical one


def contested(result: Result) -> dict[str, str]:
    """Firms of the mode that most firms share, with their strategies; all firms if no mode is shared."""
    return contested_of(result.scenario, dict(zip(result.firms["firm"], result.firms["strategy"], strict=True)))


def rivals_noun(result: Result) -> str:
    """What the contested firms are called together."""
    modes = {result.scenario.firms[name].mode for name in contested(result)}
    return result.scenario.population.modes[modes.pop()].firms if len(modes) == 1 else "firms"


def titles(result: Result) -> dict[str, str]:
    """Title of each column of the table, in the words of the market."""
    return {metric: title.format(**result.scenario.population.words) for metric, title in COLUMNS.items()}


def _there(result: Result) -> list[str]:
    """Those of the contested firms that were in the market in the last year: an absent firm posts no price."""
    price = last_year(result.replications, ["price"])["price"]["mean"]
    return [name for name in contested(result) if not np.isnan(price[name])]


def table(result: Result) -> pd.DataFrame:
    """Last-year means over seeds as text, parts of a whole in per cent, with the 95 % half-width behind ±; the firms that share a mode first.

    Profit of a firm that has its mode to itself and follows no strategy is not shown: its accounts are not modelled.
    """
    numbers, rivals = last_year(result.replications, list(COLUMNS)), contested(result)
    strategy = dict(zip(result.firms["firm"], result.firms["strategy"], strict=True))
    order = sorted(numbers.index, key=lambda name: (name not in rivals, -numbers.loc[name, ("share", "mean")]))
    rows = []
    for name in order:
        cells = {"firm": name, "strategy": strategy[name]}
        unmodelled = strategy[name] == "fixed" and name not in rivals
        for metric, title in titles(result).items():
            mean, half = numbers.loc[name, metric][["mean", "half"]] * (100 if metric in PARTS else 1)
            cells[title] = "–" if metric == "profit" and unmodelled else cell(mean, half, DIGITS.get(metric, 3))
        rows.append(cells)
    return pd.DataFrame(rows)


def cell(mean: float, half: float, digits: int) -> str:
    """A mean with its half-width behind ±, if it has one; a dash if it is not known.

    >>> cell(0.25, 0.013, 2), cell(3.0, float("nan"), 0), cell(float("nan"), float("nan"), 0)
    ('0.25 ±0.01', '3', '–')
    """
    if np.isnan(mean):
        return "–"
    text = _number(mean, digits)
    return text if np.isnan(half) else f"{text} ±{half:.{digits}f}"


def _number(value: float, digits: int, sign: str = "") -> str:
    return f"{round(value, digits) + 0.0:{sign}.{digits}f}".replace("-", MINUS)


def _signed(value: float, half: float, digits: int) -> str:
    found, low, high = (_number(number, digits, "+") for number in (value, value - half, value + half))
    return f"{found} (95 % interval {low} to {high})"


def _contest(result: Result, metric: str, noun: str, unit: str, apart: str, digits: int) -> str:
    """Who leads by a metric, by how much over the next, and whether that can be told from chance; apart : unit of differences."""
    names = _there(result)
    rows = result.replications[result.replications["firm"].isin(names)]
    rows = rows.assign(**{metric: rows[metric] * (100 if metric in PARTS else 1)})
    means = last_year(rows, [metric])[metric]["mean"].dropna().sort_values(ascending=False)
    if len(means) < 2 or round(means.iloc[0], digits) == round(means.iloc[1], digits):
        return ""
    first, second = means.index[:2]
    gap, half = difference(rows, metric, first, second)
    if np.isnan(gap) or (np.isnan(half) and result.replications["seed"].nunique() > 1):
        return ""
    told = f"{first} has the highest {noun}: {_number(means[first], digits)}{unit}"
    if np.isnan(half):
        return (
            f"{told}, before {second} with {_number(means[second], digits)}{unit}; one seed says nothing about chance."
        )
    if abs(gap) <= half:
        return f"{first} and {second} have the highest {noun} and cannot be told apart: difference {_signed(gap, half, digits)}{apart}."
    return f"{told}, {_signed(gap, half, digits)}{apart} more than {second}."


def typical(duration: Duration, event: str) -> str:
    """How long until an event in a feature's life, features that were still young when a run ended allowed for."""
    if duration.total < ENOUGH:
        return f"Too few features ({duration.total}) to say when {event}."
    known = not np.isnan(duration.low)
    if np.isnan(duration.median) or (not known and 2 * duration.ended < duration.total):
        return f"Within the run it is not typical that {event} (it happened to {duration.ended} of {duration.total} features)."
    high = f"{duration.high:.0f}" if np.isfinite(duration.high) else "after the run"
    interval = f"95 % interval {duration.low:.0f} to {high}" if known else "no interval is known"
    return (
        f"Typically {event} after {duration.median:.0f} months ({interval}; it happened to "
        f"{duration.ended} of {duration.total} features, those still young are allowed for)."
    )


def durations(result: Result) -> list[str]:
    """Time to parity and half-life of a feature's lead, in words."""
    features = result.all_features
    return [
        typical(time_to_parity(features), "half of the rivals match a feature (time to parity)"),
        typical(half_life(features), "the innovator's lead is halved (half-life)"),
    ]


def _elasticity(result: Result) -> str:
    """Warn where demand is inelastic, because a dearer fare then earns more whatever it buys."""
    numbers = last_year(result.replications, ["price", "share"])
    sensitivity, price = result.scenario.population.price_sensitivity, result.scenario.population.words["price"]
    values = [
        -sensitivity * numbers.loc[name, ("price", "mean")] * (1 - numbers.loc[name, ("share", "mean")])
        for name in _there(result)
    ]
    if not values or min(values) < -1:
        return ""
    return (
        f"Caution: customers hardly mind a {price} here (own-price elasticities of the {rivals_noun(result)} between "
        f"{_number(max(values), 2)} and {_number(min(values), 2)}), so a dearer {price} raises profit whatever it buys: compare strategies at equal prices too."
    )


def is_comfort(result: Result) -> bool:
    """Whether what a signature service raises is the comfort whose worth was measured, and not something else."""
    return getattr(result.scenario.mechanism.get("signature"), "attribute", "comfort") == "comfort"


def _beyond(result: Result) -> str:
    """Warn where comfort has left the range in which its worth was measured."""
    if "comfort" not in result.replications or not is_comfort(result):
        return ""
    mean = result.replications.groupby(["firm", "period"])["comfort"].mean()
    past = mean[mean > COMFORT_MEASURED].reset_index()
    if past.empty:
        return ""
    top = past.loc[past["comfort"].idxmax()]
    since = past[past["firm"] == top["firm"]]["period"].min()
    return (
        f"Caution: the comfort of {top['firm']} passes {COMFORT_MEASURED:.0f} classes in month {since} and ends at {top['comfort']:.1f}; "
        "its worth was measured over two classes, what lies beyond is extrapolated."
    )


def sentences(result: Result) -> list[str]:
    """What happened, sentence by sentence, saying only what the numbers bear out: what was played, cautions, the rest."""
    seeds, months = result.replications["seed"].nunique(), int(result.replications["period"].max()) + 1
    people, billed = result.scenario.population.customers, "cost_accounting" in result.scenario.mechanism
    money = "profit" if billed else "revenue (no costs are billed)"
    played = (
        f"{months} month{'s' * (months > 1)}, {people:,} customer{'s' * (people > 1)}, {seeds} seed{'s' * (seeds > 1)}; "
        f"means over the {'last year' if months > YEAR else 'whole run'}. Compared are the {rivals_noun(result)}."
    )
    told = [
        _contest(result, "profit", money, " ¤/month", " ¤/month", 0),
        _follower(result) if billed else "",
        *(_contest(result, metric, metric, " %", " points", 1) for metric in ("breadth", "depth", "retention")),
    ]
    if len(result.all_features):
        told += durations(result)
    told += [_elasticity(result) if billed else "", _beyond(result)]
    return [played, *cautions_first(part for part in told if part)]


def _follower(result: Result) -> str:
    """How the imitator fares against the distinctive firm it may copy."""
    strategy = contested(result)
    pairs = [
        (a, b) for a in strategy for b in strategy if strategy[a] == "follower" and strategy[b] == "distinctiveness"
    ]
    if not pairs:
        return ""
    follower, original = pairs[0]
    rows = result.replications[result.replications["firm"].isin(strategy)]
    leaders = list(last_year(rows, ["profit"])["profit"]["mean"].sort_values(ascending=False).index[:2])
    gap, half = difference(result.replications, "profit", original, follower)
    if np.isnan(half):
        return ""
    if leaders == [original, follower] and gap > half:
        return f"So the follower has not eaten the premium of the distinctive {original}."
    if abs(gap) <= half:
        return f"The follower {follower} earns what the distinctive {original} earns, as far as can be told: difference {_signed(gap, half, 0)} ¤/month."
    eaten = "has not eaten its premium" if gap > 0 else "has overtaken it"
    return f"The distinctive {original} earns {_signed(gap, half, 0)} ¤/month against the follower {follower}, who {eaten}."
