"""Decided capacity (G3, C8): a fleet follows a plan, and an empty seat costs as much as a sold one (Talluri & van Ryzin 2004)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, param
from sim.science.rules.capacity import adjusted, fleet_bill, planned, seat_price
from sim.world.mechanisms import ByHook, Mechanism, at


@dataclass(frozen=True, kw_only=True)
class Capacity(Mechanism):
    """Each firm decides how large a fleet it runs, in units of its standard timetable (1 is what perishability gives it).

    With a target load the plan follows the demand that the firm expects; without one it is the `fleet` that the firm
    names. Each month a part of the gap is closed, and what is added is paid for. The fleet's cost is fixed: the firm is
    billed for the seats that it offers, and credited what its passengers were billed for the vehicle.
    """

    keeps: ClassVar[Mapping[str, Column]] = {
        "fleet": Column("float64", "1", "fleet of the coming month in standard timetables", "", ("firm",), 1),
        "demand_expected": Column("float64", "purchases", "demand that the firm expects; NaN before the first month", "", ("firm",), np.nan),
        "fleet_ran": Column("float64", "1", "fleet of the month in standard timetables; NaN where seats are not counted", "", ("firm",), np.nan),
        "idle_cost": Column("float64", "¤", "cost of the month's seats that left empty", "", ("firm",)),
        "seats_sold": Column("int64", "seats", "seats taken in the month", "", ("firm",)),
        "turned_away": Column("int64", "purchases", "customers whom the firm turned away in the month", "", ("firm",)),
    }
    records: ClassVar[Mapping[str, Column]] = {
        "fleet": Column("float64", "1", "fleet of the month in standard timetables; NaN where seats are not counted"),
        "seats_offered": Column("float64", "seats", "seats of the month; NaN where they are not counted"),
        "idle_cost": Column("float64", "¤", "cost of this month's seats that left empty"),
    }
    needs: ClassVar[Mapping[str, str]] = {"perishability": "whose seats it decides on"}
    reads: ClassVar[ByHook] = at(on_settle="seats_offered seats_standard vehicle_cost_now")
    writes: ClassVar[ByHook] = at(on_settle="fleet")
    neutral: ClassVar[Mapping[str, object]] = {"fixed_share": 0.0, "target_load": 0.0, "fleet": 1.0}
    policies: ClassVar[frozenset[str]] = frozenset({"target_load", "fleet", "expansion", "retirement"})

    fixed_share: float = param(
        "part of the vehicle cost that is paid for seats, sold or not", "1", low=0, high=1,
        source="Talluri & van Ryzin 2004; register R360",
    )  # fmt: skip
    standard_load: float = param(
        "load at which a fleet costs what its passengers are billed for it", "1", low=0, high=1, source="register R361"
    )
    target_load: float = param(
        "load that the fleet is planned for; 0 to plan the size itself", "1", low=0, high=1,
        source="C8; register R362",
    )  # fmt: skip
    fleet: float = param(
        "fleet on the first day, and the plan where there is no target load, in standard timetables", "1", low=0,
        source="register R363",
    )  # fmt: skip
    expansion: float = param(
        "part of a lack that is built within a month", "1/month", low=0, high=1,
        source="Hamermesh & Pfann 1996; register R364",
    )  # fmt: skip
    retirement: float = param(
        "part of a surplus that is worn out or sold within a month", "1/month", low=0, high=1,
        source="Hamermesh & Pfann 1996; register R365",
    )  # fmt: skip
    adjustment_cost: float = param(
        "cost of building a seat a month, once, beyond what the seat costs in use", "¤/seat", low=0,
        source="Hamermesh & Pfann 1996; register R366",
    )  # fmt: skip
    smoothing: float = param(
        "weight of the last month in the demand that a firm expects", "1", low=0, high=1,
        source="Brown 1959, Statistical Forecasting for Inventory Control; register R367",
    )  # fmt: skip

    def check_scenario(self, scenario):
        """Who plans a fleet must have seats that are counted."""
        counted = scenario.mechanism["perishability"].seats
        for name, firm in scenario.firms.items():
            if firm.policy.get("capacity") and firm.mode not in counted:
                raise ConfigError(
                    f"firms.{name}.policy.capacity: no seats of mode '{firm.mode}' are counted; "
                    f"expected mechanism.perishability.seats.{firm.mode}"
                )

    def on_begin(self, market):
        """Every firm opens with the fleet it names."""
        market.kept["fleet"][:] = [float(firm.policy("capacity", "fleet")) for firm in market.firms]

    def on_report(self, market, firm):
        """What the firm ran last month: fleet, seats, seats sold, customers turned away."""
        kept, f = market.kept, firm.index
        offered = market.kept["seats_offered"][f]
        if market.period == 0 or np.isnan(offered):
            return {}
        return {
            "fleet": float(kept["fleet_ran"][f]), "seats": float(offered), "sold": int(kept["seats_sold"][f]),
            "turned_away": int(kept["turned_away"][f]),
        }  # fmt: skip

    def on_settle(self, market):
        """Bill the seats that were offered, then build or retire towards the plan."""
        kept = market.kept
        kept["seats_sold"][:] = market.total("seated").sum(axis=1)
        kept["turned_away"][:] = market.total("second_choices") + market.total("unserved")
        kept["fleet_ran"][:], kept["idle_cost"][:] = np.nan, 0.0
        vehicle = kept.get("vehicle_cost_now")
        for firm in market.trading:
            if not np.isnan(kept["seats_offered"][firm.index]):
                kept["fleet_ran"][firm.index] = kept["fleet"][firm.index]
                if vehicle is not None:
                    self._bill(market, firm, float(vehicle[firm.index]))
                self._build(market, firm)

    def _bill(self, market, firm, vehicle):
        f, kept = firm.index, market.kept
        offered = float(market.kept["seats_offered"][f])
        journeys = float(market.off_grid(market.total("journeys")[f]).sum())
        kept["idle_cost"][f] = seat_price(vehicle, self.fixed_share, self.standard_load) * (offered - kept["seats_sold"][f])
        firm.bill("capacity", fleet_bill(vehicle, self.fixed_share, self.standard_load, offered, journeys))

    def _build(self, market, firm):
        f, kept = firm.index, market.kept
        wanted, standard = float(market.total("wanted")[f].sum()), float(market.kept["seats_standard"][f])
        before = kept["demand_expected"][f]
        expected = wanted if np.isnan(before) else (1 - self.smoothing) * before + self.smoothing * wanted
        load, fleet = firm.policy("capacity", "target_load"), float(kept["fleet"][f])
        plan = planned(expected, load, standard) if load > 0 and standard > 0 else firm.policy("capacity", "fleet")
        speed = firm.policy("capacity", "expansion"), firm.policy("capacity", "retirement")
        kept["demand_expected"][f], kept["fleet"][f] = expected, adjusted(fleet, plan, *speed)
        firm.bill("capacity", self.adjustment_cost * max(kept["fleet"][f] - fleet, 0.0) * standard)

    def on_record(self, market):
        """Fleets, seats, and what the empty ones cost."""
        kept = market.kept
        return {
            "fleet": kept["fleet_ran"],
            "seats_offered": market.kept["seats_offered"],
            "idle_cost": kept["idle_cost"],
        }
