"""One complete, checked description of a world, built from plain configuration values."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import pkgutil
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sim import mechanisms
from sim.limits import check_counts
from sim.mechanisms import Mechanism
from sim.params import ConfigError, Params, check_names, check_value, nearest, param
from sim.population import Population
from sim.pricing import Pricing
from sim.revision import Revision
from sim.revision.fixed import Fixed
from sim.strategies import Strategy

PACKAGE = "sim."
LAST_SEED = 2**53
NAME = re.compile(r"\w[\w .-]{0,39}")


def locate(target: object, base: type[Params], where: str, allow_foreign: bool) -> type[Params]:
    """Class named by a config's `_target_`.

    Only classes of this package are found unless the user opted in, so that a stranger's config cannot run code.

    Raises
    ------
    ConfigError : not a name, outside the package, not there, or not a `base`.
    """
    if not isinstance(target, str) or "." not in target:
        raise ConfigError(f"{where}._target_ = {target!r}: expected the dotted name of a {base.__name__}")
    if not target.startswith(PACKAGE) and not allow_foreign:
        raise ConfigError(
            f"{where}._target_ = '{target}': code outside this package is refused unless --allow-foreign-code is given"
        )
    module, _, name = target.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{where}._target_ = '{target}': not found ({error})") from None
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ConfigError(f"{where}._target_ = '{target}': not a {base.__name__}")
    return found


def _assemble(values: Mapping[str, Any], base: type[Params], where: str, allow_foreign: bool) -> Params:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} = {values!r}: expected the parameters of a {base.__name__} by name")
    cls = locate(values.get("_target_"), base, where, allow_foreign)
    return cls.build({k: v for k, v in values.items() if k != "_target_"}, where)


def shipped() -> frozenset[str]:
    """Names of the mechanisms of the house."""
    return _modules(tuple(mechanisms.__path__))


@functools.cache
def _modules(folders: tuple[str, ...]) -> frozenset[str]:
    return frozenset(module.name for module in pkgutil.iter_modules(folders))


@dataclass(frozen=True, kw_only=True)
class FirmSpec(Params):
    """A firm as the market finds it."""

    mode: str = param("mode the firm serves by", "1", source="A1")
    presence: float = param(
        "part of the mode's departures that the firm runs",
        "1",
        low=1e-9,
        high=1,
        source="Ben-Akiva & Lerman 1985, ch. 9; register R18",
    )
    list_price: float = param(
        "fare of a standard journey where the pricing rule asks for it (fixed_price; cost_plus without costs)",
        "AUD",
        low=0,
        high=1e5,
        source="register R36",
    )
    vehicle_cost: float = param(
        "vehicle cost of a standard journey in a standard vehicle", "AUD", low=0, high=1e5, source="register R37"
    )
    handling_cost: float = param("sales and handling cost of a journey", "AUD", low=0, high=1e5, source="register R37")
    overhead: float = param(
        "fixed cost per head of market and month", "AUD/head/month", low=0, high=1e5, source="register R38"
    )
    opening_cash: float = param("cash on the first day per head of market", "AUD/head", source="register R39")
    delivery_noise: float = param(
        "standard deviation of delivered quality", "utils", low=0, high=100, source="G3; register R42"
    )
    known: float = param(
        "part of the customers who know the firm on the first day", "1", low=0, high=1, source="G4; register R80"
    )
    advertising: float = param(
        "spending on advertising", "AUD/head/month", low=0, high=1e5, source="G4, F8; register R81"
    )
    evidence: float = param(
        "part of its service that customers can judge by tangible cues before they buy", "1", low=0, high=1,
        source="G3, F7; register R82",
    )  # fmt: skip
    promise: float = param(
        "how much more it promises than it delivers, as a part of what it delivers", "1", low=-1, high=10,
        source="G6; register R83",
    )  # fmt: skip
    empowerment: float = param(
        "chance that its front line puts a failure right at once", "1", low=0, high=1, source="G7, C4; register R84"
    )
    policy: Mapping[str, Mapping[str, Any]] = dataclasses.field()
    strategy: Strategy = dataclasses.field()
    revision: Revision = dataclasses.field()
    pricing: Pricing = dataclasses.field()


PARTS: dict[str, type[Params]] = {"strategy": Strategy, "revision": Revision, "pricing": Pricing}


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
    """A world and how to play it. Firms and mechanisms are kept in the order of their names."""

    name: str = param("name of the scenario", "1", source="config file")
    seed: int = param("seed of all draws", "1", low=0, high=LAST_SEED, source="choice of the user")
    periods: int = param("periods to play", "months", low=1, high=32_000, source="register R2")
    threads: int = param("threads that share the customers", "threads", low=1, high=256, source="choice of the user")
    replications: int = param(
        "runs with seeds seed, seed + 1, ... for the intervals", "runs", low=1, source="register R3"
    )
    population: Population = dataclasses.field()
    firms: Mapping[str, FirmSpec] = dataclasses.field()
    mechanism: Mapping[str, Mechanism] = dataclasses.field()
    records: RecordsPlan = dataclasses.field()

    def check(self):
        """Firms need a mode to serve by; mechanisms need what they act on."""
        if not self.firms:
            raise ConfigError("firms: expected at least one firm, got none")
        check_counts(self)
        if self.seed + self.replications - 1 > LAST_SEED:
            raise ConfigError(f"seed = {self.seed}: expected seed + replications - 1 <= {LAST_SEED}")
        if not NAME.fullmatch(self.name):
            raise ConfigError(f"name = {self.name!r}: expected up to 40 letters, digits, spaces, dots, hyphens")
        for name, firm in self.firms.items():
            if not isinstance(name, str) or not NAME.fullmatch(name):
                raise ConfigError(f"firms.{name}: expected a name of up to 40 letters, digits, spaces, dots, hyphens")
            if firm.mode not in self.population.modes:
                raise ConfigError(f"firms.{name}.mode = '{firm.mode}': {nearest(firm.mode, self.population.modes)}")
        self._check_needs()
        for name, firm in self.firms.items():
            self.check_policy(firm.policy, f"firms.{name}.policy")
            if type(firm.revision) is not Fixed and not firm.strategy.opening_mix():
                raise ConfigError(
                    f"firms.{name}.revision: nothing to revise, {type(firm.strategy).__name__} follows no mix; "
                    f"expected firms.{name}.strategy=mixed"
                )
            for part in PARTS:
                getattr(firm, part).check_scenario(self, name)
        for mechanism in self.mechanism.values():
            mechanism.check_scenario(self)

    def check_policy(self, policy: Mapping[str, Mapping[str, Any]], where: str) -> None:
        """Raise `ConfigError` unless these are values of policies of mechanisms; of one that is off they lie idle."""
        known = shipped() | set(self.mechanism)
        for name, values in policy.items():
            if name not in known:
                raise ConfigError(f"{where}.{name}: unknown mechanism; {nearest(str(name), known)}")
            if not isinstance(values, Mapping):
                raise ConfigError(f"{where}.{name} = {values!r}: expected policies of the mechanism by name")
            if name in self.mechanism:
                kind = type(self.mechanism[name])
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

    def replace(self, **changes: Any) -> Scenario:
        """The same scenario with some fields changed, checked again."""
        return dataclasses.replace(self, **changes)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], allow_foreign: bool = False) -> Scenario:
        """Build from nested plain values; raises `ConfigError` with the place of the first mistake."""
        values = dict(config)
        values["population"] = _assemble(values.get("population") or {}, Population, "population", allow_foreign)
        values["records"] = RecordsPlan.build(values.get("records") or {}, "records")
        firms = values.get("firms") or {}
        if not isinstance(firms, Mapping):
            raise ConfigError(f"firms = {firms!r}: expected firms by name")
        values["firms"] = {name: _firm(firms[name], f"firms.{name}", allow_foreign) for name in sorted(firms, key=str)}
        chosen = values.get("mechanism") or {}
        values["mechanism"] = {
            name: _assemble(chosen[name], Mechanism, f"mechanism.{name}", allow_foreign)
            for name in sorted(chosen)
            if not _idle(name, chosen[name])
        }
        check_names(cls, values, "")
        return cls(**values)


def _idle(name: str, values: object) -> bool:
    """Whether these are a scenario's values for a mechanism that is switched off; raises `ConfigError` for no mechanism."""
    if not isinstance(values, Mapping) or "_target_" in values:
        return False
    if name not in shipped():
        raise ConfigError(f"mechanism.{name}: unknown mechanism; {nearest(str(name), shipped())}")
    return True


def _firm(values: Mapping[str, Any], where: str, allow_foreign: bool) -> FirmSpec:
    """A firm from flat values: its own, its strategy's, its revision's and its pricing rule's parameters share one level of names."""
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} = {values!r}: expected the firm's parameters by name")
    own = {f.name for f in dataclasses.fields(FirmSpec)} - PARTS.keys()
    flat = {"policy": {}} | {key: value for key, value in values.items() if key not in PARTS}
    parts, names = {}, set(own)
    for part, base in PARTS.items():
        defaults = dict(values.get(part) or {})
        cls = locate(defaults.pop("_target_", None), base, f"{where}.{part}", allow_foreign)
        fields = {f.name for f in dataclasses.fields(cls)}
        merged = {key: flat.get(key, value) for key, value in defaults.items()}
        merged |= {key: flat[key] for key in fields if key in flat}
        parts[part] = cls.build(merged, where)
        names |= fields
    for key in flat:
        if key not in names:
            raise ConfigError(f"{where}.{key}: unknown name; {nearest(key, {*names, *PARTS})}")
    return FirmSpec.build({k: v for k, v in flat.items() if k in own} | parts, where)
