"""The seeds of a run side by side: some are played here, others by further processes, where that is worth their start.

Which process plays a seed changes no bit of it. Whatever goes wrong with the processes, or on the way to them, their
seeds are played here; a mistake that a seed itself makes is told as if the seeds had been played one after another.
"""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import suppress
from typing import TYPE_CHECKING

from sim.ground.foreign import held
from sim.ground.interrupt import check
from sim.ground.params import ConfigError
from sim.ground.workers import cores, ended, is_worker, started, threads_here
from sim.market.given import threads
from sim.world.memory import PROCESS, available, wanted

if TYPE_CHECKING:
    from sim.market.records import Records
    from sim.world.scenario import Scenario

    Play = Callable[[Scenario, Callable[[], object]], Records]

WORTH = 4.0  # s that must be left to play, so that further processes are worth their start
SURE = 0.1  # s of playing from which on that can be told
GLANCE = 0.1  # s between two looks at what other processes do


def shared(scenario: Scenario) -> tuple[int, Scenario]:
    """How many seeds may be played at a time, and the scenario with the threads that each may have then."""
    if scenario.threads != "auto":
        return 1, scenario
    processes = 1 if is_worker() else min(cores(), scenario.replications, 1 + _fitting(scenario))
    number = threads(scenario, max(threads_here() // processes, 1))
    return processes, scenario.replace(threads=number)


def _fitting(scenario: Scenario) -> int:
    """For how many further processes there is memory, beside the market that is played here."""
    free, market = available(), wanted(scenario) * scenario.population.customers
    return scenario.replications if free is None else max(int((free - market) / (market + PROCESS)), 0)


def _elsewhere(play: Play, scenario: Scenario, code: dict[str, str], marks: pathlib.Path) -> Records:
    """Play a seed in another process, which writes a byte for every month; `code` : digests of own classes' files."""
    if held(scenario.strangers) != code:
        raise RuntimeError("code of the user's own was edited meanwhile")
    with marks.open("ab", buffering=0) as file:
        return play(scenario, lambda: file.write(b"."))


class Beside:
    """The seeds of a run after its first.

    Parameters
    ----------
    scenario : what is played, on how many threads said. processes : most that may play at a time, this one included.
    play : plays a seed to its end, calling what it is given after every month. tick : called once for every month of
        every seed, from here only.
    """

    def __init__(self, scenario: Scenario, processes: int, play: Play, tick: Callable[[], None]) -> None:
        others = dataclasses.replace(scenario.records, sample=0)
        self._scenario, self._processes = scenario.replace(records=others), processes
        self._play, self._tell = play, tick
        self._waiting = deque(range(1, scenario.replications))
        self._pending: dict[int, Future[Records]] = {}
        self._done: dict[int, Records] = {}
        self._failed: dict[int, ConfigError] = {}
        self._told = Counter[int]()  # months of each seed that were told
        self._played, self._since, self._next = 0, 0.0, 0
        self._executor: Executor | None = None
        self._folder: pathlib.Path | None = None

    def tick(self) -> None:
        """After a month of the first seed."""
        self._month(0, self._told[0] + 1)

    def _month(self, number: int, month: int) -> None:
        """After a month that was played here: tell it, and see to the other processes."""
        self._tell_of(number, month)
        self._played += 1
        if self._executor is not None:
            self._look()
            self._stop_if_in_vain()
        elif self._processes > 1 and self._waiting and self._worth():
            self._start()

    def _tell_of(self, number: int, month: int) -> None:
        while self._told[number] < month:
            self._told[number] += 1
            self._tell()

    def _worth(self) -> bool:
        """Whether so much is left that processes save time; the first month, which may compile, tells nothing."""
        now = time.perf_counter()
        if self._played == 1:
            self._since = now
        spent = now - self._since
        left = self._scenario.periods * self._scenario.replications - self._told.total()
        return spent > SURE and spent / (self._played - 1) * left > WORTH

    def _start(self) -> None:
        try:
            self._code = held(self._scenario.strangers)
            self._folder = pathlib.Path(tempfile.mkdtemp(prefix="differentia-"))
            self._executor = started(min(self._processes - 1, len(self._waiting)), "sim.market.runs")
        except Exception:  # no room, no rights, a system without the locks: then as without them
            self._give_up()
        else:
            self._look()

    def _look(self) -> None:
        """Take in what other processes have played, and give them more."""
        for number, future in list(self._pending.items()):
            with suppress(OSError):
                self._tell_of(number, (self._folder / str(number)).stat().st_size)
            if future.done() and number in self._pending:
                self._take(number, future)
        while self._executor is not None and self._waiting and len(self._pending) < self._processes - 1:
            number = self._waiting.popleft()
            order = (_elsewhere, self._play, self._seed(number), self._code, self._folder / str(number))
            try:
                self._pending[number] = self._executor.submit(*order)
            except Exception:  # they have died just now
                self._waiting.appendleft(number)
                self._give_up()

    def _take(self, number: int, future: Future[Records]) -> None:
        """Take in a seed that has ended elsewhere."""
        error = future.exception()
        if error is None:
            del self._pending[number]
            self._tell_of(number, self._scenario.periods)
            self._done[number] = future.result()
        elif isinstance(error, ConfigError):
            del self._pending[number]
            self._failed[number] = error
            self._waiting = deque(other for other in self._waiting if other < number)
        else:
            self._give_up()

    def _give_up(self) -> None:
        """Do without other processes: what they were at is played here."""
        self._waiting = deque(sorted([*self._waiting, *self._pending]))
        self._pending.clear()
        self._processes = 1
        self.close()

    def _seed(self, number: int) -> Scenario:
        return self._scenario.replace(seed=self._scenario.seed + number)

    def rest(self) -> Iterator[Records]:
        """The records of the seeds after the first, in their order; called when that has ended.

        Raises
        ------
        ConfigError : a seed failed; those before it have been given.
        """
        for number in range(1, self._scenario.replications):
            self._next = number
            while number not in self._done:
                self._stop_if_in_vain()
                if self._waiting:
                    self._play_here(self._waiting.popleft())
                else:
                    wait(self._pending.values(), GLANCE, FIRST_COMPLETED)
                    check()
                    self._look()
            yield self._done.pop(number)

    def _play_here(self, number: int) -> None:
        months = iter(range(1, self._scenario.periods + 1))
        self._done[number] = self._play(self._seed(number), lambda: self._month(number, next(months)))

    def _stop_if_in_vain(self) -> None:
        """Raise what a seed failed by, as soon as all before it have ended."""
        if not self._failed:
            return
        first = min(self._failed)
        if all(number in self._done for number in range(self._next, first)):
            raise self._failed[first]

    def close(self) -> None:
        """End the other processes, whatever they are at."""
        if self._executor is not None:
            ended(self._executor, now=True)
            self._executor = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
