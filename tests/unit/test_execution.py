"""Wherever runs are played: the same results, one's own errors, and work that goes on when a worker is killed."""

import gc
import importlib
import operator
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import yaml

from sim.ground.params import ConfigError
from sim.study.engine import same_version
from sim.world.composing.configuration import config_folder

ROOT = Path(__file__).parents[2]
BY_HAND = {"ray": {"workers": 1, "timeout": 300.0}, "dask": {"workers": 1, "timeout": 300.0}, "processes": {"workers": 1}, "serial": {}}
BY_HAND["slurm"] = {"cluster": "local", "jobs": 3, "patience": 0.5}
LIBRARY = {"dask": "distributed", "ray": "ray", "slurm": "submitit"}
HANGS = 600  # s: a test that takes longer hangs; nothing is slow that takes less
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # of the libraries, where a worker was killed
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def engine(word, **values):
    """An engine with the values of its YAML, and some of one's own."""
    written = yaml.safe_load((config_folder() / "engine" / f"{word}.yaml").read_text())
    place, _, name = written.pop("_target_").rpartition(".")
    return getattr(importlib.import_module(place), name).build(written | values, "engine")


def played(pool, tasks):
    """Outcome of every task in the tasks' order: its result, or its error."""
    futures = [pool.submit(*task) for task in tasks]
    pending = set(futures)
    while pending:
        pending -= pool.ended(pending, 5.0)
    return [future.exception() or future.result() for future in futures]


def programs():
    """What runs on behalf of this process, but for the trackers that Python keeps as long as it lives."""
    gc.collect()
    mine = psutil.Process().children(recursive=True)
    return {p for p in mine if p.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(p.cmdline())}


@pytest.fixture
def tidy(tmp_path, monkeypatch):
    """Whatever a test starts has ended after it."""
    before = programs()
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    yield
    until = time.monotonic() + HANGS
    while programs() - before and time.monotonic() < until:
        time.sleep(0.1)
    assert programs() - before == set()


@pytest.mark.parametrize("word", ["serial", "processes", "dask", "ray", "slurm"])
def test_results_errors_and_losses_are_told_apart_and_work_goes_on(word, tidy):
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    pool = engine(word, **BY_HAND[word]).open()
    try:
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask
        assert pool.slots >= 1
        *results, error = played(pool, [(operator.mul, 6, 7), (divmod, 17, 5), (int, "seven")])
        assert results == [42, (3, 2)]
        assert type(error) is ValueError
        assert str(error) == "invalid literal for int() with base 10: 'seven'"
        assert not pool.lost(error)
        if word != "serial":
            [error] = played(pool, [(signal.raise_signal, signal.SIGKILL)])
            assert pool.lost(error)
            pool.renew()
            kept = (signal.pthread_sigmask, signal.SIG_BLOCK, [])
            again, blocked = played(pool, [(operator.mul, 6, 7), kept])
            assert again == 42
            assert word == "slurm" or blocked == {signal.SIGINT}, "Ctrl-C in a terminal reaches its workers"
        if word == "ray":
            [node] = [p for p in psutil.Process().children(recursive=True) if p.name() == "raylet"]
            node.kill()
            [error] = played(pool, [(operator.mul, 6, 7)])
            assert pool.lost(error) and pool.slots >= 1
            pool.renew()
            assert played(pool, [(operator.mul, 6, 7)]) == [42]
    finally:
        pool.close(now=False)


