"""Stay as you are: the offer of the first period, for ever (the modes that the coaches compete with)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.ground.params import param
from sim.world.strategies import Decision, Strategy


@dataclass(frozen=True, kw_only=True)
class Fixed(Strategy):
    """No investment, no innovation, no imitation."""

    sets: ClassVar[Mapping[str, frozenset[str]]] = {"signature": frozenset({"seats"})}

    seats: int = param("seats in a vehicle", "seats", low=1, source="A3")

    def decide(self, seen, memory, rng):
        """Repeat the standing offer."""
        return Decision(policy={"signature": {"seats": self.seats}}), memory
