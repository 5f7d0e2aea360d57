"""Designs of experiments: which points of the factors' space are played."""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from sim.ground.foreign import blamed, is_foreign
from sim.ground.params import ConfigError, Params
from sim.ground.values import native, shown
from sim.study.design.cube import MOST_POINTS, check_size
from sim.study.factor import Factor


class Design(Params, abc.ABC):
    """Which points a study plays; one file a design, one YAML in `configs/design`."""

    @abc.abstractmethod
    def points(self, factors: Sequence[Factor], seed: int) -> list[dict[str, Any]]:
        """Values of every factor by name, a mapping a point, in the order in which analyses expect them.

        Parameters
        ----------
        factors : what moves; may be empty, then there is one point. seed : of the design's own draws.

        Raises
        ------
        ConfigError : the design cannot be made of these factors.
        """


def laid(design: Design, factors: Sequence[Factor], seed: int) -> list[dict[str, Any]]:
    """The points of a design; those of one from outside the package are held to the factors.

    Raises
    ------
    ConfigError : it cannot be made of these factors, or points lack a factor's value or have one that it does not take.
    """
    kind = type(design)
    if not is_foreign(kind.__module__):
        return design.points(factors, seed)
    with blamed([kind]):
        points = list(islice(design.points(factors, seed), MOST_POINTS + 1))
    check_size(kind.__name__, len(points))
    return [_held(point, factors, f"{kind.__name__}.points: point {number}") for number, point in enumerate(points)]


def _held(point: object, factors: Sequence[Factor], where: str) -> dict[str, Any]:
    names = [factor.name for factor in factors]
    if not isinstance(point, Mapping) or {*point} != {*names}:
        raise ConfigError(f"{where} = {shown(point)}: expected a value for each of: {', '.join(names) or 'no factor'}")
    values = {name: native(point[name]) for name in names}
    for factor in factors:
        if not _takes(factor, values[factor.name]):
            raise ConfigError(f"{where}: {factor.name} = {shown(values[factor.name])}: expected {factor.told}")
    return values


def _takes(factor: Factor, value: object) -> bool:
    if factor.levels is not None:
        return any(type(value) is type(level) and value == level for level in factor.levels)
    return type(value) in ((int,) if factor.whole else (int, float)) and factor.low <= value <= factor.high
