"""Fermi rule (A7; Szabo & Toke 1998; Traulsen, Nowak & Pacheco 2006): a better-off rival is likely copied, a worse-off one seldom."""

from __future__ import annotations

from dataclasses import dataclass

from sim.ground.params import param
from sim.science.rules.revision import fermi_probability
from sim.world.revision import PairwiseComparison


@dataclass(frozen=True, kw_only=True)
class Fermi(PairwiseComparison):
    """Copy a rival drawn at random with the probability 1 / (1 + exp(-intensity (its profit - own profit)))."""

    intensity: float = param(
        "intensity of selection", "1 per ¤/head/month", low=0, source="Szabo & Toke 1998; register R234"
    )

    def chance(self, own, other):
        """The rule's probability."""
        return fermi_probability(own, other, self.intensity)
