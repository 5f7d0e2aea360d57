"""Signature service (A3, F7, G9): fewer seats, attendants and meals; room and care that customers can feel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest, param
from sim.science.rules.signature import room_classes
from sim.world.mechanisms import ByHook, Mechanism, at
from sim.world.seating import seats_in_vehicle, seats_shown


@dataclass(frozen=True, kw_only=True)
class Signature(Mechanism):
    """Classes over the standard service: room gained by taking seats out, plus attendance times the firm's skill.

    level[f, attribute] += ln(seats0 / seats) / ln(seats0 / luxury_seats) * room_class + attended_class * skill_f.
    """

    records: ClassVar[Mapping[str, Column]] = {
        "comfort": Column(
            "float64", "classes", "the attribute over the mode's standard service, features included", "x_f,comfort"
        )
    }
    writes: ClassVar[ByHook] = at(on_offer="level unit_cost")
    after: ClassVar[frozenset[str]] = frozenset({"innovation"})  # what it shows of an offer counts
    neutral: ClassVar[Mapping[str, object]] = {"room_class": 0.0, "attended_class": 0.0, "attended_cost": 0.0}
    policies: ClassVar[frozenset[str]] = frozenset({"seats", "attended"})

    attribute: str = param("attribute that room and care raise", "1", source="A3")
    seats: int = param(
        "seats in a firm's vehicle; 0 for those of its mode's standard vehicle", "seats", low=0, source="A3; register R580"
    )
    attended: bool = param("whether attendants and meals come along", "1", source="A3; register R580")
    luxury_seats: int = param("seats of a luxury coach", "seats", low=1, source="A3: 32 seats for 47")
    room_class: float = param("comfort classes of a luxury coach's room", "classes", low=0, source="A3; register R25")
    attended_class: float = param("comfort classes of full attendance", "classes", low=0, source="A3; register R26")
    attended_cost: float = param("cost of attendance and meals", "¤/journey", low=0, source="A3; register R34")

    def check_scenario(self, scenario):
        """What it raises must be an attribute, and a luxury coach must have fewer seats than a standard one."""
        if (self.room_class or self.attended_class) and self.attribute not in scenario.population.tastes:
            raise ConfigError(
                f"mechanism.signature.attribute = '{self.attribute}': unknown attribute; "
                f"{nearest(self.attribute, scenario.population.tastes)}"
            )
        for name, mode in scenario.population.modes.items():
            if self.room_class and mode.seats and mode.seats <= self.luxury_seats:
                raise ConfigError(
                    f"mechanism.signature.luxury_seats = {self.luxury_seats} seats: expected fewer than population.modes.{name}.seats = {mode.seats}"
                )

    def on_offer(self, market):
        """Post the room and care of each firm's service and bill the attendance."""
        k = market.board.place(self.attribute)
        for firm in market.trading:
            if firm.mode.seats:
                if k is not None:
                    market.board.level[firm.index, k] += self._classes(firm)
                firm.unit_cost += self.attended_cost if firm.policy("signature", "attended") else 0.0

    def on_publish(self, market, firm):
        """How far the offer stands out, and the seats that anybody can count."""
        k = market.board.place(self.attribute)
        stands_out = {} if k is None else {"distinctiveness": float(market.board.level[firm.index, k].mean())}
        return stands_out | seats_shown(firm)

    def _classes(self, firm):
        """Room and care of a firm's service over the standard one."""
        vehicles = firm.mode.seats, seats_in_vehicle(firm), self.luxury_seats
        room = self.room_class * room_classes(*vehicles) if self.room_class else 0.0
        return room + (self.attended_class * firm.skill if firm.policy("signature", "attended") else 0.0)

    def on_record(self, market):
        """Mean level posted by each firm."""
        k = market.board.place(self.attribute)
        return {"comfort": np.zeros(len(market.firms)) if k is None else market.board.level[:, k].mean(axis=1)}
