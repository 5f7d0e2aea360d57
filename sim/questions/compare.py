"""Hold scenarios against each other under the same draws: every measure and firm, with intervals, and who moved from whom."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.metrics.interval import YEAR, half_width, holm
from sim.params import ConfigError, nearest
from sim.planning import parsed, question
from sim.questions.sweep import opened, played
from sim.report.manifest import manifest
from sim.report.summary import contested_of
from sim.scenario import Scenario
from sim.study.contrast import contrasts, verdicts
from sim.study.factor import Factor
from sim.study.moves import moves
from sim.study.plan import differing, leaves
from sim.study.runner import Progress
from sim.study.store import CATALOGUE, Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ARM = "arm"
PATHS = ("share", "profit")
METRICS = ("share", "value_share", "breadth", "depth", "repeat_rate", "retention", "price", "profit")
CONFIDENCE = 0.95
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, repr=False)
class Comparison:
    """What two or more scenarios say when they are held against each other; the first is what others are held against.

    Attributes
    ----------
    names : the arms, A, B, ... words : what each was asked for. differing : what differs between the configurations.
    outcomes : a row an arm, seed and firm, means of the last year. contrasts : a row an arm, metric and firm.
    verdicts : the same in words. series, paths : levels and differences to the first arm by month, with intervals.
    moves : purchases of the last year, from whom in the first arm to whom in the second; None if no panel was kept.
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
        return f"Comparison of {', '.join(self.names)} over {self.seeds} seeds: .contrasts, .verdicts, .plot(), .report(folder)"

    def plot(self) -> Figure:
        """Differences with their intervals, every metric and firm."""
        from sim.report.comparison import figures

        return next(iter(figures(self).values()))

    def report(self, folder: str | pathlib.Path) -> pathlib.Path:
        """Write compare.html, compare.md, compare.csv and moves.csv into a folder; returns the page."""
        from sim.report.comparison import markdown, write

        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.contrasts.to_csv(folder / "compare.csv", index=False)
        (folder / "compare.md").write_text(markdown(self), encoding="utf-8")
        if self.moves is not None:
            self.moves.to_csv(folder / "moves.csv")
        return write(self, folder / "compare.html")


