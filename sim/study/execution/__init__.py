"""Where runs are played: in this process, in several, or on a cluster, by libraries that exist for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any

from sim.params import Params


class Pool:
    """Open workers of one kind. A future's result is the task's; its exception says whether the worker was lost."""

    slots: int  # tasks worth having in flight at once

    def submit(self, task: Callable[..., Any], *args: Any) -> Future:
        """Hand over a task; arguments and result are pickled."""
        raise NotImplementedError

    def ended(self, pending: set[Future], timeout: float) -> set[Future]:
        """Those of the pending that have ended, waiting for the first at most `timeout` seconds."""
        return wait(pending, timeout, FIRST_COMPLETED).done

    def lost(self, error: BaseException) -> bool:
        """Whether an error means that a worker died, rather than that the task raised."""
        raise NotImplementedError

    def renew(self) -> None:
        """Get fresh workers after some were lost; all pending futures have ended or are given up."""

    def close(self, now: bool) -> None:
        """Let the workers go; `now` gives up what they are at."""


class Execution(Params):
    """Where runs are played; one file a kind, one YAML in `configs/engine`."""

    def open(self) -> Pool:
        """Start, or connect to, the workers.

        Raises
        ------
        ConfigError : the library is not installed, or the cluster cannot be reached; says what to do.
        """
        raise NotImplementedError
