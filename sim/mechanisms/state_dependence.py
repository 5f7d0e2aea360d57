"""State dependence (D5): what was bought before is more likely to be bought again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.bond import add_opinion, form_habit
from sim.mechanisms import Mechanism
from sim.params import param
from sim.table import Column

f4 = np.float32


@dataclass(frozen=True, kw_only=True)
class StateDependence(Mechanism):
    """Guadagni-Little loyalty variable G_if in the appeal, centred on the share the firm starts with.

    weight * (G_if - g_f), with g_f the expected share of purchases under the surveyed shares: the fitted constants of
    the modes already hold the habits of the survey's day, so a market at those shares is left where it was.
    Source: Guadagni & Little (1983), Marketing Science 2, 203-238.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "habit": Column(
            "float32", "1", "exponentially smoothed share of a firm in a customer's purchases", "G_if", ("firm",)
        )
    }
    writes: ClassVar[frozenset[str]] = frozenset({"appeal", "habit"})
    neutral: ClassVar[Mapping[str, object]] = {"weight": 0.0}

    weight: float = param("weight of the loyalty variable in the appeal", "utils", low=0, source="register R46")
    carry_over: float = param(
        "part of the variable kept at a purchase", "1", low=0, high=1, source="Guadagni & Little 1983; register R47"
    )

    def on_begin(self, market):
        """Start everybody at the surveyed shares."""
        for firm in market.firms:
            market.table["habit"][firm.index] = f4(firm.surveyed_share)

    def on_weigh(self, block, firm, out_appeal):
        """Add the customer's habit of the firm, over what the constants already hold."""
        add_opinion(block.habit[firm.index], f4(firm.surveyed_share), f4(self.weight), out_appeal)

    def on_bond(self, block):
        """Smooth this period's purchase into the habit."""
        for firm in block.market.firms:
            form_habit(block.provider, firm.index, f4(self.carry_over), block.habit[firm.index])
