"""An institutional buyer as Mesa's agent: a public body or a company that buys in batches by tender (B1, B2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
from mesa.agent import AgentSet

from sim.ground.grid import CENTS

if TYPE_CHECKING:
    from sim.market.market import Market


class Institution(mesa.Agent):
    """A handle on one buyer of the mechanism `tenders`; what happened is kept in the market's memory.

    Attributes
    ----------
    name : as in the config. terms : what it asks for and how it pays, by name (`sim.world.mechanisms.tenders.Buyer`).
    """

    def __init__(self, market: Market, name: str) -> None:
        super().__init__(market)
        self.name = name

    terms = property(lambda self: self.model.world.mechanism["tenders"].institutions[self.name])

    @property
    def account(self) -> dict[str, Any]:
        """Its contract and what it owes, as the mechanism keeps them."""
        return self.model.memory["tenders"]["accounts"][self.name]

    @property
    def supplier(self) -> str | None:
        """Name of the firm under contract, or None."""
        return self.account["firm"] or None

    @property
    def price(self) -> float:
        """What the running contract pays for a journey [¤]; 0 without one."""
        return self.account["cents"] / CENTS if self.supplier else 0.0

    @property
    def months_left(self) -> int:
        """Months that the contract still runs."""
        return self.account["left"]

    @property
    def owed(self) -> float:
        """What it owes to all firms [¤]."""
        return sum(self.account["owed"].values()) / CENTS

    @property
    def awards(self) -> list[dict[str, Any]]:
        """Its awards so far, the oldest first."""
        return [dict(a) for a in self.model.memory["tenders"]["awards"] if a["institution"] == self.name]

    def __repr__(self) -> str:
        return f"Institution {self.name}: {self.supplier or 'no supplier'}"


def institutions_of(market: Market) -> list[Institution]:
    """One agent for every buyer that a mechanism names, in the order of their names; the market keeps them by type."""
    market.agents_by_type[Institution] = AgentSet([], random=market.random)
    buyers = sorted(name for mechanism in market.mechanisms for name in getattr(mechanism, "institutions", ()))
    return [Institution(market, name) for name in buyers]
