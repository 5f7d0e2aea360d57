"""Runs played in several processes of this computer, by loky.

Workers import the model once and keep its compiled rules. Each computes on one thread, because there is a worker for
each core. When one dies, loky gives up the whole pool: every task in flight ends with an error that says so.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from typing import Any

from sim.ground.params import param
from sim.study.engine import SPARE, Execution, Pool, cores, may_start, sheltered

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
GLANCE = 1.0  # s


def _prepare(parent: int) -> None:
    """Make a worker ready: it imports the model, and ends when the process that started it has ended in any way."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    import sim.market.market  # noqa: F401


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(GLANCE)
    os._exit(1)


class ProcessPool(Pool):
    """Worker processes of this computer. Use `Processes.open`."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self.slots = SPARE * workers
        self._start()

    def _start(self) -> None:
        from loky import ProcessPoolExecutor
        from loky.backend import resource_tracker

        self._executor = ProcessPoolExecutor(
            self._workers, initializer=_prepare, initargs=(os.getpid(),), env=ONE_THREAD
        )
        resource_tracker.ensure_running()  # loky's own, for the reason that `sheltered` gives
        with sheltered():
            self._executor.submit(os.getpid)

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
        self._executor.shutdown(wait=True, kill_workers=now)


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
