"""What serving costs (A4, F6, E4): vehicle, handling, overhead, and the spending that the strategy decided on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.ground.column import Column
from sim.ground.params import param
from sim.science.rules.cost_accounting import seat_cost
from sim.world.mechanisms import ByHook, Mechanism, at
from sim.world.seating import seats_in_vehicle, seats_shown


@dataclass(frozen=True, kw_only=True)
class CostAccounting(Mechanism):
    """Bill every firm what its offer costs. Without it no cost is known and cost-plus firms keep their list price.

    Unit cost of a standard journey = vehicle cost * seats0 / seats * (1 - max_saving * efficiency) + handling; every
    month the firm also pays its overhead and what it spends on capabilities and on research and development.
    """

    keeps: ClassVar[Mapping[str, Column]] = {
        "vehicle_cost_now": Column("float64", "¤", "the month's vehicle cost of a standard journey", "", ("firm",)),
    }
    writes: ClassVar[ByHook] = at(on_offer="unit_cost vehicle_cost_now")
    neutral: ClassVar[Mapping[str, object]] = {}

    max_saving: float = param(
        "part of the vehicle cost that full efficiency saves", "1", low=0, high=1, source="F6; register R35"
    )

    def on_begin(self, market):
        """Open every firm's books to costs, those of the other mechanisms too."""
        for firm in market.firms:
            firm.billed = True

    def on_offer(self, market):
        """Post unit costs and fixed costs."""
        for firm in market.trading:
            seats = seats_in_vehicle(firm)
            standard = firm.mode.seats or seats
            vehicle = seat_cost(firm.spec.vehicle_cost, standard, seats, self.max_saving * firm.efficiency)
            market.kept["vehicle_cost_now"][firm.index] = vehicle
            firm.unit_cost += vehicle + firm.spec.handling_cost
            firm.bill("overhead", firm.spec.overhead * market.heads)
            firm.bill("capability", firm.decision.budget * market.heads)
            firm.bill("innovation", firm.decision.research_and_development * market.heads)

    def on_publish(self, market, firm):
        """The seats that a journey's cost is shared by."""
        return seats_shown(firm)
