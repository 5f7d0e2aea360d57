"""Offer different services to different customers, after asking them (A2, A6), and reward the frequent (A5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.ground.params import param
from sim.world.strategies import Decision, Strategy


@dataclass(frozen=True, kw_only=True)
class Diversification(Strategy):
    """Interview customers at each review, move every segment's offer towards what they said, run a programme."""

    sets: ClassVar[Mapping[str, frozenset[str]]] = {
        "signature": frozenset({"seats"}),
        "loyalty_programme": frozenset({"run"}),
        "segment_needs": frozenset({"interviews"}),
    }

    budget: float = param("spending on capabilities", "¤/head/month", low=0, source="A2")
    research_and_development: float = param("spending on new features", "¤/head/month", low=0, source="A7")
    seats: int = param("seats in a coach", "seats", low=1, source="A3")
    imitation: float = param("absorptive capacity", "1", low=0, high=1, source="Cohen & Levinthal 1990")
    interviews: int = param("depth interviews at each review", "customers", low=0, source="A6")
    review_every: int = param("months between reviews", "months", low=1, source="C1")

    def decide(self, seen, memory, rng):
        """Invest in variety; interview when a review is due."""
        decision = Decision(
            budget=self.budget,
            mix={"diversification": 1.0},
            research_and_development=self.research_and_development,
            innovate="diversification",
            imitation=self.imitation,
            policy={
                "signature": {"seats": self.seats},
                "loyalty_programme": {"run": True},
                "segment_needs": {"interviews": self.interviews if seen.period % self.review_every == 0 else 0},
            },
        )
        return decision, memory
