"""Replicator-mutator (A7; Page & Nowak 2002): inside the firm, activities grow with what is seen to be earned with them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.ground.params import param
from sim.science.rules.revision import replicate
from sim.world.revision import Review
from sim.world.strategies import KINDS


@dataclass(frozen=True, kw_only=True)
class ReplicatorMutator(Review):
    """Each kind's part grows by exp(selection * profit seen to go with the kind); some effort strays to other kinds.

    The profit that goes with a kind is the mean profit of the firms seen, oneself included, weighted by the kind's part
    in their mixes; of a kind that nobody seen follows, the mean of all.
    """

    selection: float = param(
        "growth per profit that goes with a kind", "1 per ¤/head/month", low=0, high=1e4,
        source="Page & Nowak 2002; register R240",
    )  # fmt: skip
    mutation: float = param(
        "part of a kind's effort that strays to the other kinds", "1", low=0, high=1,
        source="Page & Nowak 2002; register R241",
    )  # fmt: skip

    def review(self, own, rivals, seen, memory, lot):
        """Select among one's own activities."""
        firms = [own, *rivals.values()]
        profit, part = np.array([f.profit for f in firms]), np.array([[f.mix[kind] for kind in KINDS] for f in firms])
        weight = part.sum(axis=0)
        payoff = np.where(weight > 0, profit @ part / np.where(weight > 0, weight, 1.0), profit.mean())
        lead = self.selection * (payoff - payoff.max())
        fitness = [math.exp(max(x, -700.0)) for x in lead]
        return dict(
            zip(KINDS, replicate([own.mix[kind] for kind in KINDS], fitness, self.mutation), strict=True)
        ), memory
