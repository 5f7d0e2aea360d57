"""What a study costs beside the model: time a run, memory, queries, and other ways to play many runs, side by side.

    python experiments/throughput/measure.py overhead [runs customers months rounds mechanisms]
    python experiments/throughput/measure.py memory [runs ...]
    python experiments/throughput/measure.py rows [millions]
    python experiments/throughput/measure.py peers [customers ...]

What is compared alternates, so that a machine that slows down slows all of it; medians are printed, with the lowest
and the highest. The load of the machine is printed before and after.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import psutil

import sim
from sim.study import chunk
from sim.study.catalogue import header_of
from sim.study.engine.processes import Processes
from sim.study.planning import question
from sim.study.runner import LARGEST_CHUNK, Runner
from sim.study.sweep import create

WORKERS = 2
QUERY = "SELECT firm, avg(profit), 1.96 * stddev_samp(profit) / sqrt(count(*)) FROM firms GROUP BY firm ORDER BY firm"


def bare(scenario, seeds):
    """Play the market for each seed and note nothing."""
    for seed in seeds:
        market = sim.Market(scenario.replace(seed=seed))
        for _ in range(scenario.periods):
            market.step()


def observed(scenario, seeds):
    """Play it and note every month, as every way of playing a run does."""
    for seed in seeds:
        chunk._played(scenario.replace(seed=seed))


@dataclass
class Warm:
    """An engine whose workers are kept from one study to the next."""

    pool: object

    def open(self):
        """The workers that are there."""
        return self

    def close(self, now):
        """Keep them."""

    def __getattr__(self, name):
        return getattr(self.pool, name)


def through(pool, task, scenario, runs, size):
    """Play plain tasks of a chunk's size on the workers that also play studies."""
    seeds = list(range(1, runs + 1))
    pending = {pool.submit(task, scenario, seeds[k : k + size]) for k in range(0, runs, size)}
    while pending:
        done = pool.ended(pending, 60.0)
        for future in done:
            future.result()
        pending -= done


def study(asked, execution, folder):
    """Play a study of the same runs, from an empty folder to the last chunk."""
    store = create(folder, header_of(asked.plan), asked.plan.name)
    Runner(asked.plan, store, execution, asked.chunk_seconds, False).play(
        asked.plan.replications, lambda progress: None
    )


def spent():
    """Seconds of processor that this process and its workers have used."""
    everybody = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(sum(process.cpu_times()[:2]) for process in everybody)


def cost(call, runs):
    """Milliseconds a run of a call: of the clock times the workers, and of the processors."""
    began, used = time.perf_counter(), spent()
    call()
    return 1e3 * WORKERS * (time.perf_counter() - began) / runs, 1e3 * (spent() - used) / runs


def middle(values):
    """Median, lowest and highest in words."""
    values = sorted(values)
    return f"{statistics.median(values):.1f} ({values[0]:.1f} to {values[-1]:.1f})"


