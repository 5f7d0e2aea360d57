"""From words to a plan: which configurations a study composes, what moves in them, and how; checked before anything is played."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hydra.core.override_parser.types import Override, OverrideType

from sim.ground.foreign import locate
from sim.ground.params import ConfigError, Params
from sim.market.records import FIRMS, firm_columns
from sim.study.design import Design, laid
from sim.study.engine import Execution
from sim.study.factor import Factor
from sim.study.plan import WITHOUT_EFFECT, Plan, Point, applied, leaves
from sim.study.precision import Precision, column_of
from sim.study.tables import RUNS
from sim.study.tables import chosen as chosen_tables
from sim.study.version import code, foreign
from sim.study.words import SCALAR, chosen, configured, factor_of, in_full, of_a_study, parsed, said
from sim.world.composing.configuration import load, plain, study_values
from sim.world.composing.door import check_strange_words, refuse_settings, texts
from sim.world.composing.mistakes import STUDY
from sim.world.composing.settings import of_kind
from sim.world.firm import made
from sim.world.scenario import PARTS, Scenario

MEANS = ("mean", "half", "seeds")  # columns of tables of means, beside those of runs and firms
PLAIN = (OverrideType.CHANGE, OverrideType.FORCE_ADD)


@dataclass(frozen=True)
class Question:
    """A plan, and how the user wants it played and read."""

    plan: Plan
    execution: Execution
    precision: Precision | None
    metrics: tuple[str, ...]
    chunk_seconds: float


class Composer:
    """Composes configurations once for each choice of files, and knows which words only change a value in one."""

    def __init__(self, words: Sequence[str], own: str | None, allow_foreign: bool) -> None:
        self.words, self.own, self.allow_foreign = list(words), own, allow_foreign
        self.bases: list[dict[str, Any]] = []
        self._numbers: dict[tuple[str, ...], int] = {}
        self._leaves: dict[int, dict[str, Any]] = {}

    def base(self, words: Iterable[str]) -> int:
        """Number of the configuration that these words make, beside those that always hold."""
        words = tuple(words)
        if words not in self._numbers:
            self.bases.append(plain(load([*self.words, *words], self.own, self.allow_foreign), self.own, self.allow_foreign))
            self._numbers[words] = len(self.bases) - 1
            self._leaves[len(self.bases) - 1] = leaves(self.bases[-1])
        return self._numbers[words]

    def holds(self, base: int, key: str, value: Any) -> bool:
        """Whether a key can simply be set to this value in a composed configuration, as Hydra would."""
        parts = key.split(".")
        if not isinstance(value, SCALAR) or (isinstance(value, str) and value[:1] in "[{"):
            return False
        if parts[0] == "firms" and len(parts) == 3 and parts[1] in (self.bases[base].get("firms") or {}):
            return parts[2] not in PARTS
        return isinstance(self._leaves[base].get(key), SCALAR)

    def point(self, factors: Sequence[Factor], values: Mapping[str, Any]) -> Point:
        """Where the factors' values lie: the base that has to be composed, and what is changed in it."""
        asked = [each for factor in factors for each in _asked(factor, values[factor.name])]
        base = self.base([word for word, _, value in asked if value is None])
        composed = [word for n, (word, *_) in enumerate(asked) if not self._changes(base, n, asked)]
        changes = {key: value for n, (_, key, value) in enumerate(asked) if self._changes(base, n, asked)}
        return Point({f.name: _column(values[f.name]) for f in factors}, self.base(composed), changes)

    def _changes(self, base: int, number: int, asked: Sequence[tuple[str, str, Any]]) -> bool:
        """Whether a word only changes a value in the base, and no later word that is composed says it again."""
        _, key, value = asked[number]
        later = (f"{other}." for _, other, chosen in asked[number + 1 :] if chosen is None)
        return self.holds(base, key, value) and not any(f"{key}.".startswith(other) for other in later)


