"""Take a difference between two scenarios apart over what differs between them, under the same draws."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from sim.ground.found import Found
from sim.ground.names import check_call
from sim.ground.params import ConfigError, nearest
from sim.market.records import firm_columns
from sim.metrics.interval import half_width
from sim.study import measures
from sim.study.answers.compare import arms_of, only_arms
from sim.study.answers.comparison import facts_of
from sim.study.answers.shapley import (
    EXACT,
    attributions,
    coalitions,
    permutations,
    shapley,
    shapley_sampled,
    turned_on,
)
from sim.study.catalogue import CATALOGUE
from sim.study.factor import Factor
from sim.study.plan import Plan, Point
from sim.study.planning import Question, question
from sim.study.precision import column_of
from sim.study.runner import Progress
from sim.study.store import Study
from sim.study.sweep import opened, played
from sim.study.switches import Switch, check_playable, switches, thrown
from sim.study.unit import unit as unit_of
from sim.world.contested import contested_of
from sim.world.scenario import Scenario

ORDERS = 20  # of throwing the switches, sampled where there are too many combinations
COALITION = "switches"


@dataclass(frozen=True, repr=False)
class Explanation(Found):
    """Why a firm's measure differs between two scenarios.

    Attributes
    ----------
    metric, unit, firm : what is taken apart; noun : the metric in the market's words. names : the arms. total : the whole difference and its 95 % limits.
    table : a row a switch: switch, value, low, high, share_of_total (NaN where the whole may be 0). exact : whether all combinations were played.
    every : the same for every metric and firm. coalitions : combinations played. seeds : replications of each.
    """

    metric: str
    noun: str
    unit: str
    firm: str
    names: tuple[str, str]
    total: tuple[float, float, float]
    table: pd.DataFrame
    every: pd.DataFrame
    exact: bool
    coalitions: int
    seeds: int
    facts: dict[str, str]
    folder: pathlib.Path

    def __repr__(self) -> str:
        return f"Explanation of {self.firm}'s {self.metric} by {len(self.table)} switches: .table; sim.draw(it), sim.report(it, folder)"


def explain(
    *words: str,
    arms: Sequence[str] = (),
    metric: str = "profit",
    firm: str | None = None,
    folder: str | pathlib.Path | None = None,
    resume: bool = False,
    config_dir: str | None = None,
    allow_foreign: bool = False,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Explanation:
    """Say how much of a difference between two scenarios each thing that differs brings: Shapley values.

    Parameters
    ----------
    words, arms, folder, resume, config_dir, allow_foreign, tell : as in `compare`; exactly two arms.
    metric : of the firms' records. firm : whose; by default the contested firm whose measure differs most.

    Raises
    ------
    ConfigError : not two arms, nothing differs, or a combination cannot be played; one line.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     small = "population.customers=300", "periods=2", "replications=2", "engine=serial", "mechanism=[]"
    ...     both = "mechanism=[state_dependence] firms.thrift.markup=0.4"
    ...     found = explain(*small[:4], arms=[small[4], both], metric="share", folder=folder)
    ...     bool(abs(found.table["value"].sum() - found.total[0]) < 1e-12), len(found.table)
    (True, 2)
    """
    check_call("explain", words, arms, folder=folder, config_dir=config_dir, metric=metric, firm=firm)
    for word in words:
        if os.path.exists(os.path.join(word, CATALOGUE)):
            raise ConfigError(f"explain {word}: takes no study; it plays what lies between two arms, given in words")
    fixed, factor = arms_of(words, arms)
    if len(factor.levels) != 2:
        raise ConfigError(f"explain: expected exactly two arms, got {len(factor.levels)}")
    made: list[Switch] = []

    def asking(*how) -> Question:
        """The question to the two arms; raises `ConfigError` unless the metric and the firm are known in both."""
        both = only_arms("explain", question(*how, named=(factor,)))
        _check_whose(both.plan, metric, firm)
        return _asked(both, made)

    asked, study = opened(fixed, folder, resume, config_dir, allow_foreign, asking)
    played(asked, study, fail_fast=True, retry_failed=False, tell=tell)
    names = tuple(f"{name}: {' '.join(factor.words[name]) or 'as it stands'}" for name in factor.levels)
    return _explanation(asked, study, made, names, metric, firm)


def _check_whose(plan: Plan, metric: str, firm: str | None) -> None:
    """Raise `ConfigError` unless the metric is recorded and the firm is in both scenarios: before anything is played."""
    one, other = (Scenario.from_config(plan.config(arm), plan.allow_foreign) for arm in (0, 1))
    column_of(metric, firm_columns(one), "--metric")
    common = [name for name in one.firms if name in other.firms]
    if firm is not None and firm not in common:
        raise ConfigError(f"--firm {firm}: no such firm in both scenarios; {nearest(firm, common)}")


def _asked(both: Question, made: list[Switch]) -> Question:
    """The question that plays combinations of switches in place of the two arms."""
    plan = both.plan
    one, other = plan.config(0), plan.config(1)
    made += switches(one, other, plan.allow_foreign)
    check_playable(one, made, plan.allow_foreign)
    wanted = _wanted(len(made), plan.seed)
    points = tuple(Point({COALITION: _code(c, len(made))}, 0, thrown(made, c)) for c in wanted)
    levels = tuple(point.values[COALITION] for point in points)
    factor = Factor(name=COALITION, keys=(), levels=levels, low=0.0, high=0.0, whole=False, words={})
    return replace(both, plan=replace(plan, factors=(factor,), bases=(one,), points=points), precision=None)


def _orders(n: int, seed: int) -> list[tuple[int, ...]]:
    """Orders of throwing the switches that are sampled; none where all combinations are played."""
    return [] if n <= EXACT else permutations(n, ORDERS, seed)


def _wanted(n: int, seed: int) -> list[frozenset[int]]:
    orders = _orders(n, seed)
    return turned_on(orders) if orders else coalitions(n)


def _code(coalition: frozenset[int], n: int) -> str:
    """Which switches are thrown, a digit each.

    >>> _code(frozenset([0, 2]), 4)
    '1010'
    """
    return "".join("1" if number in coalition else "0" for number in range(n))


def _explanation(
    asked: Question, study: Study, made: Sequence[Switch], names: tuple[str, str], metric: str, firm: str | None
) -> Explanation:
    one = Scenario.from_config(asked.plan.config(0), asked.plan.allow_foreign)
    metric = column_of(metric, firm_columns(one), "--metric")
    outcomes = study.outcomes(list(dict.fromkeys([metric, *asked.metrics])))
    every = pd.concat(
        [
            _parts(rows, m, made, asked.plan.seed).assign(metric=m, firm=name)
            for name, rows in outcomes.groupby("firm", sort=True)
            for m in dict.fromkeys([metric, *asked.metrics])
        ],
        ignore_index=True,
    )
    totals = _totals(outcomes, metric, len(made))
    contested = contested_of(one, dict(zip(outcomes["firm"], outcomes["strategy"], strict=True)))
    known = [name for name in ([firm] if firm else contested) if name in totals.index]
    if not known:
        raise ConfigError(f"{study.folder}: {metric} of {firm or 'every firm'} is not known in both scenarios")
    firm = totals.loc[known, "mean"].abs().idxmax()
    table = every[(every["metric"] == metric) & (every["firm"] == firm)].reset_index(drop=True)
    mean, half = totals.loc[firm]
    parts = table["value"] / mean if mean and not abs(mean) <= half else float("nan")
    return Explanation(
        metric=metric,
        noun=measures.name(metric, one.population.words),
        unit=unit_of(metric),
        firm=firm,
        names=names,
        total=(mean, mean - half, mean + half),
        table=table.assign(share_of_total=parts),
        every=every,
        exact=len(made) <= EXACT,
        coalitions=len(asked.plan.points),
        seeds=outcomes["seed"].nunique(),
        facts=facts_of(one, outcomes, [study]) | {"arms": "; ".join(names)},
        folder=study.folder,
    )


def _parts(rows: pd.DataFrame, metric: str, made: Sequence[Switch], seed: int) -> pd.DataFrame:
    """Shapley values of one firm's measure."""
    wide = rows.pivot_table(index="seed", columns=COALITION, values=metric, dropna=False).reindex(
        columns=[_code(c, len(made)) for c in _wanted(len(made), seed)]
    )
    values = {_coalition(code): wide[code].to_numpy(float) for code in wide}
    orders, errors = _orders(len(made), seed), None
    if orders:
        estimates, errors = shapley_sampled(values, orders)
    else:
        estimates = shapley(values, len(made))
    return attributions([switch.name for switch in made], estimates, errors)


def _coalition(code: str) -> frozenset[int]:
    return frozenset(number for number, digit in enumerate(code) if digit == "1")


def _totals(outcomes: pd.DataFrame, metric: str, n: int) -> pd.DataFrame:
    """Whole difference of every firm that is in both scenarios: mean over seeds and half-width."""
    ends = [
        outcomes[outcomes[COALITION] == digit * n].pivot_table(index="firm", columns="seed", values=metric)
        for digit in "01"
    ]
    gaps = (ends[1] - ends[0]).dropna(how="all")
    return pd.DataFrame({"mean": gaps.mean(axis=1), "half": [half_width(row) for row in gaps.to_numpy(float)]})
