"""Undercut the cheapest rival until somebody relents (B5): price wars and Edgeworth cycles.

Firms undercut one another step by step. At the bottom each waits for another one to raise its fare, because whoever does
sells little for a while; sooner or later one relents and goes back to the top, the others follow it to just below,
and the fall begins again: slow down, fast up. A firm that answers only a rival who is clearly cheaper starts no war,
and after one it stays at the top.
Source: Edgeworth (1925), The pure theory of monopoly; Maskin & Tirole (1988), A theory of dynamic oligopoly, II,
Econometrica 56, 571-599; Noel (2007), Edgeworth price cycles, J. Industrial Economics 55, 69-92.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.ground.params import ConfigError, param
from sim.world.pricing import Pricing, check_not_below_cost

NEAR = 1e-9


@dataclass(frozen=True, kw_only=True)
class Undercut(Pricing):
    """Ask a step less than the cheapest rival, down to a floor; relent by chance, back to the top.

    The top is unit cost times (1 + top_markup), the floor unit cost, or `loss` below it. It moves only where a rival is
    at least `trigger` cheaper, or dearer by more than a step. It relents at the floor, and below the top where for as long
    as a truce nobody gave it a reason to move. Firms of the same owner do not undercut one another.
    """

    fare_step: float = param("how far below the cheapest rival it goes", "¤", low=0.01, source="register R202")
    trigger: float = param(
        "how much cheaper a rival must be before it is answered; 0 to answer an equal fare, too", "¤", low=0,
        source="B5; register R203",
    )  # fmt: skip
    below_cost: bool = param("whether it sells below its unit cost", "1", source="B5; register R201")
    loss: float = param("how far below unit cost it goes", "¤", low=0, source="B5; register R204")
    relent: float = param(
        "chance per month, at the floor or at rest, that it goes back to the top", "1/month", low=0, high=1,
        source="Maskin & Tirole 1988; register R205",
    )  # fmt: skip
    top_markup: float = param("markup on unit cost at the top", "1", low=0, source="register R206")
    truce: int = param(
        "months that it stays at the top after it relented, for the others to follow", "months", low=1,
        source="Noel 2007; register R207",
    )  # fmt: skip

    def check(self):
        """A loss must be allowed."""
        if self.loss > 0 and not self.below_cost:
            raise ConfigError(
                f"loss = {self.loss:g} ¤: fares below cost are forbidden; expected 0, or below_cost: true"
            )

    def check_scenario(self, scenario, name):
        """A firm that must not sell below cost does not start there."""
        if not self.below_cost:
            check_not_below_cost(scenario, name)

    def begin(self):
        """No truce to keep, and no months in which nobody gave a reason to move."""
        return {"truce": 0, "still": 0}

    def price(self, quote, memory, rng):
        """The next fare of the war; the list price where costs are not known, and before anybody is seen.

        >>> import numpy as np
        >>> from sim.world.pricing import Quote
        >>> from sim.world.strategies import PublicFacts
        >>> rule = Undercut(
        ...     fare_step=1.0, trigger=0.0, below_cost=False, loss=0.0, relent=0.0, top_markup=0.5, truce=2
        ... )
        >>> def fare(rival, own):
        ...     rivals = {"b": PublicFacts(rival, 0, 0, 0.0)}
        ...     quote = Quote(np.array([20.0]), np.ones(1), 30.0, 1, np.array([own]), rivals=rivals)
        ...     return float(rule.price(quote, rule.begin(), np.random.default_rng(1))[0][0])
        >>> fare(25.0, 25.0), fare(20.5, 21.0), fare(25.0, 24.0), fare(30.0, 20.0)
        (24.0, 20.0, 24.0, 29.0)
        """
        cost, relents = quote.mean_cost, rng.random() < self.relent
        if cost <= 0:
            return quote.flat(quote.list_price), memory
        seen, mine = quote.opposing, quote.last_fare
        if not seen:
            return quote.flat(mine), memory
        floor, top = max(cost - self.loss, 0.0), cost * (1 + self.top_markup)
        if memory["truce"] > 0:
            return quote.flat(top), {"truce": memory["truce"] - 1, "still": 0}
        at_rest = mine < top and memory["still"] >= self.truce
        if relents and (mine <= floor + 0.01 or at_rest):
            return quote.flat(top), {"truce": self.truce, "still": 0}
        cheapest = min(seen.values())
        if mine - cheapest < self.trigger - NEAR and cheapest - mine <= self.fare_step:
            return quote.flat(mine), {"truce": 0, "still": memory["still"] + 1}
        fare = min(cheapest - self.fare_step, top)
        return quote.flat(max(fare, floor)), {"truce": 0, "still": 0}
