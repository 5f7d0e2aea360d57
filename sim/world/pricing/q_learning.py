"""Q-learning: a program that knows nothing learns fares by trial, and may learn to keep them high.

What a fare is worth in a state is learned from profits, one entry of a table at a time::

    Q(s, a) <- (1 - rate) Q(s, a) + rate (profit + discount max_a' Q(s', a'))

A state s is what everybody asked last month, each rounded to the grid of fares. With the chance exp(-decay t) in month t
a fare is drawn at random, else it is the one worth most.
Source: Calvano, Calzolari, Denicolo & Pastorello (2020), Artificial intelligence, algorithmic pricing, and collusion,
American Economic Review 110, 3267-3297; Watkins & Dayan (1992), Q-learning, Machine Learning 8.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.ground.params import ConfigError, param
from sim.world.pricing import Pricing

CALVANO = "Calvano, Calzolari, Denicolo & Pastorello 2020"


@dataclass(frozen=True, kw_only=True)
class QLearning(Pricing):
    """Learn fares on a grid from one's own profit; the state is last month's own fare and those of the rivals.

    The table begins empty: fares of a state never met are worth the mean profit so far, for ever.
    """

    lowest_fare: float = param("lowest fare of the grid", "¤", low=0, high=1e5, source=f"{CALVANO}; register R214")
    highest_fare: float = param("highest fare of the grid", "¤", low=0, high=1e5, source=f"{CALVANO}; register R214")
    grid_fares: int = param("fares on the grid", "fares", low=2, high=100, source=f"{CALVANO}; register R215")
    exploration_decay: float = param(
        "rate at which trying out at random dies away", "1/month", low=0, source=f"{CALVANO}; register R216"
    )
    learning_rate: float = param(
        "weight of the latest profit in what a fare is worth", "1", low=0, high=1, source=f"{CALVANO}; register R217"
    )
    discount_factor: float = param(
        "worth of next month's profit in this month's", "1", low=0, high=0.9999, source=f"{CALVANO}; register R218"
    )

    def check(self):
        """A grid has two ends."""
        if self.highest_fare <= self.lowest_fare:
            raise ConfigError(
                f"highest_fare = {self.highest_fare:g} ¤: expected highest_fare > lowest_fare = {self.lowest_fare:g}"
            )

    def begin(self):
        """An empty table: state -> what each fare of the grid is worth."""
        return {"worth": {}, "state": None, "fare": 0, "mean": 0.0, "months": 0}

    def price(self, quote, memory, rng):
        """The fare worth most in the present state, or one at random; the list price in the first month or without costs.

        >>> import numpy as np
        >>> from sim.world.pricing import Quote
        >>> rule = QLearning(
        ...     lowest_fare=20.0, highest_fare=40.0, grid_fares=3, exploration_decay=0.5, learning_rate=0.5,
        ...     discount_factor=0.9,
        ... )
        >>> memory, fare, rng = rule.begin(), np.array([30.0]), np.random.default_rng(1)
        >>> for period in range(200):
        ...     books = {"profit": 1.0 - abs(float(fare[0]) - 40.0) / 20.0}
        ...     fare, memory = rule.price(Quote(np.array([10.0]), np.ones(1), 30.0, period, fare, books=books), memory, rng)
        >>> fare
        array([40.])
        """
        if quote.mean_cost <= 0 or quote.period == 0 or quote.first:
            return quote.flat(quote.list_price), memory
        seen = (quote.last_fare, *(quote.rivals[name].price for name in sorted(quote.rivals)))
        memory = self.learn(tuple(self._place(fare) for fare in seen), quote.books["profit"], memory, rng)
        return quote.flat(self.lowest_fare + memory["fare"] * self._gap), memory

    def learn(self, state, profit, memory, rng):
        """New memory after a month: state (places on the grid) and profit that the last fare led to; `fare` is the next.

        >>> import numpy as np
        >>> rule = QLearning(
        ...     lowest_fare=20.0, highest_fare=40.0, grid_fares=2, exploration_decay=50.0, learning_rate=0.5,
        ...     discount_factor=0.0,
        ... )
        >>> memory = rule.begin() | {"worth": {(0, 0): [1.0, 2.0]}, "state": (0, 0), "fare": 1, "months": 9}
        >>> rule.learn((1, 0), 4.0, memory, np.random.default_rng(1))["worth"]
        {(0, 0): [1.0, 3.0]}
        """
        worth, months, before = memory["worth"], memory["months"], memory["state"]
        mean = memory["mean"] + (profit - memory["mean"]) / (months + 1)
        unknown = [mean / (1 - self.discount_factor)] * self.grid_fares
        if before is not None:
            row, fare = worth.get(before, unknown)[:], memory["fare"]
            target = profit + self.discount_factor * max(worth.get(state, unknown))
            row[fare] += self.learning_rate * (target - row[fare])
            worth = {**worth, before: row}
        here = worth.get(state, unknown)
        chance, drawn = rng.random(), int(rng.random() * self.grid_fares)
        random = chance < math.exp(-self.exploration_decay * months)
        fare = drawn if random else here.index(max(here))
        return {"worth": worth, "state": state, "fare": fare, "mean": mean, "months": months + 1}

    @property
    def _gap(self):
        return (self.highest_fare - self.lowest_fare) / (self.grid_fares - 1)

    def _place(self, fare):
        """Place on the grid of the fare nearest to this one."""
        return min(max(round((float(fare) - self.lowest_fare) / self._gap), 0), self.grid_fares - 1)
