"""How many there may be of everything that is counted, and how far sums go: what the types of columns hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import CENTS, DEAREST, FULL, GRID, ROUND, WINDOW
from sim.ground.params import ConfigError
from sim.state.customers import CUSTOMER
from sim.state.state import State

WORDS = {
    "firm": "firms", "segment": "segments", "context": "usage contexts", "cell": "segments times usage contexts",
    "source": "surveyed persons",
}  # fmt: skip
ON_GRID = frozenset({"journeys", "quality", "gap", "surplus"})
CAUSES = {
    "surplus": "a larger population.price_sensitivity, or 0",
    "quality": "smaller tastes or service levels",
    "gap": "smaller tastes or service levels",
}


def axes(scenario: Any) -> dict[str, int]:
    """Length of every named axis of columns and tallies, and of whatever else a column counts through."""
    population = scenario.population
    segments, contexts = len(population.segments), len(population.contexts)
    found = {
        "firm": len(scenario.firms), "mode": len(population.modes), "attribute": len(population.tastes),
        "fault": len(population.tastes) + 1, "need": len(population.needs), "segment": segments,
        "context": contexts, "cell": segments * contexts, "source": population.sources, "month": WINDOW,
    }  # fmt: skip
    for mechanism in scenario.mechanism.values():
        found |= mechanism.axes()
    return found


def columns(scenario: Any) -> dict[str, Column]:
    """Every column of a customer: the market's own, and those of its mechanisms."""
    return CUSTOMER | {name: c for mechanism in scenario.mechanism.values() for name, c in mechanism.columns.items()}


def most(scenario: Any) -> Iterator[tuple[str, int, int]]:
    """What is counted, how many there are, and how many the narrowest column that counts them holds."""
    limits: dict[str, int] = {}
    for column in columns(scenario).values():
        if column.place_of:
            holds = int(np.iinfo(column.dtype).max)
            limits[column.place_of] = min(holds, limits.get(column.place_of, holds))
    found = axes(scenario)
    for axis, limit in limits.items():
        yield WORDS.get(axis, f"{axis}s"), found[axis], limit


def check_counts(scenario: Any) -> None:
    """Raise `ConfigError` if there is more of anything than the columns that count it can tell apart."""
    for words, there, limit in most(scenario):
        if there > limit:
            raise ConfigError(f"{words}: expected at most {limit:,} {words}, got {there:,}")


def check_month(period: int) -> None:
    """Raise `ConfigError` if draws of this month would have the address of another one's."""
    if period >= 2**ROUND:
        raise ConfigError(f"month {period}: expected at most {2**ROUND} months, draws of more have no address")


def check_fares(market: State) -> None:
    """Raise `ConfigError` if somebody would have to pay more for a purchase than the column of it holds, fees included."""
    largest = market.table["journey"].max(axis=1).astype(float)
    dearest = market.board.cents.max(axis=1) * largest[market.mode_of]
    limit = np.iinfo(CUSTOMER["paid"].dtype).max - DEAREST * CENTS
    if not (dearest <= limit).all():
        f = int(np.argmax(dearest))
        raise ConfigError(
            f"firms.{market.firms[f].name}: its fare of {market.board.cents[f].max() / CENTS:g} ¤ for a purchase "
            f"{largest[market.mode_of[f]]:.3g} times the standard one: expected at most {limit // CENTS:,} ¤ a purchase"
        )


def check_sums(tally: Mapping[str, np.ndarray], period: int) -> None:
    """Raise `ConfigError` if a sum of the month is beyond what 64 bits hold; tally : counts by name, blocks first."""
    for name, counts in tally.items():
        if np.abs(counts.astype(float)).sum(axis=0).max(initial=0.0) >= FULL:
            limit = FULL / (GRID if name in ON_GRID else CENTS)
            cause = CAUSES.get(name, "lower prices or smaller purchases")
            raise ConfigError(
                f"month {period}: the {name} of all customers is more than {limit:.2g} in all, beyond what can be "
                f"counted; expected {cause}, or fewer customers"
            )
