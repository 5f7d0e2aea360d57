"""Switching cost (D5, F2): to change the provider costs an effort once (Klemperer 1987)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.contract import add_switching
from sim.mechanisms import Mechanism
from sim.params import param


@dataclass(frozen=True, kw_only=True)
class SwitchingCost(Mechanism):
    """Every firm but the last provider loses `cost` utils; a first purchase and staying out cost nothing.

    It is a cost that the survey's travellers did not report, so it moves the surveyed market a little towards whoever
    has the customers.
    """

    neutral: ClassVar[Mapping[str, object]] = {"cost": 0.0}

    cost: float = param(
        "utility lost by buying from another firm than last time", "utils", low=0, high=1000,
        source="Klemperer 1987; register R120",
    )  # fmt: skip

    def on_weigh(self, rows, firm, out_appeal):
        """Weigh the effort of changing."""
        add_switching(rows.provider_before, firm.index, np.float32(self.cost), out_appeal)