def _asked(factor: Factor, value: Any) -> list[tuple[str, str, Any]]:
    """Words that a factor's value stands for, each with its key and the single value that it gives, None for anything else."""
    if factor.words:
        return [(word, *_single(word)) for word in factor.words[value]]
    return [(f"{key}={value}", key, value) for key in factor.keys]


@functools.lru_cache(maxsize=4096)
def _single(word: str) -> tuple[str, Any]:
    override = parsed(word)
    value = override.value() if override.type in PLAIN else None
    single = type(value) in SCALAR and "$" not in str(value)
    return override.key_or_group, value if single else None


def _column(value: Any) -> Any:
    return value if isinstance(value, SCALAR) else str(value)


def question(
    words: Sequence[str],
    own: str | None = None,
    allow_foreign: bool = False,
    named: Sequence[Factor] = (),
    watched: bool = False,
) -> Question:
    """The plan that words of the command line, and the experiment that they name, ask for.

    Parameters
    ----------
    words : Hydra overrides; several values, range() or interval() make a factor.
    own : a folder of configuration files, searched first. allow_foreign : let them name classes outside this package.
    named : further factors. watched : keep purchases of `moves` customers, to tell who moved from whom.

    Raises
    ------
    ConfigError : one line that says what is wrong, where, and what is allowed.

    Examples
    --------
    >>> asked = question(["population.customers=500", "periods=2", "replications=3", "mechanism.imitation.lag=1,12"])
    >>> len(asked.plan.points), len(list(asked.plan.runs(asked.plan.replications)))
    (2, 6)
    """
    read = [of_a_study(parsed(word)) for word in words]
    refuse_settings(words, "a study", "its folder is --folder")
    frame = [
        word
        for word, o in zip(words, read, strict=True)
        if o.key_or_group == "experiment" and not o.is_sweep_override()
    ]
    standing = study_values(load(frame, own, allow_foreign)).get("factors") or {}
    if not allow_foreign:
        check_strange_words(texts(standing), "factors")
    factors = {name: configured(name, spec) for name, spec in standing.items()}
    fixed, moved = _told_apart(words, read, factors, bool(named))
    named = [in_full(factor, factors) for factor in named]
    keys = [override.key_or_group for override in read]
    if "precision" not in keys and any(key.startswith("precision.") for key in keys):
        fixed.insert(0, "precision=stated")
    settings = study_values(load(fixed, own, allow_foreign))
    if named and settings["design"] != study_values(load(["design=factorial"]))["design"]:
        raise ConfigError("design: arms are played once each, which only design=factorial does; add it, or leave design out")
    if watched and settings["moves"]:
        settings["tables"] = [*dict.fromkeys([*settings["tables"], "panel"])]
        fixed.insert(0, f"records.sample={settings['moves']}")
    return _question(words, fixed, [*(factors | moved).values(), *named], settings, own, allow_foreign)


def _told_apart(
    words: Sequence[str], read: Sequence[Override], factors: dict[str, Factor], named: bool
) -> tuple[list[str], dict[str, Factor]]:
    """Words that hold at every point, and the factors that words make; those of the experiment are changed in place.

    named : whether arms are named, so that a word about a factor means a value of it.
    """
    fixed, moved = [], {}
    for word, override in zip(words, read, strict=True):
        name = override.key_or_group
        if name in factors and (override.is_sweep_override() or not (factors[name].keys or named)):
            factors[name] = chosen(factors[name], override)
        elif name in factors:
            fixed += said(factors, word)
            del factors[name]
        elif override.is_sweep_override():
            moved[name] = factor_of(name, [name], override)
        elif (by := _mover(name, factors)) and not named:
            raise ConfigError(f"{name}: the experiment's factor {by} sets it at every point; expected a value of {by}")
        else:
            fixed.append(word)
            moved.pop(name, None)  # the last word about a name counts
    return fixed, moved


def _mover(name: str, factors: Mapping[str, Factor]) -> str:
    """Which factor sets a name, under another one than its own, at every point; empty if none does."""
    return next((f.name for f in factors.values() if name in f.keys and name != f.name), "")


