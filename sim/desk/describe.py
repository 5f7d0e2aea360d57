"""The data dictionary and the plan of a period, printable."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from rich import box
from rich import table as rich

from sim.desk.profile import WARM_UP, profile
from sim.desk.screen import console
from sim.desk.steps import listed
from sim.ground.column import Column
from sim.ground.folders import config_folder
from sim.ground.params import ConfigError, Params, describe, nearest
from sim.ground.units import Words, told, words_of
from sim.market.panel import OPTIONAL, PANEL, PRICE
from sim.market.plan import PLAN
from sim.market.records import TABLES
from sim.state.customers import CUSTOMER
from sim.state.firm import FIRM
from sim.world.composing.configuration import compose
from sim.world.mechanisms import Mechanism
from sim.world.order import acting
from sim.world.population import Mode
from sim.world.population.segmented import SegmentedPopulation, StatedSegment
from sim.world.population.surveyed import SurveyedMode, SurveyedPopulation, SurveyedSegment
from sim.world.scenario import FirmSpec, RecordsPlan, Scenario

Row = tuple[str, ...]
CUSTOMERS, MONTHS = 20_000, 4
NAME = r"[A-Z][\w'-]+"
CITED = re.compile(rf"({NAME}(?:, {NAME})*(?: & {NAME})?(?: et al\.)?) \(?((?:18|19|20)\d\d)\b")
GROUPS = ("strategy", "revision", "pricing", "mechanism", "metric", "chapter", "design", "precision", "engine")


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
    "population": SurveyedPopulation,
    "population.modes.<mode>": SurveyedMode,
    "population.segments.<segment>": SurveyedSegment,
    "population of stated segments": SegmentedPopulation,
    "population of stated segments.modes.<mode>": Mode,
    "population of stated segments.segments.<segment>": StatedSegment,
    "firms.<firm>": FirmSpec,
    "records": RecordsPlan,
}
STUDY = (
    (
        "factors",
        "",
        "",
        "",
        "what moves: name=values on the command line, or names with values in an experiment's file",
    ),
    ("design", "", "", "", "which points are played: design=NAME, see design.factorial and the others"),
    ("precision", "", "", "", "how well the answer shall be known: precision.half_width=..., see precision.stated"),
    ("engine", "", "", "", "where it is played: engine=NAME, see engine.processes and the others"),
    (
        "tables",
        "",
        "",
        "",
        "what is kept of every run, by the name of the table without .parquet; panel with records.sample",
    ),
    ("metrics", "", "", "", "what tables and pages show: columns of records.parquet, and records of mechanisms"),
    ("moves", "customers", "[0, ]", "register R493", "whose purchases tell compare who moved from whom"),
    ("chunk_seconds", "s", "", "register R491", "about how long a worker plays before it writes"),
)
SAMPLED = PANEL | {"price_<firm>": PRICE} | OPTIONAL


def _shape(column: Column) -> str:
    return " x ".join((*column.axes, "customer"))


def _parameters(cls: type[Params]) -> list[Row]:
    rows = [(r["name"], r["unit"], r["bounds"], r["source"], r["meaning"]) for r in describe(cls)]
    return [HEADER_PARAMETERS, *rows] if rows else []


def sections() -> Iterable[tuple[str, str, list[Row]]]:
    """Every section of the dictionary: title, first line of text, rows with a header row."""
    state = [(name, c.unit, _shape(c), c.symbol, c.meaning) for name, c in CUSTOMER.items()]
    yield "columns of a customer", "state that every market has", [HEADER_COLUMNS, *state]
    held = [(name, c.unit, " x ".join(c.axes) or c.dtype, c.symbol, c.meaning) for name, c in FIRM.items()]
    yield "what a firm holds", "state that every firm has", [HEADER_COLUMNS, *held]
    tables = [(f"{name}.parquet", "a table that every run writes", columns) for name, columns in TABLES.items()]
    for name, cls in classes("mechanism").items():
        told = f"a table that runs with mechanism {name} write"
        tables += [(f"{table}.parquet", told, columns) for table, columns in cls.tables.items()]
    for name, text, columns in [*tables, ("panel", "purchases of sampled customers, with records=panel", SAMPLED)]:
        rows = [(key, c.unit, c.dtype, c.symbol, c.meaning) for key, c in columns.items()]
        yield name, text, [HEADER_COLUMNS, *rows]
    for name, cls in CONFIGURED.items():
        yield name, _first_line(cls), _parameters(cls)
    yield "study", "what sweep, compare and explain read, and single runs pass over", [HEADER_PARAMETERS, *STUDY]
    for group in GROUPS:
        for name, cls in classes(group).items():
            yield f"{group}.{name}", _first_line(cls), _parameters(cls) + _added(cls)


def _added(cls: type[Params]) -> list[Row]:
    added = [(f"column {n}", c.unit, _shape(c), c.symbol, c.meaning) for n, c in getattr(cls, "columns", {}).items()]
    kept = getattr(cls, "keeps", {})
    added += [(f"kept {n}", c.unit, " x ".join(c.axes) or "market", c.symbol, c.meaning) for n, c in kept.items()]
    added += [(f"record {n}", c.unit, c.dtype, c.symbol, c.meaning) for n, c in getattr(cls, "records", {}).items()]
    of_market = getattr(cls, "market_records", {})
    added += [(f"market record {n}", c.unit, c.dtype, c.symbol, c.meaning) for n, c in of_market.items()]
    if isinstance(measure := getattr(cls, "column", None), Column):
        added.append((f"{cls.of} record {cls.called}", measure.unit, measure.dtype, measure.symbol, f"{measure.meaning} ({cls.source})"))
    if neutral(cls):
        added.append(("neutral at", "", "", "", neutral(cls)))
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
    """The data dictionary as text, narrowed to sections that have one of the words in their title, or else in a row.

    Units are in the words of the scenario that overrides among the words compose, such as `scenario=telecom`.
    """
    units = words_of(compose(*(word for word in words if "=" in word)))
    words = [word for word in words if "=" not in word]
    known = [(title, told(text, units), _in_words(rows, units)) for title, text, rows in sections()]
    wanted = {title for word in words for title in _about(word, known)}
    chosen = [section for section in known if not words or section[0] in wanted]
    return "\n\n".join("\n".join([f"{title}: {text}", *_aligned(rows)]) for title, text, rows in chosen)


def _in_words(rows: Sequence[Row], units: Words) -> list[Row]:
    """Rows with all but their names in a scenario's words; the header as it is."""
    return [*rows[:1], *((name, *(told(cell, units) for cell in rest)) for name, *rest in rows[1:])]


