"""What a study's factors are called where people read: the parameter's declared meaning and unit, not its bare key."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.ground.params import ConfigError, Params
from sim.world.scenario import PARTS

if TYPE_CHECKING:
    from sim.study.store import Study
    from sim.world.scenario import Scenario

WIDE = 34  # characters of a line under a panel


@dataclass(frozen=True)
class Name:
    """What a factor is called: the end of its key, and what its parameter declares; "" where it moves more than a parameter."""

    short: str
    meaning: str = ""
    unit: str = ""

    @property
    def heading(self) -> str:
        """For a column: the name with its unit, if it has one.

        >>> Name("lag", "months until a rival copies", "months").heading, Name("markup", "margin on cost", "1").heading
        ('lag [months]', 'markup')
        """
        return f"{self.short} [{self.unit}]" if self.unit not in ("", "1") else self.short

    @property
    def label(self) -> str:
        """For an axis: the name, its meaning and its unit, on as many lines as they take."""
        told = f"{self.short}: {self.meaning} [{self.unit}]" if self.meaning else self.short
        return textwrap.fill(told, WIDE)


def declared(scenario: Scenario, key: str) -> tuple[str, str] | None:
    """Meaning and unit of the parameter that a configuration key sets; None where no parameter is declared.

    >>> import sim
    >>> declared(sim.compose(), "mechanism.imitation.lag")[1], declared(sim.compose(), "firms.thrift.strategy")
    ('months', None)
    """
    first, *rest = key.split(".")
    if first == "firms" and rest[1:2] == ["policy"]:
        first, rest = "mechanism", rest[2:]
    node: object = scenario
    for part in (first, *rest):
        if isinstance(node, Mapping):
            node = node.get(part)
            continue
        owners = [node, *(getattr(node, name, None) for name in PARTS)]
        owner = next((o for o in owners if isinstance(o, Params) and part in _fields(o)), None)
        if owner is None:
            return None
        meta = _fields(owner)[part].metadata
        if "unit" in meta:
            return meta["meaning"], meta["unit"]
        node = getattr(owner, part)
    return None


def _fields(params: Params) -> dict[str, dataclasses.Field]:
    return {field.name: field for field in dataclasses.fields(params)}


def names(study: Study) -> dict[str, Name]:
    """What each factor of a study is called, by its name; what cannot be looked up has the end of its key only."""
    factors = [factor.name for factor in study.factors]
    found = {name: Name(end) for name, end in zip(factors, short(factors), strict=True)}
    try:
        scenario = study.scenario(int(study.runs["point"].iloc[0]))
    except (ConfigError, IndexError):  # classes that are gone, or no run: the keys are known all the same
        return found
    for factor in study.factors:
        told = declared(scenario, factor.keys[0]) if factor.keys else None
        if told is not None:
            found[factor.name] = Name(found[factor.name].short, *told)
    return found


def short(names: Sequence[str]) -> list[str]:
    """The last parts of dotted names, as many as tell them apart.

    >>> short(["firms.thrift.markup", "firms.echo.markup", "mechanism.imitation.lag"])
    ['thrift markup', 'echo markup', 'lag']
    """
    parts, shown = {name: name.split(".") for name in names}, dict.fromkeys(names, 1)
    while True:
        told = {name: " ".join(parts[name][-shown[name] :]).replace("_", " ") for name in names}
        same = [n for n in names if list(told.values()).count(told[n]) > 1 and shown[n] < len(parts[n])]
        if not same:
            return list(told.values())
        for name in same:
            shown[name] += 1
