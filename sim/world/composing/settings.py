"""What a configuration says about studies: what moves, how, where it is played, what is kept and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.ground.params import ConfigError, Params, check_names, checked, param, refuse_unknown
from sim.ground.values import shown

KINDS = ("design", "engine", "precision")  # each a class of its own, with its parameters


@dataclass(frozen=True, kw_only=True)
class Settings(Params):
    """The keys that studies read and runs pass over; `factors` and the three kinds are read by those who know them."""

    factors: Mapping[str, Any] = field()
    design: Mapping[str, Any] = field()
    engine: Mapping[str, Any] = field()
    precision: Mapping[str, Any] = field()
    tables: tuple[str, ...] = param("tables kept of every run", "1", source="choice of the user")
    metrics: tuple[str, ...] = param("measures shown in tables and pictures", "1", source="choice of the user")
    moves: int = param("customers whose purchases tell who moved", "customers", low=0, source="register R493")
    chunk_seconds: float = param("time that a worker plays before it writes", "s", low=0, source="register R491")

    def check(self):
        """Something must be shown."""
        if not self.metrics:
            raise ConfigError("metrics = []: expected at least one measure, such as share")


def settings_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, when they are what studies need; `factors` and `precision` may be null.

    Raises
    ------
    ConfigError : a name that is unknown, missing or no text, a value of the wrong kind or out of bounds.

    >>> settings_of({"moves": -1})
    Traceback (most recent call last):
    sim.ground.params.ConfigError: design, engine, tables, metrics, chunk_seconds: missing; each requires a value
    """
    values = checked(values)
    optional = {name: {} if values.get(name) is None else values[name] for name in ("factors", "precision")}
    check_names(Settings, values | optional, "")
    lists = {name: tuple(value) if isinstance(value := values[name], list) else value for name in ("tables", "metrics")}
    Settings(**values | optional | lists)
    return values


def of_kind(values: object, cls: type[Params], where: str) -> dict[str, Any]:
    """Values of a class without those that are null; raises `ConfigError` for names that the class has not."""
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where} = {shown(values)}: expected the parameters of a {cls.__name__} by name")
    given = {key: value for key, value in values.items() if key != "_target_"}
    names = cls.__dataclass_fields__
    refuse_unknown([key for key in given if key not in names], names, f"{where}.")
    return {key: value for key, value in given.items() if value is not None}
