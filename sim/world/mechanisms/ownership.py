"""Ownership (B5, G2): firms of one owner do not compete with one another, after a merger for example (Deneckere & Davidson 1985)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest, param
from sim.world.mechanisms import ByHook, Mechanism, at


@dataclass(frozen=True, kw_only=True)
class Ownership(Mechanism):
    """From a month on, the firms of each set belong to one owner; every firm keeps its name, offer and books.

    Pricing rules that know of owners use it: logit_bertrand maximises the owner's profit, match and undercut leave
    sisters alone. Nothing else changes hands, and costs stay as they are.
    Source: Deneckere & Davidson (1985), Incentives to form coalitions with Bertrand competition, RAND J. Economics 16,
    473-486; Werden & Froeb (1994), J. Law, Economics & Organization 10, 407-426.
    """

    records: ClassVar[Mapping[str, Column]] = {
        "owned_firms": Column("int64", "firms", "firms in the market that belong to the firm's owner, itself included"),
        "owner_profit": Column("float64", "¤", "profit of all firms of the firm's owner this month"),
    }
    writes: ClassVar[ByHook] = at(on_open="owner")
    neutral: ClassVar[Mapping[str, object]] = {"sets": {}}

    sets: Mapping[str, tuple[str, ...]] = param(
        "firms of each owner, by the owner's name; a firm in no set is its own", "1",
        source="Deneckere & Davidson 1985; register R221",
    )  # fmt: skip
    since: int = param("month from which the sets hold; 0 for always", "months", low=0, source="register R222")

    def check(self):
        """No firm has two owners."""
        owner = {}
        for name, firms in self.sets.items():
            for firm in firms:
                if firm in owner:
                    other = "twice" if owner[firm] == name else f"by {owner[firm]}, too"
                    raise ConfigError(f"sets.{name}: {firm} is owned {other}; expected sets that do not overlap")
                owner[firm] = name

    def check_scenario(self, scenario):
        """Owned firms must exist, and no owner may be taken for a firm that it does not own."""
        for name, firms in self.sets.items():
            for firm in firms:
                if firm not in scenario.firms:
                    raise ConfigError(
                        f"mechanism.ownership.sets.{name}: unknown firm '{firm}'; {nearest(firm, scenario.firms)}"
                    )
            if name in scenario.firms and name not in firms:
                raise ConfigError(
                    f"mechanism.ownership.sets.{name}: {name} is a firm outside the set; expected another name"
                )

    def on_open(self, market):
        """Let the firms change hands when the month has come."""
        if market.period == self.since:
            for owner, firms in self.sets.items():
                for name in firms:
                    market.firm(name).owner = owner

    def on_record(self, market):
        """How many firms each firm's owner has, and what they earned together."""
        owners = [firm.owner for firm in market.firms]
        same = np.array([[a == b for b in owners] for a in owners])
        return {
            "owned_firms": same @ market.by_firm("trading").astype(np.int64),
            "owner_profit": np.array([market.by_firm("profit")[row].sum() for row in same]),
        }
