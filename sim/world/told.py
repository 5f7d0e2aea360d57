"""Firms that do what they are told: a decision and fares that lie in the firm's memory, for test markets and outside policies.

They are no strategies of their own and have no file in the configuration: whoever puts a decision into the memory decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.world.pricing import Pricing
from sim.world.revision.fixed import Fixed
from sim.world.strategies import Strategy

if TYPE_CHECKING:
    from sim.world.scenario import FirmSpec


@dataclass(frozen=True, kw_only=True)
class Told(Strategy):
    """Decide what lies in the memory under "decision"."""

    def begin(self):
        """Told nothing yet, which no market carries out."""
        return {"decision": None}

    def decide(self, seen, memory, rng):
        """The decision of the memory."""
        return memory["decision"], memory


@dataclass(frozen=True, kw_only=True)
class SameFares(Pricing):
    """Ask last period's fares again."""

    def price(self, quote, memory, rng):
        """The fares of last period, whatever has happened to costs and rivals."""
        return quote.fares.copy(), memory


def told(spec: FirmSpec, pricing: Pricing | None = None) -> FirmSpec:
    """The same firm, told what to decide; with its own pricing rule unless another one is given."""
    return replace(spec, strategy=Told(), revision=Fixed(), pricing=spec.pricing if pricing is None else pricing)
