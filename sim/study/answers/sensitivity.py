"""Which factors move an outcome: Sobol indices and Morris effects, and when not to trust them.

First-order index of factor i: V_i / V, the part of the variance V of the outcome over the design that would vanish on
average if i were known. Total index: the part that would be left if everything but i were known. Their difference is
what i does together with others.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.ground.params import ConfigError, nearest
from sim.study.answers.trust import morris_warnings, noise_warnings, sobol_warnings
from sim.study.design.cube import positions
from sim.study.design.morris import Morris
from sim.study.design.sobol import Sobol
from sim.study.factor import Factor

SMALLEST = 16  # blocks of the smallest part of a design that is analysed for comparison

Points = pd.DataFrame | Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Indices:
    """What a sensitivity analysis found.

    Attributes
    ----------
    table : a row a factor. Sobol: factor, first, first_half, total, total_half. Morris: factor, mu_star, mu_star_half,
        sigma, mu, in the outcome's unit for a move over a factor's whole range. Halves are those of 95 % intervals.
    pairs : factor, other, second, second_half; a row a pair, none unless a Sobol design has `second_order`.
    growth : the table of growing first parts of the design, after the column `samples` (blocks or trajectories).
    warnings : why not to trust the table, in sentences; empty if nothing speaks against it.
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    growth: pd.DataFrame
    warnings: list[str]


def responses(outcomes: pd.DataFrame, metric: str, firm: str | None, points: int) -> np.ndarray:
    """An outcome by point and seed: (points, seeds), NaN where a run is missing.

    Parameters
    ----------
    outcomes : columns point, seed and the metric, a row a run, or a row a run and firm with the column firm.
    firm : whose; None where there is one row a run. points : of the design, in its order.

    Raises
    ------
    ConfigError : no such metric or firm, or several rows a run and no firm said.

    >>> rows = {"point": [0, 0, 2], "seed": [1, 2, 1], "firm": "a", "share": [0.5, 0.25, 0.125]}
    >>> responses(pd.DataFrame(rows), "share", "a", 3).tolist()
    [[0.5, 0.25], [nan, nan], [0.125, nan]]
    """
    if metric not in outcomes:
        raise ConfigError(f"{metric}: no such outcome; {nearest(metric, map(str, outcomes))}")
    firms = sorted(outcomes["firm"].unique()) if "firm" in outcomes else []
    if firm is not None and firm not in firms:
        raise ConfigError(f"{firm}: no such firm; {nearest(firm, firms)}")
    chosen = outcomes if firm is None else outcomes[outcomes["firm"] == firm]
    if chosen.duplicated(["point", "seed"]).any():
        raise ConfigError(f"{metric}: several rows a run; say whose, one of {', '.join(firms)}")
    return chosen.pivot(index="point", columns="seed", values=metric).reindex(range(points)).to_numpy(float)


