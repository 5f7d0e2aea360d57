"""Runs played on a Dask cluster: a scheduler and workers on one computer or many.

Dask itself puts a new worker in the place of a lost one, and plays the lost worker's tasks elsewhere as often as its
setting `distributed.scheduler.allowed-failures` says; only then is a task reported as lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass
from typing import Any, ClassVar

from sim.ground.params import ConfigError, param
from sim.ground.workers import sheltered
from sim.study.engine import SCHEMES, SPARE, Pool, cores, installed, place_of, reach
from sim.study.engine.cluster import Cluster

QUIET = {
    "distributed.scheduler.allowed-failures": 0,  # a crash is told at once: who counts tries is the caller
    "distributed.admin.system-monitor.gil.enabled": False,
}


class DaskPool(Pool):
    """Workers of a Dask cluster, its own or one that it connects to. Use `Dask.open`."""

    def __init__(self, engine: Dask) -> None:
        self._engine = engine
        self._cluster = None
        self._slots = SPARE
        self._connect()

    def _connect(self) -> None:
        distributed = installed("distributed", "dask")
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # losses are told by futures
        address, timeout = self._engine.address, self._engine.timeout
        if address:
            reach(address, timeout, "a Dask scheduler", _a_scheduler)
        else:
            self._cluster = _local(distributed, cores(self._engine.workers))
        try:
            self._client = distributed.Client(self._cluster or address, timeout=timeout, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(f"engine.address = {address!r}: not a Dask scheduler ({error})") from None
        self._asked: dict[Future, Any] = {}

    @property
    def slots(self) -> int:
        """Tasks worth having in flight, by the workers that the cluster has, or had when it could last be asked."""
        if self._client.status == "running":
            with contextlib.suppress(OSError):
                self._slots = SPARE * max(sum(self._client.nthreads().values()), 1)
        return self._slots

    def submit(self, task: Callable[..., Any], *args: Any) -> Future:
        """Hand over a task; its result is fetched as soon as it is there.

        The library's own executor is not used: where a worker dies while its result is being fetched, and the task has
        to be played again, it hands back a `TypeError` in the place of the result (distributed 2026.8).
        """
        try:
            theirs = self._client.submit(task, *args, pure=False)
        except Exception:  # the scheduler is gone
            future = Future()
            future.set_exception(CancelledError("the scheduler is gone"))
            return future
        fetched = self._client.gather(theirs, asynchronous=True)
        future = asyncio.run_coroutine_threadsafe(fetched, self._client.loop.asyncio_loop)
        self._asked[future] = theirs
        future.add_done_callback(lambda done: self._asked.pop(done, None))
        return future

    def lost(self, error: BaseException) -> bool:
        """Whether the worker died too often under this task, or the scheduler itself is gone."""
        from distributed.scheduler import KilledWorker, NoWorkerError

        return isinstance(error, (KilledWorker, NoWorkerError, CancelledError, asyncio.CancelledError))

    def renew(self) -> None:
        """Connect again if the scheduler is gone; lost workers are replaced by Dask.

        Raises
        ------
        ConfigError : the scheduler does not come back.
        """
        if self._client.status != "running":
            self.close(now=True)
            self._connect()

    def close(self, now: bool) -> None:
        """Leave the cluster, and end it if it is ours; what is in flight is waited for unless `now`."""
        asked = dict(self._asked)
        if now and self._client.status == "running":
            self._client.cancel(list(asked.values()))
        wait(asked, self._engine.timeout if now else None)
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()
            self._cluster = None


def _a_scheduler(heard: bytes) -> bool:
    """Dask's greeting begins with its own length, eight bytes of which the lowest come first, and is short."""
    return len(heard) >= 8 and heard[2:8] == bytes(6)


def _local(distributed: Any, workers: int) -> Any:
    """A cluster of processes on this computer, which nobody else can reach; `ConfigError` if none starts."""
    import dask

    try:
        with dask.config.set(QUIET), sheltered():
            return distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                worker_dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
    except (RuntimeError, OSError) as error:
        raise ConfigError(
            f"engine=dask: no workers start on this computer ({' '.join(str(error).split())}); a script of your own needs "
            "if __name__ == '__main__': before what it plays"
        ) from None


@dataclass(frozen=True, kw_only=True)
class Dask(Cluster):
    """Play runs on a Dask cluster."""

    library: ClassVar[str] = "distributed"
    called: ClassVar[str] = "dask"

    address: str = param(
        "scheduler to connect to; empty for a cluster on this computer", "tcp://host:port", source="choice of the user"
    )

    def check(self) -> None:
        """Refuse what is no address, before anything looks there."""
        if self.address:
            place_of(self.address, SCHEMES)

    def connected(self) -> Pool:
        """Start the cluster, or connect to its scheduler."""
        return DaskPool(self)
