"""Keep the fare of the first day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.pricing import Pricing


@dataclass(frozen=True, kw_only=True)
class FixedPrice(Pricing):
    """The list price, whatever it costs."""

    def price(self, unit_cost, sold, list_price):
        """List price for every segment.

        >>> FixedPrice().price(np.array([20.0, 30.0]), np.ones(2), 33.0)
        array([33., 33.])
        """
        return np.full(unit_cost.shape, list_price)
