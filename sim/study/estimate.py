"""What a study will take before it is played: its first months are tried, and scaled up."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass, replace

import pyarrow.parquet as pq

from sim.market.market import Market
from sim.market.records import Records
from sim.market.runs import months
from sim.study.planning import Question
from sim.study.tables import recorded
from sim.world.scenario import Scenario

MONTHS = 3  # played to estimate what a run takes


@dataclass(frozen=True)
class Estimate:
    """What a study will take: points, configurations among them, seconds of one worker a run, bytes on disk a run."""

    points: int
    configurations: int
    replications: int
    seconds: float
    size: float

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.configurations * self.replications

    def words(self, workers: int, done: int = 0) -> str:
        """One sentence for the terminal; done : runs that need not be played any more."""
        points = _count(self.points, "point")
        if self.configurations < self.points:
            points += f", {_count(self.configurations, 'distinct configuration')}"
        whole = f"{points} x {_count(self.replications, 'seed')} = {_count(self.runs, 'run')}"
        duration = _duration((self.runs - done) * self.seconds / workers)
        rest = f", {done:,} of them done; the rest takes about " if done else "; about "
        return (
            f"{whole}{rest}{duration} ({self.seconds:.2g} s a run, {workers} at a time) "
            f"and {_bytes((self.runs - done) * self.size)} of disk"
        )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _duration(seconds: float) -> str:
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {unit}"
    return _count(max(round(seconds), 1), "second")


def _bytes(size: float) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size / 1e3:.0f} kB"


def estimate(asked: Question) -> Estimate:
    """Play the first months of the first and the last point, and scale up; months differ, so the answer is rough."""
    seconds, size = [], []
    for number in {0, len(asked.plan.points) - 1}:
        config = asked.plan.config(number) | {"replications": 1}
        scenario = Scenario.from_config(config, asked.plan.allow_foreign)
        tried = min(MONTHS, scenario.periods)
        Market(scenario).step()  # compiles
        began = time.perf_counter()
        playing = months(scenario.replace(records=replace(scenario.records, every=1)))
        records = next(playing)
        built = time.perf_counter() - began
        for _ in range(tried):
            next(playing)
        scale = scenario.periods / tried
        seconds.append(built + (time.perf_counter() - began - built) * scale)
        size.append(scale / scenario.records.every * _written(records, asked.plan.tables))
    plan = asked.plan
    replications = plan.replications if asked.precision is None else asked.precision.first
    return Estimate(
        len(plan.points), len(plan.configurations), replications, sum(seconds) / len(seconds), sum(size) / len(size)
    )


def _written(records: Records, tables: tuple[str, ...]) -> int:
    """Bytes of the columns themselves; what a file costs beside them is shared by the runs of a chunk."""
    total = 0
    for name in tables:
        frame, buffer = records.panel.frame() if name == "panel" else records.frame(recorded(name)), io.BytesIO()
        frame.to_parquet(buffer, compression="zstd", index=False)
        about = pq.read_metadata(buffer)
        groups = [about.row_group(g) for g in range(about.num_row_groups)]
        total += sum(g.column(c).total_compressed_size for g in groups for c in range(g.num_columns))
    return total