def sobol(points: Points, y: np.ndarray, design: Sobol, factors: Sequence[Factor], seed: int = 1) -> Indices:
    """First-order and total indices of each factor, with bootstrap intervals.

    Parameters
    ----------
    points : the design's points in its order, values by factor name. y : the outcome, (points,) or (points, seeds);
        seeds that a point lacks are left out everywhere. design, factors : what the points were made of.
    seed : of the bootstrap.

    Raises
    ------
    ConfigError : the points are not the design's, or one of them has no outcome.

    Source: Saltelli et al. (2010), Computer Physics Communications 181; Sobol (2001), Mathematics and Computers in
    Simulation 55.

    Of x + 3 y with x and y uniform on [0, 1], y makes 9 tenths of the variance.

    >>> x, y = (Factor(name=n, keys=(n,), levels=None, low=0.0, high=1.0, whole=False, words={}) for n in "xy")
    >>> design = Sobol(samples=1024, second_order=False)
    >>> points = design.points([x, y], seed=1)
    >>> found = sobol(points, np.array([p["x"] + 3 * p["y"] for p in points]), design, [x, y])
    >>> found.table[["first", "total"]].round(2).to_numpy().tolist()
    [[0.1, 0.1], [0.9, 0.9]]
    """
    block = design.block(len(factors))
    unit = positions(points, factors)
    _check_layout(unit, design, block)
    known, lost = _complete(y, len(unit))
    missing = np.flatnonzero(np.isnan(known).any(axis=1))
    if len(missing):
        raise ConfigError(
            f"Sobol indices need an outcome of every point: {len(missing)} of {len(unit)} lack one, the first is point "
            f"{missing[0]}; run them again, or screen with design=morris, which can do without"
        )
    mean = known.mean(axis=1)
    if _flat(mean):
        return _constant(factors, ["first", "first_half", "total", "total_half"])
    sizes = [design.samples >> k for k in range(3) if design.samples >> k >= SMALLEST] or [design.samples]
    tables = {size: _sobol(mean[: size * block], design, factors, seed) for size in reversed(sizes)}
    table, pairs = tables[design.samples]
    growth = _stacked({size: found for size, (found, _) in tables.items()})
    return Indices(table, pairs, growth, lost + noise_warnings(known) + sobol_warnings(table, growth))


def morris(points: Points, y: np.ndarray, design: Morris, factors: Sequence[Factor], seed: int = 1) -> Indices:
    """Mean absolute, spread and mean of the effects of moving one factor over its whole range.

    A trajectory of which a point has no outcome is left out. A factor of levels counts by how many it passed.

    Parameters
    ----------
    points, y, design, factors, seed : as for `sobol`.

    Raises
    ------
    ConfigError : the points are not the design's, or fewer than two whole trajectories are left.

    Source: Morris (1991), Technometrics 33; Campolongo, Cariboni & Saltelli (2007), Environmental Modelling &
    Software 22, for the mean of absolute values.

    >>> x, y = (Factor(name=n, keys=(n,), levels=None, low=0.0, high=2.0, whole=False, words={}) for n in "xy")
    >>> design = Morris(trajectories=4, levels=4)
    >>> points = design.points([x, y], seed=1)
    >>> found = morris(points, np.array([3 * p["x"] - p["y"] for p in points]), design, [x, y])
    >>> found.table[["mu_star", "sigma", "mu"]].round(6).to_numpy().tolist()
    [[6.0, 0.0, 6.0], [2.0, 0.0, -2.0]]
    """
    block = len(factors) + 1
    unit = positions(points, factors)
    walks = unit.reshape(-1, block, len(factors)) if len(unit) == design.trajectories * block else unit[:0]
    if not len(walks) or ((np.diff(walks, axis=1) != 0).sum(axis=2) > 1).any():
        raise ConfigError(f"the {len(unit)} points are not those of the Morris design of these factors, in its order")
    known, lost = _complete(y, len(unit))
    whole = ~np.isnan(known).any(axis=1).reshape(-1, block).any(axis=1)
    if whole.sum() < 2:
        raise ConfigError(f"{whole.sum()} of {design.trajectories} trajectories are whole; Morris effects need two")
    kept = np.repeat(whole, block)
    known, unit = known[kept], unit[kept]
    if _flat(known.mean(axis=1)):
        return _constant(factors, ["mu_star", "mu_star_half", "sigma", "mu"])
    walks_left = int(whole.sum())
    sizes = sorted({size for size in (walks_left // 2, walks_left) if size >= 2})
    tables = {s: _morris(unit[: s * block], known[: s * block].mean(axis=1), design, factors, seed) for s in sizes}
    growth = _stacked(tables)
    said = (
        [] if whole.all() else [f"{(~whole).sum()} of {len(whole)} trajectories are left out: a point has no outcome."]
    )
    said = noise_warnings(known) + said + morris_warnings(tables[walks_left], growth)
    return Indices(tables[walks_left], _pairs([]), growth, lost + said)


def _check_layout(unit: np.ndarray, design: Sobol, block: int) -> None:
    """Raise `ConfigError` unless every block moves one factor at a time away from its first point."""
    of = f"of the Sobol design of these factors ({design.samples} blocks of {block})"
    if len(unit) != design.samples * block:
        raise ConfigError(f"{len(unit)} points; expected the {design.samples * block} {of}")
    blocks = unit.reshape(design.samples, block, -1)
    one_at_a_time = blocks[:, 1 : unit.shape[1] + 1] != blocks[:, :1]
    if one_at_a_time[:, ~np.eye(unit.shape[1], dtype=bool)].any():
        raise ConfigError(f"the points are not those {of}, in its order")


def _complete(y: np.ndarray, points: int) -> tuple[np.ndarray, list[str]]:
    """The outcome as (points, seeds) of the seeds that all points have if there are any, and what that leaves out."""
    y = np.asarray(y, float).reshape(len(y), -1)
    if len(y) != points:
        raise ConfigError(f"{len(y)} outcomes of {points} points; expected one a point, NaN where there is none")
    y = np.where(np.isfinite(y), y, np.nan)
    played = ~np.isnan(y).all(axis=1)
    whole = ~np.isnan(y[played]).any(axis=0)
    if whole.all() or not whole.any():
        return y, []
    return y[:, whole], [f"{(~whole).sum()} of {len(whole)} seeds are left out: not every point has them."]


def _sobol(y: np.ndarray, design: Sobol, factors: Sequence[Factor], seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    from SALib.analyze import sobol

    names = [f.name for f in factors]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0, 1]] * len(names)}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Constant values", module="SALib")
        found = sobol.analyze(problem, y, calc_second_order=design.second_order, seed=np.random.default_rng(seed))
    table = pd.DataFrame(
        {"factor": names, "first": found["S1"], "first_half": found["S1_conf"]}
        | {"total": found["ST"], "total_half": found["ST_conf"]}
    )
    pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names)) if design.second_order]
    return table, _pairs([(names[i], names[j], found["S2"][i, j], found["S2_conf"][i, j]) for i, j in pairs])


