"""Serve differently as time, place and demand change (A1): the gap between need and standard service is closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.ground.params import param
from sim.world.strategies import Decision, Strategy


@dataclass(frozen=True, kw_only=True)
class Flexibility(Strategy):
    """Put the whole budget into flexibility: night coaches, hours matched to demand, direct lines, pick-up at campuses."""

    sets: ClassVar[Mapping[str, frozenset[str]]] = {"signature": frozenset({"seats"})}

    budget: float = param("spending on capabilities", "¤/head/month", low=0, source="A1")
    research_and_development: float = param("spending on new features", "¤/head/month", low=0, source="A7")
    seats: int = param("seats in a coach", "seats", low=1, source="A3")
    imitation: float = param("absorptive capacity", "1", low=0, high=1, source="Cohen & Levinthal 1990")

    def decide(self, seen, memory, rng):
        """Invest in flexible service and in features that make it more so."""
        decision = Decision(
            budget=self.budget,
            mix={"flexibility": 1.0},
            research_and_development=self.research_and_development,
            innovate="flexibility",
            imitation=self.imitation,
            policy={"signature": {"seats": self.seats}},
        )
        return decision, memory
