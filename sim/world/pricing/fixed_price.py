"""Keep the fare of the first day."""

from __future__ import annotations

from dataclasses import dataclass

from sim.world.pricing import Pricing


@dataclass(frozen=True, kw_only=True)
class FixedPrice(Pricing):
    """The list price, whatever it costs."""

    def price(self, quote, memory, rng):
        """List price for every segment.

        >>> import numpy as np
        >>> from sim.world.pricing import Quote
        >>> FixedPrice().price(Quote(np.array([20.0, 30.0]), np.ones(2), 33.0), {}, None)[0]
        array([33., 33.])
        """
        return quote.flat(quote.list_price), memory
