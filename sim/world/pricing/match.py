"""Match a rival's fare (B5): the cheapest one's, the mean of all, or that of one whose name is given."""

from __future__ import annotations

from dataclasses import dataclass

from sim.ground.params import ConfigError, nearest, param
from sim.world.pricing import Pricing, check_not_below_cost

CHEAPEST, MEAN = "cheapest", "mean"


@dataclass(frozen=True, kw_only=True)
class Match(Pricing):
    """Ask what a rival asked last period. A firm that sees nobody to match keeps its fare.

    Firms of the same owner do not match one another.
    Source: Hall & Hitch (1939), Oxford Economic Papers 2, 12-45; Salop (1986), Practices that (credibly) facilitate
    oligopoly co-ordination.
    """

    matched: str = param(
        "whom it matches: cheapest, mean, or the name of a rival", "1", source="Hall & Hitch 1939; register R200"
    )
    below_cost: bool = param("whether it follows a rival below its own unit cost", "1", source="B5; register R201")

    def check_scenario(self, scenario, name):
        """Whoever is matched must be a rival of the firm, and the list price not below cost where that is forbidden."""
        mode = scenario.firms[name].mode
        rivals = [rival for rival, firm in scenario.firms.items() if firm.mode == mode and rival != name]
        if self.matched not in (CHEAPEST, MEAN, *rivals):
            raise ConfigError(
                f"firms.{name}.matched = '{self.matched}': no rival by {mode}; "
                f"{nearest(self.matched, [CHEAPEST, MEAN, *rivals])}"
            )
        if not self.below_cost:
            check_not_below_cost(scenario, name)

    def price(self, quote, memory, rng):
        """The matched fare, or the unit cost where that is more and the firm does not sell below it.

        >>> import numpy as np
        >>> from sim.world.pricing import Quote
        >>> from sim.world.strategies import PublicFacts
        >>> rivals = {"a": PublicFacts(24.0, 0, 0, 0.0), "b": PublicFacts(30.0, 0, 0, 0.0)}
        >>> quote = Quote(np.full(2, 26.0), np.ones(2), 33.0, 1, np.full(2, 33.0), rivals=rivals)
        >>> [float(Match(matched=who, below_cost=False).price(quote, {}, None)[0][0]) for who in ("cheapest", "mean", "b")]
        [26.0, 27.0, 30.0]
        """
        seen = quote.opposing
        named = {self.matched: seen[self.matched]} if self.matched in seen else {}
        fares = list((seen if self.matched in (CHEAPEST, MEAN) else named).values())
        if not fares:
            return quote.flat(quote.last_fare), memory
        fare = sum(fares) / len(fares) if self.matched == MEAN else min(fares)
        return quote.flat(fare if self.below_cost else max(fare, quote.mean_cost)), memory
