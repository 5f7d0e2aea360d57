"""Runs played in several processes of this computer, by loky.

Workers import the model once and keep its compiled rules. Each computes on one thread, because there is a worker for
each core. When one dies, loky gives up the whole pool: every task in flight ends with an error that says so.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from typing import Any

from sim.ground.params import param
from sim.ground.workers import ended, started
from sim.study.engine import SPARE, Execution, Pool, cores, may_start


class ProcessPool(Pool):
    """Worker processes of this computer. Use `Processes.open`."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self.slots = SPARE * workers
        self._start()

    def _start(self) -> None:
        self._executor = started(self._workers, "sim.market.market")

    def submit(self, task: Callable[..., Any], *args: Any) -> Future:
        """Hand over a task; if a worker has just been lost, it ends at once with that error."""
        try:
            return self._executor.submit(task, *args)
        except BrokenExecutor as error:
            future = Future()
            future.set_exception(error)
            return future

    def lost(self, error: BaseException) -> bool:
        """Whether the pool broke: a worker was killed, ran out of memory or crashed."""
        return isinstance(error, BrokenExecutor)

    def renew(self) -> None:
        """End what is left of the old workers and start new ones."""
        self.close(now=True)
        self._start()

    def close(self, now: bool) -> None:
        """End the workers, after what they are at unless `now`."""
        ended(self._executor, now)


@dataclass(frozen=True, kw_only=True)
class Processes(Execution):
    """Play runs in processes of this computer."""

    workers: int = param(
        "processes that play runs; 0 is one for each core", "processes", low=0, high=4096, source="choice of the user"
    )

    def ready(self) -> None:
        """Raise `ConfigError` if this process may start no others."""
        may_start("processes")

    def open(self) -> Pool:
        """Start the processes; they import while the first tasks are handed over."""
        self.ready()
        return ProcessPool(cores(self.workers))
