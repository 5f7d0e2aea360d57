"""Compile what a scenario calls before it is played, in as many processes as there are cores.

A kernel is compiled when it is first called, and by one thread at a time of a process. So a month of the scenario is
recorded in every process, for few customers, and each compiles another part of its steps; what one has compiled lies on
disk for all. Then a few months are played, which call the rest. Nothing that goes wrong here stops anybody: it is
compiled, or told, when the market is played.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from concurrent.futures import wait
from contextlib import suppress

from sim.ground.interrupt import check
from sim.ground.params import ConfigError
from sim.ground.workers import cores, ended, is_worker, started
from sim.market.market import Market
from sim.market.runs import months
from sim.science.steps.driver import prepare
from sim.science.steps.entry import made
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
    number = 1 if is_worker() else min(cores(), MOST)
    try:
        smaller = [_small(scenario, size) for size in sizes]
    except ConfigError:  # such a market cannot be so small, or so plain
        return
    executor = None
    with suppress(Exception):  # no room or no rights for processes
        executor = started(number - 1, "sim.market.runs") if number > 1 else None
    try:
        parts = range(1, number) if executor else ()
        futures = [executor.submit(_compile, smaller[0], part, number) for part in parts]
        _compile(smaller[0], 0, number)
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


def _compile(scenario: Scenario, which: int, number: int) -> None:
    """Compile one of so many parts of the kernels that a month of the scenario is made of; nothing is played."""
    with suppress(Exception):
        market = Market(scenario)
        market.open()
        if which == number - 1:
            prepare()
        steps = market.player.steps()
        mine = set(list(dict.fromkeys(step.kernel for step in steps))[which::number])
        for step in steps:
            if step.kernel in mine:
                check()
                made(step.kernel, step.kinds, step.told)


def _tried(scenario: Scenario) -> None:
    with suppress(Exception):
        for _ in itertools.islice(months(scenario), 1 + MONTHS):
            check()