def _question(words, fixed, factors, settings, own, allow_foreign) -> Question:
    """Check every value of every factor by itself, then lay out the design's points."""
    composer = Composer(fixed, own, allow_foreign)
    factors = [_whole(factor, composer) for factor in factors]
    for factor in factors:
        factor.check()
        _check_keys(factor)
        _check_meaning(factor, factors, composer)
    _check_names(factors)
    base = composer.bases[composer.base(())]
    scenario = Scenario.from_config(base, allow_foreign)
    design = _built(settings["design"], Design, "design", allow_foreign)
    points = tuple(composer.point(factors, values) for values in laid(design, factors, scenario.seed))
    if not points:
        raise ConfigError("design: no points to play; expected at least one")
    others = (Scenario.from_config(other, allow_foreign) for other in composer.bases)
    plan = Plan(
        scenario.name, tuple(words), tuple(factors), design, tuple(composer.bases), points, scenario.seed,
        scenario.replications, chosen_tables(settings["tables"], scenario, others),
        code() | foreign([*composer.bases, {"design": settings["design"]}]), allow_foreign,
    )  # fmt: skip
    precision = settings.get("precision") and _built(_stated(settings["precision"], own), Precision, "precision", False)
    known = firm_columns(scenario)
    if precision:
        column_of(precision.metric, known)
    execution = _built(settings["engine"], Execution, "engine", allow_foreign)
    return Question(
        plan,
        execution,
        precision,
        tuple(dict.fromkeys(column_of(m, known, "metrics") for m in settings["metrics"])),
        float(settings["chunk_seconds"]),
    )


def _stated(values: Mapping[str, Any], own: str | None) -> dict[str, Any]:
    """Precision with what the user did not say taken from the file of the group."""
    if "_target_" in values:
        return dict(values)
    return study_values(load(["precision=stated"], own))["precision"] | dict(values)


def _built(values: Mapping[str, Any], base: type[Params], where: str, allow_foreign: bool) -> Any:
    cls = locate(values.get("_target_"), base, where, allow_foreign)
    return made(cls, of_kind(values, cls, where), where)


def _whole(factor: Factor, composer: Composer) -> Factor:
    """An interval over a parameter that holds whole numbers gives whole numbers."""
    if not factor.continuous:
        return factor
    found = leaves(composer.bases[composer.base(())]).get(factor.keys[0])
    return replace(factor, whole=isinstance(found, int) and not isinstance(found, bool))


def _check_names(factors: Sequence[Factor]) -> None:
    """A factor's name is no column of the study's tables, whatever its case, and nothing is moved by two factors."""
    taken = {name.lower() for name in (*RUNS, *FIRMS, *MEANS)}
    for number, factor in enumerate(factors):
        if factor.name.lower() in taken or '"' in factor.name:
            raise ConfigError(
                f"factors.{factor.name}: the tables have a column of this name, or cannot; take another one"
            )
        taken.add(factor.name.lower())
        for other in factors[:number]:
            if both := set(factor.keys) & set(other.keys):
                raise ConfigError(f"{min(both)}: moved by two factors, {other.name} and {factor.name}; expected one")


def _check_keys(factor: Factor) -> None:
    """A factor moves something that a run depends on."""
    words = [parsed(word) for told in factor.words.values() for word in told]
    for key in (*factor.keys, *(word.key_or_group for word in words)):
        if key.split(".")[0] in (*STUDY, *WITHOUT_EFFECT):
            more = "; a study's seeds are seed=1 replications=10" if key in ("seed", "replications") else ""
            raise ConfigError(f"{key}: a run does not depend on it, so it cannot be a factor{more}")


def _check_meaning(factor: Factor, factors: Sequence[Factor], composer: Composer) -> None:
    """Build a scenario at every level, or at both ends of an interval, with the other factors at their first value."""
    others = {f.name: f.at(0.0) for f in factors}
    for value in factor.levels or (factor.at(0.0), factor.at(1.0)):
        point = composer.point(factors, others | {factor.name: value})
        Scenario.from_config(applied(composer.bases[point.base], point.changes), composer.allow_foreign)
