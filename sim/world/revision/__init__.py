"""How firms change their strategy mix: rules of imitation, search and selection among strategies (A7, A10).

A revision rule moves the point on the simplex of `KINDS` at which a strategy that follows a mix works. It knows what
its firm knows (`Seen`) and no more: its own mix and accounts, and of its rivals what anybody can see of their offers
and, as far as profit is observed, their published accounts. No market is needed to use a rule.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.ground import draws
from sim.ground.params import Params, param
from sim.science.rules.philox import uniform_at
from sim.science.rules.revision import posture, toward
from sim.world.strategies import KINDS, Memory, Seen

Mix = dict[str, float]


@dataclass(frozen=True)
class Pilots:
    """Test markets that a firm orders: each mix is tried for some months, and paid for.

    mixes : what is tried. months : how long each. cost : of one test market in a month [¤ a head of market].
    """

    mixes: tuple[Mix, ...]
    months: int
    cost: float


@dataclass(frozen=True)
class Earner:
    """A firm as a review sees it: its mix, and what it earned since the last [¤ a head of market and month]."""

    mix: Mix
    profit: float


class Revision(Params, abc.ABC):
    """A rule by which a firm changes its strategy mix. Subclasses are frozen dataclasses of `param` fields."""

    def begin(self) -> Memory:
        """Memory before the first review."""
        return {}

    def check_scenario(self, scenario: Any, name: str) -> None:
        """Raise `ConfigError` if the scenario has no place for this rule; name : the firm."""

    def pilots(self, seen: Seen, memory: Memory, rng: np.random.Generator) -> tuple[Pilots | None, Memory]:
        """Test markets to hold before the mix is revised; what they earned is then in `seen.reports["pilot"]`."""
        return None, memory

    @abc.abstractmethod
    def revise(self, seen: Seen, memory: Memory, rng: np.random.Generator) -> tuple[Mix, Memory]:
        """New mix, from `seen.mix` and whatever else is seen, and the new memory."""


@dataclass(frozen=True, kw_only=True)
class Review(Revision):
    """A rule that adds up profits, one's own and those published, and reviews the mix every few months."""

    revise_every: int = param("months between reviews", "months", low=1, source="Schlag 1998; register R230")
    observability: float = param(
        "chance that a rival's profit is observed at a review", "1", low=0, high=1, source="Schlag 1998; register R231"
    )

    def begin(self) -> Memory:
        """No profit seen yet."""
        return {"earned": {}, "own": 0.0, "months": 0}

    def due(self, seen: Seen) -> bool:
        """Whether the coming period begins with a review."""
        return seen.period > 0 and seen.period % self.revise_every == 0

    def revise(self, seen, memory, rng):
        """Add up last period's profits; when a review is due, let the rule decide and begin to add up anew."""
        if seen.period > 0 and not seen.first:
            before = memory["earned"]
            earned = {
                name: [sum(pair) for pair in zip(before.get(name, (0.0, 0)), (facts.profit, 1), strict=True)]
                for name, facts in seen.rivals.items()
            }
            own, months = memory["own"] + seen.books["profit"], memory["months"] + 1
            memory = memory | {"earned": earned, "own": own, "months": months}
        if not self.due(seen) or not memory["months"]:
            return dict(seen.mix), memory
        own = Earner({kind: seen.mix.get(kind, 0.0) for kind in KINDS}, memory["own"] / memory["months"] / seen.heads)
        lot = Lot(rng)
        mix, memory = self.review(own, self._observed(seen, memory["earned"], lot), seen, memory, lot)
        return mix, memory | {"earned": {}, "own": 0.0, "months": 0}

    def _observed(self, seen: Seen, earned: Mapping[str, list[float]], lot: Lot) -> dict[str, Earner]:
        """Rivals whose profit is observed at this review, with the mixes that their public offers suggest."""
        dearest = max([seen.me.price, *(facts.price for facts in seen.rivals.values())])
        found = {}
        for name, facts in sorted(seen.rivals.items()):
            if lot.draw("observed", name) < self.observability:
                shown = posture(
                    facts.flexibility, facts.depth, facts.shown.get("distinctiveness", 0.0), facts.price, dearest
                )
                total, months = earned[name]
                found[name] = Earner(dict(zip(KINDS, shown, strict=True)), total / months / seen.heads)
        return found

    @abc.abstractmethod
    def review(
        self, own: Earner, rivals: Mapping[str, Earner], seen: Seen, memory: Memory, lot: Lot
    ) -> tuple[Mix, Memory]:
        """New mix and memory, from what one earned by which mix and what the observed rivals did; lot : this review's draws."""


@dataclass(frozen=True, kw_only=True)
class Copying(Review):
    """A review that may move part of the way to the posture of another firm."""

    copy_step: float = param(
        "part of the way moved to the posture of whom one copies", "1", low=0, high=1,
        source="Schlag 1998; register R233",
    )  # fmt: skip


class PairwiseComparison(Copying):
    """Look at one rival drawn at random and copy it with a chance that depends on the two profits.

    Source: Sandholm (2010), Population Games and Evolutionary Dynamics, ch. 4.
    """

    @abc.abstractmethod
    def chance(self, own: float, other: float) -> float:
        """Probability to copy a firm that earned `other`, for one that earned `own` [¤ a head of market and month]."""

    def review(self, own, rivals, seen, memory, lot):
        """Draw a rival, then whether to copy it."""
        if not rivals:
            return own.mix, memory
        model = rivals[lot.pick(rivals)]
        copies = lot.draw("copy") < self.chance(own.profit, model.profit)
        return (moved(own.mix, model.mix, self.copy_step) if copies else own.mix), memory


class Lot:
    """The draws of one review, addressed by what they decide and about whom, so that no draw depends on who else is there."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._seed = int(rng.integers(2**62))

    def draw(self, decision: str, name: str = "") -> float:
        """One uniform number between 0 and 1."""
        return float(uniform_at(np.uint32(0), np.uint32(0), *draws.key(self._seed, decision, name)))

    def generator(self, decision: str, name: str = "") -> np.random.Generator:
        """A generator for several numbers."""
        return draws.generator(self._seed, decision, name, 0)

    def pick(self, rivals: Mapping[str, Earner]) -> str:
        """One of the rivals, each with the same chance: who draws the highest number; newcomers only add their own."""
        return max(sorted(rivals), key=lambda name: self.draw("model", name))


def moved(own: Mix, other: Mix, step: float) -> Mix:
    """A mix on the way from one's own to another.

    >>> moved({"price": 1.0}, {"flexibility": 1.0}, 0.25)["flexibility"]
    0.25
    """
    here, there = ([mix.get(kind, 0.0) for kind in KINDS] for mix in (own, other))
    return dict(zip(KINDS, toward(here, there, step), strict=True))
