"""How firms turn what they may know into their next decisions: the first of the two doors to extend the market.

A strategy is ordinary Python, because firms are few. Its parameters are frozen; what it remembers travels in a memory
that the market keeps for it, so that a run can be copied, stopped and resumed.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.params import ConfigError, Params, check_number, nearest

KINDS = ("flexibility", "diversification", "distinctiveness", "price")

Memory = dict[str, Any]


@dataclass(frozen=True)
class PublicFacts:
    """What anybody may see of a firm: last period's offer, and the profit and purchases in its published accounts."""

    price: float
    flexibility: float
    depth: float
    comfort: float
    seats: int
    programme: bool
    profit: float
    purchases: float = 0.0


@dataclass(frozen=True)
class Seen:
    """Everything a firm may know when it decides: public facts, its own books, the research it paid for.

    Attributes
    ----------
    period : number of the period about to begin, from 0.
    heads : customers in the market (a published statistic).
    me : the firm's own public facts of last period.
    rivals : public facts of the firms of the same mode, by name; empty before the first period is over.
    books : the firm's own last accounts: purchases [trips], revenue, cost, profit, cash [AUD].
    needs : (segments, service dimensions) estimate of the segments' ideal points from bought interviews, or None.
    complaints : what was complained of last period: purchases by attribute, or by "delivery" for everything else; empty
        where nobody complains.
    mix : the firm's own strategy mix, as its revision rule has just left it.
    reports : what each mechanism tells this firm about itself, by the mechanism's name: its staff, its dealers, the
        research it paid for; plain numbers and arrays.
    first : whether the firm was not in the market last period, so that its own facts and accounts are of no month.
    """

    period: int
    heads: int
    me: PublicFacts
    rivals: Mapping[str, PublicFacts]
    books: Mapping[str, float]
    needs: np.ndarray | None
    complaints: Mapping[str, int] = field(default_factory=dict)
    mix: Mapping[str, float] = field(default_factory=dict)
    reports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    first: bool = False


@dataclass(frozen=True)
class Decision:
    """What a firm resolves to do this period.

    Attributes
    ----------
    budget : spending on capabilities [AUD a head of market a month].
    mix : fractions of the budget by kind of strategy (`KINDS`), non-negative, summing to 1 (0 if nothing is spent).
    research_and_development : spending on new features [AUD a head of market a month].
    innovate : kind of feature that research and development aims at.
    seats : seats in a coach. attended : whether attendants and meals come with the trip.
    programme : whether trips earn points. interviews : customers interviewed about their needs this period.
    imitation : absorptive capacity, the fraction of copying chances that the firm can use.
    standing : this period's advertising, evidence, promise or empowerment, where they are not to be the firm's own.
    policy : values of a mechanism's policies, by mechanism and name, where they are not to be the firm's own.
    """

    budget: float = 0.0
    mix: Mapping[str, float] = field(default_factory=dict)
    research_and_development: float = 0.0
    innovate: str = "price"
    seats: int = 0
    attended: bool = False
    programme: bool = False
    interviews: int = 0
    imitation: float = 0.0
    standing: Mapping[str, float] = field(default_factory=dict)
    policy: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def check(self) -> None:
        """Raise `ConfigError` unless the decision can be carried out."""
        for place, kind in [("innovate", self.innovate), *((f"mix.{kind}", kind) for kind in self.mix)]:
            if kind not in KINDS:
                raise ConfigError(f"{place} = {kind}: unknown kind; {nearest(str(kind), KINDS)}")
        limits = {"budget": None, "research_and_development": None, "seats": None, "interviews": None, "imitation": 1}
        for name, high in limits.items():
            check_number(getattr(self, name), name, "1", 1 if name == "seats" else 0, high)
        for kind, part in self.mix.items():
            check_number(part, f"mix.{kind}", "1", 0, 1)
        if self.budget > 0 and abs(sum(self.mix.values()) - 1) > 1e-9:
            raise ConfigError(f"mix: expected parts that sum to 1, got {sum(self.mix.values()):.12g}")


class Strategy(Params, abc.ABC):
    """A firm's way of deciding. Subclasses are frozen dataclasses of `param` fields."""

    def opening_mix(self) -> dict[str, float]:
        """Strategy mix on the first day, for strategies that let a revision rule change it; empty for the others."""
        return {}

    def check_scenario(self, scenario: Any, name: str) -> None:
        """Raise `ConfigError` if the scenario has no place for this strategy; name : the firm."""

    def begin(self) -> Memory:
        """Memory before the first decision."""
        return {}

    @abc.abstractmethod
    def decide(self, seen: Seen, memory: Memory, rng: np.random.Generator) -> tuple[Decision, Memory]:
        """Decide on the coming period from what is seen; return the decision and the new memory."""
