"""Play what is missing of a plan: chunks in flight, lost workers replaced, nothing finished lost."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sim.ground.interrupt import check
from sim.ground.params import ConfigError
from sim.study import chunk
from sim.study.catalogue import header_of
from sim.study.chunk import Job, Work
from sim.study.engine import Execution, Pool
from sim.study.factor import Factor
from sim.study.plan import WITHOUT_EFFECT, Plan, differing
from sim.study.points import laid_out, write_points
from sim.study.store import Study

LARGEST_CHUNK = 100  # runs: more gain nothing, and are lost together
TIMES = 2  # how often a run may take its worker along before it is given up
IDLE = 3  # how often workers may end, one after another, before they have begun a run


@dataclass
class Progress:
    """What has come back so far, for whoever watches: `tell` is called after every chunk."""

    total: int
    tell: Callable[[Progress], None]
    done: int = 0
    status: Counter = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, rows: Iterable[tuple[str, str, float, str]]) -> None:
        """Take in what a worker says of its runs."""
        for run, status, seconds, error in rows:
            self.done += 1
            self.status[status] += 1
            self.seconds += seconds
            if error:
                self.errors.append(f"run {run}: {error}")
        self.tell(self)


class FailedFast(Exception):
    """A run failed, and the user had asked to stop there."""


class NoWorkers(OSError):
    """There are no workers any more, or none that lives long enough to begin a run; what was written down stays."""


def _error_of(future: Future) -> Exception | None:
    """What a future that has ended raised; to have been cancelled counts, too."""
    try:
        future.result()
    except Exception as error:
        return error
    return None


@dataclass
class Runner:
    """Plays the missing runs of a plan into a study.

    chunk_seconds : about how long a chunk may take; what is at work when the machine stops is what is lost.
    """

    plan: Plan
    study: Study
    execution: Execution
    chunk_seconds: float
    fail_fast: bool

    def play(self, replications: int, tell: Callable[[Progress], None]) -> Progress:
        """Play every run that is not yet written down, until all seeds of all points are.

        Raises
        ------
        FailedFast : a run failed and `fail_fast` was asked for. OSError : the store cannot be written.
        NoWorkers : they are gone and do not come back. KeyboardInterrupt : passed on, after workers were let go; what
        was written stays.
        """
        self._session, self._header = self.study.take_over(), json.dumps(header_of(self.plan), default=str)
        finished, plan = self.study.finished, self.plan
        write_points(self.study.folder, laid_out(plan.bases, dict(enumerate(plan.points))))
        missing = deque(
            Job(run, tuple(plan.points[number] for number in run.points))
            for run in plan.runs(replications)
            if run.run not in finished
        )
        progress = Progress(len(missing), tell)
        if missing:
            pool = self.execution.open()
            try:
                self._stream(pool, missing, progress)
            except BaseException:
                pool.close(now=True)
                raise
            pool.close(now=False)
        self.study.release()
        self.study.damaged.clear()  # what had been damaged has been played again
        return progress

    def _work(self, jobs: Iterable[Job]) -> Work:
        jobs = tuple(jobs)
        bases = {job.points[0].base: self.plan.bases[job.points[0].base] for job in jobs}
        version = f"{self.plan.code['differentia']}+{self.plan.code['model']}"
        return Work(
            self.study.folder.resolve(), self._session, self._header, bases, jobs, self.plan.tables, version,
            self.plan.allow_foreign,
        )  # fmt: skip

    def _size(self, progress: Progress, missing: int, slots: int) -> int:
        """Runs of the next chunk: as many as fit the time, one at first, and so that all workers have some at the end."""
        if not progress.done:
            return 1
        fits = int(self.chunk_seconds / max(progress.seconds / progress.done, 1e-3))
        return max(1, min(fits, LARGEST_CHUNK, -(-missing // slots)))

    def _stream(self, pool: Pool, missing: deque[Job], progress: Progress) -> None:
        """Keep a bounded number of chunks in flight; those whose worker was lost are played again one by one."""
        pending, suspects = {}, deque[Work]()
        while missing or pending:
            check()
            while missing and len(pending) < pool.slots:
                size = self._size(progress, len(missing), pool.slots)
                work = self._work(missing.popleft() for _ in range(min(size, len(missing))))
                pending[pool.submit(chunk.play, work)] = work
            broken = False
            for future in pool.ended(set(pending), timeout=1.0):
                error = _error_of(future)
                if error is not None and pool.lost(error):
                    suspects.append(pending.pop(future))
                    broken = True
                else:
                    self._take(future, pending.pop(future), progress)
            if broken:
                suspects.extend(self._gathered(pool, pending, progress))
                _renew(pool)
                self._alone(pool, suspects, progress)

    def _gathered(self, pool: Pool, pending: dict, progress: Progress) -> list[Work]:
        """Wait for what was in flight beside a lost worker; returns what was lost with it."""
        lost = []
        while pending:
            check()
            for future in pool.ended(set(pending), timeout=1.0):
                work, error = pending.pop(future), _error_of(future)
                if error is not None and pool.lost(error):
                    lost.append(work)
                else:
                    self._take(future, work, progress)
        return lost

    def _alone(self, pool: Pool, suspects: deque[Work], progress: Progress) -> None:
        """Play suspects with nothing beside them, halved until the run that takes its worker along is found."""
        times, idle = Counter[str](), 0
        while suspects:
            work = suspects.popleft()
            chunk.begun(work)  # what is left of a try before this one tells nothing
            future = pool.submit(chunk.play, work)
            while not pool.ended({future}, timeout=1.0):
                check()
            error = _error_of(future)
            if error is None or not pool.lost(error):
                self._take(future, work, progress)
                idle = 0
                continue
            _renew(pool)
            first, half = work.jobs[0].run.run, len(work.jobs) // 2
            seen = not half and chunk.begun(work)
            times[first] += seen
            idle = 0 if seen or half else idle + 1
            if idle == IDLE:
                raise NoWorkers(f"workers ended {IDLE} times before they had begun a run ({chunk.said(error)})")
            if half:
                suspects.extendleft([self._work(work.jobs[half:]), self._work(work.jobs[:half])])
            elif times[first] < TIMES:
                suspects.appendleft(work)
            else:
                why = f"the worker died {TIMES} times while it played this run alone"
                chunk.crashed(work, work.jobs[0], why)
                progress.note([(first, "crashed", 0.0, why)])

    def _take(self, future: Future, work: Work, progress: Progress) -> None:
        """Take in a chunk that came back; its own errors are rows, anything else is an error of the place it ran in."""
        rows = future.result()
        progress.note(rows)
        if self.fail_fast and any(status != "complete" for _, status, _, _ in rows):
            run, _, _, error = next(row for row in rows if row[1] != "complete")
            overrides = next(job for job in work.jobs if job.run.run == run).points[0].values
            told = " ".join(f"{key}={value}" for key, value in overrides.items())
            raise FailedFast(f"run {run} ({told or 'no overrides'}) failed: {error}")


def _renew(pool: Pool) -> None:
    try:
        pool.renew()
    except ConfigError as error:
        raise NoWorkers(f"the workers are gone: {error}") from None


def refuse_changed(study: Study, plan: Plan) -> None:
    """Raise `ConfigError` that says what differs, unless the plan is the one that the study was begun with, for any number of seeds."""
    now, then = json.loads(json.dumps(header_of(plan), default=str)), study.header
    changed = [f"{key} was {was}, is {new}" for key, (was, new) in differing(then["code"], now["code"]).items()]
    if then["factors"] != now["factors"]:
        changed += _moved(study.factors, plan.factors)
    for key in ("design", "seed", "tables"):
        for inside, (was, new) in differing({key: then[key]}, {key: now[key]}).items():
            changed.append(f"{inside.removesuffix('._target_')} was {_plain(was)}, is {_plain(new)}")
    if len(then["bases"]) != len(now["bases"]):
        changed.append(f"{len(then['bases'])} configurations, now {len(now['bases'])}")
    for one, other in zip(then["bases"], now["bases"], strict=False):
        found = {key: values for key, values in differing(one, other).items() if key not in WITHOUT_EFFECT}
        changed += [f"{key} was {was}, is {new}" for key, (was, new) in found.items()]
    if changed := changed or _of_others(study, plan):
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        own = f"begin a new study, or give its own words: {' '.join(then['words'])}".removesuffix(": ")
        raise ConfigError(f"{study.folder}: cannot be resumed: {'; '.join(changed[:5])}{more}; {own}")


def _of_others(study: Study, plan: Plan) -> list[str]:
    """In words, whether the study holds runs that the plan does not ask for, whatever its number of seeds."""
    if not study.finished:
        return []
    seeds = int(study.runs["seed"].max()) - plan.seed + 1
    strange = len(study.finished - {run.run for run in plan.runs(seeds)})
    return [f"{strange} of its {len(study.finished)} runs were played with other values"] if strange else []


def _moved(then: Sequence[Factor], now: Sequence[Factor]) -> list[str]:
    """In which factors two plans differ, in words."""
    was, new = ({factor.name: f"({factor.told})" for factor in factors} for factors in (then, now))
    pairs = {name: (was.get(name, "not there"), new.get(name, "not there")) for name in was | new}
    told = [f"factor {name} was {one}, is {other}" for name, (one, other) in pairs.items() if one != other]
    return told or ["what the factors' levels stand for, or their order, is not the same"]


def _plain(value: Any) -> str:
    """A value of the catalogue in words; of a class its name.

    >>> _plain(["firms", "market"]), _plain("sim.study.design.sobol.Sobol")
    ('firms, market', 'Sobol')
    """
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).rpartition(".")[2] if str(value).startswith("sim.") else str(value)
