"""What each of several switches contributes to a difference between two scenarios: Shapley values.

Scenario a is all switches off, scenario b all on, and a coalition is the set of switches that are on. A switch's value is
its marginal contribution v(S + i) - v(S), averaged over all orders in which the switches could be turned on: the only
rule by which contributions add up to v(all) - v(none), switches that do the same get the same, a switch that does
nothing gets nothing, and values of sums are sums of values.

Source: Shapley (1953), Contributions to the Theory of Games II; sampled orders, Castro, Gomez & Tejada (2009),
Computers & Operations Research 36, 1726-1730.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import factorial

import numpy as np
import pandas as pd

from sim.ground.params import ConfigError
from sim.metrics.interval import holm

Coalition = frozenset[int]
EXACT = 10  # switches: 1,024 coalitions


def coalitions(n: int, exact_up_to: int = EXACT) -> list[Coalition]:
    """All 2^n sets of switches to be played for exact values, the empty one first.

    Raises
    ------
    ConfigError : there is no switch, or there are more than `exact_up_to`.

    >>> [sorted(switches_on) for switches_on in coalitions(2)]
    [[], [0], [1], [0, 1]]
    """
    if not 1 <= n <= exact_up_to:
        advice = f"sample orders of the {n} switches instead" if n > exact_up_to else "the two scenarios do not differ"
        raise ConfigError(f"explain: {n} switches: expected 1 to {exact_up_to} for exact values; {advice}")
    return [frozenset(i for i in range(n) if mask >> i & 1) for mask in range(2**n)]


def _played(values: Mapping[Coalition, np.ndarray], wanted: Coalition) -> np.ndarray:
    if wanted not in values:
        shown = "{" + ", ".join(map(str, sorted(wanted))) + "}"
        raise ConfigError(f"explain: no run with the switches {shown} on; expected every coalition to be played")
    return np.atleast_1d(np.asarray(values[wanted], float))


def shapley(values: Mapping[Coalition, np.ndarray], n: int) -> np.ndarray:
    """(n, seeds) exact Shapley value of each switch, seed by seed [metric's unit].

    values : what every coalition of the n switches came to, (seeds,) each in the same order of seeds; NaN spreads.

    Raises
    ------
    ConfigError : a coalition is missing.

    >>> none, one, both = frozenset(), frozenset({0}), frozenset({0, 1})
    >>> shapley({none: [0.0], one: [3.0], frozenset({1}): [1.0], both: [6.0]}, 2).tolist()
    [[4.0], [2.0]]
    """
    played = np.array([_played(values, of) for of in coalitions(n, max(n, EXACT))])
    masks = np.arange(2**n)
    size = np.array([int(mask).bit_count() for mask in masks])
    weight = np.array([factorial(s) * factorial(max(n - s - 1, 0)) / factorial(n) for s in range(n + 1)])
    found = []
    for switch in range(n):
        off = masks[masks >> switch & 1 == 0]
        found.append(weight[size[off]] @ (played[off | 1 << switch] - played[off]))
    return np.array(found)


def permutations(n: int, count: int, seed: int) -> list[tuple[int, ...]]:
    """Orders in which n switches are turned on, drawn independently; `turned_on` lists what they ask to be played.

    n : switches. count : orders, at least two, since one has no error. seed : of these draws only.

    >>> all(sorted(order) == [0, 1, 2] for order in permutations(3, 5, seed=1))
    True
    """
    if n < 1 or count < 2:
        raise ConfigError(f"explain: {count} orders of {n} switches: expected at least 2 orders of at least 1 switch")
    rng = np.random.default_rng(seed)
    return [tuple(rng.permutation(n).tolist()) for _ in range(count)]


def turned_on(permutations: Iterable[Sequence[int]]) -> list[Coalition]:
    """Every coalition on the way from none to all in any of the orders, each once, smallest first.

    At most 2 + count (n - 1) coalitions.

    >>> [sorted(switches_on) for switches_on in turned_on([(1, 0), (0, 1)])]
    [[], [0], [1], [0, 1]]
    """
    met = {frozenset(order[:size]) for order in permutations for size in range(len(order) + 1)}
    return sorted(met, key=lambda switches_on: (len(switches_on), sorted(switches_on)))


def shapley_sampled(
    values: Mapping[Coalition, np.ndarray], permutations: Sequence[Sequence[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Shapley values from sampled orders: (n, seeds) estimates and (n,) standard errors of their means over seeds.

    The estimates of a seed add up to v(all) - v(none) exactly. The error is that of having sampled orders, no more: it falls
    with the root of their number; what seeds add to it is in the estimates' spread over seeds, and `attributions` takes both.

    values : what the coalitions of `turned_on` came to, (seeds,) each. permutations : the orders, at least two.

    Raises
    ------
    ConfigError : a coalition is missing, or fewer than two orders.

    >>> none, one, both = frozenset(), frozenset({0}), frozenset({0, 1})
    >>> estimates, errors = shapley_sampled({none: [0.0], one: [3.0], frozenset({1}): [1.0], both: [6.0]}, [(0, 1), (1, 0)])
    >>> estimates.tolist(), errors.tolist()
    ([[4.0], [2.0]], [1.0, 1.0])
    """
    if len(permutations) < 2:
        raise ConfigError(f"explain: {len(permutations)} order of the switches: expected at least 2, one has no error")
    gains = []
    for order in permutations:
        path = np.array([_played(values, frozenset(order[:size])) for size in range(len(order) + 1)])
        gains.append(np.diff(path, axis=0)[np.argsort(order)])
    found = np.array(gains)
    return found.mean(axis=0), found.mean(axis=2).std(axis=0, ddof=1) / np.sqrt(len(found))


def attributions(
    names: Sequence[str], estimates: np.ndarray, errors: np.ndarray | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Shapley values as a table: switch, value, low, high, p, holm; mean over seeds, Student's limits.

    The variance is that over seeds plus that of sampled orders. With one seed, or with values that do not vary, limits and p
    are NaN.

    estimates : (n, seeds). errors : (n,) of sampled orders; None for exact values.

    >>> attributions(["lag", "price"], np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]))[["value", "low"]].round(3).to_numpy().tolist()
    [[2.0, -0.484], [0.0, nan]]
    """
    from scipy.stats import t

    seeds = estimates.shape[1]
    mean, total = estimates.mean(axis=1), np.full(len(estimates), np.nan)
    if seeds > 1:
        total = np.sqrt(estimates.var(axis=1, ddof=1) / seeds + (0 if errors is None else errors**2))
    total = np.where(total > 0, total, np.nan)
    half, p = t.ppf((1 + confidence) / 2, seeds - 1) * total, 2 * t.sf(np.abs(mean) / total, seeds - 1)
    columns = {"switch": list(names), "value": mean, "low": mean - half, "high": mean + half, "p": p, "holm": holm(p)}
    return pd.DataFrame(columns)
