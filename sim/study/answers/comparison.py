"""What scenarios say when they are held against each other, worked out from the runs of each."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.ground.found import Found
from sim.ground.params import ConfigError, nearest
from sim.ground.units import told, words_of
from sim.metrics.interval import YEAR, half_width
from sim.study.answers.contrast import each_against
from sim.study.answers.moves import matrix, moves
from sim.study.answers.verdict import verdicts
from sim.study.manifest import manifest
from sim.study.plan import differing
from sim.study.store import Study
from sim.study.switches import side_by_side
from sim.world.contested import contested_of
from sim.world.scenario import Scenario

PATHS = ("share", "profit")
SMOOTH = YEAR  # months
CONFIDENCE = 0.95


@dataclass(frozen=True, repr=False)
class Comparison(Found):
    """What two or more scenarios say when they are held against each other; the first is what others are held against.

    Attributes
    ----------
    names : the arms, A, B, ... words : what each was asked for. differing : what differs between the configurations.
    outcomes : a row an arm, seed and firm, means of the last year. contrasts : a row an arm, metric and firm.
    verdicts : the same in words. series, paths : levels and differences to the first arm by month, with intervals.
    moves : purchases of the last year, a row an arm and pair of firms: from whom in the first arm to whom in that one, see
        `sim.study.answers.moves.moves`; None if no panel was kept.
    """

    names: tuple[str, ...]
    words: dict[str, str]
    differing: pd.DataFrame
    outcomes: pd.DataFrame
    contrasts: pd.DataFrame
    verdicts: list[str]
    series: pd.DataFrame
    paths: pd.DataFrame
    moves: pd.DataFrame | None
    moved_months: int
    strategies: dict[str, str]
    contested: list[str]
    scenario_words: dict[str, str]
    facts: dict[str, str]
    confidence: float
    seeds: int
    folder: pathlib.Path

    def __repr__(self) -> str:
        return f"Comparison of {', '.join(self.names)} over {self.seeds} seeds: .contrasts, .verdicts; sim.draw(it), sim.report(it, folder)"

    def moved(self, arm: str) -> pd.DataFrame:
        """Purchases of the last year: from whom in the first arm (rows) to whom in this one (columns)."""
        if self.moves is None or arm not in set(self.moves["arm"]):
            raise ConfigError(f"moved: no panel of {arm!r} was kept; {nearest(arm, self.names[1:])}")
        return matrix(self.moves[self.moves["arm"] == arm])


@dataclass(frozen=True)
class Side:
    """One arm: its name, what was asked for, and the point of a study that played it."""

    name: str
    words: str
    study: Study
    point: int


def held(sides: Sequence[Side], metrics: Sequence[str]) -> Comparison:
    """The comparison of points that have been played."""
    first, *others = sides
    refuse_strangers({side.name: list(side.study.config(side.point)["firms"]) for side in sides})
    scenarios = {side.name: side.study.scenario(side.point) for side in sides}
    outcomes = pd.concat([_outcomes(side, metrics) for side in sides], ignore_index=True)
    strategies = dict(reversed(list(zip(outcomes["firm"], outcomes["strategy"], strict=True))[::-1]))
    scenario = scenarios[first.name]
    contested = list(contested_of(scenario, strategies))
    table = each_against(outcomes, first.name, [other.name for other in others], metrics, CONFIDENCE, contested)
    months = pd.concat([_months(side) for side in sides], ignore_index=True)
    facts = facts_of(scenario, outcomes, [side.study for side in sides])
    words = words_of(*scenarios.values())
    facts |= vars(words) | {"arms": "; ".join(f"{side.name}: {side.words}" for side in sides)}
    return Comparison(
        names=tuple(side.name for side in sides),
        words={side.name: side.words for side in sides},
        differing=_differing(sides),
        outcomes=outcomes,
        contrasts=table,
        verdicts=[
            told(sentence, words)
            for other in others
            for sentence in verdicts(
                table[(table["arm"] == other.name) & table["firm"].isin(contested)],
                first.name,
                other.name,
                scenario.population.words,
                compared=int(table["holm"].notna().sum()),
            )
        ],
        series=_series(months),
        paths=_paths(months, first.name),
        moves=_moves(first, others, scenarios, sorted(strategies)),
        moved_months=YEAR,
        strategies=strategies,
        contested=contested,
        scenario_words=dict(scenario.population.words),
        facts=facts,
        confidence=CONFIDENCE,
        seeds=outcomes["seed"].nunique(),
        folder=first.study.folder,
    )


def refuse_strangers(firms: Mapping[str, Sequence[str]]) -> None:
    """Raise `ConfigError` for an arm without a firm of the first one.

    >>> refuse_strangers({"A": ["air", "thrift"], "B": ["thrift"]})
    """
    first, *others = firms
    for other in others:
        if not set(firms[first]) & set(firms[other]):
            raise ConfigError(
                f"compare: no firm is in both arms: {first} has {', '.join(firms[first])}; {other} has "
                f"{', '.join(firms[other])}"
            )


def facts_of(scenario: Scenario, outcomes: pd.DataFrame, studies: Sequence[Study]) -> dict[str, str]:
    """Provenance of what is told about studies: the scenario's manifest, the seeds, the studies with their fingerprints."""
    units = vars(words_of(*(base for study in studies for base in study.header["bases"])))
    return {key: str(value) for key, value in manifest(scenario).items()} | units | {
        "seeds": ", ".join(map(str, sorted(outcomes["seed"].unique()))),
        "asked for": "; ".join(dict.fromkeys(" ".join(study.header["words"]) or "no words" for study in studies)),
        "studies": ", ".join(sorted({f"{study.folder} (fingerprint {study.fingerprint()})" for study in studies})),
    }


