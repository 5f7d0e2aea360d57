"""The unit cube in which designs are drawn, and the way between it and the values of factors.

A factor of levels has equal parts of [0, 1], an interval the whole of it; see `Factor.at`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.ground.params import ConfigError
from sim.study.factor import Factor, meant

MOST_POINTS = 1_000_000  # of a design: a tenth of a second each would be more than a day


def check_size(design: str, points: int) -> None:
    """Raise `ConfigError` if a design has more than `MOST_POINTS` points.

    >>> check_size("factorial", 12_000_000)
    Traceback (most recent call last):
    ...
    sim.ground.params.ConfigError: design=factorial: 12,000,000 points; expected at most 1,000,000: move fewer factors or take fewer values
    """
    if points > MOST_POINTS:
        raise ConfigError(
            f"design={design}: {points:,} points; expected at most {MOST_POINTS:,}: move fewer factors or take fewer values"
        )


def values(factors: Sequence[Factor], unit: np.ndarray) -> list[dict[str, Any]]:
    """Points of the unit cube as values of the factors by name; unit : (points, factors) in [0, 1].

    >>> x = Factor(name="x", keys=("x",), levels=None, low=0.0, high=4.0, whole=False, words={})
    >>> values([x], np.array([[0.25], [1.0]]))
    [{'x': 1.0}, {'x': 4.0}]
    """
    return [{f.name: f.at(float(u)) for f, u in zip(factors, row, strict=True)} for row in unit]


def positions(points: pd.DataFrame | Sequence[Mapping[str, Any]], factors: Sequence[Factor]) -> np.ndarray:
    """Where each point lies between the lowest and the highest value of each factor: (points, factors) in [0, 1].

    Levels lie at equal distances in the order in which they were given, whatever they are.

    Raises
    ------
    ConfigError : a factor has no column, or a value is none of its levels.

    >>> x = Factor(name="x", keys=("x",), levels=("low", "mid", "high"), low=0, high=0, whole=False, words={})
    >>> positions([{"x": "high"}, {"x": "mid"}], [x]).tolist()
    [[1.0], [0.5]]
    """
    frame = pd.DataFrame(points)
    missing = [f.name for f in factors if f.name not in frame]
    if missing:
        raise ConfigError(f"{missing[0]}: no column of the points; they have {', '.join(map(str, frame))}")
    return np.column_stack([_position(frame[f.name], f) for f in factors]) if factors else np.empty((len(frame), 0))


def _position(column: pd.Series, factor: Factor) -> np.ndarray:
    if factor.levels is None:
        return (column.to_numpy(float) - factor.low) / (factor.high - factor.low)
    last = max(len(factor.levels) - 1, 1)
    places = {value: _place(value, factor) for value in column.drop_duplicates()}
    return column.map(places).to_numpy(float) / last


def _place(value: Any, factor: Factor) -> int:
    """Number of the level that a stored value stands for; a table may have made text of it."""
    levels = list(factor.levels or ())
    level = meant(value, levels)
    if level is None:
        raise ConfigError(f"{factor.name} = {value}: not a level; it has {', '.join(map(str, levels))}")
    return levels.index(level)
