"""How firms set their fares."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from sim.ground.params import ConfigError, Params
from sim.ground.values import shown
from sim.world.demand import Demand
from sim.world.strategies import Memory, PublicFacts


@dataclass(frozen=True)
class Sister:
    """What a firm knows of another one with the same owner: its costs, and how it prices.

    unit_cost : (segments,) cost of a standard journey [¤]. joint : whether it sets its fares together with its sisters.
    """

    unit_cost: np.ndarray
    joint: bool


@dataclass(frozen=True)
class Quote:
    """What a firm may know when it sets its fares.

    Attributes
    ----------
    unit_cost : (segments,) its cost of serving one standard journey [¤]; 0 where it is not known.
    sold : (segments,) journeys it has sold to each segment so far, from its own books; never all zero.
    list_price : the fare it started with [¤].
    period : number of the period about to begin, from 0.
    fares : (segments,) its own fares of last period [¤]; the list price before the first.
    me : its own public facts of last period, or None before the first.
    rivals : public facts of the firms of the same mode, by name; empty before the first period is over.
    books : its own last accounts: purchases [trips], revenue, cost, profit, cash [¤].
    name : its own name. sisters : the other firms of its owner, by name.
    demand : a study of demand, for rules that need one (`needs_demand`), else None.
    first : whether it was not in the market last period.
    """

    unit_cost: np.ndarray
    sold: np.ndarray
    list_price: float
    period: int = 0
    fares: np.ndarray | None = None
    me: PublicFacts | None = None
    rivals: Mapping[str, PublicFacts] = field(default_factory=dict)
    books: Mapping[str, float] = field(default_factory=dict)
    name: str = ""
    sisters: Mapping[str, Sister] = field(default_factory=dict)
    demand: Demand | None = None
    first: bool = False

    @property
    def last_fare(self) -> float:
        """Mean fare that it asked last period, over what it sells [¤]; the list price before the first."""
        return self.list_price if self.fares is None else float(np.average(self.fares, weights=self.sold))

    @property
    def opposing(self) -> dict[str, float]:
        """Mean fares of last period of the rivals that belong to somebody else, by name [¤]."""
        return {name: facts.price for name, facts in self.rivals.items() if name not in self.sisters}

    @property
    def mean_cost(self) -> float:
        """Mean unit cost of what the firm sells [¤]; 0 where costs are not known.

        >>> Quote(np.array([20.0, 40.0]), np.array([3.0, 1.0]), 33.0).mean_cost
        25.0
        """
        return float((self.unit_cost * self.sold).sum() / self.sold.sum())

    def flat(self, fare: float) -> np.ndarray:
        """(segments,) one fare for everybody [¤]."""
        return np.full(self.unit_cost.shape, float(fare))


def check_fares(fares: object, segments: int, dearest: float) -> None:
    """Raise `ConfigError` unless a rule's result is one fare for each segment [¤], from 0 to the dearest there may be."""
    rule = f"expected an array of {segments} fares, one a segment, from 0 to {dearest} ¤"
    if not isinstance(fares, np.ndarray) or fares.dtype.kind not in "fiu":
        raise ConfigError(f"returned {shown(fares)}; {rule}")
    if fares.shape != (segments,):
        raise ConfigError(f"returned an array of shape {fares.shape}; {rule}")
    right = (fares >= 0) & (fares <= dearest)
    if not right.all():
        raise ConfigError(f"asks {fares[~right][0]:.7g} ¤; {rule}")


def check_not_below_cost(scenario: Any, name: str) -> None:
    """Raise `ConfigError` if a firm that must not sell below cost starts below it, where that can be told beforehand."""
    firm, cost = scenario.firms[name], 0.0
    if "cost_accounting" in scenario.mechanism:
        cost = firm.handling_cost + firm.vehicle_cost
    if firm.list_price < cost:
        raise ConfigError(
            f"firms.{name}.list_price = {firm.list_price:g} ¤: below its cost of a standard journey, and below_cost is "
            f"false; expected list_price >= vehicle_cost + handling_cost = {cost:g}, or below_cost: true"
        )


class Pricing(Params, abc.ABC):
    """A pricing rule. Subclasses are frozen dataclasses of `param` fields.

    needs_demand : whether its quotes must hold a study of demand; such a rule has a parameter `study_customers`.
    """

    needs_demand: ClassVar[bool] = False

    def begin(self) -> Memory:
        """Memory before the first fare."""
        return {}

    def check_scenario(self, scenario: Any, name: str) -> None:
        """Raise `ConfigError` if the scenario has no place for this rule; name : the firm."""

    @abc.abstractmethod
    def price(self, quote: Quote, memory: Memory, rng: np.random.Generator) -> tuple[np.ndarray, Memory]:
        """(segments,) fares of a standard journey [¤], and the new memory."""
