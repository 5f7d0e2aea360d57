"""Hold scenarios against each other under the same draws: every measure and firm, with intervals, and who moved from whom."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sim.ground.names import check_call
from sim.ground.params import ConfigError, nearest
from sim.study.answers.cells import Cells, cells
from sim.study.answers.comparison import Comparison, Side, held, refuse_strangers, spoilt
from sim.study.catalogue import CATALOGUE
from sim.study.factor import Factor, meant
from sim.study.planning import Question, question
from sim.study.runner import Progress
from sim.study.store import Study
from sim.study.sweep import opened, played, reached
from sim.study.words import factor_of, parsed

ARM = "arm"
METRICS = ("share", "breadth", "depth", "retention", "profit")  # as of arms that are played, which a test checks
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def compare(
    *words: str,
    arms: Sequence[str] = (),
    folder: str | pathlib.Path | None = None,
    resume: bool = False,
    config_dir: str | None = None,
    allow_foreign: bool = False,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Comparison | Cells:
    """Play scenarios with the same seeds and say how they differ, or compare what was played before.

    Parameters
    ----------
    words : overrides; a name given several times makes the arms: ``"scenario=a", "scenario=b"``. Or two folders of
        studies; or one folder and a factor's name given several times; or one folder alone, all points against the first.
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
    words = tuple(str(word) if isinstance(word, pathlib.Path) else word for word in words)
    check_call("compare", words, arms, folder=folder, config_dir=config_dir)
    folders = [word for word in words if _folder(word)]
    rest = [word for word in words if word not in folders]
    if folders:
        return stored([Study(name, allow_foreign) for name in folders], rest)
    fixed, factor = arms_of(rest, arms)
    asking = lambda *how: _comparable(only_arms("compare", question(*how, named=(factor,), watched=True)))  # noqa: E731
    asked, study = opened(fixed, folder, resume, config_dir, allow_foreign, asking)
    played(asked, study, fail_fast=True, retry_failed=False, tell=tell)
    sides = [
        Side(name, " ".join(factor.words[name]) or "as it stands", study, n) for n, name in enumerate(factor.levels)
    ]
    found = held(sides, asked.metrics)
    return replace(found, verdicts=[*found.verdicts, reached(study, asked.precision)]) if asked.precision else found


def _folder(word: str) -> bool:
    """Whether a word is a study's folder, or can be meant as nothing else."""
    return any(os.path.exists(os.path.join(word, name)) for name in (CATALOGUE, "chunks")) or not ("=" in word or word.startswith("~"))


def only_arms(command: str, asked: Question) -> Question:
    """The question, if nothing moves in it but the arms; else `ConfigError`."""
    moved = [factor.name for factor in asked.plan.factors[:-1]]
    if moved:
        raise ConfigError(
            f"{command}: {', '.join(moved)} would take several values in each arm; give one, or sweep them and compare "
            f"points of the study: differentia compare FOLDER {moved[0]}=... {moved[0]}=..."
        )
    return asked


def _comparable(asked: Question) -> Question:
    firms = {name: list(asked.plan.config(n)["firms"]) for n, name in enumerate(asked.plan.factors[-1].levels)}
    refuse_strangers(firms)
    if len(asked.plan.configurations) < len(asked.plan.points):
        raise ConfigError("compare: two arms are the same, down to every parameter; expected arms that differ")
    return asked


def arms_of(words: Sequence[str], arms: Sequence[str]) -> tuple[list[str], Factor]:
    """The words that hold for all, and a factor whose levels are the arms."""
    fixed, chosen = _repeated(words)
    chosen += [tuple(text.split()) for text in arms]
    if len(chosen) > len(LETTERS):
        raise ConfigError(f"compare: {len(chosen)} arms; expected at most {len(LETTERS)}; sweep so many values")
    if len(chosen) < 2:
        raise ConfigError(
            "compare: expected at least two arms; give a name several times, such as mechanism.imitation.lag=1 "
            'mechanism.imitation.lag=12, or write --with "" --with "~mechanism.imitation"'
        )
    levels = dict(zip(LETTERS, chosen, strict=False))
    return fixed, Factor(name=ARM, keys=(), levels=tuple(levels), low=0.0, high=0.0, whole=False, words=levels)


def _repeated(words: Sequence[str]) -> tuple[list[str], list[tuple[str, ...]]]:
    """The words whose name is there once, and the others, as many of them in each arm as there are such names."""
    keys = [parsed(word).key_or_group for word in words]
    repeated = {key: [w for w, k in zip(words, keys, strict=True) if k == key] for key in keys if keys.count(key) > 1}
    counts = {key: len(values) for key, values in repeated.items()}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{key} {count} times" for key, count in counts.items())
        raise ConfigError(f"compare: every name that is repeated needs a value for each arm; found {told}")
    fixed = [word for word, key in zip(words, keys, strict=True) if key not in repeated]
    return fixed, list(zip(*repeated.values(), strict=True))


