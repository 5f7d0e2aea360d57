"""Compile what a scenario calls before it is played, in as many processes as there are cores.

A kernel is compiled when it is first called, and by one thread at a time of a process. So the scenario is played for a
few months and customers, with another part of its mechanisms in each process; what one has compiled lies on disk for
all. Nothing that goes wrong here stops anybody: it is compiled, or told, when the market is played.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Sequence
from concurrent.futures import wait
from contextlib import suppress

from sim.ground.interrupt import check
from sim.ground.params import ConfigError
from sim.ground.workers import cores, ended, is_worker, started
from sim.market.runs import months
from sim.state.state import BLOCK
from sim.world.scenario import Scenario

FEW, MANY = 2000, BLOCK + 2000  # customers: arrays of one block lie otherwise in memory than parts of larger ones
MONTHS = 3
MOST = 8  # processes: each compiles the market's own loops, too
GLANCE = 0.1  # s


def warm(scenario: Scenario, sizes: Sequence[int] = (MANY,)) -> None:
    """Compile what a scenario calls; classes from outside the package are left alone.

    sizes : of markets that are tried, if the scenario has as many customers.

    Raises
    ------
    KeyboardInterrupt : after the other processes were ended; what was compiled is kept.
    """
    if scenario.strangers:
        return
    number = 1 if is_worker() else min(cores(), MOST, max(len(scenario.mechanism), 1))
    try:
        smaller = [_small(scenario, size) for size in sizes]
        first, *others = (_part(smaller[0], number, k) for k in range(number))
    except ConfigError:  # such a market cannot be so small, or so plain
        return
    executor = None
    with suppress(Exception):  # no room or no rights for processes
        executor = started(len(others), "sim.market.runs") if others else None
    try:
        futures = [executor.submit(_tried, other) for other in others] if executor else []
        _tried(first)
        while wait(futures, GLANCE).not_done:
            check()
    finally:
        if executor is not None:
            ended(executor, now=True)
    for small in smaller:
        _tried(small)


def _small(scenario: Scenario, size: int) -> Scenario:
    customers = min(size, scenario.population.customers)
    return scenario.replace(population=dataclasses.replace(scenario.population, customers=customers), threads=1)


def _part(scenario: Scenario, number: int, which: int) -> Scenario:
    """The scenario with one of so many parts of its mechanisms, and those that they need."""
    wanted = _with_needs(scenario, list(scenario.mechanism)[which::number])
    return scenario.replace(mechanism={name: scenario.mechanism[name] for name in wanted})


def _with_needs(scenario: Scenario, names: Iterable[str]) -> list[str]:
    found = set(names)
    while more := {other for name in found for other in scenario.mechanism[name].needs} - found:
        found |= more
    return sorted(found)


def _tried(scenario: Scenario) -> None:
    with suppress(Exception):
        for _ in itertools.islice(months(scenario), 1 + MONTHS):
            check()
