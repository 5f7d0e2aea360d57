"""Proportional imitation (A7; Schlag 1998): look at one rival; the more it earned than oneself, the likelier it is copied."""

from __future__ import annotations

from dataclasses import dataclass

from sim.params import param
from sim.revision import Review, moved
from sim.rules.revision import imitation_probability


@dataclass(frozen=True, kw_only=True)
class ProportionalImitation(Review):
    """Copy a rival drawn at random with the probability (its profit - own profit) / span, if that is positive."""

    span: float = param(
        "greatest difference of profits that is thought possible", "AUD/head/month", low=1e-9,
        source="Schlag 1998; register R232",
    )  # fmt: skip
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
        copies = lot.draw("copy") < imitation_probability(own.profit, model.profit, self.span)
        return (moved(own.mix, model.mix, self.copy_step) if copies else own.mix), memory
