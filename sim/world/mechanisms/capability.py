"""Capabilities (A1-A4): what a firm spends on a kind of service builds a stock that wears out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import param
from sim.science.rules.capability import accumulate
from sim.world.mechanisms import ByHook, Mechanism, at
from sim.world.strategies import KINDS


@dataclass(frozen=True, kw_only=True)
class Capability(Mechanism):
    """C <- (1 - decay) C + gain sqrt(spend a head); what is spent this month works from the next.

    The stock of flexibility sustains the level phi = 1 - exp(-C), and so for depth, skill and efficiency.
    """

    records: ClassVar[Mapping[str, Column]] = {
        f"stock_{kind}": Column("float64", "1", f"stock of capability for {kind} at the end of the month", "C_f")
        for kind in KINDS
    }
    writes: ClassVar[ByHook] = at(on_settle="stock")
    neutral: ClassVar[Mapping[str, object]] = {"gain": 0.0}

    gain: float = param(
        "capability gained per square root of ¤/head/month", "1", low=0, source="Nerlove & Arrow 1962; register R71"
    )
    decay: float = param(
        "part of the stock lost per month", "1", low=0, high=1, source="Nerlove & Arrow 1962; register R72"
    )

    def on_settle(self, market):
        """Let the month's spending take effect."""
        for firm in market.trading:
            for kind in KINDS:
                spend = firm.decision.budget * firm.decision.mix.get(kind, 0.0)
                firm.stock[kind] = accumulate(firm.stock[kind], spend, self.gain, self.decay)

    def on_record(self, market):
        """What firms are able to do."""
        return {f"stock_{kind}": np.array([firm.stock[kind] for firm in market.firms]) for kind in KINDS}
