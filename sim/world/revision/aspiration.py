"""Aspiration search (A10; Cyert & March 1963): stay while content; search near at hand while one is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.ground.params import param
from sim.science.rules.revision import adapt_aspiration
from sim.world.revision import Review, moved
from sim.world.strategies import KINDS


@dataclass(frozen=True, kw_only=True)
class Aspiration(Review):
    """Below its aspiration a firm moves towards a random mix; the aspiration follows what it and its rivals earn.

    The goal is a mean of one's own past and of what comparable firms earn, as far as that is observed.
    """

    aspiration_rate: float = param(
        "part of the way that the aspiration moves at a review", "1", low=0, high=1,
        source="Karandikar, Mookherjee, Ray & Vega-Redondo 1998; register R237",
    )  # fmt: skip
    social: float = param(
        "weight of the observed rivals' mean profit in what the aspiration moves to", "1", low=0, high=1,
        source="Cyert & March 1963; register R238",
    )  # fmt: skip
    search_step: float = param(
        "part of the way moved to a random mix when not content", "1", low=0, high=1,
        source="Cyert & March 1963; register R239",
    )  # fmt: skip

    def begin(self):
        """No aspiration before the first result."""
        return super().begin() | {"aspiration": None}

    def review(self, own, rivals, seen, memory, lot):
        """Compare the result with the aspiration, search if it is worse, and adapt the aspiration."""
        social = self.social if rivals else 0.0
        others = float(np.mean([rival.profit for rival in rivals.values()])) if rivals else 0.0
        result = (1 - social) * own.profit + social * others
        aspiration = result if memory["aspiration"] is None else memory["aspiration"]
        mix = own.mix
        if own.profit < aspiration:
            other = lot.generator("search").dirichlet(np.ones(len(KINDS)))
            mix = moved(own.mix, dict(zip(KINDS, other.tolist(), strict=True)), self.search_step)
        return mix, memory | {"aspiration": adapt_aspiration(aspiration, result, self.aspiration_rate)}
