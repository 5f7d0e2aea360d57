"""Factors from words: Hydra's grammar on the command line, the forms that an experiment's file knows, and what no word may say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from math import ceil, isfinite
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, IntervalSweep, Override, RangeSweep
from hydra.errors import HydraException

from sim.ground.params import ConfigError, nearest
from sim.ground.values import shown
from sim.study.design.cube import MOST_POINTS
from sim.study.factor import Factor, meant
from sim.world.composing.configuration import normalised
from sim.world.composing.mistakes import misread

SCALAR = (bool, int, float, str)
PLACES = ("engine.address", "engine.partition", "engine.folder")  # where a study's tasks go, and answers come from
KINDS = {"design": "random", "engine": "serial", "precision": "stated"}  # of which a study has one, and a name of each


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

    Raises
    ------
    ConfigError : a range that leads nowhere or takes too many steps, or a form that is none of the three.

    >>> factor_of("lag", ["mechanism.imitation.lag"], parsed("lag=range(0,7,3)")).levels
    (0, 3, 6)
    >>> factor_of("fare", ["firms.thrift.markup"], parsed("fare=range(0.1,0.5,0.1)")).levels
    (0.1, 0.2, 0.3, 0.4)
    """
    value = word.value()
    about = {"name": name, "keys": tuple(keys), "words": {}, "low": 0.0, "high": 0.0, "whole": False}
    if isinstance(value, IntervalSweep):
        return Factor(**about | {"levels": None, "low": float(value.start), "high": float(value.end)})
    if isinstance(value, RangeSweep):
        return Factor(**about, levels=_steps(name, word, value))
    if isinstance(value, ChoiceSweep):
        value.shuffle = False
        return Factor(**about, levels=tuple(_scalar(level) for level in word.sweep_string_iterator()))
    if word.is_sweep_override():
        raise ConfigError(f"{word.input_line}: expected values, range() or interval()")
    return Factor(**about, levels=(_scalar(word.get_value_element_as_str()),))


def _steps(name: str, word: Override, asked: RangeSweep) -> tuple[int | float, ...]:
    """Numbers of a range, its end excluded, each as short as its start and step were written."""
    limits = asked.start, asked.stop, asked.step
    told = f"{name} = {asked.start}, ..., {asked.stop}"
    if re.search(r"\bsort\s*\(", word.input_line or ""):  # Hydra turns a range round from its end, not its last number
        raise ConfigError(f"{told}: a range is in order; write it as it shall go, such as range(5,1,-1)")
    if not all(map(isfinite, limits)) or not asked.step:
        raise ConfigError(f"{told}: expected steps that lead there, at most {MOST_POINTS:,}")
    with localcontext(prec=50):
        start, stop, step = (Decimal(repr(limit)) for limit in limits)
        number = ceil((stop - start) / step)
        if not 0 <= number <= MOST_POINTS:
            raise ConfigError(f"{told}: expected steps that lead there, at most {MOST_POINTS:,}")
        kind = int if all(isinstance(limit, int) for limit in limits) else float
        return tuple(kind(start + n * step) for n in range(number))


def listed(word: str) -> str:
    """A word with its range written out, for whoever would count its steps in binary.

    >>> listed("x=range(0.1,0.5,0.1)"), listed("x=1,2")
    ('x=0.1,0.2,0.3,0.4', 'x=1,2')
    """
    override = parsed(word)
    if not isinstance(override.value(), RangeSweep):
        return word
    levels = factor_of(override.key_or_group, [override.key_or_group], override).levels or ()
    return f"{word.partition('=')[0]}={','.join(map(str, levels))}" if levels else word


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
        return replace(factor, levels=tuple(_named(factor, level) for level in asked.levels or ("interval",)))
    return asked


def _named(factor: Factor, level: Any) -> str:
    name = meant(level, factor.words)
    if name is None:
        raise ConfigError(f"{factor.name} = {level}: unknown level; {nearest(str(level), factor.words)}")
    return name


def of_a_study(word: Override) -> Override:
    """The word, unless what it says of a study would be passed over or mixed."""
    name = word.key_or_group
    if name.split(".")[0] == "factors":
        own = name.partition(".")[2] or "firms.thrift.markup"
        raise ConfigError(f"{name}: stands in the file of an experiment; a word is the name itself, as in {own}=0.1,0.3")
    if name in KINDS and not word.is_sweep_override() and not isinstance(word.value(), (str, type(None))):
        raise ConfigError(f"{word.input_line}: expected the name of one {name}, such as {name}={KINDS[name]}")
    return word


def places(words: Sequence[str]) -> dict[str, str]:
    """Words that say where an engine finds its cluster, by their names.

    >>> places(["seed=1", "++engine.address=tcp://there:8786"])
    {'engine.address': '++engine.address=tcp://there:8786'}
    """
    read = {word: parsed(word) for word in words}
    return {o.key_or_group: word for word, o in read.items() if o.key_or_group in PLACES and o.value()}


def refuse_places(folder: object, stored: Sequence[str], words: Sequence[str]) -> None:
    """Raise `ConfigError` if a stored study would send its tasks somewhere that the user's own words do not name.

    Whoever answers there runs code here, so a folder that came from somebody else must not say where that is.
    """
    names = {parsed(word).key_or_group for word in words}
    for name, word in places(stored).items():
        if name not in names and "engine" not in names:
            raise ConfigError(
                f"{folder}: was played with {word!r}, which a stored study does not say by itself: give {name}=... again, "
                "or another engine, such as engine=processes"
            )
