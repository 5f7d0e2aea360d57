"""Where in the space of factors something happens: scores of factors, and boxes with limits (scenario discovery).

Scenario discovery asks the question backwards: not what a factor does to an outcome, but in which part of the space an
outcome of interest is found. Source: Bryant & Lempert (2010), Technological Forecasting and Social Change 77.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.ground.params import ConfigError, nearest
from sim.study.answers.box import Box, Limit, inside
from sim.study.design.cube import positions
from sim.study.factor import Factor

PEELS = (0.05, 0.1, 0.2)  # shares of the cases that a step gives up: few are patient, more do not stumble over noise
MASS = 0.05  # share of the cases in the smallest box
LEAST = 10  # cases in the smallest box
DIFFERENT = 40  # points from which on halves are of points: fewer are a grid whose every cell both halves should have
REAL = 0.05  # quasi-p of a limit, and chance of a held-out density, beyond which it is taken for luck
GAIN = 0.05  # of density over the base rate, below which a box says nothing
EXPLAINED = 0.2  # of the variance, by a forest on cases that it has not seen, below which its scores say little


@dataclass(frozen=True)
class Scores:
    """What matters to a forest. table : factor, score (they add up to 1), largest first. explained : its R2 out of bag."""

    table: pd.DataFrame
    explained: float

    @property
    def warnings(self) -> list[str]:
        """Why not to rely on the scores, in sentences."""
        if self.explained >= EXPLAINED:
            return []
        return [f"The factors explain {max(self.explained, 0):.0%} of the outcome's variance: the scores say little."]


def feature_scores(x: pd.DataFrame, y: np.ndarray, factors: Sequence[Factor], seed: int = 1) -> Scores:
    """How much each factor contributes to a forest of extremely randomised trees that foretells an outcome.

    Parameters
    ----------
    x : (cases, factors), values by factor name. y : (cases,) outcome. seed : of the forest.

    Raises
    ------
    ConfigError : a case without an outcome, or as many outcomes as there are no cases.

    Source: Geurts, Ernst & Wehenkel (2006), Machine Learning 63; Jaxa-Rozen & Kwakkel (2018), Environmental Modelling &
    Software 107.
    """
    y = np.asarray(y, float)
    _check_cases(x, y, factors)
    with _quiet():
        from ema_workbench.analysis.feature_scoring import RuleInductionType, get_ex_feature_scores

        coded = pd.DataFrame(positions(x, factors), columns=_safe(factors))
        kind, of_all = RuleInductionType.REGRESSION, len(factors)  # fewer give idle factors scores
        scores, forest = get_ex_feature_scores(coded, y, mode=kind, max_features=of_all, random_state=seed)
    names = dict(zip(_safe(factors), (f.name for f in factors), strict=True))
    table = pd.DataFrame({"factor": [names[key] for key in scores.index], "score": scores[1].to_numpy(float)})
    return Scores(table, float(forest.oob_score_))


def leading(outcomes: pd.DataFrame, metric: str, firm: str) -> pd.Series:
    """Whether a firm has the highest mean over seeds of a metric, by point.

    >>> rows = {"point": [0, 0, 1, 1], "firm": ["a", "b"] * 2, "share": [0.3, 0.2, 0.1, 0.2]}
    >>> leading(pd.DataFrame(rows), "share", "a").tolist()
    [True, False]
    """
    if metric not in outcomes:
        raise ConfigError(f"{metric}: no such outcome; {nearest(metric, map(str, outcomes))}")
    mean = outcomes.pivot_table(index="point", columns="firm", values=metric)
    if firm not in mean:
        raise ConfigError(f"{firm}: no such firm; {nearest(firm, mean.columns)}")
    return mean.idxmax(axis=1) == firm


def boxes(x: pd.DataFrame, leads: np.ndarray, factors: Sequence[Factor], most: int = 3, seed: int = 1) -> list[Box]:
    """Boxes in which something happens often, found by the patient rule induction method (PRIM), best first.

    Of the boxes on three ways, patient and less so, from all cases to the densest, the one with the largest harmonic
    mean of density and coverage is taken, and limits without which it would be as dense are dropped. Its cases are then
    set aside and the rest is searched. A box is kept if it is denser than where it was looked for, and if boxes that are
    found on either half of the cases are denser on the other half.

    Parameters
    ----------
    x : (cases, factors), values by factor name. leads : (cases,) whether it happens. most : boxes at most.
    seed : of the halves for the check; of `DIFFERENT` and more points each goes whole into one half.

    Returns
    -------
    At least one box; it has no limits if nothing was found.

    Raises
    ------
    ConfigError : no cases, or as many outcomes as there are no cases.

    Source: Friedman & Fisher (1999), Statistics and Computing 9; Bryant & Lempert (2010) for quasi-p.
    """
    leads = np.asarray(leads, bool)
    _check_cases(x, leads.astype(float), factors)
    coded = _coded(x, factors)
    half = _half(coded, seed)
    trials = [(~own, _cover(coded[own].reset_index(drop=True), leads[own], factors, most)) for own in (half, ~half)]
    found: list[Box] = []
    everywhere = np.ones(len(coded), bool)
    left, untried = everywhere, everywhere
    for number, limits in enumerate(_cover(coded, leads, factors, most)):
        tried = [other & inside(trial[number], coded) for other, trial in trials if number < len(trial)]
        held = untried & np.logical_or.reduce([~everywhere, *tried])
        box = _box(limits, number, coded, leads, left, held)
        if not better(box, leads[held], leads[untried].mean()):
            break
        found.append(box)
        left, untried = left & ~inside(limits, coded), untried & ~held
    return found or [_box((), 0, coded, leads, everywhere, ~everywhere)]


def _cover(x: pd.DataFrame, leads: np.ndarray, factors: Sequence[Factor], most: int) -> list[tuple[Limit, ...]]:
    """Limits of the best box of all cases, of the best box of the rest, and so on."""
    found: list[tuple[Limit, ...]] = []
    left = np.ones(len(x), bool)
    while len(found) < most and len(limits := _best(x[left].reset_index(drop=True), leads[left], factors)):
        found.append(limits)
        left &= ~inside(limits, x)
    return found


def _best(x: pd.DataFrame, leads: np.ndarray, factors: Sequence[Factor]) -> tuple[Limit, ...]:
    if min(leads.sum(), (~leads).sum()) == 0 or len(x) < 2 * LEAST:
        return ()
    renamed, least = x.set_axis(_safe(factors), axis=1), LEAST / len(x)
    with _quiet():
        from ema_workbench.analysis.prim import Prim

        ways = [Prim(renamed, leads.astype(int), peel_alpha=a, mass_min=max(MASS, least)).find_box() for a in PEELS]
    means = [_harmonic(way.peeling_trajectory) for way in ways]
    way, mean = max(zip(ways, means, strict=True), key=lambda pair: pair[1].max())
    best = int(mean.argmax())
    limits = [limit for f, key in zip(factors, _safe(factors), strict=True) for limit in _limits(f, key, way, best)]
    return needed(limits, x, leads)


def _harmonic(steps: pd.DataFrame) -> np.ndarray:
    """Harmonic mean of density and coverage of each box on the way."""
    both = steps["coverage"] + steps["density"]
    return (2 * steps["coverage"] * steps["density"] / both).to_numpy(float)


def _limits(factor: Factor, key: str, way: object, step: int) -> list[Limit]:
    """The sides on which a box of the search is narrower than all cases."""
    if key not in way.box_lims[0]:
        return []
    (first_low, first_high), (low, high) = way.box_lims[0][key], way.box_lims[step][key]
    if isinstance(low, set):
        return [Limit(factor.name, "in", tuple(sorted(low)), np.nan)] if low != first_low else []
    allowed = factor.levels if factor.levels is not None else range(int(factor.low), int(factor.high) + 1)
    above, below = ">", "<"
    if factor.whole or factor.levels is not None:
        kept = [float(value) for value in allowed if low <= value <= high]
        above, below, new_low, new_high = ">=", "<=", min(kept), max(kept)
    else:
        new_low, new_high = float(low), float(high)
    sides = [(above, new_low, low > first_low), (below, new_high, high < first_high)]
    return [Limit(factor.name, sign, value, np.nan) for sign, value, narrower in sides if narrower]


def needed(limits: list[Limit], x: pd.DataFrame, leads: np.ndarray) -> tuple[Limit, ...]:
    """The limits that make a difference: drops one at a time the one whose quasi-p is largest and beyond `REAL`."""
    from scipy.stats import binomtest

    while limits:
        within = leads[inside(limits, x)]
        without = [leads[inside([other for other in limits if other is not one], x)] for one in limits]
        p = [binomtest(int(within.sum()), len(within), rate.mean(), alternative="greater").pvalue for rate in without]
        if max(p) <= REAL:
            return tuple(Limit(one.factor, one.sign, one.value, float(q)) for one, q in zip(limits, p, strict=True))
        limits = [one for one, q in zip(limits, p, strict=True) if q < max(p)]
    return ()


def _box(
    limits: tuple[Limit, ...],
    earlier: int,
    x: pd.DataFrame,
    leads: np.ndarray,
    left: np.ndarray,
    held: np.ndarray,
) -> Box:
    """Count what lies in a box among the cases that are left."""
    here = inside(limits, x) & left
    return Box(
        limits=limits,
        earlier=earlier,
        density=float(leads[here].mean()),
        coverage=float(leads[here].sum() / max(leads.sum(), 1)),
        mass=float(here.mean()),
        points=int(here.sum()),
        cases=len(x),
        base=float(leads[left].mean()),
        held_out=float(leads[held].mean()) if held.any() else float("nan"),
    )


def better(box: Box, held: np.ndarray, base: float) -> bool:
    """Whether a box is denser than its surroundings by more than luck, on held-out cases unless halves are too few."""
    from scipy.stats import binomtest

    if box.density - box.base < GAIN:
        return False
    if not len(held):
        return box.cases < 4 * LEAST
    return bool(binomtest(int(held.sum()), len(held), base, alternative="greater").pvalue <= REAL)


def _half(x: pd.DataFrame, seed: int) -> np.ndarray:
    """Which rows are in a random half of the different rows, or of all rows if few are different."""
    group = x.groupby(list(x)).ngroup().to_numpy()
    if group.max() + 1 < DIFFERENT:
        group = np.arange(len(x))
    order = np.random.default_rng(seed).permutation(group.max() + 1)
    return order[group] < (group.max() + 1) / 2


def _coded(x: pd.DataFrame, factors: Sequence[Factor]) -> pd.DataFrame:
    """Numbers as real numbers, anything else as text."""
    columns = {}
    for factor in factors:
        number = factor.levels is None or all(isinstance(v, (int, float)) and v is not True for v in factor.levels)
        columns[factor.name] = x[factor.name].astype(float if number else str).to_numpy()
    return pd.DataFrame(columns)


def _safe(factors: Sequence[Factor]) -> list[str]:
    """Names of columns for a library to which a column `scenario` is not a factor."""
    return [f"factor{number}" for number in range(len(factors))]


def _check_cases(x: pd.DataFrame, y: np.ndarray, factors: Sequence[Factor]) -> None:
    if not len(x) or not factors:
        raise ConfigError(f"{len(x)} cases of {len(factors)} factors: nothing to search")
    if len(x) != len(y) or not np.isfinite(y).all():
        raise ConfigError(f"{len(x)} cases, {int(np.isfinite(y).sum())} outcomes: expected an outcome a case")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what the workbench says about missing extras and outdated calls of its own."""
    with warnings.catch_warnings():
        for category in (UserWarning, ImportWarning, DeprecationWarning):
            warnings.filterwarnings("ignore", category=category, module="ema_workbench")
        yield
