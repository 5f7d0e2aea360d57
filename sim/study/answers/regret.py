"""Regret: what a strategy earns less than the best would have, future by future."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sim.ground.params import ConfigError
from sim.metrics.interval import half_width


def regret(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Largest and mean regret of each strategy over the futures, and which strategy makes the largest smallest.

    Parameters
    ----------
    outcomes : columns strategy, future, value (more is better), and seed if there are several; a row each. Values are
        first averaged over seeds, so that the best of a future is not the luckiest.

    Returns
    -------
    A row a strategy, smallest largest regret first: strategy, maximum, maximum_half, mean, mean_half (value's unit),
    worst (the future of the maximum), behind, behind_half (by how much its maximum exceeds the smallest one), minimax.
    Halves are of 95 % intervals by jackknife over seeds, NaN for one seed. Where `behind_half` reaches `behind`, the two
    cannot be told apart.

    Raises
    ------
    ConfigError : a strategy was not played in a future, or not with every seed.

    Source: Savage (1951), J. American Statistical Association 46; Tukey (1958), Annals of Mathematical Statistics 29,
    for the intervals.

    In the dry future `bold` earns 4 less than `plain`, in the wet one `plain` 6 less than `bold`.

    >>> rows = [("bold", "dry", 1), ("bold", "wet", 9), ("plain", "dry", 5), ("plain", "wet", 3)]
    >>> table = regret(pd.DataFrame(rows, columns=["strategy", "future", "value"]))
    >>> table[["strategy", "maximum", "mean", "worst", "minimax"]].to_numpy().tolist()
    [['bold', 4.0, 2.0, 'dry', True], ['plain', 6.0, 3.0, 'wet', False]]
    """
    cube, strategies, futures = _cube(outcomes)
    lost = _lost(cube)
    largest = lost.max(axis=1)
    best = int(largest.argmin())
    table = pd.DataFrame(
        {
            "strategy": strategies,
            "maximum": largest,
            "maximum_half": _halves(cube, lambda part: _lost(part).max(axis=1)),
            "mean": lost.mean(axis=1),
            "mean_half": _halves(cube, lambda part: _lost(part).mean(axis=1)),
            "worst": [futures[column] for column in lost.argmax(axis=1)],
            "behind": largest - largest[best],
            "behind_half": _halves(cube, lambda part: _behind(part, best)),
            "minimax": np.isclose(largest, largest[best], atol=1e-12 * np.abs(cube).max()),
        }
    )
    return table.sort_values("maximum", kind="stable", ignore_index=True)


def _cube(outcomes: pd.DataFrame) -> tuple[np.ndarray, list, list]:
    """Values as (strategies, futures, seeds)."""
    seeded = outcomes if "seed" in outcomes else outcomes.assign(seed=0)
    wide = seeded.pivot_table(index="strategy", columns=["future", "seed"], values="value", dropna=False)
    strategies, futures, seeds = list(wide.index), list(wide.columns.levels[0]), list(wide.columns.levels[1])
    wide = wide.reindex(columns=pd.MultiIndex.from_product([futures, seeds]))
    gaps = wide.isna().stack([0, 1])
    if gaps.any():
        strategy, future, seed = gaps.idxmax()
        raise ConfigError(
            f"regret: no value of {strategy} in {future} with seed {seed}; every strategy needs every future"
        )
    return wide.to_numpy(float).reshape(len(strategies), len(futures), len(seeds)), strategies, futures


def _lost(cube: np.ndarray) -> np.ndarray:
    """Regret of the means over seeds: (strategies, futures)."""
    mean = cube.mean(axis=2)
    return mean.max(axis=0) - mean


def _behind(cube: np.ndarray, best: int) -> np.ndarray:
    largest = _lost(cube).max(axis=1)
    return largest - largest[best]


def _halves(cube: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Half-width of each strategy's statistic by jackknife: Student's interval of the pseudo-values."""
    seeds = cube.shape[2]
    if seeds < 2:
        return np.full(len(cube), np.nan)
    without = np.array([statistic(np.delete(cube, seed, axis=2)) for seed in range(seeds)])
    pseudo = seeds * statistic(cube) - (seeds - 1) * without
    return np.array([half_width(column) for column in pseudo.T])
