"""Best response by test markets (A6, A10; Cournot 1838; Kandori, Mailath & Rob 1993, Econometrica 61): try, pay, keep the best."""

from __future__ import annotations

from dataclasses import dataclass

from sim.ground.params import param
from sim.world.revision import Pilots, Revision, moved
from sim.world.strategies import KINDS


@dataclass(frozen=True, kw_only=True)
class BestResponse(Revision):
    """At a review the firm pays for test markets of its present mix and of a step towards each kind, and keeps the best.

    In a test market rivals hold still and chance falls otherwise than it will in the market itself.
    """

    revise_every: int = param("months between reviews", "months", low=1, source="C1; register R230")
    pilot_step: float = param(
        "part of the way to a pure strategy that a test market tries", "1", low=0, high=1, source="register R242"
    )
    pilot_months: int = param("months that a test market runs", "months", low=1, high=120, source="register R243")
    pilot_cost: float = param("cost of one test market in a month", "¤/head/month", low=0, source="A6; register R244")

    def pilots(self, seen, memory, rng):
        """Order the test markets when a review is due."""
        if seen.period == 0 or seen.period % self.revise_every:
            return None, memory
        corners = [{kind: 1.0} for kind in KINDS]
        mixes = (dict(seen.mix), *(moved(seen.mix, corner, self.pilot_step) for corner in corners))
        return Pilots(mixes, self.pilot_months, self.pilot_cost), memory

    def revise(self, seen, memory, rng):
        """Take the mix whose test market earned most; a tie keeps the present one."""
        told = seen.reports.get("pilot")
        if not told:
            return dict(seen.mix), memory
        best = max(range(len(told["profit"])), key=lambda n: told["profit"][n])
        return dict(told["mixes"][best]), memory
