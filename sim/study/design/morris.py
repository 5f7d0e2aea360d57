"""Morris design: trajectories that move one factor at a time, to screen many factors with few runs."""

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
class Morris(Design):
    """Random trajectories on a grid; between neighbours one factor moves by half the grid: trajectories × (factors + 1).

    An interval of real numbers is divided into `levels` grid points from end to end; of levels and whole numbers each
    grid point takes an equal part.

    Source: Morris (1991), Technometrics 33.

    >>> x, y = (Factor(name=n, keys=(n,), levels=None, low=0.0, high=3.0, whole=False, words={}) for n in "xy")
    >>> first, second, third = Morris(trajectories=2, levels=4).points([x, y], seed=1)[:3]
    >>> sorted(abs(second[n] - first[n]) for n in "xy"), sorted(abs(third[n] - second[n]) for n in "xy")
    ([0.0, 2.0], [0.0, 2.0])
    """

    trajectories: int = param("walks through the factors", "1", low=2, source="register R517")
    levels: int = param("grid points of a factor, an even number", "1", low=2, source="register R518")

    def check(self) -> None:
        """Refuse an odd grid: half of it would not be a whole step."""
        if self.levels % 2:
            raise ConfigError(f"levels = {self.levels}: expected an even number, such as {self.levels + 1}")

    @property
    def step(self) -> float:
        """How far a factor moves at a time, as a part of its range."""
        return self.levels / (2 * (self.levels - 1))

    def points(self, factors: Sequence[Factor], seed: int) -> list[dict[str, Any]]:
        """Draws of `SALib.sample.morris`, trajectory by trajectory.

        Raises
        ------
        ConfigError : no factors, or too many points.
        """
        if not factors:
            raise ConfigError("design=morris: no factors; expected at least one that moves")
        check_size("morris", self.trajectories * (len(factors) + 1))
        from SALib.sample import morris

        problem = {"num_vars": len(factors), "names": [f.name for f in factors], "bounds": [[0, 1]] * len(factors)}
        drawn = morris.sample(problem, self.trajectories, num_levels=self.levels, seed=np.random.default_rng(seed))
        grid = np.rint(drawn * (self.levels - 1))
        real = np.array([f.continuous and not f.whole for f in factors])
        return values(factors, np.where(real, grid / (self.levels - 1), (grid + 0.5) / self.levels))
