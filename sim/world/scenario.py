"""One complete, checked description of a world, built from plain configuration values."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from sim.ground.folders import config_folder
from sim.ground.foreign import called, is_foreign, locate
from sim.ground.names import check_apart, check_name
from sim.ground.params import (
    ConfigError,
    Params,
    check_names,
    check_value,
    checked,
    names_of,
    nearest,
    param,
    refuse_unknown,
)
from sim.ground.units import EVERY, check_currency, mistakes_told, words_of
from sim.ground.values import shown
from sim.world import firm as firms
from sim.world.chapter import chosen as chosen_chapters
from sim.world.firm import PARTS, FirmSpec, made
from sim.world.limits import check_counts
from sim.world.mechanisms import Mechanism
from sim.world.metric import Metric
from sim.world.population import Population
from sim.world.revision.fixed import Fixed
from sim.world.strategies import check_mix

LAST_SEED = 2**53
LIKE = 0.8  # of two names, so that one may be the other misspelt
RESERVED = {"firms": ("nobody", "all"), "population.tastes": ("delivery",)}  # what tables call what is no such thing


def _assemble(values: Mapping[str, Any], base: type[Params], where: str, allow_foreign: bool) -> Params:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} = {shown(values)}: expected the parameters of a {base.__name__} by name")
    cls = locate(values.get("_target_"), base, where, allow_foreign)
    return made(cls, {k: v for k, v in values.items() if k != "_target_"}, where)


@functools.cache
def shipped() -> frozenset[str]:
    """Names of the mechanisms of the house: what the folder of their files holds."""
    return frozenset(path.stem for path in (config_folder() / "mechanism").glob("*.yaml"))


@functools.cache
def _shipped(name: str) -> type[Mechanism]:
    """Class of a mechanism of the house, whether it is on or off."""
    text = (config_folder() / "mechanism" / f"{name}.yaml").read_text(encoding="utf-8")
    return locate(yaml.safe_load(text)["_target_"], Mechanism, f"mechanism.{name}", allow_foreign=False)


@dataclass(frozen=True, kw_only=True)
class RecordsPlan(Params):
    """How often the market is written down."""

    every: int = param("periods from one recorded period to the next", "months", low=1, source="choice of the user")
    flush: int = param("periods from one write to disk to the next", "months", low=1, source="choice of the user")
    sample: int = param(
        "customers whose purchases are written down one by one; 0 for none", "customers", low=0,
        source="choice of the user; register R144",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, repr=False)
class Scenario(Params):
    """A world and how to play it. Firms, mechanisms and metrics are kept in the order of their names."""

    name: str = param("name of the scenario", "1", source="config file")
    seed: int = param("seed of all draws", "1", low=0, high=LAST_SEED, source="choice of the user")
    currency: str = param("what money is called in tables, axes and messages", "1", source="choice of the user")
    period: typing.Literal[*EVERY] = param("what a period is called there", "1", source="choice of the user")
    periods: int = param("periods to play", "months", low=1, high=32_000, source="register R2")
    threads: int | typing.Literal["auto"] = param(
        "threads that share the customers; auto is what is there, first for seeds side by side", "threads",
        low=1, high=256, source="choice of the user; register R5",
    )  # fmt: skip
    replications: int = param(
        "runs with seeds seed, seed + 1, ... for the intervals", "runs", low=1, source="register R3"
    )
    population: Population = dataclasses.field()
    firms: Mapping[str, FirmSpec] = dataclasses.field()
    mechanism: Mapping[str, Mechanism] = dataclasses.field()
    metric: Mapping[str, Metric] = dataclasses.field()
    chapter: Mapping[str, Mapping[str, Any]] = dataclasses.field()
    records: RecordsPlan = dataclasses.field()

    def __post_init__(self) -> None:
        with mistakes_told(words_of(self)):
            super().__post_init__()

    def check(self):
        """Firms need a mode to serve by; mechanisms need what they act on."""
        check_currency(self.currency)
        if not self.firms:
            raise ConfigError("firms: expected at least one firm, got none")
        check_counts(self)
        if self.seed + self.replications - 1 > LAST_SEED:
            raise ConfigError(f"seed = {self.seed}: expected seed + replications - 1 <= {LAST_SEED}")
        self._check_names_apart()
        for name, firm in self.firms.items():
            if firm.mode not in self.population.modes:
                raise ConfigError(f"firms.{name}.mode = '{firm.mode}': {nearest(firm.mode, self.population.modes)}")
        self._check_needs()
        for name, firm in self.firms.items():
            self.check_policy(firm.policy, f"firms.{name}.policy")
            mix = called(f"firms.{name}.strategy (opening_mix)", firm.strategy.opening_mix)
            check_mix(mix, f"firms.{name}.strategy (opening_mix)", whole=bool(mix))
            if type(firm.revision) is not Fixed and not mix:
                raise ConfigError(
                    f"firms.{name}.revision: nothing to revise, {type(firm.strategy).__name__} follows no mix; "
                    f"expected firms.{name}.strategy=mixed"
                )
            for part in PARTS:
                rule = getattr(firm, part)
                called(f"firms.{name}.{part} ({type(rule).__name__}.check_scenario)", rule.check_scenario, self, name)
        for name, mechanism in self.mechanism.items():
            where = f"mechanism.{name} ({type(mechanism).__name__}.check_scenario)"
            called(where, mechanism.check_scenario, self)

    def _check_names_apart(self) -> None:
        """Names of every kind must be names, and differ from one another by more than tables can tell."""
        check_name(self.name, f"name = {shown(self.name)}")
        population = self.population
        kinds = {"firms": self.firms, "population.needs": population.needs}
        kinds |= {f"population.{kind}": getattr(population, kind) for kind in ("modes", "segments", "contexts", "tastes")}
        for where, names in kinds.items():
            for name in names:
                check_name(name, f"{where}.{name}")
            check_apart(names, where, RESERVED.get(where, ()))
        moved = set(_texts([vars(mechanism) for mechanism in self.mechanism.values()]))
        for name in population.tastes:  # one that nothing moves may be a name misspelt; what it was meant for is there, too
            meant = difflib.get_close_matches(name, [n for n in population.tastes if n != name], n=1, cutoff=LIKE)
            if name not in moved and meant and meant[0] in moved:
                raise ConfigError(
                    f"population.tastes.{name}: no mechanism moves such an attribute; nearest valid name: '{meant[0]}'"
                )

    def check_policy(self, policy: Mapping[str, Mapping[str, Any]], where: str) -> None:
        """Raise `ConfigError` unless these are values of policies of mechanisms, be they on or off."""
        known = shipped() | set(self.mechanism)
        for name, values in policy.items():
            if name not in known:
                raise ConfigError(f"{where}.{name}: unknown mechanism; {nearest(str(name), known)}")
            if not isinstance(values, Mapping):
                raise ConfigError(f"{where}.{name} = {values!r}: expected policies of the mechanism by name")
            kind = type(self.mechanism[name]) if name in self.mechanism else _shipped(name)
            for key, value in values.items():
                if key not in kind.policies:
                    raise ConfigError(f"{where}.{name}.{key}: unknown policy; {nearest(str(key), kind.policies)}")
                check_value(kind, key, value, f"{where}.{name}.{key}")

    def with_dependents(self, names: Iterable[str]) -> list[str]:
        """These mechanisms and all that cannot do without one of them: what has to go together."""
        gone = set(names)
        while more := {n for n, m in self.mechanism.items() if gone & m.needs.keys()} - gone:
            gone |= more
        return sorted(gone)

    def _check_needs(self) -> None:
        """Every mechanism that another one needs must be there; says at once all that would have to go with it."""
        lacking = {
            name: {other: why for other, why in mechanism.needs.items() if other not in self.mechanism}
            for name, mechanism in self.mechanism.items()
        }
        lacking = {name: needs for name, needs in lacking.items() if needs}
        if lacking:
            first, needs = next(iter(lacking.items()))
            other, why = next(iter(needs.items()))
            rest = " ".join(f"~mechanism.{name}" for name in lacking)
            raise ConfigError(f"mechanism.{first} needs mechanism.{other}, {why}; add it, or write {rest}")

    def __repr__(self) -> str:
        return (
            f"Scenario({self.name}: {self.population.customers:,} customers, {len(self.firms)} firms, {self.periods} periods, "
            f"seed {self.seed}, {len(self.mechanism)} mechanisms)"
        )

    @property
    def strangers(self) -> tuple[type, ...]:
        """Classes from outside this package that take part."""
        parts = [getattr(firm, part) for firm in self.firms.values() for part in PARTS]
        classes = dict.fromkeys(type(part) for part in (self.population, *parts, *self.mechanism.values(), *self.metric.values()))
        return tuple(cls for cls in classes if is_foreign(cls.__module__))

    def replace(self, **changes: Any) -> Scenario:
        """The same scenario with some fields changed, checked again."""
        return dataclasses.replace(self, **changes)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], allow_foreign: bool = False) -> Scenario:
        """Build from nested plain values; raises `ConfigError` with the place of the first mistake."""
        if not isinstance(config, Mapping):
            raise ConfigError(f"a configuration = {shown(config)}: expected names with their values")
        values = checked(config)
        fields = names_of(cls)
        for group in ("firms", "mechanism", "metric", "chapter"):
            values[group] = {} if values.get(group) is None else values[group]
            if not isinstance(values[group], Mapping):
                raise ConfigError(f"{group} = {shown(values[group])}: expected a mapping of names")
        check_names(cls, values, "")
        with mistakes_told(words_of(values)):
            parts = _parts(values, allow_foreign)
        return cls(**{name: values[name] for name in fields} | parts)


def _parts(values: Mapping[str, Any], allow_foreign: bool) -> dict[str, Any]:
    """Population, records, firms, mechanisms, metrics and chapters of a configuration, built."""
    given, chosen = values["firms"], values["mechanism"]
    metrics = {name: _assemble(each, Metric, f"metric.{name}", allow_foreign) for name, each in values["metric"].items()}
    return {
        "population": _assemble(values["population"], Population, "population", allow_foreign),
        "records": _built(RecordsPlan, values["records"], "records"),
        "chapter": chosen_chapters(values["chapter"], allow_foreign),
        "metric": _by_class("metric", metrics),
        "firms": {name: firms.build(given[name], f"firms.{name}", allow_foreign) for name in sorted(given)},
        "mechanism": _by_class(
            "mechanism",
            {
                name: _assemble(chosen[name], Mechanism, f"mechanism.{name}", allow_foreign)
                for name in sorted(chosen)
                if not _idle(name, chosen[name])
            },
        ),
    }


def _built(cls: type[Params], values: object, where: str) -> Params:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} = {shown(values)}: expected its parameters by name")
    return cls.build(values, where)


def _texts(values: object) -> Iterator[str]:
    """All names and texts in nested values."""
    if isinstance(values, Mapping):
        for key, item in values.items():
            yield from (str(key), *_texts(item))
    elif isinstance(values, (list, tuple)):
        for item in values:
            yield from _texts(item)
    elif isinstance(values, Params):
        yield from _texts(vars(values))
    elif isinstance(values, str):
        yield values


def _by_class(group: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    """Mechanisms or metrics by the names of their classes, so that a file's name decides nothing; raises `ConfigError` for twins."""
    found: dict[str, Any] = {}
    for name, part in parts.items():
        if part.called in found:
            raise ConfigError(f"{group}.{name}: a second {type(part).__name__}; expected each {group} once")
        found[part.called] = part
    return dict(sorted(found.items()))


def _idle(name: str, values: object) -> bool:
    """Whether these are a scenario's values for a mechanism that is switched off; raises `ConfigError` for no mechanism."""
    if not isinstance(values, Mapping) or "_target_" in values:
        return False
    refuse_unknown([name] if name not in shipped() else [], shipped(), "mechanism.")
    return True
