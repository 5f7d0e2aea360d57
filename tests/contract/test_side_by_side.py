"""Seeds that other processes play are the same bits, are told month by month, and leave nothing behind."""

import os
import signal
import sys
import time

import pandas as pd
import psutil
import pytest
from test_killed import ended, listening

import sim
from sim.ground import workers
from sim.ground.params import ConfigError
from sim.market import beside, given, runs

WORDS = ["population.customers=300", "periods=6", "replications=5", "mechanism=[contexts,satisfaction]"]
OWN = """
import os, signal
from pathlib import Path
from dataclasses import dataclass

from sim.world.mechanisms import Mechanism

@dataclass(frozen=True, kw_only=True)
class Mine(Mechanism):
    def on_settle(self, market):
        {body}
"""


def children():
    found = [(child, " ".join(child.cmdline())) for child in psutil.Process().children(recursive=True)]
    return [child for child, words in found if "loky" in words and "resource_tracker" not in words]


@pytest.fixture
def three(monkeypatch, tmp_path):
    """Three cores, and further processes from the second month on."""
    monkeypatch.setattr(beside, "cores", lambda: 3)
    monkeypatch.setattr(beside, "is_worker", lambda: False)
    monkeypatch.setattr(beside, "WORTH", 0.0)
    monkeypatch.setattr(beside, "SURE", 0.0)
    monkeypatch.setattr(beside.tempfile, "tempdir", str(tmp_path))
    yield
    assert not [left for left in children() if left.status() != psutil.STATUS_ZOMBIE]
    assert not list(tmp_path.glob("differentia-*"))



def own(tmp_path, monkeypatch, body, name):
    """A scenario with a mechanism of one's own, which does this at the end of a month."""
    (tmp_path / f"{name}.py").write_text(OWN.format(body=body))
    monkeypatch.syspath_prepend(str(tmp_path))
    return sim.compose(*WORDS, f"+mechanism.mine._target_={name}.Mine", allow_foreign=True)


def same(one, other):
    frames = [(one.firms, other.firms), (one.market, other.market), (one.replications, other.replications)]
    frames += [(one.all_features, other.all_features), (one.spending, other.spending)]
    for here, there in frames:
        pd.testing.assert_frame_equal(here, there, check_exact=True)


def played(scenario, **how):
    """The result, the months that were told, and the seeds in the order in which they were seen."""
    told, seen = [], []
    result = sim.run(scenario, tick=lambda: told.append(1), seen=lambda records: seen.append(records), **how)
    return result, len(told), [records.frame("records") for records in seen]


def test_the_same_bits_ticks_and_order_as_one_after_another(three, tmp_path):
    scenario = sim.compose(*WORDS, "records=panel")
    alone, ticks, seen = played(scenario.replace(threads=1), folder=tmp_path / "alone")
    together, ticks_too, seen_too = played(scenario, folder=tmp_path / "together")
    assert ticks == ticks_too == 30
    same(alone, together)
    for here, there in zip(seen, seen_too, strict=True):
        pd.testing.assert_frame_equal(here, there, check_exact=True)
    files = sorted(path.relative_to(tmp_path / "alone") for path in (tmp_path / "alone").rglob("*.parquet"))
    assert files == sorted(path.relative_to(tmp_path / "together") for path in (tmp_path / "together").rglob("*.parquet"))
    assert all((tmp_path / "alone" / f).read_bytes() == (tmp_path / "together" / f).read_bytes() for f in files)


def test_seeds_are_played_elsewhere(three, tmp_path, monkeypatch):
    body = f"(Path({str(tmp_path)!r}) / f'{{os.getpid()}}.pid').touch()"
    scenario = own(tmp_path, monkeypatch, body, "own_marks")
    together, ticks, _ = played(scenario)
    pids = {int(path.stem) for path in tmp_path.glob("*.pid")}
    assert ticks == 30 and os.getpid() in pids and len(pids) > 1
    same(together, sim.run(scenario.replace(threads=1)))


def test_a_lost_process_costs_nothing_but_time(three, tmp_path, monkeypatch):
    body = f"os.getpid() == {os.getpid()} or market.period < 3 or os.kill(os.getpid(), signal.SIGKILL)"
    scenario = own(tmp_path, monkeypatch, body, "own_kills")
    result, ticks, _ = played(scenario)
    assert ticks == 30
    same(result, sim.run(scenario.replace(threads=1)))


def test_a_mistake_is_told_as_if_the_seeds_had_been_played_one_after_another(three, tmp_path, monkeypatch):
    body = "1 / (market.seed != 3)"
    scenario = own(tmp_path, monkeypatch, body, "own_fails")
    told = []
    for each in (scenario.replace(threads=1), scenario):
        seen = []
        with pytest.raises(ConfigError) as caught:
            sim.run(each, seen=lambda records, seen=seen: seen.append(records))
        told.append((str(caught.value), len(seen)))
    assert told[0] == told[1] and "own_fails.py line" in told[0][0] and told[0][1] == 2