def spoilt(studies: Sequence[Study]) -> list[str]:
    """What speaks against reading studies as they are: damaged files, runs that are not there, different code."""
    told = [
        f"chunk {name} of {study.folder} is damaged ({why}) and its runs are left out; --resume plays them again."
        for study in studies
        for name, why in study.damaged.items()
    ]
    told += [sentence for study in studies for sentence in _missing(study)]
    changed = [differing(studies[0].header["code"], study.header["code"]) for study in studies[1:]]
    names = dict.fromkeys(name for found in changed for name in found)
    return told + [f"the studies were played with different code ({', '.join(names)})."] * bool(names)


def _missing(study: Study) -> list[str]:
    """In words, how many points have fewer seeds than others have; seeds of failed runs are there."""
    seeds = study.runs.groupby("point")["seed"].nunique().reindex(range(study.header["points"]), fill_value=0)
    few = int((seeds < seeds.max()).sum())
    what = f"{few} of {len(seeds)} points of {study.folder} have fewer seeds than others; --resume plays what is missing."
    return [what] * (few > 0)


def _outcomes(side: Side, metrics: Sequence[str]) -> pd.DataFrame:
    frame = side.study.outcomes(metrics)
    return frame[frame["point"] == side.point].assign(arm=side.name)[["arm", "seed", "firm", "strategy", *metrics]]


def _months(side: Side) -> pd.DataFrame:
    """Share and profit by month, each the mean of the twelve months up to it: single months are mostly chance."""
    columns = ", ".join(PATHS)
    frame = side.study.query(
        f"SELECT seed, period, firm, {columns} FROM firms JOIN runs USING (run) WHERE point = {side.point} "
        "ORDER BY seed, period, firm"
    )
    by_firm = frame.set_index(["seed", "firm", "period"]).groupby(level=["seed", "firm"])[list(PATHS)]
    whole = min(SMOOTH, frame["period"].nunique())
    frame = by_firm.rolling(whole).mean().dropna(how="all").droplevel([0, 1]).reset_index()
    return frame.assign(arm=side.name).melt(["arm", "seed", "period", "firm"], list(PATHS), "metric", "value")


def _series(months: pd.DataFrame) -> pd.DataFrame:
    """Mean over seeds by month, with the limits of its interval."""
    grouped = months.groupby(["arm", "firm", "period", "metric"])["value"]
    frame = pd.DataFrame({"mean": grouped.mean(), "half": grouped.agg(lambda v: half_width(v.to_numpy(), CONFIDENCE))})
    frame["low"], frame["high"] = frame["mean"] - frame["half"], frame["mean"] + frame["half"]
    return frame.drop(columns="half").reset_index()


def _paths(months: pd.DataFrame, first: str) -> pd.DataFrame:
    """Differences to the first arm by month, paired by seed; empty where the arms share no seeds."""
    keys = ["seed", "period", "firm", "metric"]
    base = months[months["arm"] == first].set_index(keys)["value"]
    others = months[months["arm"] != first].set_index(["arm", *keys])["value"]
    gaps = (others - base.reindex(others.index.droplevel("arm")).to_numpy()).dropna().rename("value").reset_index()
    return _series(gaps)


def _moves(first: Side, others: Sequence[Side], scenarios: Mapping[str, Scenario], firms: Sequence[str]):
    """Who moved from whom, a row an arm and pair of firms; None unless an arm kept a panel of the first one's customers."""
    before, found = None, []
    for other in others:
        kept = ["panel" in side.study.header["tables"] for side in (first, other)]
        one, two = (
            (s.periods, s.records, s.population.customers) for s in (scenarios[first.name], scenarios[other.name])
        )
        if not all(kept) or one != two:
            continue
        before, after = _panel(first) if before is None else before, _panel(other)
        seeds = set(before["seed"]) & set(after["seed"])
        if seeds:
            both = (panel[panel["seed"].isin(seeds)] for panel in (before, after))
            found.append(moves(*both, firms, CONFIDENCE).assign(arm=other.name))
    return pd.concat(found, ignore_index=True) if found else None


def _panel(side: Side) -> pd.DataFrame:
    return side.study.query(
        f"SELECT seed, customer, period, occasion, firm FROM panel JOIN runs USING (run) WHERE point = {side.point}"
    )


def _differing(sides: Sequence[Side]) -> pd.DataFrame:
    """What differs between the arms' configurations: parameter, then a column an arm."""
    configs = {side.name: side.study.config(side.point) for side in sides}
    return pd.DataFrame(side_by_side(configs), columns=["parameter", *configs])