def _about(word: str, known: Sequence[tuple[str, str, list[Row]]]) -> list[str]:
    """Titles of the sections that a word means; `firms.thrift` means `firms.<firm>`."""
    titles = [title for title, _, _ in known]
    found = [t for t in titles if word in t or re.fullmatch(re.sub(r"<\w+>", r"[^.]+", t), word)]
    found = found or [title for title, _, rows in known if word in {name for name, *_ in rows}]
    if not found:
        names = {name for _, _, rows in known for name, *_ in rows[1:]}
        raise ConfigError(f"describe {word}: no such section or name; {nearest(word, {*titles, *names})}")
    return found


def sources(cls: type[Params]) -> str:
    """Domain ids and publications that a class cites: in its module's first line, its docstring, its parameters.

    >>> from sim.world.mechanisms.must_have import MustHave
    >>> sources(MustHave)
    'A7; Kano, Seraku, Takahashi & Tsuji 1984'
    """
    first = (sys.modules[cls.__module__].__doc__ or "").split("\n")[0]
    ids = re.search(r"\(((?:[A-Z]\d+[, -]*)+)\)", first)
    said = [*(cls.__doc__ or "").split("Source: ")[1:], *(row["source"] for row in describe(cls))]
    cited = [(who, year) for text in said for who, year in CITED.findall(" ".join(text.split()))]
    known = {(who.split()[0].strip(","), year): f"{who} {year}" for who, year in reversed(cited)}
    order = dict.fromkeys((who.split()[0].strip(","), year) for who, year in cited)
    return "; ".join([*([ids[1]] if ids else []), *(known[key] for key in order)])


def neutral(cls: type[Params]) -> str:
    """Values at which a mechanism changes nothing."""
    return ", ".join(f"{name} = {value}" for name, value in getattr(cls, "neutral", {}).items())


def overview() -> str:
    """Every mechanism in a table: what it does, its source, where it is neutral and what it costs, measured now."""
    scenario = compose("mechanism=all", f"population.customers={CUSTOMERS}", "replications=1")
    found = profile(scenario, MONTHS)
    numbers = [rich.Column(title, justify="right") for title in ("cost [ns]", "cost [%]")]
    table = rich.Table(
        rich.Column("mechanism", no_wrap=True), "what it does", "source", "neutral at", *numbers, box=box.SIMPLE
    )
    for name, cls in classes("mechanism").items():
        spent = found.mechanisms[name]
        cost = f"{found.cost(spent):.1f}", f"{100 * spent / found.seconds:.1f}"
        table.add_row(name, _first_line(cls), sources(cls), neutral(cls) or "-", *cost)
    screen = console(width=160)
    with screen.capture() as captured:
        screen.print(table)
    return told(
        f"{captured.get()}\n  cost: time per customer and month, and its part of the whole; {CUSTOMERS:,} customers, "
        f"{len(scenario.firms)} firms, {MONTHS} months after {WARM_UP} of warm-up, one thread\n"
        "  differentia describe mechanism.NAME lists the parameters and columns of one",
        words_of(scenario),
    )


def plan(words: Sequence[str] = (), **how: Any) -> str:
    """The phases of a period, in order, and in each the mechanisms of a scenario in the order in which they act.

    Behind a mechanism stand the columns that it reads as others have just left them: why it comes after those.
    Then the steps that customers' months are played as, with what they take; measured now.
    words : of the scenario, as on the command line. how : `config_dir`, `allow_foreign`, as `sim.compose` takes them.
    """
    scenario = compose(*words, **how)
    order = acting(scenario.mechanism.values())
    width = max(len(name) for name, *_ in PLAN)
    lines = []
    for number, (name, who, what, hooks) in enumerate(PLAN, 1):
        lines.append(f"{number}. {name.ljust(width)}  {who.ljust(9)}  {what}")
        lines += [f"     {hook}: {', '.join(_placed(m, hook) for m in order[hook])}" for hook in hooks if order[hook]]
    found = profile(scenario, MONTHS)
    screen = console(width=200)
    with screen.capture() as captured:
        screen.print(listed(found.steps, scenario.population.customers, found.months, words_of(scenario), columns=True))
    return "\n".join(lines) + f"\n\n{captured.get()}"


def _placed(mechanism: Mechanism, hook: str) -> str:
    read = sorted(mechanism.reads.get(hook, ()))
    return mechanism.called + (f" ({', '.join(read)})" if read else "")
