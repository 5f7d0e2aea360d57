"""Customer value (C3, D3): what each customer contributed to each firm in the accounting year, and how unequally."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import WINDOW
from sim.ground.params import param
from sim.science.kernels.customer_value import add_redress, book_contributions
from sim.science.kernels.occasions import fill
from sim.world.mechanisms import ByHook, Mechanism, at
from sim.world.mechanisms.valuation import yearly

f4 = np.float32
YEARLY = "of customers who bought in the year; known in the last month of each year of 12 months"


@dataclass(frozen=True, kw_only=True)
class CustomerValue(Mechanism):
    """Each purchase adds what was paid less what it cost to the customer's contribution of the year.

    It only measures: no rule but `customer_management` reads what it keeps. The yearly records are computed when the year is written down
    (`sim.world.mechanisms.valuation`), so that nothing is sorted while the market plays.
    Source: Mulhern (1999), J. Interactive Marketing 13, 25-40; Gupta & Lehmann (2003), Customers as assets,
    J. Interactive Marketing 17, 9-24.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "contribution": Column(
            "int16", "grains", "contribution to a firm since the accounting year began, at the limit if beyond", "",
            ("firm",),
            by_purchase=True,
        ),
    }  # fmt: skip
    records: ClassVar[Mapping[str, Column]] = {
        "mean_contribution": Column("float64", "¤/year", f"mean contribution {YEARLY}"),
        "value_gini": Column("float64", "1", f"Gini coefficient of the contributions {YEARLY}"),
        "value_top": Column("float64", "1", f"part of the contribution that comes from the best 20 % {YEARLY}"),
        "value_a": Column("float64", "1", f"part of the contribution from class A, the best 20 % {YEARLY}"),
        "value_b": Column("float64", "1", f"part from class B, the next 70 % {YEARLY}"),
        "value_c": Column("float64", "1", f"part from class C, the last 10 % {YEARLY}"),
        "lifetime_value": Column(
            "float64", "¤", "present value of a customer's coming years at the year's mean contribution and retention"
        ),
        "customer_equity": Column("float64", "¤", "lifetime value of all customers who bought in the year"),
        "satisfaction_a": Column("float64", "utils", f"mean satisfaction of class A {YEARLY}"),
        "satisfaction_rest": Column("float64", "utils", f"mean satisfaction of classes B and C {YEARLY}"),
    }

    reads: ClassVar[ByHook] = at(on_bond="mood paid")
    writes: ClassVar[ByHook] = at(on_arrive="contribution", on_hear="contribution", on_bond="contribution")
    grain: float = param(
        "unit in which contributions are kept; 32767 of them are the most", "¤", low=1e-3, high=1e3,
        source="register R145",
    )  # fmt: skip
    service_cost: float = param(
        "cost of a purchase that is not in the firm's cost of a journey", "¤", low=0, high=1e5,
        source="C3; register R146",
    )  # fmt: skip
    discount: float = param(
        "discount rate of a year", "1", low=0, high=10, source="Gupta & Lehmann 2003; register R147"
    )

    def on_arrive(self, rows):
        """Who enters the market has contributed nothing."""
        rows.contribution[:] = 0

    def on_hear(self, block):
        """Begin the accounting year."""
        if block.market.period % WINDOW == 0:
            for contribution in block.contribution:
                fill(np.int16(0), contribution)

    def on_bond(self, rows):
        """Book the purchases of an occasion at what they cost the firms this month."""
        market = rows.market
        unit_cost = np.array([firm.unit_cost * firm.billed for firm in market.firms], f4)
        book_contributions(
            rows.provider, rows.place, rows.cell, market.mode_of, rows.journey, rows.paid, unit_cost,
            self._beside_the_journey(rows), f4(self.grain), rows.scratch(f4), rows.scratch(f4),
            rows.in_place("contribution"),
        )  # fmt: skip

    def _beside_the_journey(self, rows):
        """(rows,) what a purchase costs its firm beside the journey, complaints included where it pays for them [¤]."""
        market, cost = rows.market, rows.scratch(f4)
        if "mood" in market.table:
            terms = market.world.mechanism["complaint"]
            price = np.array([0.0, terms.handling_cost, terms.handling_cost + terms.redress_cost, 0.0, 0.0], f4)
            pays = np.array([firm.billed and firm.mode.accounts for firm in market.firms], np.bool_)
            add_redress(rows.provider, rows.mood, pays, price, f4(self.service_cost), cost)
        else:
            fill(f4(self.service_cost), cost)
        return cost

    def on_record(self, market):
        """What customers were worth, where the month ended a year."""
        return yearly(market)
