"""A factor of a study: what moves, and over which values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

from sim.ground.params import ConfigError


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One thing that a study moves: a parameter, several parameters together, or named sets of overrides.

    Attributes
    ----------
    name : what the column of the `runs` table is called; the parameter's own key if it moves one.
    keys : configuration keys that are set to the factor's value; empty for named sets of overrides.
    levels : values that it takes, in order; None for an interval.
    low, high : limits of an interval; NaN for levels. whole : whether the interval holds whole numbers only.
    words : overrides of each named level; empty for parameters.
    """

    name: str
    keys: tuple[str, ...]
    levels: tuple[Any, ...] | None
    low: float
    high: float
    whole: bool
    words: Mapping[str, tuple[str, ...]]

    @property
    def continuous(self) -> bool:
        """Whether it is an interval."""
        return self.levels is None

    @property
    def told(self) -> str:
        """Its values in words."""
        if self.levels is None:
            return f"{self.low:g} to {self.high:g}" + (", whole numbers" if self.whole else "")
        return ", ".join(map(str, self.levels))

    def at(self, unit: float) -> Any:
        """Value at a number in [0, 1]: along the interval, or the level whose equal part of [0, 1] it falls into.

        >>> Factor(name="x", keys=("x",), levels=(1, 3, 12), low=0, high=0, whole=False, words={}).at(0.5)
        3
        >>> Factor(name="x", keys=("x",), levels=None, low=1.0, high=3.0, whole=False, words={}).at(0.5)
        2.0
        """
        if self.levels is not None:
            return self.levels[min(int(unit * len(self.levels)), len(self.levels) - 1)]
        if self.whole:
            return min(math.floor(self.low + unit * (self.high - self.low + 1)), int(self.high))
        return float(self.low + unit * (self.high - self.low))

    def check(self) -> None:
        """Raise `ConfigError` for a factor that moves nothing or over nothing."""
        if self.levels is not None and not self.levels:
            raise ConfigError(f"{self.name}: no values; expected at least one, such as {self.name}=1,2")
        if self.levels is not None and len(set(self.levels)) < len(self.levels):
            raise ConfigError(f"{self.name} = {', '.join(map(str, self.levels))}: the same value twice")
        if self.continuous and not -math.inf < self.low < self.high < math.inf:
            raise ConfigError(f"{self.name} = interval({self.low:g}, {self.high:g}): expected low < high, both finite")
        if self.whole and not (self.low.is_integer() and self.high.is_integer()):
            raise ConfigError(
                f"{self.name} = interval({self.low:g}, {self.high:g}): expected whole numbers as its limits"
            )


def meant(value: Any, levels: Iterable[Any]) -> Any:
    """The level that a value stands for however it is written, or None; numbers are one if they agree to 12 digits.

    >>> meant("3e-1", (0.1, 0.3)), meant(0.3, (0.1, 0.30000000000000004)), meant("0.3", ("low", "0.30")), meant(2, (1, 3))
    (0.3, 0.30000000000000004, '0.30', None)
    """
    levels = list(levels)
    for level in levels:
        if str(level) == str(value):
            return level
    number = _number(value)
    near = [level for level in levels if math.isclose(number, _number(level), rel_tol=1e-12)]
    return min(near, key=lambda level: abs(_number(level) - number), default=None)


def _number(value: Any) -> float:
    """What a value counts, NaN if it is no finite number."""
    if isinstance(value, bool) or not isinstance(value, (Real, str)):
        return math.nan
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return math.nan
    return number if math.isfinite(number) else math.nan
