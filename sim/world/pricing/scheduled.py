"""Scheduled fares (B5, F8): a path of markups decided beforehand, such as a price war or a season's sale (Hall & Hitch 1939)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from sim.ground.params import ConfigError, param
from sim.world.pricing import Pricing


@dataclass(frozen=True, kw_only=True)
class Scheduled(Pricing):
    """From each month of the schedule on, cost-plus with that month's markup; a negative markup sells below cost.

    Where costs are not known the list price is scaled as the fare would be: by (1 + markup) over the first (1 + markup).
    """

    schedule_months: tuple[int, ...] = param(
        "months from which the markups hold, the first of them 0", "months", low=0, source="register R385"
    )
    schedule_markups: tuple[float, ...] = param(
        "markups on unit cost, one a month of the schedule",
        "1",
        low=-1,
        high=100,
        source="Hall & Hitch 1939; register R385",
    )

    def check(self):
        """One markup a month, months ascending from 0."""
        months, markups = self.schedule_months, self.schedule_markups
        if len(months) != len(markups):
            raise ConfigError(
                f"schedule_markups: expected one for each of the {len(months)} schedule_months, got {len(markups)}"
            )
        if not months or months[0] != 0 or any(a >= b for a, b in pairwise(months)):
            raise ConfigError(f"schedule_months = {list(months)}: expected ascending months that begin with 0")
        if markups[0] <= -1:
            raise ConfigError(f"schedule_markups[0] = {markups[0]:g}: expected -1 < the first markup")

    def price(self, quote, memory, rng):
        """Mean cost times (1 + the markup that holds this month).

        >>> import numpy as np
        >>> from sim.world.pricing import Quote
        >>> war = Scheduled(schedule_months=(0, 12), schedule_markups=(0.25, -0.2))
        >>> [float(war.price(Quote(np.array([20.0]), np.ones(1), 33.0, month), {}, None)[0][0]) for month in (11, 12)]
        [25.0, 16.0]
        """
        markup = self.schedule_markups[bisect_right(self.schedule_months, quote.period) - 1]
        cost = quote.mean_cost
        fare = cost * (1 + markup) if cost > 0 else quote.list_price * (1 + markup) / (1 + self.schedule_markups[0])
        return quote.flat(fare), memory
