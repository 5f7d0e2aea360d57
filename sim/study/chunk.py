"""A chunk: a few runs that one worker plays and writes down together, all or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pandas as pd
import pyarrow as pa

from sim.ground.column import Column
from sim.ground.interrupt import check
from sim.ground.params import ConfigError
from sim.ground.parquet import read_parquet, write_parquet
from sim.market.records import Records, framed
from sim.market.runs import months
from sim.metrics.interval import YEAR
from sim.study.catalogue import packed
from sim.study.plan import Point, Run, applied
from sim.study.tables import RUN, RUNS, recorded
from sim.study.version import refuse_edited
from sim.world.scenario import Scenario

TOLD = ("run", "status", "seconds", "error")  # what a worker says of each run when it is done


@dataclass(frozen=True)
class Job:
    """A run as a worker needs it: with the points that share it, in the order of their numbers."""

    run: Run
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Work:
    """What a worker gets: where to write, which session asks, the configurations, and the jobs.

    `header` is the catalogue as JSON; it goes into every chunk, so that it can be made again from chunks alone.
    """

    folder: pathlib.Path
    session: str
    header: str
    bases: Mapping[int, Mapping[str, Any]]
    jobs: tuple[Job, ...]
    tables: tuple[str, ...]
    version: str
    allow_foreign: bool


class Kept:
    """What is kept of runs that have been played, table by table, until it is written; columns, because frames cost more."""

    def __init__(self, tables: Sequence[str]) -> None:
        self.parts: dict[str, list[dict[str, Any]]] = {name: [] for name in tables}
        self.columns: dict[str, dict[str, Column]] = {name: {"run": RUN} for name in tables}

    def take(self, records: Records, run: str) -> None:
        """Take a run's rows of every table that it has, or of none if one of them fails; of the panel the last year only."""
        held = [name for name in self.parts if name == "panel" or recorded(name) in records.columns]
        taken = {name: _last_year(records) if name == "panel" else records.arrays(recorded(name)) for name in held}
        for name, part in taken.items():
            rows = len(next(iter(part.values())))
            self.parts[name].append({"run": [run] * rows} | part)
            self.columns[name] |= records.panel.columns if name == "panel" else records.columns[recorded(name)]

    def frames(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """The tables of which anything was taken; runs that lack a column have NaN there."""
        for name, parts in self.parts.items():
            alike = [framed(list(group), self.columns[name]) for _, group in groupby(parts, key=list)]
            if alike:
                yield name, pd.concat(alike, ignore_index=True)


def _last_year(records: Records) -> dict[str, Any]:
    frame = records.panel.frame()
    frame = frame[frame["period"] > frame["period"].max() - YEAR]
    return {name: frame[name].to_list() if frame[name].dtype == "str" else frame[name].to_numpy() for name in frame}


class Superseded(OSError):
    """Another session has taken the study over: what this worker did must not be written down."""


def play(work: Work) -> list[tuple[str, str, float, str]]:
    """Play the jobs one after another and write them down; returns run, status, seconds and error of each.

    Raises
    ------
    OSError : the disk is full or cannot be written. Superseded : the study was taken over by a later session.
    """
    target = _target(work, [job.run.run for job in work.jobs])
    if target.exists():  # a worker that wrote it down was lost before it could say so
        return _told(read_parquet(target / "runs.parquet", TOLD).to_pylist())
    rows, kept = [], Kept(work.tables)
    built: tuple[tuple[int, ...], Scenario] | None = None
    if len(work.jobs) == 1:
        begin(work)
    for job in work.jobs:
        began, error = time.perf_counter(), ""
        try:
            if built is None or built[0] != job.run.points:
                base, changes = job.points[0].base, job.points[0].changes
                config = applied(work.bases[base], changes) | {"replications": 1, "seed": job.run.seed}
                built = job.run.points, Scenario.from_config(config, work.allow_foreign)
                if work.allow_foreign:
                    refuse_edited(json.loads(work.header)["code"], [config])
            kept.take(played(built[1].replace(seed=job.run.seed)), job.run.run)
        except KeyboardInterrupt:
            raise
        except BaseException as failure:  # a run that would end the program ends itself
            error = said(failure)
        rows += rows_of(job, "failed" if error else "complete", error, time.perf_counter() - began, work.version)
    if len(work.jobs) == 1:
        _mark(work).unlink(missing_ok=True)  # it is over, and has taken nobody along
    publish(work, rows, kept)
    return _told(rows)


def begin(work: Work) -> None:
    """Leave word that this run, which is alone, has begun: only such a run can have taken its worker along."""
    try:
        _mark(work).touch()
    except OSError:
        if not _mark(work).parent.exists():
            raise Superseded("a later session has taken the study over") from None
        raise


def begun(work: Work) -> bool:
    """Whether a worker has begun the one run of this work since this was last asked."""
    mark = _mark(work)
    found = mark.name in os.listdir(mark.parent)  # a shared folder is looked into anew, where one file may be remembered
    mark.unlink(missing_ok=True)
    return found


def _mark(work: Work) -> pathlib.Path:
    return work.folder / "unfinished" / work.session / f"{work.jobs[0].run.run}.begun"


def said(failure: BaseException) -> str:
    """Kind and words of what was raised, in one line, whatever its own text does; of a mistake its words only."""
    try:
        if isinstance(failure, ConfigError):
            return str(failure)
        return " ".join(f"{type(failure).__name__}: {failure}".split())
    except Exception:
        return f"{type(failure).__name__}, which cannot say why"


def _told(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, float, str]]:
    """What is said of each run: of the points that share it, the first has its seconds."""
    told: dict[str, tuple[str, str, float, str]] = {}
    for row in rows:
        told.setdefault(row["run"], tuple(row[name] for name in TOLD))
    return list(told.values())


