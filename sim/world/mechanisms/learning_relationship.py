"""The learning relationship (F1, F2, F3): each purchase teaches an able firm the customer; Pine, Peppers & Rogers 1995."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import param
from sim.science.kernels.learning_relationship import add_fit_learned, add_learned_delivered, forget, learn
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32
WHOLE = 65535


@dataclass(frozen=True, kw_only=True)
class LearningRelationship(Mechanism):
    """With knowledge k the firm's offer to this customer lies k of the way from the segment's position to the ideal.

    Knowledge grows by rate * depth * (1 - k) at a purchase, so that a firm without the capability to diversify never
    learns, and fades by `forgetting` a month. A rival starts from zero: that is the cost of switching, and nothing else
    is added. Adapting the service costs adaptation_cost * k a purchase.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "knowledge": Column(
            "uint16",
            "1/65535",
            "part of the way to this customer's ideal that a firm has learned",
            "k_if",
            ("firm",),
            by_purchase=True,
        )
    }
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {"knowledge_used": ("firm",)}
    records: ClassVar[Mapping[str, Column]] = {
        "knowledge_of_buyers": Column("float64", "1", "mean knowledge that the firm had of this month's buyers"),
        "adaptation": Column("float64", "¤", "cost of fitting the service to the customers known"),
    }
    needs: ClassVar[Mapping[str, str]] = {"segment_needs": "whose offers it fits to the single customer"}
    writes: ClassVar[ByHook] = at(on_serve="quality")
    neutral: ClassVar[Mapping[str, object]] = {"rate": 0.0}

    rate: float = param(
        "part of what is unknown that a purchase teaches at full depth", "1", low=0, high=1,
        source="Pine, Peppers & Rogers 1995; register R103",
    )  # fmt: skip
    forgetting: float = param("part of the knowledge lost per month", "1", low=0, high=1, source="F2; register R104")
    adaptation_cost: float = param(
        "cost of a journey fitted wholly to one customer", "¤", low=0, source="F1; register R105"
    )

    def on_begin(self, market):
        """No firm knows any customer yet."""
        market.memory["learning_relationship"] = np.zeros(len(market.firms), bool)

    def on_offer(self, market):
        """Note which firms have ever been able to learn: only their customers need to be looked at."""
        able = [self.rate * firm.depth > 0 for firm in market.firms]
        market.memory["learning_relationship"] |= np.array(able)

    def on_weigh(self, rows, firm, out_appeal):
        """Add what the firm's knowledge of each customer makes its offer better."""
        market, f = rows.market, firm.index
        if market.memory["learning_relationship"][f]:
            posted = rows.scratch(f4)
            for d in range(len(market.needs)):
                add_fit_learned(
                    rows.knowledge[f], f4(market.board.need_weight), market.board.position[f, d], rows.ideal[d], rows.cell,
                    posted, out_appeal,
                )  # fmt: skip

    def on_serve(self, rows):
        """The same fit is part of the service received."""
        market = rows.market
        if market.memory["learning_relationship"].any():
            add_learned_delivered(
                rows.provider, rows.place, rows.in_place("knowledge"), f4(market.board.need_weight), market.board.position, rows.ideal, rows.cell,
                rows.scratch(np.uint32), rows.scratch(f4), rows.scratch(f4), rows.quality, rows.tally["knowledge_used"],
            )  # fmt: skip

    def on_bond(self, rows):
        """Learn from the purchase."""
        steps = np.array([self.rate * firm.depth for firm in rows.market.firms], f4)
        if steps.any():
            learn(rows.provider, rows.place, steps, rows.in_place("knowledge"))

    def on_turn(self, block):
        """Forget a little."""
        if self.forgetting > 0:
            for firm in block.market.firms:
                if block.market.memory["learning_relationship"][firm.index]:
                    forget(f4(1 - self.forgetting), block.knowledge[firm.index])

    def _cost(self, market):
        return self.adaptation_cost * market.total("knowledge_used") / WHOLE

    def on_settle(self, market):
        """Pay for fitting the service."""
        cost = self._cost(market)
        for firm in market.firms:
            firm.bill("adaptation", float(cost[firm.index]))

    def on_record(self, market):
        """How well each firm knew its buyers, and what that cost."""
        purchases = np.maximum(market.total("purchases"), 1)
        return {
            "knowledge_of_buyers": market.total("knowledge_used") / WHOLE / purchases,
            "adaptation": self._cost(market),
        }
