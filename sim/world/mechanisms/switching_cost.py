"""Switching cost (D5, F2; Klemperer 1987, 1995): changing the provider costs trouble, once, whoever the new one is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.params import param
from sim.science.kernels.switching_cost import add_switching_cost
from sim.world.mechanisms import Mechanism


@dataclass(frozen=True, kw_only=True)
class SwitchingCost(Mechanism):
    """Every firm but the last provider loses `cost` utils of appeal; staying out, and the first purchase, are free.

    The last provider is the firm of the last purchase, however long ago. The cost is real, so it is not centred: it
    keeps customers where they are, and it keeps some at home whom another firm would have won.
    Source: Klemperer (1987), Quarterly J. Economics 102, 375-394; Klemperer (1995), Review of Economic Studies 62.
    """

    neutral: ClassVar[Mapping[str, object]] = {"cost": 0.0}

    cost: float = param(
        "trouble of buying from another firm than last time", "utils", low=0, source="Klemperer 1995; register R120"
    )

    def on_weigh(self, rows, firm, out_appeal):
        """Take the cost off whatever is not the last provider."""
        if self.cost > 0:
            add_switching_cost(rows.provider_before, np.int8(firm.index), np.float32(self.cost), out_appeal)
