"""Full factorial design: every combination of the factors' values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.ground.params import ConfigError
from sim.study.design import Design
from sim.study.design.cube import check_size
from sim.study.factor import Factor


@dataclass(frozen=True, kw_only=True)
class Factorial(Design):
    """Every combination of values; the last factor moves fastest.

    Source: Fisher (1935), The Design of Experiments, ch. 6.

    >>> x, y = (Factor(name=n, keys=(n,), levels=(1, 2), low=0, high=0, whole=False, words={}) for n in "xy")
    >>> Factorial().points([x, y], seed=1)
    [{'x': 1, 'y': 1}, {'x': 1, 'y': 2}, {'x': 2, 'y': 1}, {'x': 2, 'y': 2}]
    """

    def points(self, factors: Sequence[Factor], seed: int) -> list[dict[str, Any]]:
        """Product of the factors' levels; `seed` is not used.

        Raises
        ------
        ConfigError : a factor is an interval, or there are too many combinations.
        """
        for factor in factors:
            if factor.levels is None:
                raise ConfigError(
                    f"factor {factor.name} is an interval; give values, such as {factor.name}=1,2, or design=latin_hypercube"
                )
        check_size("factorial", math.prod(len(f.levels or ()) for f in factors))
        names = [f.name for f in factors]
        return [dict(zip(names, row, strict=True)) for row in itertools.product(*(f.levels or () for f in factors))]
