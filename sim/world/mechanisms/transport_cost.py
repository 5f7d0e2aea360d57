"""Transport cost (A6, C8): firms have a place on a service dimension, and distance costs in proportion (Hotelling 1929)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.transport_cost import subtract_way
from sim.world.mechanisms import Mechanism

f4 = np.float32


@dataclass(frozen=True, kw_only=True)
class TransportCost(Mechanism):
    """Every firm loses cost * |ideal point - position| utils of appeal on one service dimension, the same for all segments.

    The position is a policy: `firms.<firm>.policy.transport_cost.position`. The way is the customer's, so it is no part
    of the quality delivered.
    Source: Hotelling (1929), Stability in competition, Economic Journal 39, 41-57; Anderson, de Palma & Thisse (1992),
    Discrete Choice Theory of Product Differentiation, on lines with logit shocks.
    """

    neutral: ClassVar[Mapping[str, object]] = {"cost": 0.0}
    policies: ClassVar[frozenset[str]] = frozenset({"position"})

    cost: float = param(
        "utility lost per unit of distance", "utils/scale point", low=0, source="Hotelling 1929; register R223"
    )
    need: str = param("service dimension that the line is", "1", source="population.needs; register R224")
    position: float = param(
        "place of a firm on the line", "scale points", low=-10, high=10, source="Hotelling 1929; register R225"
    )

    def check_scenario(self, scenario):
        """The line must be one of the service dimensions."""
        needs = scenario.population.needs
        if self.cost > 0 and self.need not in needs:
            raise ConfigError(
                f"mechanism.transport_cost.need = '{self.need}': unknown service dimension; {nearest(self.need, needs)}"
            )

    def on_weigh(self, rows, firm, out_appeal):
        """Take off the way to the firm."""
        if self.cost > 0:
            place = firm.policy("transport_cost", "position")
            subtract_way(f4(self.cost), rows.ideal[rows.market.needs.index(self.need)], f4(place), out_appeal)
