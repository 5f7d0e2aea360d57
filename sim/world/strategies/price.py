"""Sell on price (A4, F6): every coin of the budget goes into doing the standard service more cheaply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.ground.params import param
from sim.world.strategies import Decision, Strategy


@dataclass(frozen=True, kw_only=True)
class Price(Strategy):
    """Standardise and cut the cost of a seat; the pricing rule passes the saving on."""

    sets: ClassVar[Mapping[str, frozenset[str]]] = {"signature": frozenset({"seats"})}

    budget: float = param("spending on capabilities", "¤/head/month", low=0, source="F6")
    seats: int = param("seats in a coach", "seats", low=1, source="A3")
    imitation: float = param("absorptive capacity", "1", low=0, high=1, source="Cohen & Levinthal 1990")

    def decide(self, seen, memory, rng):
        """Invest in efficiency only."""
        decision = Decision(
            budget=self.budget,
            mix={"price": 1.0},
            imitation=self.imitation,
            policy={"signature": {"seats": self.seats}},
        )
        return decision, memory
