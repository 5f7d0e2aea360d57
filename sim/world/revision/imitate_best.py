"""Imitation of the best (A7; Vega-Redondo 1997, Econometrica 65): take over the mix of who earned most; now and then try another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.ground.params import param
from sim.world.revision import Copying, moved
from sim.world.strategies import KINDS


@dataclass(frozen=True, kw_only=True)
class ImitateBest(Copying):
    """Copy the best-earning firm seen, oneself included; with a small chance move towards any mix instead."""

    experimentation: float = param(
        "chance of an experiment instead", "1", low=0, high=1, source="Vega-Redondo 1997; register R235"
    )
    experiment_step: float = param(
        "part of the way moved to a random mix in an experiment", "1", low=0, high=1, source="register R236"
    )

    def review(self, own, rivals, seen, memory, lot):
        """Experiment, or copy the best; a tie keeps one's own mix."""
        if lot.draw("experiment") < self.experimentation:
            other = lot.generator("direction").dirichlet(np.ones(len(KINDS)))
            return moved(own.mix, dict(zip(KINDS, other.tolist(), strict=True)), self.experiment_step), memory
        best = max([own, *rivals.values()], key=lambda earner: earner.profit)
        return (own.mix if best is own else moved(own.mix, best.mix, self.copy_step)), memory
