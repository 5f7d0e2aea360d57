"""Fermi rule (A7; Szabo & Toke 1998; Traulsen, Nowak & Pacheco 2006): a better-off rival is likely copied, a worse-off one seldom."""

from __future__ import annotations

from dataclasses import dataclass

from sim.params import param
from sim.revision import Review, moved
from sim.rules.revision import fermi_probability


@dataclass(frozen=True, kw_only=True)
class Fermi(Review):
    """Copy a rival drawn at random with the probability 1 / (1 + exp(-intensity (its profit - own profit)))."""

    intensity: float = param(
        "intensity of selection", "1 per AUD/head/month", low=0, source="Szabo & Toke 1998; register R234"
    )
    copy_step: float = param(
        "part of the way moved to the posture of whom one copies",
        "1",
        low=0,
        high=1,
        source="Schlag 1998; register R233",
    )

    def review(self, own, rivals, seen, memory, lot):
        """Draw a rival, then whether to copy it."""
        if not rivals:
            return own.mix, memory
        model = rivals[lot.pick(rivals)]
        copies = lot.draw("copy") < fermi_probability(own.profit, model.profit, self.intensity)
        return (moved(own.mix, model.mix, self.copy_step) if copies else own.mix), memory
