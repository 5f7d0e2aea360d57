"""The same runs by three ways: a study, Mesa's batch runner with a plain Mesa market, and Hydra's basic launcher."""

import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from functools import partial
from pathlib import Path

import mesa

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "reference"))

from plain_market import KNOWN, PlainMarket

import sim

WORKERS, MONTHS, RUNS = 2, 60, 4


class Plain(PlainMarket):
    """The plain Mesa market as Mesa's batch runner wants it; it collects the firms' purchases every month."""

    def __init__(self, words, rng=None):
        super().__init__(sim.compose(*words).replace(seed=int(rng)))
        self.datacollector = mesa.DataCollector({"purchases": lambda model: model.total("purchases")})

    def step(self):
        """Play a month and collect."""
        super().step()
        self.datacollector.collect(self)


def batch(words, months):
    """Wall time of Mesa's batch runner for runs of so many months [s]."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mesa.batch_run(
            Plain, {"words": [words]}, WORKERS, data_collection_period=1, max_steps=months, display_progress=False,
            rng=list(range(1, RUNS + 1)),
        )  # fmt: skip
    return time.perf_counter() - began


def command(*words):
    """Wall time of a command [s]."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "sim", *words, "-q", "--no-report"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def seeds(count):
    """A sweep over seeds, as a multirun does it."""
    return f"seed={','.join(map(str, range(1, count + 1)))}"


def a_run(call, few, many):
    """Seconds that one more run takes."""
    return (call(many) - call(few)) / (many - few)


def study(words, runs):
    """Wall time of a study as a command [s]."""
    with tempfile.TemporaryDirectory() as folder:
        return command("sweep", *words, f"replications={runs}", f"engine.workers={WORKERS}", "--folder", f"{folder}/s")


def multirun(words, runs):
    """Wall time of Hydra's basic launcher, which plays one job after another [s]."""
    with tempfile.TemporaryDirectory() as folder:
        return command("--multirun", *words, seeds(runs), "replications=1", f"hydra.sweep.dir={folder}/s")


def peers(*sizes, rounds=3):
    """Seconds that one more run takes by each way, and how many times those of a study, at each number of customers."""
    for customers in sizes or (2000, 100000):
        words = [
            "experiment=speed", f"population.customers={customers}", f"periods={MONTHS}", f"mechanism=[{','.join(KNOWN)}]",
        ]  # fmt: skip
        many, few = (42, 2) if customers < 50000 else (8, 2)
        found = {"study": [], "batch_run": [], "multirun": []}
        for _ in range(rounds):
            found["study"].append(a_run(partial(study, words), few, many))
            short, long = batch(words, 1), batch(words, 4)
            month = (long - short) / 3
            found["batch_run"].append((month * MONTHS) / RUNS)
            found["multirun"].append(a_run(partial(multirun, words), 1, 5))
        print(
            f"{customers:,} customers x {MONTHS} months, seconds that one more run takes; {WORKERS} processes, multirun one"
        )
        for name, times in found.items():
            ratios = sorted(slow / fast for slow, fast in zip(times, found["study"], strict=True))
            told = f"{statistics.median(ratios):.1f} times ({ratios[0]:.1f} to {ratios[-1]:.1f})"
            print(f"  {name:<10}{statistics.median(times):>9.3f} s   {told}", flush=True)
