"""Factors from words: Hydra's grammar on the command line, and the forms that an experiment's file knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import nan
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep
from hydra.errors import HydraException

from sim.configuration import normalised
from sim.mistakes import misread
from sim.params import ConfigError, nearest
from sim.study.design.cube import MOST_POINTS
from sim.study.factor import Factor
from sim.values import shown

SCALAR = (bool, int, float, str)


def parsed(word: str) -> Override:
    """A word as Hydra reads it.

    Raises
    ------
    ConfigError : not of Hydra's override grammar.
    """
    try:
        return OverridesParser.create().parse_override(*normalised([word]))
    except HydraException as error:
        raise misread(word, error) from None


def factor_of(name: str, keys: Sequence[str], word: Override) -> Factor:
    """A factor from a sweep of Hydra's grammar; one value makes a factor of one level.

    >>> factor_of("lag", ["mechanism.imitation.lag"], parsed("lag=range(0,7,3)")).levels
    (0, 3, 6)
    """
    value = word.value()
    about = {"name": name, "keys": tuple(keys), "words": {}, "low": 0.0, "high": 0.0, "whole": False}
    if isinstance(value, IntervalSweep):
        return Factor(**about | {"levels": None, "low": float(value.start), "high": float(value.end)})
    if isinstance(value, RangeSweep) and not 0 <= (value.stop - value.start) / (value.step or nan) <= MOST_POINTS:
        raise ConfigError(
            f"{name} = {value.start}, ..., {value.stop}: expected steps that lead there, at most {MOST_POINTS:,}"
        )
    if isinstance(value, (ChoiceSweep, RangeSweep)):
        value.shuffle = False
        levels = tuple(word.sweep_iterator()) if isinstance(value, RangeSweep) else tuple(word.sweep_string_iterator())
        return Factor(**about, levels=tuple(_scalar(level) for level in levels))
    if word.is_sweep_override():
        raise ConfigError(f"{word.input_line}: expected values, range() or interval()")
    return Factor(**about, levels=(_scalar(word.get_value_element_as_str()),))


def _scalar(text: Any) -> Any:
    """The number or truth value that a level's text stands for, else the text: a list, a mapping, or a name."""
    if not isinstance(text, str):
        return text
    value = OverridesParser.create().parse_override(f"x={text}").value()
    return value if isinstance(value, SCALAR) else text


def configured(name: str, spec: Any) -> Factor:
    """A factor from an experiment's file: values, several keys set together, or named sets of overrides.

    >>> configured("fare", {"set": ["firms.a.markup", "firms.b.markup"], "to": [0.1, 0.3]}).levels
    (0.1, 0.3)
    """
    form = "{set: [keys], to: values}, or {levels: {name: [overrides]}}"
    if isinstance(spec, Mapping) and set(spec) == {"set", "to"}:
        keys = spec["set"]
        if not (isinstance(keys, list) and keys and all(isinstance(key, str) for key in keys)):
            raise ConfigError(f"factors.{name}.set = {shown(keys)}: expected keys, such as [firms.thrift.markup]")
        return factor_of(name, keys, parsed(f"{keys[0]}={_text(spec['to'], f'factors.{name}.to')}"))
    if isinstance(spec, Mapping) and set(spec) == {"levels"}:
        return _levelled(name, spec["levels"])
    if isinstance(spec, Mapping):
        raise ConfigError(f"factors.{name}: expected values, or {form}")
    return factor_of(name, [name], parsed(f"{name}={_text(spec, f'factors.{name}')}"))


def _levelled(name: str, levels: Any) -> Factor:
    """A factor of named sets of overrides."""
    if not isinstance(levels, Mapping) or not levels:
        raise ConfigError(f"factors.{name}.levels = {shown(levels)}: expected lists of overrides by name")
    for level, told in levels.items():
        if told is not None and not (isinstance(told, list) and all(isinstance(word, str) for word in told)):
            raise ConfigError(f"factors.{name}.levels.{level} = {shown(told)}: expected a list of overrides, or []")
    words = {level: tuple(told or ()) for level, told in levels.items()}
    return Factor(name=name, keys=(), levels=tuple(words), low=0.0, high=0.0, whole=False, words=words)


def _text(values: Any, where: str) -> str:
    items = values if isinstance(values, list) else [values]
    if not items or not all(isinstance(item, SCALAR) for item in items):
        raise ConfigError(f"{where} = {shown(values)}: expected values, such as [0.1, 0.3] or interval(0.1, 0.3)")
    return ",".join(map(str, items))


def in_full(arms: Factor, factors: dict[str, Factor]) -> Factor:
    """Named levels with what they say of an experiment's factors written out; those factors then move no more."""
    words = {level: tuple(w for word in told for w in said(factors, word)) for level, told in arms.words.items()}
    for name in {parsed(word).key_or_group for told in arms.words.values() for word in told} & set(factors):
        del factors[name]
    return replace(arms, words=words)


def said(factors: Mapping[str, Factor], word: str) -> tuple[str, ...]:
    """Overrides that one value of an experiment's factor stands for; the word itself where it is about none.

    >>> said({"fare": configured("fare", {"set": ["firms.a.markup"], "to": [0.1, 0.3]})}, "fare=0.3")
    ('firms.a.markup=0.3',)
    """
    override = parsed(word)
    factor = factors.get(override.key_or_group)
    if factor is None:
        return (word,)
    if factor.words:
        return factor.words[chosen(factor, override).levels[0]]
    return tuple(f"{key}={override.get_value_element_as_str()}" for key in factor.keys)


def chosen(factor: Factor, override: Override) -> Factor:
    """An experiment's factor with the values that the command line gives it; of named levels, those that it names."""
    asked = factor_of(factor.name, factor.keys or ("level",), override)
    if factor.words:
        for level in asked.levels or ("interval",):
            if str(level) not in factor.words:
                raise ConfigError(f"{factor.name} = {level}: unknown level; {nearest(str(level), factor.words)}")
        return replace(factor, levels=tuple(map(str, asked.levels)))
    return asked
