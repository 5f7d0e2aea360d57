"""Runs played on a Ray cluster: a head and nodes, on one computer or many.

Ray starts a new worker process in the place of a lost one; the task that was lost with it is reported at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, ClassVar

from sim.ground.params import ConfigError, param
from sim.ground.workers import sheltered
from sim.study.engine import MOST, SPARE, Pool, cores, installed, place_of, reach
from sim.study.engine.cluster import Cluster

HERE = "auto"  # Ray's own word for the cluster that runs on this computer
SAME = "are the versions of Python and Ray, and RAY_AUTH_TOKEN, those of the cluster?"
HTTP2_SETTINGS = b"\x04"  # type of the frame with which a server of this protocol begins (RFC 9113, 3.4 and 6.5)
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": "A worker died or was killed|has been marked dead|Raylet is terminated|state-dump",
}


def play(task: Callable[..., Any], args: tuple) -> Any:
    """Play in a worker that ends at once when it is told to: Ray would raise SystemExit in the midst of a run, as a run may itself."""
    before = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        return task(*args)
    finally:
        signal.signal(signal.SIGTERM, before)


class RayPool(Pool):
    """Workers of a Ray cluster, its own or one that it connects to. Use `Ray.open`."""

    def __init__(self, engine: Ray) -> None:
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        self._ray = installed("ray", "ray")
        self._engine = engine
        self._refs: dict[Future, Any] = {}
        self._slots, self._down = SPARE, False
        self._connect()

    def _connect(self) -> None:
        address = self._engine.address
        if address and address != HERE:
            reach(address, self._engine.timeout, "the head of a Ray cluster", _a_head)
        where = {"address": address} if address else {"address": "local", "num_cpus": cores(self._engine.workers)}
        try:
            with sheltered():
                self._ray.init(
                    **where,
                    include_dashboard=None if address else False,
                    log_to_driver=False,
                    logging_level=logging.CRITICAL,
                    configure_logging=True,
                )
        except (OSError, RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())[:MOST]
            raise ConfigError(f"engine.address = {address!r}: Ray refuses ({reason}); {SAME}") from None
        self._play = self._ray.remote(max_retries=0)(play)
        self._down = False

    @property
    def slots(self) -> int:
        """Tasks worth having in flight, by the cores that the cluster has, or had when it could last be asked."""
        with contextlib.suppress(self._ray.exceptions.RayError, OSError, RuntimeError):
            self._slots = SPARE * max(int(self._ray.cluster_resources().get("CPU", 1)), 1)
        return self._slots

    def submit(self, task: Callable[..., Any], *args: Any) -> Future:
        """Hand over a task; its error comes back as it was raised."""
        future = Future()
        try:
            ref = self._play.remote(task, args)
        except Exception:  # what would take it over is gone
            future.set_exception(self._ray.exceptions.LocalRayletDiedError())
            return future
        self._refs[future] = ref
        ref.future().add_done_callback(lambda done: self._settle(future, done))
        return future

    def _settle(self, future: Future, done: Future) -> None:
        self._refs.pop(future, None)
        if not future.set_running_or_notify_cancel():
            return
        error = done.exception()
        if error is None:
            future.set_result(done.result())
        else:
            theirs = isinstance(error, self._ray.exceptions.RayTaskError)
            future.set_exception(error.cause if theirs else error)

    def lost(self, error: BaseException) -> bool:
        """Whether the worker or its computer died, or the worker was ended because memory ran out."""
        of = self._ray.exceptions
        self._down |= isinstance(error, of.LocalRayletDiedError)
        dead = of.WorkerCrashedError, of.NodeDiedError, of.LocalRayletDiedError, of.ObjectLostError
        return isinstance(error, (*dead, of.OutOfMemoryError))

    def renew(self) -> None:
        """Start the cluster, or connect to it, again if what this process speaks to is gone; lost workers are replaced by Ray.

        Raises
        ------
        ConfigError : the cluster does not come back.
        """
        if self._down:
            self.close(now=True)
            self._connect()

    def close(self, now: bool) -> None:
        """Leave the cluster, and end it if it is ours; what is in flight is waited for unless `now`."""
        if not now and self._refs:
            self._ray.wait(list(self._refs.values()), num_returns=len(self._refs))
        self._ray.shutdown()


def _a_head(heard: bytes) -> bool:
    return heard[3:4] == HTTP2_SETTINGS


@dataclass(frozen=True, kw_only=True)
class Ray(Cluster):
    """Play runs on a Ray cluster."""

    library: ClassVar[str] = "ray"
    called: ClassVar[str] = "ray"

    address: str = param(
        "head to connect to; empty for a cluster on this computer, auto for one that already runs on it",
        "host:port",
        source="choice of the user",
    )

    def check(self) -> None:
        """Refuse what is no address, before anything looks there."""
        if self.address and self.address != HERE:
            place_of(self.address)

    def connected(self) -> Pool:
        """Start the cluster, or connect to its head."""
        return RayPool(self)
