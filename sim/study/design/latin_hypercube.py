"""Latin hypercube: points that cover each factor's range evenly, however many factors there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.ground.params import param
from sim.study.design import Design
from sim.study.design.cube import check_size, values
from sim.study.factor import Factor


@dataclass(frozen=True, kw_only=True)
class LatinHypercube(Design):
    """Each of `samples` equal slices of each factor holds exactly one point; slices are paired at random.

    Source: McKay, Beckman & Conover (1979), Technometrics 21.

    >>> x = Factor(name="x", keys=("x",), levels=None, low=0.0, high=4.0, whole=False, words={})
    >>> sorted(int(point["x"]) for point in LatinHypercube(samples=4).points([x], seed=1))
    [0, 1, 2, 3]
    """

    samples: int = param("points that are drawn", "points", low=1, source="register R515")

    def points(self, factors: Sequence[Factor], seed: int) -> list[dict[str, Any]]:
        """Draws of `scipy.stats.qmc.LatinHypercube`; without factors one point.

        Raises
        ------
        ConfigError : too many points.
        """
        from scipy.stats import qmc

        check_size("latin_hypercube", self.samples)
        if not factors:
            return [{}]
        drawn = qmc.LatinHypercube(len(factors), seed=np.random.default_rng(seed))
        return values(factors, drawn.random(self.samples))