def overhead(runs=200, customers=2000, months=60, rounds=5, words="[]"):
    """Milliseconds a run that the runner adds to a run that is played and noted, by the clock and of the processors."""
    sizes = [f"population.customers={customers}", f"periods={months}", f"replications={runs}"]
    asked = question([*([] if words == "all" else [f"mechanism={words}"]), *sizes, "tables=[firms,market]"])
    scenario = sim.Scenario.from_config(asked.plan.config(0))
    began = time.perf_counter()
    pool = Processes(workers=WORKERS).open()
    through(pool, observed, scenario, 2 * WORKERS, 1)
    print(f"{WORKERS} processes have started and played their first two runs: {time.perf_counter() - began:.1f} s")
    size, rows = max(1, min(LARGEST_CHUNK, runs // (4 * WORKERS))), []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            calls = [partial(through, pool, task, scenario, runs, size) for task in (bare, observed)]
            calls.append(partial(study, asked, Warm(pool), Path(folder) / str(number)))
            rows.append([cost(call, runs) for call in calls])
    pool.close(now=False)
    print(
        f"{runs} runs of {customers:,} customers x {months} months, mechanisms {words}; ms a run, median of {rounds} rounds"
    )
    for k, by in enumerate(("clock x workers", "processors")):
        model, noted, played = ([row[n][k] for row in rows] for n in range(3))
        noting = [b - a for a, b in zip(model, noted, strict=True)]
        added = [b - a for a, b in zip(noted, played, strict=True)]
        print(f"  {by:<16} model {middle(model)}; noting {middle(noting)}; runner {middle(added)}", flush=True)


def memory(*sizes):
    """Largest memory of the main process for each number of runs, each study in a process of its own [MB]."""
    for runs in sizes or (1000, 10000):
        done = subprocess.run([sys.executable, __file__, "peak", str(runs)], capture_output=True, text=True, check=True)
        print(done.stdout, end="", flush=True)


def peak(runs):
    """Play that many of the smallest runs on two processes and print the largest memory of this one."""
    words = ["population.customers=300", "periods=1", "mechanism=[]", f"replications={runs // 10}"]
    levels = ",".join(f"{0.1 + 0.01 * k:.2f}" for k in range(10))
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        done = sim.sweep(
            *words, f"firms.thrift.markup={levels}", f"engine.workers={WORKERS}", folder=Path(folder) / "s"
        )
        most, wall = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.perf_counter() - began
        print(f"{len(done.finished):>7,} runs: {most:.0f} MB at most in the main process, {wall:.0f} s", end="; ")
        began = time.perf_counter()
        done.fingerprint()
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"fingerprint in {time.perf_counter() - began:.1f} s, {after:.0f} MB at most")


def rows(millions=20):
    """Write that many rows through the way that workers write, then ask for a grouped mean with its interval."""
    asked = question(["population.customers=300", "periods=60", "mechanism=[]", f"replications={LARGEST_CHUNK}"])
    with tempfile.TemporaryDirectory() as folder:
        store = create(Path(folder) / "s", header_of(asked.plan), asked.plan.name)
        session, kept = store.take_over(), chunk.Kept(("firms",))
        records = chunk._played(sim.Scenario.from_config(asked.plan.config(0)))
        for _ in range(LARGEST_CHUNK):
            kept.take(records, "")
        a_run, spread = len(kept.parts["firms"][0]["run"]), np.random.default_rng(1)
        count = round(millions * 1e6 / a_run / LARGEST_CHUNK)
        work = chunk.Work(store.folder, session, "{}", {}, (), ("firms",), "0", False)
        began = time.perf_counter()
        for number in range(count):
            ids = [f"{number * LARGEST_CHUNK + k:020x}" for k in range(LARGEST_CHUNK)]
            for name, part in zip(ids, kept.parts["firms"], strict=True):
                part["run"] = [name] * a_run
                part["profit"] = part["profit"] + spread.normal(size=a_run)
            jobs = [chunk.Job(chunk.Run(name, (number,), k), (chunk.Point({}, 0, {}),)) for k, name in enumerate(ids)]
            chunk.publish(work, [row for job in jobs for row in chunk.rows_of(job, "complete", "", 1.0, "0")], kept)
        wrote = time.perf_counter() - began
        began = time.perf_counter()
        store.refresh()
        opened = time.perf_counter() - began
        size = sum(path.stat().st_size for path in store.folder.glob("chunks/*/*"))
        total = int(store.query("SELECT count(*) AS n FROM firms")["n"][0])
        print(
            f"{total:,} rows in {count} chunks, {size / 1e6:.0f} MB: written in {wrote:.0f} s, opened in {opened:.1f} s"
        )
        for label, sql in (("mean and interval by firm", QUERY), ("the same of the last year by run and firm", LAST)):
            times = sorted(timed(lambda sql=sql: store.query(sql)) for _ in range(7))
            print(f"{label}: {statistics.median(times):.2f} s ({times[0]:.2f} to {times[-1]:.2f})")
        print(f"fingerprint: {timed(store.fingerprint):.1f} s")


LAST = (
    "WITH means AS (SELECT run, firm, avg(profit) AS profit FROM firms WHERE period >= 48 GROUP BY run, firm) "
    "SELECT firm, avg(profit), 1.96 * stddev_samp(profit) / sqrt(count(*)) FROM means GROUP BY firm ORDER BY firm"
)


def timed(call):
    """Wall time of a call [s]."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def load():
    """Print how busy the machine is."""
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)


def main(part, *numbers):
    """Measure one part."""
    if part == "peers":
        from peers import peers

        call = peers
    else:
        call = {"overhead": overhead, "memory": memory, "peak": peak, "rows": rows}[part]
    if part == "peak":
        return call(*map(int, numbers))
    load()
    call(*(int(number) if number.isdigit() else number for number in numbers))
    load()


if __name__ == "__main__":
    main(*sys.argv[1:])