def played(scenario: Scenario) -> Records:
    """The records of a run that was played to its end; Ctrl-C is heard between its months."""
    for records in months(scenario):
        check()
    return records


def rows_of(job: Job, status: str, error: str, seconds: float, version: str) -> Iterator[dict[str, Any]]:
    """A run's rows of the `runs` table, one for each of its points; the factors' values follow the standing columns."""
    for place, (number, point) in enumerate(zip(job.run.points, job.points, strict=True)):
        standing = {
            "run": job.run.run,
            "point": number,
            "seed": job.run.seed,
            "status": status,
            "error": error.encode(errors="replace").decode(),
            "overrides": " ".join(f"{key}={value}" for key, value in point.values.items()),
            "base": point.base,
            "changes": json.dumps(dict(point.changes)),
            "seconds": float("nan") if place else round(seconds, 4),
            "version": version,
        }
        yield standing | dict(point.values)


def crashed(work: Work, job: Job, error: str) -> None:
    """Write down a run that takes every worker along that plays it."""
    publish(work, list(rows_of(job, "crashed", error, float("nan"), work.version)), Kept(()))


def publish(work: Work, rows: Sequence[dict], kept: Kept) -> None:
    """Write the tables into the session's folder of unfinished chunks, then move them into the store with one rename.

    A session that takes the study over moves that folder away first. From then on nothing can be written or renamed there.

    Raises
    ------
    OSError : the disk is full or cannot be written. Superseded : the study was taken over by a later session.
    """
    target = _target(work, [row["run"] for row in rows])
    staging = work.folder / "unfinished" / work.session / f"{target.name}-{uuid.uuid4().hex[:8]}"
    try:
        staging.mkdir()
        _write(work, rows, kept, staging)
        os.rename(staging, target)
    except OSError:
        if not staging.parent.exists():
            raise Superseded("a later session has taken the study over") from None
        if not target.exists():
            raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _target(work: Work, runs: Sequence[str]) -> pathlib.Path:
    return work.folder / "chunks" / name_of(runs)


def name_of(runs: Sequence[str]) -> str:
    """The name of the chunk that is written of these runs, 20 hexadecimal digits.

    >>> name_of(["a", "a", "b"]) == name_of(["a", "b"])
    True
    """
    return hashlib.sha256("".join(dict.fromkeys(runs)).encode()).hexdigest()[:20]


def _write(work: Work, rows: Sequence[dict], kept: Kept, folder: pathlib.Path) -> None:
    sums = {}
    for table, frame in kept.frames():
        path = folder / f"{table}.parquet"
        write_parquet(frame, path, kept.columns[table])
        sums[table] = file_sum(path)
    runs = pd.DataFrame(list(rows))
    known = RUNS | {name: Column("", "", "value of the factor") for name in runs if name not in RUNS}
    sums["runs"] = row_sum(pa.Table.from_pandas(runs, preserve_index=False))
    write_parquet(runs, folder / "runs.parquet", known, {"study": packed(work.header), "sums": json.dumps(sums)})


def file_sum(path: pathlib.Path) -> str:
    """Hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def row_sum(runs: pa.Table) -> str:
    """Hash of the rows of a `runs` table, which its own file carries.

    >>> row_sum(pa.table({"run": ["a", "b"]})) == row_sum(pa.table({"run": ["a", "c"]}))
    False
    """
    return hashlib.sha256(json.dumps(runs.to_pylist(), default=str).encode()).hexdigest()
