"""A regular fare and a calendar of promotions (F8): every so many months a discount for some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.ground.params import ConfigError, param
from sim.world.pricing import Pricing


@dataclass(frozen=True, kw_only=True)
class Promotion(Pricing):
    """The last months of every cycle are discounted; the regular fare is the list price, or cost and a markup.

    Source: Varian (1980), A model of sales, American Economic Review 70; Blattberg & Neslin (1990), Sales Promotion.
    """

    regular: Literal["list", "cost_plus"] = param(
        "what the regular fare is: the list price, or unit cost marked up", "1", source="register R210"
    )
    regular_markup: float = param(
        "markup on unit cost of the regular fare under cost_plus",
        "1",
        low=-1,
        source="Hall & Hitch 1939; register R211",
    )
    promotion_every: int = param("months from one promotion to the next", "months", low=1, source="F8; register R212")
    promotion_months: int = param("months that a promotion lasts", "months", low=0, source="F8; register R212")
    promotion_depth: float = param("part of the fare taken off", "1", low=0, high=1, source="F8; register R213")

    def check(self):
        """A promotion is over before the next."""
        if self.promotion_months > self.promotion_every:
            raise ConfigError(
                f"promotion_months = {self.promotion_months} months: expected promotion_months <= promotion_every = "
                f"{self.promotion_every}"
            )

    def price(self, quote, memory, rng):
        """The regular fare, less the discount in the last months of a cycle.

        >>> import numpy as np
        >>> from sim.world.pricing import Quote
        >>> rule = Promotion(
        ...     regular="list", regular_markup=0.0, promotion_every=3, promotion_months=1, promotion_depth=0.2
        ... )
        >>> [float(rule.price(Quote(np.full(1, 20.0), np.ones(1), 30.0, t), {}, None)[0][0]) for t in range(6)]
        [30.0, 30.0, 24.0, 30.0, 30.0, 24.0]
        """
        cost = quote.mean_cost
        regular = cost * (1 + self.regular_markup) if self.regular == "cost_plus" and cost > 0 else quote.list_price
        discounted = quote.period % self.promotion_every >= self.promotion_every - self.promotion_months
        return quote.flat(regular * (1 - self.promotion_depth) if discounted else regular), memory
