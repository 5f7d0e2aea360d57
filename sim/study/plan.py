"""A plan: every run that a study will play, before the first one is played."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sim.study.design import Design
from sim.study.factor import Factor

WITHOUT_EFFECT = (  # of a configuration, on what one run of a given seed finds
    "seed", "replications", "threads", "chapter", "currency",
)  # fmt: skip


@dataclass(frozen=True)
class Point:
    """Where the factors stand: their values by name, the base configuration, and what is changed in it."""

    values: Mapping[str, Any]
    base: int
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """One run of a plan: its id, the numbers of the points whose configuration it plays, its seed."""

    run: str
    points: tuple[int, ...]
    seed: int


@dataclass(frozen=True)
class Plan:
    """All that is needed to play a study, and to say later what was played.

    Attributes
    ----------
    name : of the study. words : the user's own words. factors, design : what moves, and how.
    bases : composed configurations as plain values, one for each choice of files.
    points : in the design's order. seed : of the first replication. replications : seeds seed, seed + 1, ... at each point.
    tables : what is kept of every run. code : versions of what computes, by name.
    allow_foreign : whether configurations may name classes outside this package.
    """

    name: str
    words: tuple[str, ...]
    factors: tuple[Factor, ...]
    design: Design
    bases: tuple[Mapping[str, Any], ...]
    points: tuple[Point, ...]
    seed: int
    replications: int
    tables: tuple[str, ...]
    code: Mapping[str, str]
    allow_foreign: bool

    def config(self, point: int) -> dict[str, Any]:
        """Composed configuration of a point."""
        where = self.points[point]
        return applied(self.bases[where.base], where.changes)

    @cached_property
    def configurations(self) -> dict[str, tuple[int, ...]]:
        """Numbers of the points that have the same configuration, by its digest, in the design's order."""
        alike = defaultdict[str, list[int]](list)
        for number in range(len(self.points)):
            alike[digest_of(self.config(number))].append(number)
        return {digest: tuple(numbers) for digest, numbers in alike.items()}

    def runs(self, replications: int) -> Iterator[Run]:
        """Every run, configuration by configuration, seed by seed; points that have the same configuration share it."""
        for digest, numbers in self.configurations.items():
            for seed in range(self.seed, self.seed + replications):
                yield Run(run_id(digest, self.code, seed), numbers, seed)


def applied(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with values changed at dotted keys; None takes a name out; what is not changed is shared.

    >>> applied({"a": {"b": 1, "c": 2}, "d": 3}, {"a.b": 5, "a.c": None})
    {'a': {'b': 5}, 'd': 3}
    """
    config, own = dict(base), {""}
    for key, value in changes.items():
        node, path, parts = config, "", key.split(".")
        for part in parts[:-1]:
            path = f"{path}.{part}"
            if path not in own:
                node[part] = dict(node.get(part) or {})
                own.add(path)
            node = node[part]
        if value is None:
            node.pop(parts[-1], None)
        else:
            node[parts[-1]] = value
    return config


def digest_of(config: Mapping[str, Any]) -> str:
    """Hash of all of a configuration that bears on what a run of a given seed finds."""
    kept = {key: value for key, value in config.items() if key not in WITHOUT_EFFECT}
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()


def run_id(digest: str, code: Mapping[str, str], seed: int, before: int = 0) -> str:
    """Name of a run: hash of its composed configuration, the versions of the code, and its seed; 20 hexadecimal digits.

    before : how many earlier jobs of a multirun, which plays each by itself, have the same configuration.

    >>> run_id("0f", {"differentia": "1"}, 7) == run_id("0f", {"differentia": "1"}, 7) != run_id("0f", {"differentia": "1"}, 8)
    True
    """
    what = [digest, dict(code), seed, before] if before else [digest, dict(code), seed]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:20]


def leaves(config: Any, prefix: str = "") -> dict[str, Any]:
    """Every value of a configuration by its dotted key.

    >>> leaves({"a": {"b": 1}, "c": [2]})
    {'a.b': 1, 'c': [2]}
    """
    if isinstance(config, Mapping) and config:
        return {k: v for key, item in config.items() for k, v in leaves(item, f"{prefix}{key}.").items()}
    return {prefix[:-1]: config}


def chosen_by(target: str) -> str:
    """The word that chooses a class of this package in a configuration: its module's name; of a foreign class all of it.

    >>> chosen_by("sim.world.pricing.cost_plus.CostPlus"), chosen_by("mine.Idle")
    ('cost_plus', 'mine.Idle')
    """
    return target.split(".")[-2] if target.startswith("sim.") else target


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Keys whose values differ between two configurations, None where a side lacks it.

    >>> differing({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}})
    {'a.b': (1, 2), 'a.c': (None, 3)}
    """
    first, second = leaves(one), leaves(other)
    keys = [*first, *(key for key in second if key not in first)]
    return {key: (first.get(key), second.get(key)) for key in keys if first.get(key) != second.get(key)}
