"""A study whose main process is killed in the middle, and which is resumed: is it the uninterrupted one?

    python experiments/throughput/killed.py [runs] [engine ...]

For each engine the main process gets a signal that nobody can refuse (kill -9) when about a third of the runs are
written down, and again at about two thirds; then the study is resumed to its end. Its fingerprint is held against that
of the same study, played without a break.
"""

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

import sim
from sim.study.store import Study

SEEDS, GLANCE = 10, 0.05  # s
SMALL = ["population.customers=300", "periods=3", "mechanism=[]", f"replications={SEEDS}", "chunk_seconds=0.5"]


def command(folder, words):
    """The study as a command of its own."""
    line = [sys.executable, "-m", "sim", "sweep", *words, "--folder", str(folder), "-q", "--no-report"]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def written(folder):
    """Number of runs that are written down."""
    return len(Study(folder).finished) if (folder / "study.json").exists() else 0


def killed(folder, words, at):
    """Play until so many runs are written down, then kill the main process; returns how many there were then."""
    main = command(folder, words)
    while written(folder) < at:
        assert main.poll() is None, main.stderr.read()
        time.sleep(GLANCE)
    others = psutil.Process(main.pid).children(recursive=True)
    main.send_signal(signal.SIGKILL)
    main.wait()
    left, found = len([p for p in others if p.is_running()]), written(folder)
    print(f"    killed with {found:,} runs written and {left} of its processes left", flush=True)
    return found


def main(runs=2000, *engines):
    """Print a line an engine: same or not, fingerprint, seconds."""
    levels = f"firms.thrift.markup=range(0,{(int(runs) // SEEDS - 0.5) / 1000},0.001)"
    with tempfile.TemporaryDirectory() as place:
        began = time.perf_counter()
        whole = sim.sweep(*SMALL, levels, "engine=processes", "engine.workers=2", folder=Path(place) / "whole")
        print(
            f"uninterrupted: {len(whole.finished):,} runs, {whole.fingerprint()}, {time.perf_counter() - began:.0f} s"
        )
        for engine in engines or ("processes", "dask", "ray"):
            began, folder = time.perf_counter(), Path(place) / engine
            words = [*SMALL, levels, f"engine={engine}", "engine.workers=2"]
            killed(folder, words, len(whole.finished) // 3)
            killed(folder, ["--resume"], 2 * len(whole.finished) // 3)
            end = command(folder, ["--resume"])
            assert end.wait() == 0, end.stderr.read()
            study = Study(folder)
            study.verify()
            told = "the same" if study.fingerprint() == whole.fingerprint() else "NOT THE SAME"
            print(
                f"{engine}: {len(study.finished):,} runs, {study.fingerprint()}, {told}, "
                f"{len(study.damaged)} chunks set aside, {time.perf_counter() - began:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main(*sys.argv[1:])
