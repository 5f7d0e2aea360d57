"""Runs played one after another in this process."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sim.study.engine import Execution, Pool


class SerialPool(Pool):
    """No workers: a task is played when it is handed over.

    >>> SerialPool().submit(max, 2, 3).result()
    3
    """

    slots = 1

    def submit(self, task: Callable[..., Any], *args: Any) -> Future:
        """Play the task now. An interrupt from the keyboard is not the task's error and passes through."""
        future = Future()
        try:
            future.set_result(task(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    def lost(self, error: BaseException) -> bool:
        """Never: the worker is this process."""
        return False


@dataclass(frozen=True, kw_only=True)
class Serial(Execution):
    """Play every run in this process: the plainest way, and the one to find a mistake with."""

    def open(self) -> Pool:
        """Nothing to start."""
        return SerialPool()
