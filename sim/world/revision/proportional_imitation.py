"""Proportional imitation (A7; Schlag 1998): look at one rival; the more it earned than oneself, the likelier it is copied."""

from __future__ import annotations

from dataclasses import dataclass

from sim.ground.params import param
from sim.science.rules.revision import imitation_probability
from sim.world.revision import PairwiseComparison


@dataclass(frozen=True, kw_only=True)
class ProportionalImitation(PairwiseComparison):
    """Copy a rival drawn at random with the probability (its profit - own profit) / span, if that is positive."""

    span: float = param(
        "greatest difference of profits that is thought possible", "¤/head/month", low=1e-9,
        source="Schlag 1998; register R232",
    )  # fmt: skip

    def chance(self, own, other):
        """The rule's probability."""
        return imitation_probability(own, other, self.span)
