"""What a study's catalogue must look like: its shape, declared once and checked whenever a catalogue is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from sim.ground.foreign import check_target, is_foreign, locate
from sim.ground.params import ConfigError
from sim.study.design import Design
from sim.study.plan import digest_of
from sim.study.tables import RUNS, is_table

FORMAT = 1
LARGEST = 2**63 - 1
OF_OUTCOMES = ("firm", "strategy")  # columns beside the factors' in what is said of every run
LONGEST = 60  # characters of a wrong value that are told
TARGET = re.compile(r"sim\.study\.design\.\w+\.\w+")
Check = Callable[[Any, str], None]  # takes a value and where it stands; raises `ConfigError` if it is not as it must be


def _refuse(value: Any, where: str, expected: str) -> None:
    told = ascii(value)
    told = told if len(told) <= LONGEST else f"{told[:LONGEST]}..."
    raise ConfigError(f"{where} = {told}: expected {expected}")


def _text(value: Any, where: str) -> None:
    if not isinstance(value, str) or value.encode(errors="replace").decode() != value:
        _refuse(value, where, "text")


def _name(value: Any, where: str) -> None:
    if not isinstance(value, str) or not value or not value.isprintable():
        _refuse(value, where, "a name without control characters")


def _whole(value: Any, where: str) -> None:
    if type(value) is not int or not 0 <= value <= LARGEST:
        _refuse(value, where, "a whole number, 0 or more")


def _number(value: Any, where: str) -> None:
    if type(value) is not float and (type(value) is not int or abs(value) > LARGEST):
        _refuse(value, where, "a number")


def _truth(value: Any, where: str) -> None:
    if not isinstance(value, bool):
        _refuse(value, where, "true or false")


def _single(value: Any, where: str) -> None:
    """A number, a truth value, text, or nothing."""
    if isinstance(value, str):
        _text(value, where)
    elif value is not None and not isinstance(value, bool):
        _number(value, where)


def _many(inside: Check, least: int = 0) -> Check:
    def check(value: Any, where: str) -> None:
        """Refuse what is no list of so many items, or has one that is not as it must be."""
        if not isinstance(value, list) or len(value) < least:
            _refuse(value, where, f"a list of {least} or more" if least else "a list")
        for number, item in enumerate(value):
            inside(item, f"{where}[{number}]")

    return check


def _by_name(inside: Check, least: int = 0) -> Check:
    def check(value: Any, where: str) -> None:
        """Refuse what is no mapping of so many names, or has a value that is not as it must be."""
        if not isinstance(value, dict) or len(value) < least:
            _refuse(value, where, "a mapping of names")
        for name, item in value.items():
            _text(name, where)
            inside(item, f"{where}.{name}")

    return check


def _record(parts: Mapping[str, Check]) -> Check:
    def check(value: Any, where: str) -> None:
        """Refuse what is no mapping, lacks one of the names, or has a value that is not as it must be."""
        if not isinstance(value, dict):
            _refuse(value, where, "a mapping of names")
        prefix = f"{where}." if where else ""
        missing = [f"{prefix}{name}" for name in parts if name not in value]
        if missing:
            raise ConfigError(f"{', '.join(missing)}: missing")
        for name, inside in parts.items():
            inside(value[name], f"{prefix}{name}")

    return check


def _any(value: Any, where: str) -> None:
    """Any plain value of a configuration; the scenario itself says what it needs."""
    if isinstance(value, dict):
        _by_name(_any)(value, where)
    elif isinstance(value, list):
        _many(_any)(value, where)
    else:
        _single(value, where)


def _table(value: Any, where: str) -> None:
    if not is_table(value):
        _refuse(value, where, "the name of a table")


def _format(value: Any, where: str) -> None:
    if type(value) is not int or value != FORMAT:
        _refuse(value, where, str(FORMAT))


def _levels(value: Any, where: str) -> None:
    if value is not None:
        _many(_single, 1)(value, where)


def _design(value: Any, where: str) -> None:
    _by_name(_any)(value, where)
    target = value.get("_target_")
    check_target(target, Design, where, allow_foreign=True)
    if is_foreign(target):  # read by who lays points or analyses, where that is allowed
        return
    if not TARGET.fullmatch(target):
        _refuse(target, f"{where}._target_", "a design of differentia")
    values = {key: item for key, item in value.items() if key != "_target_"}
    locate(target, Design, where, allow_foreign=False).build(values, where)


FACTOR = {
    "name": _name,
    "keys": _many(_name),
    "levels": _levels,
    "low": _number,
    "high": _number,
    "whole": _truth,
    "words": _by_name(_many(_text)),
}
HEADER: dict[str, Check] = {
    "format": _format,
    "name": _name,
    "words": _many(_text),
    "factors": _many(_record(FACTOR)),
    "design": _design,
    "seed": _whole,
    "tables": _many(_table, 1),
    "points": _whole,
    "code": _by_name(_text),
    "bases": _many(_by_name(_any, 1), 1),
}


def check(header: Any) -> None:
    """Raise `ConfigError` unless a catalogue is whole: which key, what it holds, what is expected.

    >>> check({"format": 1, "name": "fares"})
    Traceback (most recent call last):
    sim.ground.params.ConfigError: words, factors, design, seed, tables, points, code, bases: missing
    """
    _record(HEADER)(header, "")
    names = [factor["name"] for factor in header["factors"]]
    alike = [name.casefold() for name in names]
    for place, factor in enumerate(header["factors"]):
        if strange := [name for name in factor if name not in FACTOR]:
            raise ConfigError(f"factors[{place}].{strange[0]}: unknown name")
        if alike[place] in (*RUNS, *OF_OUTCOMES):
            raise ConfigError(f"factors[{place}].name = {names[place]}: what a column of every study is called; choose another")
        if alike.index(alike[place]) != place:
            raise ConfigError(f"factors[{place}].name = {names[place]}: the same name twice, but for capitals")
        if factor["words"] and not {*(factor["levels"] or ())} <= set(factor["words"]):
            raise ConfigError(f"factors[{place}].words: expected overrides of each of its levels")


def identity(header: Mapping[str, Any]) -> str:
    """All of a catalogue that says which study it is: what moves, how, in what, by which code; not in which words.

    >>> keys = "factors", "design", "seed", "tables", "points", "code"
    >>> one = dict.fromkeys(keys, 0) | {"bases": [{"a": 1, "replications": 2}], "words": ["a=1"]}
    >>> identity(one) == identity(one | {"bases": [{"a": 1, "replications": 3}], "words": []})
    True
    """
    kept = {key: header[key] for key in ("factors", "design", "seed", "tables", "points", "code")}
    return json.dumps([kept, *map(digest_of, header["bases"])], sort_keys=True)