def test_an_interrupt_passes_through_serial():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been ignored where this was started
    with pytest.raises(KeyboardInterrupt):
        engine("serial").open().submit(signal.raise_signal, signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_workers_end_when_the_main_process_is_killed(tmp_path):
    program = (
        "import os, time; from sim.study.engine.processes import Processes\n"
        "if __name__ == '__main__':\n"
        "    pool = Processes(workers=1).open()\n"
        "    print(pool.submit(os.getpid).result(), flush=True)\n"
        "    time.sleep(600)"
    )
    (tmp_path / "study.py").write_text(program)
    command = [sys.executable, str(tmp_path / "study.py")]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as main:
        worker = psutil.Process(int(main.stdout.readline()))
        main.kill()
    worker.wait(HANGS)
    assert not worker.is_running()


def free_port():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


def dask_programs(port):
    """A scheduler and two workers, started as on a cluster; yields the workers."""
    python = [sys.executable, "-m", "distributed.cli."]
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = ["dask_scheduler", *local, "--port", str(port)]
    worker = ["dask_worker", f"tcp://127.0.0.1:{port}", *local, "--no-nanny", "--nthreads", "1"]
    for name, *words in (scheduler, worker, worker):
        yield subprocess.Popen(
            [*python[:2], python[2] + name, *words],
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def test_a_study_outlives_one_of_two_dask_workers_over_loopback(tidy, tmp_path):
    port = free_port()
    scheduler, first, second = dask_programs(port)
    try:
        pool = None
        until = time.monotonic() + HANGS
        while pool is None or pool.slots < 4:
            try:
                pool = pool or engine("dask", address=f"tcp://127.0.0.1:{port}").open()
            except ConfigError:
                assert time.monotonic() < until
            time.sleep(0.1)
        futures = [pool.submit(operator.mul, i, 2) for i in range(8)]
        wait = f"until [ -e '{tmp_path / 'go'}' ]; do sleep 0.1; done"
        slow = [pool.submit(subprocess.call, ["sh", "-c", wait]) for _ in range(8)]
        pending = {*futures, *slow}
        pending -= pool.ended(pending, 5.0)
        assert pending
        first.kill()
        (tmp_path / "go").touch()
        until = time.monotonic() + HANGS
        while pending:
            pending -= pool.ended(pending, 5.0)
            assert time.monotonic() < until
        assert [future.result() for future in futures] == [0, 2, 4, 6, 8, 10, 12, 14]
        assert [future.result() for future in slow] == [0] * 8
        slow = pool.submit(time.sleep, HANGS)
        scheduler.kill()
        assert pool.ended({slow}, HANGS) and pool.lost(slow.exception())
        assert pool.slots >= 1
        assert pool.lost(pool.submit(operator.mul, 6, 7).exception(HANGS))
        with pytest.raises(ConfigError, match=r"no cluster answers \(Connection refused\)"):
            pool.renew()
        pool.close(now=True)
    finally:
        for program in (first, second, scheduler):
            program.kill()
            program.wait()


@pytest.mark.parametrize("word", LIBRARY)
def test_a_missing_library_is_said_with_its_remedy(word, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, LIBRARY[word], None)
    with pytest.raises(ConfigError) as refused:
        engine(word, **BY_HAND[word]).open()
    assert str(refused.value) == f"engine={word}: not installed; pip install 'differentia[{word}]'"


@pytest.mark.parametrize("word", ["dask", "ray"])
@pytest.mark.parametrize(
    ("greeting", "address", "said"),
    [
        (None, "127.0.0.1:{port}", "no cluster answers (Connection refused)"),
        (b"", "127.0.0.1:{port}", "no cluster answers (timed out)"),
        (b"220 mail.example ESMTP\r\n", "127.0.0.1:{port}", "what answers there is not "),
        (None, "somewhere", "expected host:port"),
    ],
    ids=["closed", "silent", "another service", "no address"],
)
def test_what_is_no_cluster_is_said_at_once(word, greeting, address, said, monkeypatch):
    """Before the library gets to it, which would try for minutes."""
    monkeypatch.setattr(importlib.import_module(LIBRARY[word]), {"dask": "Client", "ray": "init"}[word], None)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if greeting is not None:
            server.listen()
        address = address.format(port=server.getsockname()[1])
        with ThreadPoolExecutor(1) as other, pytest.raises(ConfigError, match=r"^(engine\.)?address = ") as refused:
            if greeting:
                other.submit(lambda: server.accept()[0]).add_done_callback(lambda line: say(line.result(), greeting))
            engine(word, address=address, timeout=0.5 if greeting == b"" else 60.0).open()
    assert said in str(refused.value)


def say(line, greeting):
    with line:
        line.sendall(greeting)


def test_another_version_on_the_cluster_is_refused(monkeypatch):
    pool = engine("serial").open()
    monkeypatch.setattr(pool, "submit", lambda task: type(pool).submit(pool, dict, {"differentia": "0.0.1"}))
    with pytest.raises(ConfigError, match=r"the workers have .*0\.0\.1.*, here"):
        same_version(pool, "tcp://there:8786", 1.0)


def test_slurm_is_missed_where_there_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigError, match=r"^engine\.cluster = 'slurm': "):
        engine("slurm", folder=str(tmp_path)).open()


ORDERED = """
import os, signal, sys
from sim.study.engine.ray import play

signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as Ray does
assert play(int, ("7",)) == 7 and signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
try:
    play(lambda: os.kill(os.getpid(), signal.SIGTERM), ())
except SystemExit:
    print("taken for what the run did")
"""


def test_a_ray_worker_that_is_ended_does_not_blame_the_run():
    done = subprocess.run([sys.executable, "-c", ORDERED], capture_output=True, text=True, timeout=HANGS)
    assert (done.returncode, done.stdout) == (-signal.SIGTERM, ""), done.stderr
