"""Names whose value is null: how a file takes out what another one put there, and where such a name is a mistake."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from typing import Any

from sim.ground.foreign import locate
from sim.ground.params import ConfigError, Params, names_of, refuse_unknown
from sim.ground.values import shown
from sim.world.chapter import Chapter
from sim.world.firm import bare
from sim.world.firm import without_nothing as firms_without_nothing
from sim.world.mechanisms import Mechanism
from sim.world.metric import Metric
from sim.world.population import Population
from sim.world.scenario import RecordsPlan, Scenario


def without_nothing(values: Mapping[str, Any], allow_foreign: bool = False) -> dict[str, Any]:
    """Values of a configuration without the names whose value is null: how a file takes out what another one put there.

    Raises
    ------
    ConfigError : a name without a value that nobody could have put there, such as a misspelt one.
    """
    fields, kept = names_of(Scenario), bare(values)
    if wrong := [group for group in ("firms", "mechanism") if not isinstance(kept.get(group, {}), Mapping)]:
        raise ConfigError(f"{wrong[0]} = {shown(kept[wrong[0]])}: expected a mapping of names")
    refuse_unknown([key for key, value in values.items() if value is None and key not in fields], fields, "")
    named = (*_named(kept, "mechanism", Mechanism), *_named(kept, "metric", Metric), *_named(kept, "chapter", Chapter))
    for name, base in (("population", Population), *named):
        group, _, key = name.partition(".")
        part = values.get(group) if not key else values[group][key]
        if isinstance(part, Mapping) and "_target_" in part and part != (kept[group][key] if key else kept[group]):
            _look_through(part, locate(part["_target_"], base, name, allow_foreign), name)
    if isinstance(values.get("records"), Mapping):
        _look_through(values["records"], RecordsPlan, "records")
    for name, firm in kept.get("firms", {}).items():
        if isinstance(firm, Mapping) and firm != values["firms"][name]:
            kept["firms"][name] = firms_without_nothing(values["firms"][name], f"firms.{name}", allow_foreign)
    return kept


def _named(values: Mapping[str, Any], group: str, base: type[Params]) -> Iterator[tuple[str, type[Params]]]:
    """The parts of a group by their places, each with the class that it must be of."""
    return ((f"{group}.{name}", base) for name in values.get(group) or ())


def _look_through(values: object, kind: Any, where: str) -> None:
    """Raise `ConfigError` where a name without a value is none of the parameters of the class that it stands in."""
    if not isinstance(values, Mapping):
        return
    if isinstance(kind, type) and issubclass(kind, Params):
        fields = names_of(kind)
        unknown = [key for key, value in values.items() if value is None and key not in fields]
        refuse_unknown(unknown, fields, f"{where}.")
        inner = {key: fields.get(key) for key in values}
    else:
        args = typing.get_args(kind)
        inner = dict.fromkeys(values, args[1] if len(args) == 2 else None)
    for key, value in values.items():
        _look_through(value, inner[key], f"{where}.{key}")
