"""The data dictionary and the plan of a period, printable."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence

import yaml

from sim.configuration import config_folder
from sim.params import ConfigError, Params, describe, nearest
from sim.phases import PLAN
from sim.population import Mode, Population, Segment
from sim.records import FEATURES, FIRMS, MARKET
from sim.scenario import FirmSpec, RecordsPlan, Scenario
from sim.state import CUSTOMER
from sim.table import Column

Row = tuple[str, ...]
GROUPS = ("strategy", "pricing", "mechanism")


def classes(group: str) -> dict[str, type[Params]]:
    """Every class that the shipped configuration files of a group name, by file."""
    found = {}
    for path in sorted((config_folder() / group).glob("*.yaml")):
        target = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("_target_")
        if target:
            module, _, name = target.rpartition(".")
            found[path.stem] = getattr(importlib.import_module(module), name)
    return found


HEADER_COLUMNS, HEADER_PARAMETERS = (
    ("name", "unit", "shape or type", "symbol", "meaning"),
    ("parameter", "unit", "bounds", "source", "meaning"),
)
CONFIGURED = {
    "scenario": Scenario,
    "population": Population,
    "population.modes.<mode>": Mode,
    "population.segments.<segment>": Segment,
    "firms.<firm>": FirmSpec,
    "records": RecordsPlan,
}
WRITTEN = {"records.parquet": FIRMS, "market.parquet": MARKET, "features.parquet": FEATURES}


def _shape(column: Column) -> str:
    return " x ".join((*column.axes, "customer"))


def _parameters(cls: type[Params]) -> list[Row]:
    rows = [(r["name"], r["unit"], r["bounds"], r["source"], r["meaning"]) for r in describe(cls)]
    return [HEADER_PARAMETERS, *rows] if rows else []


def sections() -> Iterable[tuple[str, str, list[Row]]]:
    """Every section of the dictionary: title, first line of text, rows with a header row."""
    state = [(name, c.unit, _shape(c), c.symbol, c.meaning) for name, c in CUSTOMER.items()]
    yield "columns of a customer", "state that every market has", [HEADER_COLUMNS, *state]
    for name, columns in WRITTEN.items():
        rows = [(key, c.unit, c.dtype, c.symbol, c.meaning) for key, c in columns.items()]
        yield name, "a table that every run writes", [HEADER_COLUMNS, *rows]
    for name, cls in CONFIGURED.items():
        yield name, _first_line(cls), _parameters(cls)
    for group in GROUPS:
        for name, cls in classes(group).items():
            yield f"{group}.{name}", _first_line(cls), _parameters(cls) + _added(cls)


def _added(cls: type[Params]) -> list[Row]:
    added = [(f"column {n}", c.unit, _shape(c), c.symbol, c.meaning) for n, c in getattr(cls, "columns", {}).items()]
    added += [(f"record {n}", c.unit, c.dtype, c.symbol, c.meaning) for n, c in getattr(cls, "records", {}).items()]
    neutral = getattr(cls, "neutral", {})
    if neutral:
        added.append(("neutral at", "", "", "", ", ".join(f"{k} = {v}" for k, v in neutral.items())))
    return added


def _first_line(cls: type) -> str:
    return (cls.__doc__ or "").strip().split("\n")[0]


def _aligned(rows: Sequence[Row]) -> list[str]:
    if not rows:
        return ["  no parameters"]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return [
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) + f"  {row[4]}"
        for row in rows
    ]


def dictionary(words: Sequence[str]) -> str:
    """The data dictionary as text, narrowed to the sections whose titles contain one of the words."""
    known = list(sections())
    for word in words:
        if not any(word in title for title, _, _ in known):
            raise ConfigError(f"describe {word}: no such section; {nearest(word, [title for title, _, _ in known])}")
    chosen = [s for s in known if not words or any(word in s[0] for word in words)]
    return "\n\n".join("\n".join([f"{title}: {text}", *_aligned(rows)]) for title, text, rows in chosen)


def plan() -> str:
    """The phases of a period, in order."""
    width = max(len(name) for name, _, _ in PLAN)
    return "\n".join(f"{i}. {name.ljust(width)}  {who.ljust(9)}  {what}" for i, (name, who, what) in enumerate(PLAN, 1))