def _morris(unit: np.ndarray, y: np.ndarray, design: Morris, factors: Sequence[Factor], seed: int) -> pd.DataFrame:
    from SALib.analyze import morris

    names, block = [f.name for f in factors], len(factors) + 1
    problem = {"num_vars": len(names), "names": names, "bounds": [[0, 1]] * len(names)}
    moves = np.abs(np.diff(unit.reshape(-1, block, len(names)), axis=1)).sum(axis=2)
    scale = np.divide(design.step, moves, out=np.zeros(moves.shape), where=moves > 0)  # levels pass more or fewer
    rises = np.diff(y.reshape(-1, block), axis=1) * scale
    even = np.concatenate([np.zeros((len(rises), 1)), rises.cumsum(axis=1)], axis=1).ravel()
    found = morris.analyze(problem, unit, even, num_levels=design.levels, seed=seed)
    columns = {"mu_star": "mu_star", "mu_star_half": "mu_star_conf", "sigma": "sigma", "mu": "mu"}
    return pd.DataFrame({"factor": names} | {to: np.asarray(found[of], float) for to, of in columns.items()})


def _pairs(rows: list[tuple[str, str, float, float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["factor", "other", "second", "second_half"])


def _stacked(tables: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([table.assign(samples=size) for size, table in tables.items()], ignore_index=True)


def _flat(y: np.ndarray) -> bool:
    """Whether all values are the same but for rounding."""
    return bool(np.ptp(y) <= 1e-12 * np.abs(y).max())


def _constant(factors: Sequence[Factor], columns: Sequence[str]) -> Indices:
    table = pd.DataFrame({"factor": [f.name for f in factors]} | dict.fromkeys(columns, np.nan))
    said = ["The outcome is the same at every point: there is no variance to share among the factors."]
    return Indices(table, _pairs([]), table.assign(samples=0)[:0], said)
