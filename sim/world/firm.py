"""A firm as the market finds it: its own parameters, and those of its strategy, its revision and its pricing rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.ground.foreign import called, locate, place_of
from sim.ground.params import ConfigError, Params, check_value, names_of, param, refuse_missing, refuse_unknown
from sim.ground.values import shown
from sim.world.pricing import Pricing
from sim.world.revision import Revision
from sim.world.strategies import Strategy


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
        "¤",
        low=0,
        high=1e5,
        source="register R36",
    )
    vehicle_cost: float = param(
        "vehicle cost of a standard journey in a standard vehicle", "¤", low=0, high=1e5, source="register R37"
    )
    handling_cost: float = param("sales and handling cost of a journey", "¤", low=0, high=1e5, source="register R37")
    overhead: float = param(
        "fixed cost per head of market and month", "¤/head/month", low=0, high=1e5, source="register R38"
    )
    opening_cash: float = param("cash on the first day per head of market", "¤/head", source="register R39")
    delivery_noise: float = param(
        "standard deviation of delivered quality", "utils", low=0, high=100, source="G3; register R42"
    )
    known: float = param(
        "part of the customers who know the firm on the first day", "1", low=0, high=1, source="G4; register R80"
    )
    advertising: float = param(
        "spending on advertising", "¤/head/month", low=0, high=1e5, source="G4, F8; register R81"
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

    def check(self):
        """What the strategy decides every period cannot be the firm's own policy, too."""
        for mechanism, names in type(self.strategy).sets.items():
            for name in sorted(names & {*self.policy.get(mechanism, ())}):
                raise ConfigError(
                    f"policy.{mechanism}.{name}: the strategy {type(self.strategy).__name__.lower()} decides it every "
                    "period; expected the strategy's own parameter"
                )


PARTS: dict[str, type[Params]] = {"strategy": Strategy, "revision": Revision, "pricing": Pricing}


STANDING = ("advertising", "evidence", "promise", "empowerment")  # that a strategy may decide from month to month


def check_standing(standing: Mapping[str, float], where: str) -> None:
    """Raise `ConfigError` unless these are values of what a firm does from month to month whatever it decides."""
    refuse_unknown([name for name in standing if name not in STANDING], STANDING, f"{where}.")
    for name, value in standing.items():
        check_value(FirmSpec, name, value, f"{where}.{name}")


def build(values: Mapping[str, Any], where: str, allow_foreign: bool) -> FirmSpec:
    """A firm from flat values: its own, its strategy's, its revision's and its pricing rule's parameters share one level of names.

    A name without a value is taken out, if it is one that the firm may have.

    Raises
    ------
    ConfigError : names that are unknown, names that are missing, a value that is not allowed.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} = {shown(values)}: expected the firm's parameters by name")
    flat = {key: value for key, value in values.items() if key not in PARTS}
    own, classes = _own(), _classes(values, where, allow_foreign)
    names = own | {name for cls in classes.values() for name in names_of(cls)}
    refuse_unknown([key for key in flat if key not in names], {*names, *PARTS}, f"{where}.")
    mine = {"policy": {}} | {key: value for key, value in flat.items() if key in own and value is not None}
    given = {part: _given(cls, values[part], flat, f"{where}.{part}") for part, cls in classes.items()}
    wanting = [name for part, cls in classes.items() for name in names_of(cls) if name not in given[part]]
    lacking = [name for name in names_of(FirmSpec) if name in own and name not in mine]
    refuse_missing(dict.fromkeys([*lacking, *wanting]), f"{where}.")
    parts = {part: made(cls, given[part], where) for part, cls in classes.items()}
    return FirmSpec.build(mine | parts, where)


def _own() -> set[str]:
    return names_of(FirmSpec).keys() - PARTS.keys()


def _classes(values: Mapping[str, Any], where: str, allow_foreign: bool) -> dict[str, type[Params]]:
    for part in PARTS:
        if not isinstance(values.get(part), Mapping):
            raise ConfigError(f"{where}.{part} = {shown(values.get(part))}: expected the name of a {part}")
    return {
        part: locate(values[part].get("_target_"), base, f"{where}.{part}", allow_foreign) for part, base in PARTS.items()
    }


def _given(cls: type[Params], said: Mapping[str, Any], flat: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Values for a class: what its file says, and over it what the firm says."""
    fields = names_of(cls)
    refuse_unknown([key for key in said if key not in fields and key != "_target_"], fields, f"{where}.")
    values = said | {name: flat[name] for name in fields if name in flat}
    return {name: value for name, value in values.items() if name in fields and value is not None}


def without_nothing(values: Mapping[str, Any], where: str, allow_foreign: bool) -> dict[str, Any]:
    """A firm's values without those that are nothing; raises `ConfigError` where one is of a name that no firm like it has."""
    classes = _classes(values, where, allow_foreign)
    names = _own().union(PARTS, *(names_of(cls) for cls in classes.values()))
    refuse_unknown([key for key, value in values.items() if value is None and key not in names], names, f"{where}.")
    return bare(values)


def bare(values: Any) -> Any:
    """Values without the names whose value is null, at every depth.

    >>> bare({"a": None, "b": {"c": None, "d": 1}})
    {'b': {'d': 1}}
    """
    if not isinstance(values, Mapping):
        return values
    return {key: bare(item) for key, item in values.items() if item is not None}


def made(cls: type[Params], values: Mapping[str, Any], where: str) -> Params:
    """An object of a class that may be somebody's own: whatever fails in it is said in one line, with its file."""
    if lacking := sorted(getattr(cls, "__abstractmethods__", ())):
        raise ConfigError(f"{where}: {cls.__name__} ({place_of(cls)}) lacks the method {', '.join(lacking)}")
    return called(f"{where} ({cls.__name__})", cls.build, values, where)
