"""A unique, visible service (A3): fewer seats, attendants and meals, and a stream of signature features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.ground.params import param
from sim.world.strategies import Decision, Strategy


@dataclass(frozen=True, kw_only=True)
class Distinctiveness(Strategy):
    """Luxury coaches and the skill to run them, with most of the money in new signature features."""

    sets: ClassVar[Mapping[str, frozenset[str]]] = {"signature": frozenset({"seats", "attended"})}

    budget: float = param("spending on capabilities", "¤/head/month", low=0, source="A3")
    research_and_development: float = param("spending on new features", "¤/head/month", low=0, source="A7")
    seats: int = param("seats in a coach", "seats", low=1, source="A3: 32 seats for 47")
    imitation: float = param("absorptive capacity", "1", low=0, high=1, source="Cohen & Levinthal 1990")

    def decide(self, seen, memory, rng):
        """Keep the coach roomy and attended; invest in skill and in features nobody else has."""
        decision = Decision(
            budget=self.budget,
            mix={"distinctiveness": 1.0},
            research_and_development=self.research_and_development,
            innovate="distinctiveness",
            imitation=self.imitation,
            policy={"signature": {"seats": self.seats, "attended": True}},
        )
        return decision, memory
