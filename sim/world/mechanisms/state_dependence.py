"""State dependence (D5): what was bought before is more likely to be bought again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import param
from sim.science.kernels.choose import weigh
from sim.science.kernels.state_dependence import add_habit, expect_purchases, form_habit
from sim.world.mechanisms import Mechanism

f4 = np.float32
WHOLE, SMALLEST = f4(65535), np.finfo(f4).tiny  # nothing is usual where no firm is left


@dataclass(frozen=True, kw_only=True)
class StateDependence(Mechanism):
    """Guadagni-Little loyalty variable G_if in the appeal, centred on what is usual for the customer.

    weight * (G_if - g_if), with g_if the customer's own expected share of purchases in the surveyed market: fitted tastes
    and constants already hold what is usual, so only what a customer's history adds to it may count. Everybody starts
    at the usual share, and the surveyed market starts where the survey left it. Usual is among the firms that are in the
    market: when one enters or leaves, what is usual changes at once and habits follow with the purchases.
    Source: Guadagni & Little (1983), Marketing Science 2, 203-238; the centring after Heckman (1981), who separates state
    dependence from the differences between people.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "habit": Column(
            "uint16", "1/65535", "exponentially smoothed share of a firm in a customer's purchases", "G_if", ("firm",)
        ),
        "usual": Column(
            "uint16", "1/65535", "expected share of a firm in a customer's purchases as surveyed", "g_if", ("firm",)
        ),
    }
    neutral: ClassVar[Mapping[str, object]] = {"weight": 0.0}

    weight: float = param("weight of the loyalty variable in the appeal", "utils", low=0, source="register R46")
    carry_over: float = param(
        "part of the variable kept at a purchase", "1", low=0, high=1, source="Guadagni & Little 1983; register R47"
    )

    def on_arrive(self, rows):
        """Start everybody at the usual share."""
        rows.market.memory.setdefault("state_dependence", [firm.name for firm in rows.market.trading])
        self._expect(rows)
        rows.habit[:] = rows.usual[:]

    def on_offer(self, market):
        """When firms have come or gone, work out anew what is usual; habits stay as they are."""
        there = [firm.name for firm in market.trading]
        if there != market.memory["state_dependence"]:
            market.memory["state_dependence"] = there
            for block in market.blocks:
                self._expect(block)

    def _expect(self, rows):
        """The usual share: the logit of the surveyed fares and standard services of the firms in the market."""
        market = rows.market
        appeal, total = np.empty(len(rows), np.float32), np.zeros(len(rows), np.float32)
        odds = np.zeros((len(market.firms), len(rows)), np.float32)
        for firm in market.trading:
            m = firm.mode_index
            fare = np.full(market.cells, firm.mode.standard_fare, np.float32)
            weigh(
                rows.standard_appeal[m], market.presence[firm.index], rows.price_sensitivity, rows.journey[m], fare,
                rows.cell, rows.scratch(np.float32), appeal,
            )  # fmt: skip
            expect_purchases(appeal, odds[firm.index], total)
        rows.usual[:] = np.rint(odds / np.maximum(total, SMALLEST) * WHOLE)

    def on_weigh(self, rows, firm, out_appeal):
        """Add the customer's habit of the firm, over what is usual for this customer."""
        add_habit(rows.habit[firm.index], rows.usual[firm.index], f4(self.weight) / WHOLE, out_appeal)

    def on_bond(self, rows):
        """Smooth this period's purchase into the habit."""
        for firm in rows.market.firms:
            form_habit(rows.provider, firm.index, f4(self.carry_over), rows.habit[firm.index])