def test_code_that_was_edited_since_it_was_read_is_played_as_it_was_read(three, tmp_path, monkeypatch):
    scenario = own(tmp_path, monkeypatch, "pass", "own_edited")
    alone = sim.run(scenario.replace(threads=1))
    (tmp_path / "own_edited.py").write_text(OWN.format(body="1 / 0"))
    same(alone, sim.run(scenario))


@pytest.mark.parametrize("why", ["no room", "no locks"])
def test_without_what_processes_need_the_seeds_are_played_here(three, monkeypatch, why):
    def refused(*_, **__):
        raise (OSError if why == "no room" else ImportError)(why)

    name = "mkdtemp" if why == "no room" else "started"
    monkeypatch.setattr(beside.tempfile if why == "no room" else beside, name, refused)
    scenario = sim.compose(*WORDS)
    result, ticks, _ = played(scenario)
    assert ticks == 30
    same(result, sim.run(scenario.replace(threads=1)))


def test_ctrl_c_while_others_play_keeps_the_seeds_that_ended_in_their_order(three, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(beside, "wait", stop)
    with pytest.raises(runs.Interrupted, match=r"seed \d in another process, after \d of 5 seeds") as caught:
        sim.run(sim.compose(*WORDS))
    seeds = caught.value.result.replications["seed"].unique().tolist()
    assert seeds == list(range(1, len(seeds) + 1)) and len(seeds) < 5


HELD = """
import sys
from sim.market import beside
beside.WORTH = beside.SURE = 0.0
beside.cores = lambda: 3
from sim.desk.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_stopped_or_killed_leaves_no_process(tmp_path, number):
    import subprocess

    words = ["population.customers=300", "periods=30000", "replications=4", "records=yearly", "-q"]
    main = subprocess.Popen(
        [sys.executable, "-c", HELD, *words, f"hydra.run.dir={tmp_path / 'out'}"], stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=listening,
    )  # fmt: skip
    until = time.monotonic() + 600
    while len(psutil.Process(main.pid).children(recursive=True)) < 3:  # two that play, one that watches their locks
        assert time.monotonic() < until and main.poll() is None
        time.sleep(0.05)
    os.killpg(main.pid, number) if number == signal.SIGINT else os.kill(main.pid, number)
    _, err = main.communicate(timeout=600)
    assert main.returncode == (130 if number == signal.SIGINT else -number), err
    if number == signal.SIGINT:
        assert "stopped by the user" in err and len(err.splitlines()) == 1
    ended(main.pid)


def test_auto_is_what_is_there_and_a_number_is_a_number(monkeypatch):
    def parts(cores, *words, memory=1e15, worker=False):
        monkeypatch.setattr(beside, "cores", lambda: cores)
        monkeypatch.setattr(beside, "threads_here", lambda: cores)
        monkeypatch.setattr(beside, "is_worker", lambda: worker)
        monkeypatch.setattr(beside, "available", lambda: memory)
        processes, scenario = beside.shared(sim.compose(*words))
        assert processes * scenario.threads <= max(cores, scenario.threads)
        return processes, scenario.threads

    big = "population.customers=1000000"
    assert parts(8) == (8, 1)
    assert parts(64) == (10, 1)
    assert parts(64, big) == (10, 6)
    assert parts(8, "replications=1") == (1, 1)
    assert parts(8, "replications=1", big) == (1, 8)
    assert parts(8, "replications=3", big) == (3, 2)
    assert parts(8, "threads=1", big) == (1, 1)
    assert parts(8, "threads=4", "replications=1") == (1, 4)
    assert parts(8, memory=0.0) == (1, 1)
    assert parts(8, memory=None) == (8, 1)
    assert 1 < parts(8, big, memory=6e9)[0] < 8
    assert parts(8, worker=True)[0] == 1


def test_a_market_by_itself_has_the_threads_of_its_process(monkeypatch):
    scenario = sim.compose("population.customers=1000", "mechanism=[]")
    assert scenario.threads == "auto" and sim.Market(scenario).world.threads == 1
    monkeypatch.setattr(given, "SHARE", 100)
    monkeypatch.setattr(given, "threads_here", lambda: 3)
    assert sim.Market(scenario).world.threads == 3 and sim.Market(scenario.replace(threads=2)).world.threads == 2
    monkeypatch.setattr(given, "threads_here", workers.threads_here)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # as in the workers of a study
    assert sim.Market(scenario).world.threads == 1


def test_what_a_container_leaves_is_what_is_there(monkeypatch):
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert workers.cores() == 1
    assert not workers.is_worker()


def test_a_wrong_number_of_threads_is_told():
    for word, said in (("0", "1 <= threads"), ("1.5", "a whole number [threads] or auto"), ("many", "or auto"), ("true", "or auto")):
        with pytest.raises(ConfigError, match="threads") as caught:
            sim.compose(f"threads={word}")
        assert said in str(caught.value)
