"""How firms set their fares."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.params import Params
from sim.strategies import Memory, PublicFacts


@dataclass(frozen=True)
class Quote:
    """What a firm may know when it sets its fares.

    Attributes
    ----------
    unit_cost : (segments,) its cost of serving one standard journey [AUD]; 0 where it is not known.
    sold : (segments,) journeys it has sold to each segment so far, from its own books; never all zero.
    list_price : the fare it started with [AUD].
    period : number of the period about to begin, from 0.
    fares : (segments,) its own fares of last period [AUD]; the list price before the first.
    me : its own public facts of last period, or None before the first.
    rivals : public facts of the firms of the same mode, by name; empty before the first period is over.
    books : its own last accounts: purchases [trips], revenue, cost, profit, cash [AUD].
    """

    unit_cost: np.ndarray
    sold: np.ndarray
    list_price: float
    period: int = 0
    fares: np.ndarray | None = None
    me: PublicFacts | None = None
    rivals: Mapping[str, PublicFacts] = field(default_factory=dict)
    books: Mapping[str, float] = field(default_factory=dict)

    @property
    def mean_cost(self) -> float:
        """Mean unit cost of what the firm sells [AUD]; 0 where costs are not known.

        >>> Quote(np.array([20.0, 40.0]), np.array([3.0, 1.0]), 33.0).mean_cost
        25.0
        """
        return float(np.average(self.unit_cost, weights=self.sold))

    def flat(self, fare: float) -> np.ndarray:
        """(segments,) one fare for everybody [AUD]."""
        return np.full(self.unit_cost.shape, float(fare))


class Pricing(Params, abc.ABC):
    """A pricing rule. Subclasses are frozen dataclasses of `param` fields."""

    def begin(self) -> Memory:
        """Memory before the first fare."""
        return {}

    def check_scenario(self, scenario: Any, name: str) -> None:
        """Raise `ConfigError` if the scenario has no place for this rule; name : the firm."""

    @abc.abstractmethod
    def price(self, quote: Quote, memory: Memory, rng: np.random.Generator) -> tuple[np.ndarray, Memory]:
        """(segments,) fares of a standard journey [AUD], and the new memory."""
