"""Frequent-traveller programme (A5, C6): points, thresholds, tiers, expiry, partners who take points; what it costs the firm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, param
from sim.science.kernels.draw import uniforms
from sim.science.kernels.gather import take
from sim.science.kernels.loyalty_programme import add_programme, earn, expire, reach_tiers, redeem, spend, turn_in
from sim.science.kernels.occasions import fill
from sim.science.rules.loyalty_programme import first_step
from sim.world.mechanisms import ByHook, Mechanism, at

f4, i2 = np.float32, np.int16
FLOWS = ("points_earned", "points_redeemed", "points_expired", "points_at_partners")


@dataclass(frozen=True, kw_only=True)
class LoyaltyProgramme(Mechanism):
    """A firm that runs a programme gives points for paid trips and a free trip at the threshold.

    Nothing is added to utility but money: the free trip costs nothing, and a customer who looks ahead counts the
    foreseen part of the reward that the trip's points bring nearer, more so near the goal. Members who travelled in
    enough of the last twelve months are of a higher tier and earn more. Who stayed away may turn points in at a partner
    merchant. The firm carries the trip's cost, the partner's bill and the liability.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "points": Column("int16", "points", "points a customer holds with a firm", "", ("firm",), by_purchase=True),
        "free": Column("bool", "1", "whether the last trip was a reward"),
    }
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {name: ("firm",) for name in FLOWS}
    records: ClassVar[Mapping[str, Column]] = {
        "points_earned": Column("int64", "points", "points earned this period"),
        "points_redeemed": Column("int64", "points", "points turned into free trips this period"),
        "points_expired": Column("int64", "points", "points expired this period"),
        "points_at_partners": Column("int64", "points", "points turned in at partner merchants this period"),
        "points_liability": Column("int64", "points", "points that customers hold at the end of the period"),
        "liability": Column("float64", "¤", "fares of standard journeys that those points can buy"),
    }
    writes: ClassVar[ByHook] = at(on_serve="free paid", on_bond="points", on_turn="points")
    neutral: ClassVar[Mapping[str, object]] = {"points_per_trip": 0, "tier_points": (0, 0), "foresight": 0.0}
    policies: ClassVar[frozenset[str]] = frozenset({"run"})

    run: bool = param("whether a firm runs a programme", "1", source="A5; register R582")
    points_per_trip: int = param("points a paid trip earns", "points", low=0, high=1000, source="A5; register R51")
    threshold: int = param("points that a free trip costs", "points", low=1, high=15000, source="A5; register R51")
    expiry: int = param("idle months after which points expire", "months", low=1, high=24, source="register R52")
    foresight: float = param(
        "part of a reward that customers count before they have it", "1", low=0, high=1,
        source="Lewis 2004; register R53",
    )  # fmt: skip
    goal_gradient: float = param(
        "growth of a point's value over the way to the goal, as a power of e", "1", low=0, high=10,
        source="Kivetz, Urminsky & Zheng 2006; register R54",
    )  # fmt: skip
    tier_months: tuple[int, ...] = param(
        "months with a trip among the last 12 that reach each tier", "months", low=1, high=12,
        source="A5; register R55",
    )  # fmt: skip
    tier_points: tuple[int, ...] = param(
        "points a trip earns on top at each tier", "points", low=0, high=1000, source="A5; register R55"
    )
    partner_points: int = param("points that a partner merchant takes", "points", low=1, source="C6; register R56")
    partner_rate: float = param(
        "chance per month that an absent member with enough points turns them in", "1", low=0, high=1,
        source="C6; register R56",
    )  # fmt: skip
    partner_price: float = param(
        "what the firm pays the merchant for a point", "¤/point", low=0, source="C6; register R56"
    )

    def check(self):
        """A reward must take at least one trip to earn; tiers come in order."""
        most = self.points_per_trip + max((0, *self.tier_points))
        if most > self.threshold:
            raise ConfigError(
                f"points_per_trip = {self.points_per_trip} points: expected points_per_trip <= threshold = {self.threshold}, tier_points included"
            )
        if len(self.tier_months) != len(self.tier_points) or list(self.tier_months) != sorted(set(self.tier_months)):
            raise ConfigError(
                f"tier_months = {list(self.tier_months)}: expected ascending months, one for each of tier_points"
            )

    def check_scenario(self, scenario):
        """Points are earned by purchases: there must be some."""
        incidence = scenario.mechanism.get("purchase_incidence")
        if incidence is not None and incidence.mean == 0:
            raise ConfigError(
                "mechanism.loyalty_programme: nobody buys, so that nobody earns points; expected mechanism.purchase_incidence.mean > 0"
            )

    def unforeseen(self):
        """Points are worth a part of the fare."""
        earned = self.points_per_trip > 0 or any(self.tier_points)
        return "what points are worth moves with the fare, and free trips pay none" if earned else ""

    def on_begin(self, market):
        """Nobody holds points yet."""
        market.memory["loyalty_programme"] = np.zeros(len(market.firms), np.int64)

    def _tiers(self):
        """Months that reach each tier, and the points of a trip at each of them, the lowest first."""
        points = self.points_per_trip + np.array([0, *self.tier_points])
        return np.array(self.tier_months, np.uint32), points

    def on_weigh(self, rows, firm, out_appeal):
        """Add the utility of the money the programme saves."""
        if _runs(firm):
            f, (months, points) = firm.index, self._tiers()
            steps = np.array([first_step(p, self.threshold, self.goal_gradient) for p in points], f4)
            step, fare = rows.scratch(f4), rows.scratch(f4)
            reach_tiers(rows.bought[f], months, steps, rows.scratch(f4), step)
            take(rows.market.board.fare[f], rows.cell, fare)
            terms = f4(self.threshold), f4(self.foresight), f4(self.goal_gradient)
            journey = rows.journey[firm.mode_index]
            add_programme(rows.points[f], step, *terms, rows.price_sensitivity, journey, fare, out_appeal)

    def on_serve(self, rows):
        """Let those who have the points travel free."""
        fill(np.bool_(False), rows.free)
        for firm in rows.market.firms:
            if _runs(firm):
                redeem(rows.provider, rows.points[firm.index], firm.index, i2(self.threshold), rows.free, rows.paid)

    def on_bond(self, rows):
        """Book points earned and redeemed."""
        (months, points), bought, held = self._tiers(), rows.in_place("bought"), rows.in_place("points")
        for firm in rows.market.firms:
            if _runs(firm):
                f, earned, redeemed = firm.index, rows.tally["points_earned"], rows.tally["points_redeemed"]
                earn(rows.provider, rows.place, rows.free, bought[f], f, months, points.astype(i2), held[f], earned)
                spend(rows.provider, rows.place, rows.free, f, i2(self.threshold), held[f], redeemed)

    def on_turn(self, block):
        """Let idle points expire and partners take theirs; those of a firm that has left are void."""
        owed, draw = block.market.memory["loyalty_programme"], block.scratch(f4)
        partner = i2(min(self.partner_points, 32767)), f4(self.partner_rate)
        for firm in block.market.firms:
            if _runs(firm) or owed[firm.index]:
                f, bought, points = firm.index, block.bought[firm.index], block.points[firm.index]
                active = np.uint32(2**self.expiry - 1 if firm.trading else 0)
                expire(bought, f, active, points, block.tally["points_expired"])
                uniforms(block.identity, block.now, *block.market.key("partner", firm.name), draw)
                turn_in(bought, block.alive, draw, f, *partner, points, block.tally["points_at_partners"])

    def on_settle(self, market):
        """Carry the liability forward and pay the partners."""
        flow = {name: market.total(name) for name in FLOWS}
        out = flow["points_redeemed"] + flow["points_expired"] + flow["points_at_partners"]
        market.memory["loyalty_programme"] += flow["points_earned"] - out
        for firm in market.firms:
            firm.bill("programme", self.partner_price * float(flow["points_at_partners"][firm.index]))

    def on_publish(self, market, firm):
        """Whether there is a programme."""
        return {"programme": float(_runs(firm))}

    def on_record(self, market):
        """Flows and liability of each programme."""
        liability = market.memory["loyalty_programme"].copy()
        money = liability / self.threshold * market.by_firm("price")
        return {name: market.total(name) for name in FLOWS} | {"points_liability": liability, "liability": money}


def _runs(firm) -> bool:
    return firm.policy("loyalty_programme", "run")
