"""Staff and the service-profit chain (G6, G7; Heskett et al. 1994): content staff deliver steadily, well, and repair failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import param
from sim.science.kernels.staff import attend
from sim.science.rules.staff import approach, contentment, noise_factor, zeal
from sim.world.mechanisms import Mechanism

f4 = np.float32
UNCOUNTED = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Staff(Mechanism):
    """The staff's satisfaction follows internal marketing, load and empowerment; noise, quality and recovery follow it.

    It concerns firms of modes whose vehicles are modelled. The load is seats taken / seats offered where `perishability`
    counts them, else the purchases of last month, each against what is usual. At the usual satisfaction a firm delivers
    just as it is configured.
    Source: Heskett et al. (1994), Harvard Business Review 72(2); Schlesinger & Heskett (1991), Sloan Management Review 32(3).
    """

    records: ClassVar[Mapping[str, Column]] = {
        "staff_satisfaction": Column("float64", "1", "satisfaction of the staff this month; NaN where it is not modelled"),
        "staff_noise": Column("float64", "utils", "standard deviation of what the staff delivered this month"),
        "internal_marketing": Column("float64", "AUD", "spent on the staff this month over what is usual"),
    }  # fmt: skip
    writes: ClassVar[Mapping[str, frozenset[str]]] = {
        "on_offer": frozenset({"noise", "zeal"}),
        "on_serve": frozenset({"quality"}),
    }
    neutral: ClassVar[Mapping[str, object]] = {
        "internal_marketing": 0.0, "turnover_cost": 0.0, "steadiness": 0.0, "quality": 0.0, "recovery": 0.0,
    }  # fmt: skip
    policies: ClassVar[frozenset[str]] = frozenset({"internal_marketing"})

    internal_marketing: float = param(
        "spending on the staff over what is usual", "AUD/head/month", low=0, high=1e5, source="G6; register R320"
    )
    usual: float = param(
        "satisfaction at which a firm delivers as configured, and on the first day", "1", low=1e-3, high=1,
        source="definition; register R321",
    )  # fmt: skip
    response: float = param(
        "satisfaction per root of internal marketing", "1/(AUD/head/month)^0.5", low=0,
        source="Heskett et al. 1994; register R322",
    )  # fmt: skip
    load_weight: float = param(
        "satisfaction lost per unit of load over the usual, as a part of it", "1", low=0,
        source="Schlesinger & Heskett 1991; register R323",
    )  # fmt: skip
    usual_load: float = param(
        "seats taken / seats offered that the staff is used to", "1", low=1e-3, source="register R324"
    )
    usual_purchases: float = param(
        "purchases that a whole mode's staff is used to where seats are not counted", "purchases/head/month", low=1e-6,
        source="register R325",
    )  # fmt: skip
    freedom_weight: float = param(
        "satisfaction gained per unit of empowerment over the usual", "1", low=0,
        source="Heskett et al. 1994; register R326",
    )  # fmt: skip
    usual_empowerment: float = param("empowerment that the staff is used to", "1", low=0, high=1, source="register R84")
    pace: float = param(
        "part of the way to lasting satisfaction that a month goes", "1", low=0, high=1, source="register R327"
    )
    steadiness: float = param(
        "fall of the noise of delivery with satisfaction, as a power of e", "1", low=0, high=20,
        source="Heskett et al. 1994; register R328",
    )  # fmt: skip
    quality: float = param(
        "functional quality per unit of satisfaction over the usual", "utils", low=0,
        source="Heskett et al. 1994; register R329",
    )  # fmt: skip
    recovery: float = param(
        "growth of the chance to put a failure right with satisfaction, as a power", "1", low=0, high=10,
        source="G7; register R330",
    )  # fmt: skip
    turnover_cost: float = param(
        "cost of hiring and training per unit of satisfaction under the usual, saved above it", "AUD/head/month", low=0,
        source="Schlesinger & Heskett 1991; register R331",
    )  # fmt: skip

    def on_begin(self, market):
        """The staff begins as satisfied, and as busy, as usual."""
        firms = len(market.firms)
        market.memory["staff"] = {
            "satisfaction": np.full(firms, self.usual), "strain": np.zeros(firms), "spend": np.zeros(firms),
            "noise": np.full(firms, np.nan), "worth": np.zeros(firms, f4),
        }  # fmt: skip

    @staticmethod
    def _employers(market):
        return [firm for firm in market.trading if firm.mode.seats]

    def on_report(self, market, firm):
        """How content and how busy the firm's staff was last month."""
        if not firm.mode.seats:
            return {}
        memory = market.memory["staff"]
        return {
            "satisfaction": float(memory["satisfaction"][firm.index]),
            "strain": float(memory["strain"][firm.index]),
        }

    def on_offer(self, market):
        """Move satisfaction on by a month, pay for it, and let it tell on the delivery."""
        memory = market.memory["staff"]
        memory["spend"][:], memory["worth"][:], memory["noise"][:] = 0, 0, np.nan
        for firm in self._employers(market):
            f, spend = firm.index, firm.policy("staff", "internal_marketing")
            goal = contentment(
                self.usual, self.response, spend, self.load_weight, memory["strain"][f],
                self.freedom_weight, firm.empowerment - self.usual_empowerment,
            )  # fmt: skip
            now = approach(float(memory["satisfaction"][f]), goal, self.pace)
            firm.noise *= noise_factor(now, self.usual, self.steadiness)
            firm.zeal = zeal(now, self.usual, self.recovery)
            firm.bill("staff", (spend + self.turnover_cost * (self.usual - now)) * market.heads)
            memory["satisfaction"][f], memory["spend"][f] = now, spend * market.heads
            memory["noise"][f], memory["worth"][f] = firm.noise, self.quality * (now - self.usual)

    def on_serve(self, rows):
        """Let everybody served feel the mood of those who serve."""
        worth = rows.market.memory["staff"]["worth"]
        if worth.any():
            attend(rows.provider, worth, rows.quality)

    def on_settle(self, market):
        """Remember how busy the staff was."""
        memory, purchases = market.memory["staff"], market.total("purchases")
        seats = market.memory.get("perishability")
        for firm in self._employers(market):
            f = firm.index
            usual = self.usual_purchases * market.heads * firm.spec.presence
            load = purchases[f] / usual
            if seats is not None and (seats["seats"][f] != UNCOUNTED).all():
                offered = int(seats["seats"][f].sum())
                load = (offered - int(seats["left"][f].sum())) / max(offered, 1) / self.usual_load
            memory["strain"][f] = load - 1

    def on_record(self, market):
        """Mood, noise and spending."""
        memory = market.memory["staff"]
        known = ~np.isnan(memory["noise"])
        return {
            "staff_satisfaction": np.where(known, memory["satisfaction"], np.nan),
            "staff_noise": memory["noise"].copy(),
            "internal_marketing": memory["spend"].copy(),
        }