def stored(studies: Sequence[Study], words: Sequence[str]) -> Comparison | Cells:
    """Compare points of studies that were played before.

    studies : one with a factor that `words` name several times, or several. words : factor=value; they choose the points.
        Of several studies, a factor that is named several times has a value for each. metrics=[...] chooses the measures.
        Of one study whose names are given once at most, two points that are left are compared, and of more each to the first.

    Raises
    ------
    ConfigError : the words do not choose one point an arm, or the studies do not know the same measures.
    """
    asked = [word for word in words if parsed(word).key_or_group == "metrics"]
    fixed, chosen = _repeated([word for word in words if word not in asked])
    each = list(studies) * len(chosen) if len(studies) == 1 else list(studies)
    metrics = tuple(parsed(asked[-1]).value()) if asked else METRICS
    if len(each) < 2:
        study = studies[0]
        points = _left(study, _values(fixed))
        if len(points) > 2:
            return cells(study, points, _known(study, metrics))
        if len(points) < 2:
            names = ", ".join(factor.name for factor in study.factors) or "none"
            raise ConfigError(
                f"compare {study.folder}: one point; name a factor several times, or a second study; factors: {names}"
            )
        each, chosen = [study, study], [_values_of(study, points, point) for point in points]
    if len(chosen or each) != len(each) or len(each) > len(LETTERS):
        raise ConfigError(
            f"compare: {len(each)} studies, {len(chosen)} values of a name; expected one for each, and at most {len(LETTERS)}"
        )
    sides, several = [], len(studies) > 1
    for letter, study, own in zip(LETTERS, each, chosen or [()] * len(each), strict=False):
        point = _point(study, _values([*fixed, *own]))
        words = {factor.name: factor.words for factor in study.factors}
        shown = _values([*fixed, *own] if several else own).items()
        told = " ".join(" ".join(words[key].get(value, ())) or f"{key}={value}" for key, value in shown)
        sides.append(Side(letter, f"{study.folder} {told}".strip() if several else told, study, point))
    for side in sides:
        _known(side.study, metrics)
    found = held(sides, metrics)
    return replace(found, verdicts=[*(f"Caution: {told}" for told in spoilt(studies)), *found.verdicts])


def _known(study: Study, metrics: Sequence[str]) -> Sequence[str]:
    """The metrics, if the study knows all of them; else `ConfigError`."""
    for metric in metrics:
        if metric not in (known := study.metrics()):
            raise ConfigError(f"compare: {study.folder} does not know the measure {metric}; {nearest(metric, known)}")
    return metrics


def _values_of(study: Study, points: Sequence[int], point: int) -> tuple[str, ...]:
    """The words that choose one of some points: the factors in which these differ."""
    rows = study.runs.drop_duplicates("point").set_index("point").loc[list(points), [f.name for f in study.factors]]
    return tuple(f"{name}={rows.loc[point, name]}" for name in rows if rows[name].nunique() > 1)


def _values(words: Sequence[str]) -> dict[str, str]:
    """What name=value words say, by name."""
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def _point(study: Study, chosen: Mapping[str, str]) -> int:
    """The one point of a study at which factors have these values."""
    points = _left(study, chosen)
    if len(points) > 1:
        free = [factor.name for factor in study.factors if factor.name not in chosen]
        raise ConfigError(f"{study.folder}: {len(points)} points are left; choose values of {', '.join(free)}")
    return points[0]


def _left(study: Study, chosen: Mapping[str, str]) -> list[int]:
    """The points of a study at which factors have these values."""
    runs = study.runs.drop_duplicates("point")
    names = [factor.name for factor in study.factors]
    for key, value in chosen.items():
        if key not in names:
            raise ConfigError(f"{key}: not a factor of {study.folder}; {nearest(key, names)}")
        levels = factor_of(key, [key], parsed(f"{key}={value}")).levels or ()
        if len(levels) != 1:
            raise ConfigError(f"{key} = {value}: expected one value")
        played = runs[key].drop_duplicates().tolist()
        level = next((found for asked in (value, levels[0]) if (found := meant(asked, played)) is not None), None)
        if level is None:
            raise ConfigError(f"{key} = {value}: not played in {study.folder}; {nearest(value, map(str, played))}")
        runs = runs[runs[key] == level]
    return [int(point) for point in runs["point"]]
