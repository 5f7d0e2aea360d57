"""Cost-plus pricing: what a journey costs, times one plus a markup; one fare for all segments."""

from __future__ import annotations

from dataclasses import dataclass

from sim.ground.params import param
from sim.world.pricing import Pricing


@dataclass(frozen=True, kw_only=True)
class CostPlus(Pricing):
    """Average unit cost marked up. Where costs are not known the list price stands."""

    markup: float = param("markup on unit cost", "1", low=-1, source="Hall & Hitch 1939, Oxford Economic Papers 2")

    def price(self, quote, memory, rng):
        """Mean cost of what the firm sells times (1 + markup), or the list price if nothing has a cost.

        >>> import numpy as np
        >>> from sim.world.pricing import Quote
        >>> CostPlus(markup=0.25).price(Quote(np.array([20.0, 40.0]), np.array([3.0, 1.0]), 33.0), {}, None)[0]
        array([31.25, 31.25])
        """
        cost = quote.mean_cost
        return quote.flat(cost * (1 + self.markup) if cost > 0 else quote.list_price), memory
