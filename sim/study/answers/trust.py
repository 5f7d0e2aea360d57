"""When sensitivity indices are not to be trusted, said in sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd

WIDE = 0.1  # half-width of a total index beyond which it is too uncertain to be read
IDLE = 0.05  # total index, or part of the largest effect, below which the order among factors does not matter
NOISE = 0.05  # part of the outcome's variance that may be chance
MOST = 0.99  # part of it that is ever said to be chance: an estimate may exceed the whole


def sobol_warnings(table: pd.DataFrame, growth: pd.DataFrame) -> list[str]:
    """What speaks against Sobol indices: width, impossible values, an order that is not settled.

    Parameters
    ----------
    table, growth : as in `Indices`.

    Source: Sarrazin, Pianosi & Wagener (2016), Environmental Modelling & Software 79, for judging convergence by the
    width of bootstrap intervals and by the order of those factors that matter; the limits are judgements.
    """
    return _wide(table, growth) + _impossible(table) + unsettled(growth, "total")


def morris_warnings(table: pd.DataFrame, growth: pd.DataFrame) -> list[str]:
    """What speaks against Morris effects: width, an order that is not settled.

    Parameters
    ----------
    table, growth : as in `Indices`.

    Source: as for `sobol_warnings`.
    """
    largest = table["mu_star"].max()
    wide = table[table["mu_star_half"] > largest * 2 * WIDE]
    said = [
        f"The effect of {row.factor} is known to ± {row.mu_star_half:.3g} only, with {largest:.3g} the largest effect: "
        "take more trajectories."
        for row in wide.itertuples()
    ]
    return said + unsettled(growth, "mu_star")


def noise_warnings(y: np.ndarray) -> list[str]:
    """Whether chance blurs the outcome; y : (points, seeds) without gaps.

    All points share their seeds, so a seed that raises every point alike does no harm; what is left after the means of
    points and of seeds is chance, and 1 / seeds of its variance is in the variance over points.

    >>> noise_warnings(np.array([[1.0, 2.0], [5.0, 6.0], [9.0, 10.0]]))
    []
    """
    points, seeds = y.shape
    if seeds < 2:
        return [
            "One value a point: how much of the variance is chance cannot be told; play several seeds and give all."
        ]
    rest = y - y.mean(axis=1, keepdims=True) - y.mean(axis=0) + y.mean()
    chance = (rest**2).sum() / ((points - 1) * (seeds - 1)) / seeds
    part = min(chance / y.mean(axis=1).var(ddof=1), MOST)
    if part <= NOISE:
        return []
    needed = seeds * part / (1 - part) * (1 - NOISE) / NOISE
    return [
        f"Chance makes {part:.0%} of the variance over points with {seeds} seeds a point: the indices are blurred; some "
        f"{int(np.ceil(needed))} seeds would bring it to {NOISE:.0%}."
    ]


def unsettled(growth: pd.DataFrame, column: str) -> list[str]:
    """Pairs of factors that matter and whose order changed between the last two sizes.

    >>> rows = {"factor": ["x", "y"] * 2, "total": [0.5, 0.4, 0.44, 0.46], "samples": [64, 64, 128, 128]}
    >>> unsettled(pd.DataFrame(rows), "total")
    ['x and y change places between 64 (0.5, 0.4) and 128 samples (0.44, 0.46): read them as equals.']
    """
    sizes = sorted(growth["samples"].unique())
    if len(sizes) < 2:
        return ["Too few samples to see whether the order of the factors is settled: take twice as many."]
    before, now = (growth[growth["samples"] == s].set_index("factor")[column] for s in sizes[-2:])
    least = IDLE * (1 if column == "total" else now.max())
    names = [name for name in now.index if max(now[name], before[name]) > least]
    swapped = [
        (a, b) for i, a in enumerate(names) for b in names[i + 1 :] if (now[a] - now[b]) * (before[a] - before[b]) < 0
    ]
    return [
        f"{a} and {b} change places between {sizes[-2]} ({before[a]:.2g}, {before[b]:.2g}) and {sizes[-1]} samples "
        f"({now[a]:.2g}, {now[b]:.2g}): read them as equals."
        for a, b in swapped
    ]


def _wide(table: pd.DataFrame, growth: pd.DataFrame) -> list[str]:
    """Widths fall with the square root of the samples; samples are powers of two."""
    wide, samples = table[table["total_half"] > WIDE], growth["samples"].max()
    return [
        f"The total index of {row.factor} is known to ± {row.total_half:.2f} only, beyond {WIDE}: that would take some "
        f"{2 ** int(np.ceil(np.log2(samples * (row.total_half / WIDE) ** 2)))} samples."
        for row in wide.itertuples()
    ]


def _impossible(table: pd.DataFrame) -> list[str]:
    """Values beyond what indices can be, by more than their own intervals explain."""
    first, total = table["first"].sum(), table["total"].sum()
    off_first, off_total = (float(np.sqrt((table[half] ** 2).sum())) for half in ("first_half", "total_half"))
    said = [
        f"The first-order index of {row.factor} is {row.first:.2f}, below zero by more than its interval ± "
        f"{row.first_half:.2f}: take more samples."
        for row in table[table["first"] + table["first_half"] < 0].itertuples()
    ]
    if first - off_first > 1:
        said.append(f"The first-order indices add up to {first:.2f}; they cannot exceed 1: take more samples.")
    if total + off_total < 1:
        said.append(f"The total indices add up to {total:.2f}; they cannot be less than 1: take more samples.")
    return said
