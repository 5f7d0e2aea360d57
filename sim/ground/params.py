"""Parameters that know their unit, their bounds and their source, and are checked when an object is built.

A value lives in YAML only; type, unit, bounds and source live in the dataclass only, so there is no default here.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import types
import typing
from collections.abc import Iterable, Mapping

from sim.ground.values import cut, name_rule, native, one_line, shown

LARGEST = 1e6  # of anything that has no limit of its own: beyond it sums would overflow
MOST = 15
LONGEST = 800  # signs of what a mistake is told in
UNIONS = (typing.Union, types.UnionType)
DEEPEST = 40  # mappings and lists inside one another


class ConfigError(ValueError):
    """A mistake in a configuration, said in one line: what, where, what is allowed."""

    def __init__(self, said: object) -> None:
        super().__init__(cut(one_line(said), LONGEST))


def param(meaning: str, unit: str, *, low: float | None = None, high: float | None = None, source: str) -> typing.Any:
    """Declare one parameter of a `Params` class.

    Parameters
    ----------
    meaning : what the number says about the world, a few words.
    unit : unit of the value ("1" for a pure number).
    low, high : inclusive limits of meaning, not of taste; a mapping's or tuple's every number is held to them.
    source : where the rule or the value's scale comes from.
    """
    return dataclasses.field(metadata={"meaning": meaning, "unit": unit, "low": low, "high": high, "source": source})


@functools.cache
def _fields(cls: type[Params]) -> dict[str, tuple[object, Mapping]]:
    """Type and metadata of every field by name; worked out once, because a study builds ten thousand of a class.

    Raises
    ------
    ConfigError : the class is no dataclass, or a parameter's annotation is none that can be checked.
    """
    name = f"{cls.__module__}.{cls.__qualname__}"
    if bare := [key for key, value in vars(cls).items() if isinstance(value, dataclasses.Field)]:
        raise ConfigError(f"{name}.{bare[0]}: expected the class under @dataclass(frozen=True, kw_only=True)")
    try:
        kinds = typing.get_type_hints(cls)
    except Exception as error:  # an annotation may be any expression
        raise ConfigError(f"{name}: an annotation cannot be read ({one_line(error)})") from error
    for field in dataclasses.fields(cls):
        if "unit" in field.metadata and not _checkable(kinds[field.name]):
            known = "int, float, bool, str, Literal, int | Literal, tuple[..., ...], Mapping[str, ...] or Params"
            raise ConfigError(f"{name}.{field.name}: {kinds[field.name]} cannot be checked; expected {known}")
    return {field.name: (kinds[field.name], field.metadata) for field in dataclasses.fields(cls)}


def _checkable(kind: object) -> bool:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal or kind in (int, float, bool, str, typing.Any):
        return True
    if origin in UNIONS:
        return len(args) == 2 and args[0] in (int, float) and typing.get_origin(args[1]) is typing.Literal
    if origin is tuple:
        return len(args) == 2 and args[1] is Ellipsis and _checkable(args[0])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return args[0] is str and _checkable(args[1])
    return isinstance(kind, type) and issubclass(kind, Params)


def nearest(name: str, names: Iterable[str]) -> str:
    """Say which valid name was probably meant, or list them all when none is close.

    >>> nearest("diversificaton", ["flexibility", "diversification"])
    "nearest valid name: 'diversification'"
    """
    names = sorted(names)
    last = {n.rsplit(".", 1)[-1]: n for n in reversed(names)}
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6) or [
        last[n] for n in difflib.get_close_matches(name.rsplit(".", 1)[-1], last, n=1, cutoff=0.75)
    ]
    if close:
        return f"nearest valid name: '{close[0]}'"
    shown = ", ".join(names[:MOST]) + (f" and {len(names) - MOST} more" if len(names) > MOST else "")
    return "valid names: " + (shown or "none")


def check_number(value: float, where: str, unit: str, low: float | None, high: float | None) -> None:
    """Raise `ConfigError` unless value is a finite number within [low, high]; by default nothing is beyond `LARGEST`."""
    low, high = (-LARGEST if low is None else low), (LARGEST if high is None else high)
    if low <= value <= high:
        return
    name = where.rsplit(".", 1)[-1]
    lower = "" if low == -LARGEST and value >= low else f"{low:g} <= "
    upper = "" if high == LARGEST and not value > high else f" <= {high:g}"
    rule = f"expected {lower}{name}{upper}" if lower or upper else f"expected a finite {name}"
    raise ConfigError(f"{where} = {shown(value)}{'' if unit == '1' else ' ' + unit}: {rule}")


def _check(value: object, kind: object, where: str, meta: Mapping) -> None:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin in UNIONS:  # a number, or a word in its place
        words = typing.get_args(args[1])
        if not (isinstance(value, str) and value in words):
            _check(value, args[0], where, {**meta, "words": "".join(f" or {word}" for word in words)})
    elif isinstance(kind, type) and issubclass(kind, Params):
        if not isinstance(value, kind):
            raise ConfigError(f"{where} = {shown(value)}: expected the parameters of a {kind.__name__} by name")
    elif origin is typing.Literal:
        if not any(type(value) is type(arg) and value == arg for arg in args):
            raise ConfigError(f"{where} = {shown(value)}: {nearest(str(value), map(str, args))}")
    elif origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where} = {shown(value)}: expected a mapping of names")
        for key, item in value.items():
            if not isinstance(key, str):
                raise ConfigError(f"{where}.{shown(key)}: {name_rule(key)}")
            _check(item, args[1], f"{where}.{key}", meta)
    elif origin is tuple:
        if not isinstance(value, tuple):
            raise ConfigError(f"{where} = {shown(value)}: expected a list")
        for i, item in enumerate(value):
            _check(item, args[0], f"{where}[{i}]", meta)
    elif kind in (int, float):
        wrong = isinstance(value, bool) or not isinstance(value, (int,) if kind is int else (int, float))
        if wrong:
            noun = "a whole number" if kind is int else "a number"
            raise ConfigError(f"{where} = {shown(value)}: expected {noun} [{meta['unit']}]{meta.get('words', '')}")
        check_number(value, where, meta["unit"], meta["low"], meta["high"])
    elif kind in (str, bool) and not isinstance(value, kind):
        raise ConfigError(f"{where} = {shown(value)}: expected {'text' if kind is str else 'true or false'}")


def checked(values: typing.Any, where: str = "", depth: int = 0) -> typing.Any:
    """Nested plain values with NumPy's numbers as Python's own: the door of everything that a configuration says.

    Raises
    ------
    ConfigError : a name that is no text, a value that is neither a number, a text, a truth value, a list nor a mapping,
        or values that hold themselves; with the place.
    """
    if depth > DEEPEST:
        raise ConfigError(f"{where.split('.')[0]}: lists and names lie more than {DEEPEST} deep inside one another")
    values = native(values) if type(values).__module__ == "numpy" else values
    if isinstance(values, Mapping):
        for key in values:
            if not isinstance(key, str):
                raise ConfigError(f"{where}.{shown(key)}: {name_rule(key)}".lstrip("."))
        return {str(k): checked(item, f"{where}.{k}".lstrip("."), depth + 1) for k, item in values.items()}
    if isinstance(values, (list, tuple)):
        return [checked(item, f"{where}[{n}]", depth + 1) for n, item in enumerate(values)]
    if values is None or isinstance(values, (bool, int, float, str)):
        return values
    raise ConfigError(f"{where} = {shown(values)}: expected a number, text, true or false, a list or names")


def _nested(value: object, kind: object, where: str) -> object:
    """Turn plain YAML values into what the field's type asks for: tuples, `Params`, mappings of either."""
    args = typing.get_args(kind)
    if isinstance(value, list):
        return tuple(_nested(item, args[0] if args else None, f"{where}[{n}]") for n, item in enumerate(value))
    if isinstance(value, Mapping) and isinstance(kind, type) and issubclass(kind, Params):
        return kind.build(value, where)
    if isinstance(value, Mapping) and len(args) == 2:
        return {name: _nested(item, args[1], f"{where}.{name}") for name, item in value.items()}
    return value


