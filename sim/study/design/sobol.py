"""Sobol design: the points from which variance-based sensitivity indices are computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.ground.params import ConfigError, param
from sim.study.design import Design
from sim.study.design.cube import check_size, values
from sim.study.factor import Factor


@dataclass(frozen=True, kw_only=True)
class Sobol(Design):
    """Saltelli's layout over a scrambled Sobol sequence; a larger design begins with the smaller one.

    Each of `samples` blocks holds a point A, for each factor A with that factor taken from a second point B (with
    `second_order` also B with it taken from A), and B: samples × (factors + 2) points, or samples × (2 factors + 2).

    Source: Saltelli, Annoni, Azzini, Campolongo, Ratto & Tarantola (2010), Computer Physics Communications 181;
    Owen (2022), On dropping the first Sobol' point, for the scrambling.

    >>> x, y = (Factor(name=n, keys=(n,), levels=None, low=0.0, high=1.0, whole=False, words={}) for n in "xy")
    >>> a, ab_x, ab_y, b = Sobol(samples=2, second_order=False).points([x, y], seed=1)[:4]
    >>> ab_x == {"x": b["x"], "y": a["y"]}, ab_y == {"x": a["x"], "y": b["y"]}
    (True, True)
    """

    samples: int = param("blocks of points, a power of two", "blocks", low=2, source="register R516")
    second_order: bool = param("whether indices of pairs are wanted", "1", source="Saltelli (2002)")

    def check(self) -> None:
        """Refuse a number that is not a power of two: the sequence would lose its balance."""
        if self.samples & (self.samples - 1):
            below = 1 << (self.samples.bit_length() - 1)
            raise ConfigError(
                f"samples = {self.samples}: expected a power of two; the nearest are {below} and {2 * below}"
            )

    def block(self, factors: int) -> int:
        """Points in a block, for so many factors."""
        return 2 * factors + 2 if self.second_order else factors + 2

    def points(self, factors: Sequence[Factor], seed: int) -> list[dict[str, Any]]:
        """Draws of `SALib.sample.sobol`, block by block.

        Raises
        ------
        ConfigError : fewer than two factors, or too many points.
        """
        if len(factors) < 2:
            raise ConfigError(
                f"design=sobol: {len(factors)} factors; expected at least two, to share the variance among"
            )
        check_size("sobol", self.samples * self.block(len(factors)))
        from SALib.sample import sobol

        problem = {"num_vars": len(factors), "names": [f.name for f in factors], "bounds": [[0, 1]] * len(factors)}
        drawn = sobol.sample(
            problem, self.samples, calc_second_order=self.second_order, seed=np.random.default_rng(seed)
        )
        return values(factors, drawn)
