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
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32
UNCOUNTED = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Staff(Mechanism):
    """The staff's satisfaction follows internal marketing, load and empowerment; noise, quality and recovery follow it.

    It concerns firms of modes whose accounts are modelled. The load is seats taken / seats offered where `perishability`
    counts them, else the purchases of last month, each against what is usual. At the usual satisfaction a firm delivers
    just as it is configured.
    Source: Heskett et al. (1994), Harvard Business Review 72(2); Schlesinger & Heskett (1991), Sloan Management Review 32(3).
    """

    keeps: ClassVar[Mapping[str, Column]] = {
        "staff_satisfaction": Column("float64", "1", "how satisfied the staff is", "", ("firm",)),
        "staff_strain": Column("float64", "1", "the last month's load over the usual one, less one", "", ("firm",)),
        "staff_spend": Column("float64", "¤", "the month's spending on the staff", "", ("firm",)),
        "staff_noise": Column("float64", "utils", "standard deviation of the month's delivery; NaN of a firm without staff", "", ("firm",), np.nan),
        "staff_worth": Column("float32", "utils", "what the mood of the staff adds to the service", "", ("firm",)),
    }
    records: ClassVar[Mapping[str, Column]] = {
        "staff_satisfaction": Column("float64", "1", "satisfaction of the staff this month; NaN where it is not modelled"),
        "staff_noise": Column("float64", "utils", "standard deviation of what the staff delivered this month"),
        "internal_marketing": Column("float64", "¤", "spent on the staff this month over what is usual"),
    }  # fmt: skip
    writes: ClassVar[ByHook] = at(on_offer="noise zeal", on_serve="quality")
    neutral: ClassVar[Mapping[str, object]] = {
        "internal_marketing": 0.0, "turnover_cost": 0.0, "steadiness": 0.0, "quality": 0.0, "recovery": 0.0,
    }  # fmt: skip
    policies: ClassVar[frozenset[str]] = frozenset({"internal_marketing"})

    internal_marketing: float = param(
        "spending on the staff over what is usual", "¤/head/month", low=0, high=1e5, source="G6; register R320"
    )
    usual: float = param(
        "satisfaction at which a firm delivers as configured, and on the first day", "1", low=1e-3, high=1,
        source="definition; register R321",
    )  # fmt: skip
    response: float = param(
        "satisfaction per root of internal marketing", "1/(¤/head/month)^0.5", low=0,
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
        "cost of hiring and training per unit of satisfaction under the usual, saved above it", "¤/head/month", low=0,
        source="Schlesinger & Heskett 1991; register R331",
    )  # fmt: skip

    def on_begin(self, market):
        """The staff begins as satisfied, and as busy, as usual."""
        market.kept["staff_satisfaction"][:] = self.usual

    @staticmethod
    def _employers(market):
        return [firm for firm in market.trading if firm.mode.accounts]

    def on_report(self, market, firm):
        """How content and how busy the firm's staff was last month."""
        if not firm.mode.accounts:
            return {}
        kept = market.kept
        return {
            "satisfaction": float(kept["staff_satisfaction"][firm.index]),
            "strain": float(kept["staff_strain"][firm.index]),
        }

    def on_offer(self, market):
        """Move satisfaction on by a month, pay for it, and let it tell on the delivery."""
        kept = market.kept
        kept["staff_spend"][:], kept["staff_worth"][:], kept["staff_noise"][:] = 0, 0, np.nan
        for firm in self._employers(market):
            f, spend = firm.index, firm.policy("staff", "internal_marketing")
            goal = contentment(
                self.usual, self.response, spend, self.load_weight, kept["staff_strain"][f],
                self.freedom_weight, firm.empowerment - self.usual_empowerment,
            )  # fmt: skip
            now = approach(float(kept["staff_satisfaction"][f]), goal, self.pace)
            firm.noise *= noise_factor(now, self.usual, self.steadiness)
            firm.zeal = zeal(now, self.usual, self.recovery)
            firm.bill("staff", (spend + self.turnover_cost * (self.usual - now)) * market.heads)
            kept["staff_satisfaction"][f], kept["staff_spend"][f] = now, spend * market.heads
            kept["staff_noise"][f], kept["staff_worth"][f] = firm.noise, self.quality * (now - self.usual)

    def on_serve(self, rows):
        """Let everybody served feel the mood of those who serve."""
        worth = rows.market.kept["staff_worth"]
        if worth.any():
            attend(rows.provider, worth, rows.quality)

    def on_settle(self, market):
        """Remember how busy the staff was."""
        kept, purchases = market.kept, market.total("purchases")
        for firm in self._employers(market):
            f = firm.index
            usual = self.usual_purchases * market.heads * firm.spec.presence
            load = purchases[f] / usual
            if "seats" in kept and (kept["seats"][f] != UNCOUNTED).all():
                offered = int(kept["seats"][f].sum())
                load = (offered - int(kept["seats_left"][f].sum())) / max(offered, 1) / self.usual_load
            kept["staff_strain"][f] = load - 1

    def on_record(self, market):
        """Mood, noise and spending."""
        kept = market.kept
        known = ~np.isnan(kept["staff_noise"])
        return {
            "staff_satisfaction": np.where(known, kept["staff_satisfaction"], np.nan),
            "staff_noise": kept["staff_noise"].copy(),
            "internal_marketing": kept["staff_spend"].copy(),
        }
