"""Hill climbing: change the fare, look at one's own profit, go on if it rose and turn round if it fell.

The firm knows nothing of demand or of rivals. Alone in a market it ends near the monopoly price; several of them end
above the Cournot profit in experiments and in theory, because fares that rise together pay together.
Source: Huck, Normann & Oechssler (2004), Through trial and error to collusion, International Economic Review 45.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.ground.params import param
from sim.world.pricing import Pricing


@dataclass(frozen=True, kw_only=True)
class HillClimbing(Pricing):
    """Move the fare by a step; every few months judge it by the profit they made, and turn round if it fell."""

    fare_step: float = param(
        "change of the fare", "¤", low=0.01, source="Huck, Normann & Oechssler 2004; register R208"
    )
    trial: int = param("months that a fare is tried before it is judged", "months", low=1, source="register R209")

    def begin(self):
        """Nothing tried yet; the first move is upwards."""
        return {"direction": 1, "months": 0, "earned": 0.0, "before": None}

    def price(self, quote, memory, rng):
        """The fare under trial, or the next one; the list price where costs are not known.

        >>> import numpy as np
        >>> from sim.world.pricing import Quote
        >>> rule, fare, fares = HillClimbing(fare_step=1.0, trial=1), 30.0, []
        >>> memory = rule.begin()
        >>> for period in range(8):
        ...     books = {"profit": -((fare - 33.0) ** 2)}
        ...     quote = Quote(np.array([20.0]), np.ones(1), 30.0, period, np.array([fare]), books=books)
        ...     asked, memory = rule.price(quote, memory, None)
        ...     fare = float(asked[0])
        ...     fares.append(fare)
        >>> fares
        [30.0, 31.0, 32.0, 33.0, 34.0, 33.0, 32.0, 33.0]
        """
        if quote.mean_cost <= 0 or quote.period == 0 or quote.first:
            return quote.flat(quote.list_price), memory
        months, earned = memory["months"] + 1, memory["earned"] + quote.books["profit"]
        if months < self.trial:
            return quote.flat(quote.last_fare), memory | {"months": months, "earned": earned}
        fell = memory["before"] is not None and earned < memory["before"]
        direction = -memory["direction"] if fell else memory["direction"]
        fare = max(quote.last_fare + direction * self.fare_step, 0.0)
        return quote.flat(fare), {"direction": direction, "months": 0, "earned": 0.0, "before": earned}