def compare(
    *words: str,
    arms: Sequence[str] = (),
    folder: str | pathlib.Path | None = None,
    resume: bool = False,
    config_dir: str | None = None,
    allow_foreign: bool = False,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Comparison:
    """Play scenarios with the same seeds and say how they differ, or compare what was played before.

    Parameters
    ----------
    words : overrides; a name given several times makes the arms: ``"scenario=a", "scenario=b"``. Or two folders of
        studies; or one folder and a factor's name given several times.
    arms : overrides of further arms as one text each, ``["", "~mechanism.imitation"]``; an empty one is what `words` say.
    folder, resume, config_dir, allow_foreign, tell : as in `sweep`.

    Raises
    ------
    ConfigError : fewer than two arms, or studies that do not know the same measures; one line.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     small = "population.customers=300", "periods=2", "replications=2", "engine=serial", "moves=0"
    ...     found = compare(*small, "firms.thrift.markup=0.1", "firms.thrift.markup=0.3", folder=folder)
    ...     found.names, len(found.contrasts["metric"].unique()) > 2
    (('A', 'B'), True)
    """
    folders = [word for word in words if (pathlib.Path(word) / CATALOGUE).exists()]
    rest = [word for word in words if word not in folders]
    if folders:
        return stored([Study(name) for name in folders], rest)
    fixed, factor = _arms(rest, arms)
    asked, study = opened(
        fixed, folder, resume, config_dir, allow_foreign, lambda *how: question(*how, named=(factor,), watched=True)
    )
    played(asked, study, fail_fast=True, retry_failed=False, tell=tell)
    sides = [
        Side(name, " ".join(factor.words[name]) or "as it stands", study, n) for n, name in enumerate(factor.levels)
    ]
    return _held(sides, asked.metrics)


@dataclass(frozen=True)
class Side:
    """One arm: its name, what was asked for, and the point of a study that played it."""

    name: str
    words: str
    study: Study
    point: int


def _arms(words: Sequence[str], arms: Sequence[str]) -> tuple[list[str], Factor]:
    """The words that hold for all, and a factor whose levels are the arms."""
    keys = [parsed(word).key_or_group for word in words]
    repeated = {key: [w for w, k in zip(words, keys, strict=True) if k == key] for key in keys if keys.count(key) > 1}
    counts = {key: len(values) for key, values in repeated.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{key} {count} times" for key, count in counts.items())
        raise ConfigError(f"compare: every name that is repeated needs a value for each arm; found {told}")
    chosen = [tuple(values) for values in zip(*repeated.values(), strict=True)] + [tuple(text.split()) for text in arms]
    if len(chosen) < 2:
        raise ConfigError(
            "compare: expected at least two arms; give a name several times, such as mechanism.imitation.lag=1 "
            'mechanism.imitation.lag=12, or write --with "" --with "~mechanism.imitation"'
        )
    levels = dict(zip(LETTERS, chosen, strict=False))
    fixed = [word for word, key in zip(words, keys, strict=True) if key not in repeated]
    return fixed, Factor(name=ARM, keys=(), levels=tuple(levels), low=0.0, high=0.0, whole=False, words=levels)


def stored(studies: Sequence[Study], words: Sequence[str]) -> Comparison:
    """Compare points of studies that were played before.

    studies : one with a factor that `words` name several times, or several. words : factor=value; they choose the points.

    Raises
    ------
    ConfigError : the words do not choose one point an arm, or the studies do not know the same measures.
    """
    pairs = [(parsed(word).key_or_group, word.partition("=")[2]) for word in words]
    keys = [key for key, _ in pairs]
    fixed = {key: value for key, value in pairs if keys.count(key) == 1}
    moved = [(key, value) for key, value in pairs if keys.count(key) > 1] if len(studies) == 1 else []
    wanted = [(studies[0], fixed | {key: value}) for key, value in moved] or [(study, fixed) for study in studies]
    if len(wanted) < 2:
        names = ", ".join(factor.name for factor in studies[0].factors) or "none"
        raise ConfigError(
            f"compare {studies[0].folder}: name a factor several times, or a second study; factors: {names}"
        )
    sides = []
    for letter, (study, chosen) in zip(LETTERS, wanted, strict=False):
        told = " ".join(f"{key}={value}" for key, value in chosen.items())
        sides.append(Side(letter, f"{study.folder} {told}".strip(), study, _point(study, chosen)))
    metrics = [set(side.study.metrics()) for side in sides]
    common = [m for m in METRICS if all(m in known for known in metrics)]
    lacking = sorted(set(METRICS) - set(common))
    if lacking:
        raise ConfigError(
            f"compare: not every study knows {', '.join(lacking)}; expected studies with the same measures"
        )
    return _held(sides, tuple(common))


def _point(study: Study, chosen: Mapping[str, str]) -> int:
    """The one point of a study at which factors have these values."""
    runs = study.runs.drop_duplicates("point")
    names = [factor.name for factor in study.factors]
    for key, value in chosen.items():
        if key not in names:
            raise ConfigError(f"{key}: not a factor of {study.folder}; {nearest(key, names)}")
        kept = runs[runs[key].astype(str) == value]
        if kept.empty:
            raise ConfigError(f"{key} = {value}: not played in {study.folder}; {nearest(value, runs[key].astype(str))}")
        runs = kept
    if len(runs) > 1:
        free = [name for name in names if name not in chosen]
        raise ConfigError(f"{study.folder}: {len(runs)} points are left; choose values of {', '.join(free)}")
    return int(runs["point"].iloc[0])


def _held(sides: Sequence[Side], metrics: Sequence[str]) -> Comparison:
    """The comparison of points that have been played."""
    first, *others = sides
    scenarios = {side.name: Scenario.from_config(side.study.config(side.point)) for side in sides}
    outcomes = pd.concat([_outcomes(side, metrics) for side in sides], ignore_index=True)
    strategies = dict(reversed(list(zip(outcomes["firm"], outcomes["strategy"], strict=True))[::-1]))
    table = pd.concat(
        [contrasts(outcomes, first.name, other.name, metrics, CONFIDENCE).assign(arm=other.name) for other in others],
        ignore_index=True,
    )
    table["holm"] = holm(table["p"].to_numpy())
    months = pd.concat([_months(side) for side in sides], ignore_index=True)
    scenario = scenarios[first.name]
    facts = {key: str(value) for key, value in manifest(scenario).items()} | {
        "seeds": ", ".join(map(str, sorted(outcomes["seed"].unique()))),
        "studies": ", ".join(sorted({f"{side.study.folder} ({side.study.fingerprint()})" for side in sides})),
    }
    return Comparison(
        names=tuple(side.name for side in sides),
        words={side.name: side.words for side in sides},
        differing=_differing(sides),
        outcomes=outcomes,
        contrasts=table,
        verdicts=[
            sentence
            for other in others
            for sentence in verdicts(
                table[table["arm"] == other.name], first.name, other.name, scenario.population.words
            )
        ],
        series=_series(months),
        paths=_paths(months, first.name),
        moves=_moves(first, others[0], sorted(strategies)),
        moved_months=YEAR,
        strategies=strategies,
        contested=list(contested_of(scenario, strategies)),
        scenario_words=dict(scenario.population.words),
        facts=facts,
        confidence=CONFIDENCE,
        seeds=outcomes["seed"].nunique(),
        folder=first.study.folder,
    )


def _outcomes(side: Side, metrics: Sequence[str]) -> pd.DataFrame:
    frame = side.study.outcomes(metrics)
    return frame[frame["point"] == side.point].assign(arm=side.name)[["arm", "seed", "firm", "strategy", *metrics]]


def _months(side: Side) -> pd.DataFrame:
    columns = ", ".join(PATHS)
    frame = side.study.query(
        f"SELECT seed, period, firm, {columns} FROM firms JOIN runs USING (run) WHERE point = {side.point} "
        "ORDER BY seed, period, firm"
    )
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


def _moves(first: Side, other: Side, firms: Sequence[str]) -> pd.DataFrame | None:
    if not all("panel" in side.study.header["tables"] for side in (first, other)):
        return None
    panels = [
        side.study.query(
            f"SELECT seed, customer, period, occasion, firm FROM panel JOIN runs USING (run) WHERE point = {side.point}"
        )
        for side in (first, other)
    ]
    return moves(*panels, firms)


def _differing(sides: Sequence[Side]) -> pd.DataFrame:
    """What differs between the arms' configurations: parameter, then a column an arm."""
    configs = {side.name: side.study.config(side.point) for side in sides}
    first = next(iter(configs.values()))
    keys = dict.fromkeys(key for config in configs.values() for key in differing(first, config))
    found = {name: leaves(config) for name, config in configs.items()}
    rows = [{"parameter": key} | {name: _text(values.get(key)) for name, values in found.items()} for key in keys]
    return pd.DataFrame(rows, columns=["parameter", *configs])


def _text(value: Any) -> str:
    return "–" if value is None else str(value)
