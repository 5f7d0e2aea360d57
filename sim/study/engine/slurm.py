"""Runs played as jobs of a Slurm cluster, by submitit: each task handed over is one job.

A job waits in Slurm's queue and starts Python anew, so tasks should be large. Task and result travel as files in a
folder that this computer and the cluster's nodes all see. `cluster: local` plays the same jobs as processes of this
computer, to try a study before it goes to the queue.
"""

from __future__ import annotations

import pathlib
import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

from sim.ground.params import ConfigError, param
from sim.study.engine import Execution, Pool, installed

GLANCE = 0.2  # s
PARTITION = re.compile(r"[A-Za-z0-9_.,:-]*")


class JobLost(RuntimeError):
    """A job ended without a result: it was killed, its node died, or its time was over."""


def _outcome(task: Callable[..., Any], args: tuple) -> tuple[bool, Any]:
    """Result, or error, of a task: submitit would send an error's text only."""
    try:
        return True, task(*args)
    except Exception as error:
        return False, error


class SlurmPool(Pool):
    """Jobs in a queue. Use `Slurm.open`. A future ends only while somebody waits in `ended`."""

    def __init__(self, engine: Slurm) -> None:
        submitit = installed("submitit", "slurm")
        self._engine = engine
        self.slots = engine.jobs
        self._jobs: dict[Future, Any] = {}
        self._silent: dict[Future, float] = {}
        try:
            self._executor = submitit.AutoExecutor(folder=engine.folder, cluster=engine.cluster)
        except (RuntimeError, OSError) as error:
            raise ConfigError(f"engine.cluster = '{engine.cluster}': {' '.join(str(error).split())}") from None
        slurm = {"slurm_partition": engine.partition} if engine.partition else {}
        self._executor.update_parameters(
            name="differentia", timeout_min=engine.minutes, cpus_per_task=engine.cpus, **slurm
        )

    def submit(self, task: Callable[..., Any], *args: Any) -> Future:
        """Put a job into the queue; when Slurm refuses it, its words are the future's error."""
        future = Future()
        try:
            self._jobs[future] = self._executor.submit(_outcome, task, args)
        except Exception as error:
            future.set_exception(error)
        return future

    def ended(self, pending: set[Future], timeout: float) -> set[Future]:
        """Look at the jobs until one has ended, or `timeout` seconds are over."""
        until = time.monotonic() + timeout
        while True:
            for future in pending & self._jobs.keys():
                self._look(future)
            done = {future for future in pending if future.done()}
            if done or time.monotonic() >= until:
                return done
            time.sleep(GLANCE)

    def _look(self, future: Future) -> None:
        """Settle a future if its job has ended; a result may come a while later, through a shared folder."""
        job = self._jobs[future]
        if not job.done():
            return
        if not job.paths.result_pickle.exists():
            if time.monotonic() < self._silent.setdefault(future, time.monotonic()) + self._engine.patience:
                return
            future.set_exception(
                JobLost(f"job {job.job_id} ended without a result ({job.state}); see {job.paths.stderr}")
            )
        else:
            self._settle(future, job)
        self._silent.pop(future, None)
        del self._jobs[future]

    def _settle(self, future: Future, job: Any) -> None:
        try:
            well, value = job.result()
        except Exception as error:
            future.set_exception(error)
            return
        if well:
            future.set_result(value)
        else:
            future.set_exception(value)

    def lost(self, error: BaseException) -> bool:
        """Whether the job ended without a result."""
        return isinstance(error, JobLost)

    def close(self, now: bool) -> None:
        """Wait for the jobs, or take them out of the queue `now`."""
        if now:
            for job in self._jobs.values():
                job.cancel(check=False)
            self._jobs.clear()
        while self._jobs:
            self.ended(set(self._jobs), GLANCE)


@dataclass(frozen=True, kw_only=True)
class Slurm(Execution):
    """Play runs as jobs of a Slurm cluster."""

    cluster: Literal["slurm", "local"] = param(
        "whose jobs: of Slurm, or of this computer to try", "1", source="choice of the user"
    )
    partition: str = param("Slurm's partition; empty for its default", "name", source="choice of the user")
    folder: str = param("where jobs and results travel as files; all nodes see it", "path", source="choice of the user")
    jobs: int = param("most jobs in the queue at once", "jobs", low=1, high=100000, source="register R531")
    minutes: int = param("a job's limit of time", "min", low=1, source="register R532")
    cpus: int = param("cores of a job", "cores", low=1, high=4096, source="choice of the user")
    patience: float = param("how long a result may come after its job's end", "s", low=0, source="register R533")

    def check(self) -> None:
        """Refuse what would be more than one value in the script that Slurm gets, each line of which is an order."""
        if not PARTITION.fullmatch(self.partition):
            raise ConfigError(f"partition = {self.partition!r}: expected letters, digits and _ . , : - only")
        whole = str(pathlib.Path(self.folder).absolute())
        if not whole.isprintable() or "%" in whole or not self.folder.strip():
            raise ConfigError(f"folder = {self.folder!r}: expected a folder's name without %, breaks of lines or other controls")

    def ready(self) -> None:
        """Raise `ConfigError` if submitit is not installed."""
        installed("submitit", "slurm")

    def open(self) -> Pool:
        """Check that there is such a cluster; nothing starts before the first task."""
        return SlurmPool(self)