@dataclasses.dataclass(frozen=True, kw_only=True)
class Params:
    """Base of everything that is configured: frozen, keyword-only, checked when built."""

    def __post_init__(self) -> None:
        for name, (kind, meta) in _fields(type(self)).items():
            value = getattr(self, name)
            if (plain := native(value)) is not value:
                object.__setattr__(self, name, plain)
            _check(plain, kind, name, meta)
        self.check()

    def check(self) -> None:
        """Raise `ConfigError` when parameters that are each legal contradict one another."""

    @classmethod
    def build(cls, values: Mapping[str, object], where: str) -> typing.Self:
        """Build from a plain mapping; every error names its place `where` in the config.

        Raises
        ------
        ConfigError : unknown or missing name, wrong type, out of bounds, not a number.
        """
        check_names(cls, values, f"{where}.")
        fields = _fields(cls)
        nested = {key: _nested(value, fields[key][0], f"{where}.{key}") for key, value in values.items()}
        try:
            return cls(**nested)
        except ConfigError as error:
            raise ConfigError(f"{error} (config key `{where}.{str(error).split(' ')[0].rstrip(':')}`)") from error


def check_value(cls: type[Params], name: str, value: object, where: str) -> None:
    """Raise `ConfigError` unless a value could be this parameter of the class."""
    kind, meta = _fields(cls)[name]
    _check(native(value), kind, where, meta)


