"""Frequent-traveller programme (A5): trips earn points, points earn a free trip, idle points expire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.bond import add_programme, keep_points, redeem
from sim.mechanisms import Mechanism
from sim.params import ConfigError, param
from sim.table import Column

f4, i4 = np.float32, np.int32
EARNED, REDEEMED, EXPIRED = range(3)


@dataclass(frozen=True, kw_only=True)
class LoyaltyProgramme(Mechanism):
    """A firm that runs a programme gives points for paid trips and a free trip at the threshold.

    Nothing is added to utility but money: the free trip costs nothing, and a customer who looks ahead counts the
    foreseen part of the reward that the trip's points bring nearer. The firm carries the trip's cost and the liability.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "points": Column("int32", "points", "points a customer holds with a firm", "", ("firm",)),
        "earned_at": Column("int16", "period", "period in which points last moved", "", ("firm",)),
        "free": Column("bool", "1", "whether this period's trip was a reward"),
    }
    writes: ClassVar[frozenset[str]] = frozenset({"appeal", "paid", "points", "earned_at", "free"})
    tallies: ClassVar[tuple[str, ...]] = ("points_earned", "points_redeemed", "points_expired")
    records: ClassVar[Mapping[str, Column]] = {
        "points_earned": Column("int64", "points", "points earned this period"),
        "points_redeemed": Column("int64", "points", "points turned into free trips this period"),
        "points_expired": Column("int64", "points", "points expired this period"),
        "points_liability": Column("int64", "points", "points that customers hold at the end of the period"),
    }
    neutral: ClassVar[Mapping[str, object]] = {"points_per_trip": 0, "foresight": 0.0}

    points_per_trip: int = param("points a paid trip earns", "points", low=0, source="A5; register R51")
    threshold: int = param("points that a free trip costs", "points", low=1, source="A5; register R51")
    expiry: int = param("idle months after which points expire", "months", low=1, source="register R52")
    foresight: float = param(
        "part of a reward that customers count before they have it",
        "1",
        low=0,
        high=1,
        source="Lewis 2004; register R53",
    )

    def check_scenario(self, scenario):
        """A reward must take at least one trip to earn."""
        if self.points_per_trip > self.threshold:
            raise ConfigError(
                f"mechanism.loyalty_programme.points_per_trip = {self.points_per_trip} points: expected points_per_trip <= threshold = {self.threshold}"
            )

    def on_begin(self, market):
        """Nobody holds points yet."""
        market.memory["loyalty_programme"] = np.zeros(len(market.firms), np.int64)

    def on_weigh(self, block, firm, out_appeal):
        """Add the utility of the money the programme saves."""
        if firm.decision.programme:
            add_programme(
                block.points[firm.index],
                i4(self.threshold),
                i4(self.points_per_trip),
                f4(self.foresight),
                block.price_sensitivity,
                block.journey[firm.mode_index],
                block.market.board.fare[firm.index],
                block.cell,
                out_appeal,
            )

    def on_serve(self, block):
        """Let those who have the points travel free."""
        block.free[:] = False
        for firm in block.market.firms:
            if firm.decision.programme:
                redeem(block.provider, block.points[firm.index], firm.index, i4(self.threshold), block.free, block.paid)

    def on_bond(self, block):
        """Book points earned, redeemed and expired."""
        flow = np.zeros(3, np.int64)
        for firm in block.market.firms:
            if firm.decision.programme:
                flow[:] = 0
                keep_points(
                    block.provider,
                    block.free,
                    np.int16(block.market.period),
                    firm.index,
                    i4(self.threshold),
                    i4(self.points_per_trip),
                    i4(self.expiry),
                    block.points[firm.index],
                    block.earned_at[firm.index],
                    flow,
                )
                block.tally["points_earned"][firm.index] += flow[EARNED]
                block.tally["points_redeemed"][firm.index] += flow[REDEEMED]
                block.tally["points_expired"][firm.index] += flow[EXPIRED]

    def on_settle(self, market):
        """Carry the liability forward."""
        change = market.total("points_earned") - market.total("points_redeemed") - market.total("points_expired")
        market.memory["loyalty_programme"] += change

    def on_record(self, market):
        """Flows and liability of each programme."""
        return {name: market.total(name) for name in self.tallies} | {
            "points_liability": market.memory["loyalty_programme"].copy()
        }
