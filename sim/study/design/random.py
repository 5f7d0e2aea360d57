"""Random design: points drawn independently of one another."""

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
class Random(Design):
    """Points drawn uniformly and independently; a larger design begins with the smaller one.

    >>> x = Factor(name="x", keys=("x",), levels=(1, 2, 3), low=0, high=0, whole=False, words={})
    >>> Random(samples=5).points([x], seed=1)[:3] == Random(samples=3).points([x], seed=1)
    True
    """

    samples: int = param("points that are drawn", "points", low=1, source="register R515")

    def points(self, factors: Sequence[Factor], seed: int) -> list[dict[str, Any]]:
        """Draws of `numpy`'s default generator; without factors one point.

        Raises
        ------
        ConfigError : too many points.
        """
        check_size("random", self.samples)
        if not factors:
            return [{}]
        return values(factors, np.random.default_rng(seed).random((self.samples, len(factors))))