def names_of(cls: type[Params]) -> dict[str, object]:
    """Names of a class's parameters, each with its type."""
    return {name: kind for name, (kind, _) in _fields(cls).items()}


def check_names(cls: type[Params], values: Mapping[str, object], prefix: str) -> None:
    """Raise `ConfigError` unless the values' names are the class's fields, none unknown and none missing."""
    names = _fields(cls)
    refuse_unknown([key for key in values if key not in names], names, prefix)
    refuse_missing([name for name in names if values.get(name) is None], prefix)


def refuse_unknown(unknown: Iterable[object], names: Iterable[str], prefix: str) -> None:
    """Raise `ConfigError` if there is any unknown name, telling all of them and what was probably meant."""
    unknown, names = [str(name) for name in unknown], list(names)
    if unknown:
        said = f"{nearest(unknown[0], names)}"
        if len(unknown) > 1:
            meant = [(name, nearest(name, names)) for name in unknown]
            close = [f"{said} for {name}" for name, said in meant if said.startswith("nearest")]
            said = ", ".join(close) or said
        word = "name" if len(unknown) == 1 else "names"
        raise ConfigError(f"{', '.join(prefix + name for name in unknown)}: unknown {word}; {said}")


def refuse_missing(missing: Iterable[str], prefix: str) -> None:
    """Raise `ConfigError` if any name is missing, telling all of them."""
    missing = [prefix + name for name in missing]
    if missing:
        every = "a value is required" if len(missing) == 1 else "each requires a value"
        raise ConfigError(f"{', '.join(missing)}: missing; {every}")


def describe(cls: type[Params]) -> list[dict[str, str]]:
    """List the parameters of a class: name, meaning, unit, bounds, source (for the data dictionary)."""
    rows = []
    for field in dataclasses.fields(cls):
        meta = field.metadata
        if "unit" in meta:
            low = "" if meta["low"] is None else f"{meta['low']:g}"
            high = "" if meta["high"] is None else f"{meta['high']:g}"
            bounds = f"[{low}, {high}]" if low or high else ""
            rows.append(
                {
                    "name": field.name,
                    "meaning": meta["meaning"],
                    "unit": meta["unit"],
                    "bounds": bounds,
                    "source": meta["source"],
                }
            )
    return rows
