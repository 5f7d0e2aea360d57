"""What differs between two configurations, as switches that can be thrown one by one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.ground.params import ConfigError
from sim.study.plan import WITHOUT_EFFECT, applied, chosen_by, differing
from sim.world.mechanisms import Mechanism
from sim.world.scenario import PARTS, FirmSpec, Scenario, locate

ABSENT = object()
OWN = {field.name for field in dataclasses.fields(FirmSpec)}


@dataclass(frozen=True)
class Switch:
    """One difference: its name in words, and what throwing it changes in the first configuration; None takes out."""

    name: str
    changes: Mapping[str, Any]


def switches(one: Mapping[str, Any], other: Mapping[str, Any], allow_foreign: bool) -> list[Switch]:
    """Differences between two configurations, each as small as it can be thrown by itself.

    A mechanism or firm that only one side has is one switch; so is a strategy, revision or pricing rule with the firm's
    own values for it, and a population of another class. Any other parameter is a switch of its own. Mechanisms that
    need one another are thrown together.

    Raises
    ------
    ConfigError : nothing differs.
    """
    found: dict[str, dict[str, Any]] = {}
    for key, values in differing(one, other).items():
        if key.split(".")[0] in (*WITHOUT_EFFECT, "name", "metric") or all(value in ({}, None) for value in values):
            continue
        unit = _unit(key, one, other)
        changes = found.setdefault(unit, {})
        whole = (
            unit == "population"
            or unit.rpartition(".")[2] in PARTS
            or ABSENT in (value_at(one, unit), value_at(other, unit))
        )
        changed = unit if whole and f"{key}.".startswith(f"{unit}.") else key
        value = value_at(other, changed)
        changes[changed] = None if value is ABSENT else value
    if not found:
        raise ConfigError("explain: the two scenarios do not differ; expected at least one difference")
    made = [Switch(_name(unit, changes, one), changes) for unit, changes in found.items()]
    return _together(made, one, other, allow_foreign)


def value_at(config: Any, key: str) -> Any:
    """Value at a dotted key, `ABSENT` if there is none; a mechanism whose values lie idle is absent."""
    for part in key.split("."):
        if not isinstance(config, Mapping) or part not in config:
            return ABSENT
        config = config[part]
    if (
        key.startswith("mechanism.")
        and key.count(".") == 1
        and isinstance(config, Mapping)
        and "_target_" not in config
    ):
        return ABSENT
    return config


def _unit(key: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """The key that has to be thrown as a whole for this difference."""
    parts = key.split(".")
    whole = ".".join(parts[:2])
    if parts[0] == "population":
        same = value_at(one, "population._target_") == value_at(other, "population._target_")
        return key if same and value_at(one, key) is not ABSENT and value_at(other, key) is not ABSENT else "population"
    if parts[0] in ("mechanism", "firms") and ABSENT in (value_at(one, whole), value_at(other, whole)):
        return whole
    if parts[0] == "firms":
        changed = [
            p for p in PARTS if value_at(one, f"{whole}.{p}._target_") != value_at(other, f"{whole}.{p}._target_")
        ]
        if changed and (parts[2] in changed or parts[2] not in OWN):
            return f"{whole}.{changed[0]}"
    parent = key
    while ABSENT in (value_at(one, parent), value_at(other, parent)) and "." in parent and parent.count(".") > 2:
        parent = parent.rpartition(".")[0]
    return parent


def _name(unit: str, changes: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    before, after = _holding(one, unit), changes.get(unit, ABSENT)
    if unit.count(".") == 1 and unit.startswith(("mechanism.", "firms.")):
        if after is None:
            return f"{unit} off" if unit.startswith("mechanism.") else f"without {unit}"
        return f"{unit} on" if before is ABSENT else unit
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        target = after.get("_target_", "") if isinstance(after, Mapping) else ""
        return f"{unit} -> {chosen_by(target)}" if target else unit
    shown = ["not there" if value in (ABSENT, None) else value for value in (before, after)]
    return f"{unit} {shown[0]} -> {shown[1]}"


def _holding(config: Mapping[str, Any], key: str) -> Any:
    """Value that holds for a key: a firm's own, or that of its strategy's, revision's or pricing rule's file."""
    firm, _, name = key.rpartition(".")
    places = [key, *(f"{firm}.{part}.{name}" for part in PARTS if key.startswith("firms.") and key.count(".") == 2)]
    return next((value for value in (value_at(config, place) for place in places) if value is not ABSENT), ABSENT)


def _together(made: Sequence[Switch], one: Mapping[str, Any], other: Mapping[str, Any], allow: bool) -> list[Switch]:
    """Join switches of mechanisms that cannot do without one another."""
    groups = [[switch] for switch in made]
    owner = {
        key: group
        for group in groups
        for key in group[0].changes
        if key.startswith("mechanism.") and key.count(".") == 1
    }
    for key in list(owner):
        side = value_at(other, key)
        values = side if side is not ABSENT else value_at(one, key)
        kind = locate(values["_target_"], Mechanism, key, allow)
        for needed in getattr(kind, "needs", {}):
            if (partner := owner.get(f"mechanism.{needed}")) is not None and partner is not owner[key]:
                mine = owner[key]
                mine.extend(partner)
                groups.remove(partner)
                for switch in partner:
                    owner |= dict.fromkeys((k for k in switch.changes if k in owner), mine)
    return [
        Switch(" with ".join(s.name for s in group), {k: v for s in group for k, v in s.changes.items()})
        for group in groups
    ]


def side_by_side(configs: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """What differs between configurations, as text: a row a parameter, mechanism, firm, or rule of a firm.

    configs : by name; held against the first. Values of what is not there, or is another thing, in all of them are left out.

    Returns
    -------
    Rows with the parameter and a text under each name.

    >>> off, on = {"mechanism": {}}, {"mechanism": {"habit": {"_target_": "sim.world.mechanisms.habit.Habit", "weight": 2}}}
    >>> side_by_side({"A": off, "B": on})
    [{'parameter': 'mechanism.habit', 'A': 'off', 'B': 'on'}]
    """
    first, *others = configs.values()
    keys = dict.fromkeys(_thing(key, [first, *others]) for other in others for key in differing(first, other))
    rows = [{"parameter": key} | {name: _told(key, value_at(c, key)) for name, c in configs.items()} for key in keys]
    return [row for row in rows if len(set(row.values())) > 2]


def _thing(key: str, configs: Sequence[Mapping[str, Any]]) -> str:
    """The outermost part of a key that is not in all configurations a mapping of one kind; else the key."""
    parts = key.split(".")
    for part in (".".join(parts[:number]) for number in range(1, len(parts))):
        values = [value_at(config, part) for config in configs]
        if any(not isinstance(v, Mapping) or v.get("_target_") != values[0].get("_target_") for v in values):
            return part
    return key


def _told(key: str, value: Any) -> str:
    if key.startswith("mechanism.") and key.count(".") == 1:
        return "off" if value is ABSENT else "on"
    if isinstance(value, Mapping):
        return chosen_by(value["_target_"]) if "_target_" in value else "there"
    return "–" if value is ABSENT or value is None else str(value)


def thrown(made: Sequence[Switch], coalition: frozenset[int]) -> dict[str, Any]:
    """Changes to the first configuration with these switches thrown."""
    return {key: value for number in sorted(coalition) for key, value in made[number].changes.items()}


def check_playable(one: Mapping[str, Any], made: Sequence[Switch], allow_foreign: bool) -> None:
    """Raise `ConfigError` that names the switch unless each can be thrown alone and each can be left out alone."""
    everything = frozenset(range(len(made)))
    for number, switch in enumerate(made):
        for how, coalition in (("by itself", frozenset([number])), ("out", everything - {number})):
            try:
                Scenario.from_config(applied(one, thrown(made, coalition)), allow_foreign)
            except ConfigError as error:
                told = "thrown by itself" if how == "by itself" else "left out by itself"
                raise ConfigError(f"explain: {switch.name} cannot be {told}: {error}") from None
