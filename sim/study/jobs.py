"""Jobs that another program runs, such as Hydra's multirun, written down in the same store as a study's own runs."""

from __future__ import annotations

import json
import pathlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from sim.market.records import Records
from sim.study.catalogue import header_of
from sim.study.chunk import Job, Kept, Work, publish, rows_of
from sim.study.design.factorial import Factorial
from sim.study.factor import Factor
from sim.study.plan import WITHOUT_EFFECT, Plan, Point, Run, digest_of, run_id
from sim.study.points import laid_out, write_points
from sim.study.store import Study
from sim.study.version import code, foreign
from sim.world.scenario import Scenario

TABLES = ("firms", "market")


@dataclass(frozen=True)
class Jobs:
    """The jobs of one multirun: a point each, in one study. Pickles, so that a job may run in another process."""

    folder: pathlib.Path
    session: str
    plan: Plan

    @classmethod
    def begin(
        cls,
        folder: pathlib.Path,
        words: Sequence[str],
        jobs: Sequence[Sequence[str]],
        checked: Sequence[tuple[Mapping[str, Any], Scenario]],
    ) -> Jobs:
        """Make the study of a multirun; jobs : overrides of each. checked : configuration and scenario of each."""
        values = [{name: _value(text) for name, _, text in (word.partition("=") for word in job)} for job in jobs]
        names = [name for name in dict.fromkeys(n for v in values for n in v) if len({v.get(name) for v in values}) > 1]
        names = [name for name in names if name not in WITHOUT_EFFECT]
        factors = tuple(
            Factor(
                name=name, keys=(name,), levels=tuple(dict.fromkeys(v.get(name, "") for v in values)), low=0.0, high=0.0,
                whole=False, words={},
            )
            for name in names
        )  # fmt: skip
        points = tuple(Point({n: v.get(n, "") for n in names}, number, {}) for number, v in enumerate(values))
        first = checked[0][1]
        bases = tuple(config for config, _ in checked)
        plan = Plan(
            first.name, tuple(words), factors, Factorial(), bases, points, first.seed, first.replications, TABLES, code() | foreign(bases),
            False,
        )  # fmt: skip
        study = Study.create(folder, header_of(plan))
        write_points(folder, laid_out(bases, dict(enumerate(points))))
        return cls(folder.resolve(), study.take_over(), plan)

    def job(self, number: int, scenario: Scenario) -> JobLog:
        """The log of a job: it takes what the job plays, and writes it down as one chunk."""
        return JobLog(self, number, scenario)


def _value(text: str) -> Any:
    """The number or truth value that a word's text stands for, else the text itself."""
    value = yaml.safe_load(text)
    return value if isinstance(value, (bool, int, float)) else text


class JobLog:
    """What a job has played so far."""

    def __init__(self, jobs: Jobs, number: int, scenario: Scenario) -> None:
        point, digest = jobs.plan.points[number], digest_of(jobs.plan.config(number))
        before = sum(digest_of(jobs.plan.config(earlier)) == digest for earlier in range(number))
        runs = [
            Run(run_id(digest, jobs.plan.code, s, before), (number,), s)
            for s in range(scenario.seed, scenario.seed + scenario.replications)
        ]
        self.waiting = [Job(run, (point,)) for run in runs]
        version = f"{jobs.plan.code['differentia']}+{jobs.plan.code['model']}"
        header = json.dumps(header_of(jobs.plan), default=str)
        self.work = Work(jobs.folder, jobs.session, header, {}, (), TABLES, version, False)
        self.kept, self.rows, self.began = Kept(TABLES), list[dict[str, Any]](), time.perf_counter()

    def seen(self, records: Records) -> None:
        """Take the next seed's records."""
        job, now = self.waiting.pop(0), time.perf_counter()
        self.kept.take(records, job.run.run)
        self.rows += rows_of(job, "complete", "", now - self.began, self.work.version)
        self.began = now

    def close(self, error: str) -> None:
        """Write down what was played; a seed that an error stopped is a failed run."""
        if error and self.waiting:
            seconds = time.perf_counter() - self.began
            self.rows += rows_of(self.waiting[0], "failed", error, seconds, self.work.version)
        if self.rows:
            publish(self.work, self.rows, self.kept)
