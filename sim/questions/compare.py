"""Hold scenarios against each other under the same draws: every measure and firm, with intervals, and who moved from whom."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sim.params import ConfigError, nearest
from sim.planning import Question, question
from sim.questions.comparison import Comparison, Side, held, refuse_strangers, spoilt
from sim.questions.study import Study
from sim.questions.sweep import opened, played, reached
from sim.study.factor import Factor, meant
from sim.study.runner import Progress
from sim.wording import factor_of, parsed

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
    return (pathlib.Path(word) / "chunks").exists() or not ("=" in word or word.startswith("~"))


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


def stored(studies: Sequence[Study], words: Sequence[str]) -> Comparison:
    """Compare points of studies that were played before.

    studies : one with a factor that `words` name several times, or several. words : factor=value; they choose the points.
        Of several studies, a factor that is named several times has a value for each. metrics=[...] chooses the measures.

    Raises
    ------
    ConfigError : the words do not choose one point an arm, or the studies do not know the same measures.
    """
    asked = [word for word in words if parsed(word).key_or_group == "metrics"]
    fixed, chosen = _repeated([word for word in words if word not in asked])
    each = list(studies) * len(chosen) if len(studies) == 1 else list(studies)
    if len(each) < 2:
        names = ", ".join(factor.name for factor in studies[0].factors) or "none"
        raise ConfigError(
            f"compare {studies[0].folder}: name a factor several times, or a second study; factors: {names}"
        )
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
    metrics = tuple(parsed(asked[-1]).value()) if asked else METRICS
    for side in sides:
        for metric in metrics:
            if metric not in (known := side.study.metrics()):
                raise ConfigError(
                    f"compare: {side.study.folder} does not know the measure {metric}; {nearest(metric, known)}"
                )
    found = held(sides, metrics)
    return replace(found, verdicts=[*found.verdicts, *(f"Caution: {told}" for told in spoilt(studies))])


def _values(words: Sequence[str]) -> dict[str, str]:
    """What name=value words say, by name."""
    return {name: value for name, _, value in (word.partition("=") for word in words)}


def _point(study: Study, chosen: Mapping[str, str]) -> int:
    """The one point of a study at which factors have these values."""
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
    if len(runs) > 1:
        free = [name for name in names if name not in chosen]
        raise ConfigError(f"{study.folder}: {len(runs)} points are left; choose values of {', '.join(free)}")
    return int(runs["point"].iloc[0])
