"""Whoever dies, nothing finished is lost, nothing is counted twice, and the resumed study is the uninterrupted one."""

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import psutil
from studies import HERE, same, sweep, words

from sim.study.store import Study

TWO_WORKERS = ["engine=processes", "engine.workers=2"]


def started(own, folder, *more):
    """A study played by a process of its own, in a session of its own."""
    command = [
        sys.executable,
        "-m",
        "sim",
        "sweep",
        *more,
        "--config-dir",
        own,
        "--allow-foreign-code",
        "--folder",
        folder,
    ]
    return subprocess.Popen(
        [*map(str, command), "-q", "--no-report"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listening,
    )


def listening():
    """Let Ctrl-C be heard, also if it is ignored where the tests were started."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ended(group):
    """Wait until no process of a session lives any more."""
    until = time.monotonic() + 600
    while [p for p in psutil.process_iter() if session(p.pid) == group and p.status() != psutil.STATUS_ZOMBIE]:
        assert time.monotonic() < until
        time.sleep(0.1)


def session(pid):
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


def test_a_killed_main_process(own, tmp_path):
    """A worker kills the main process while others are at work; what goes on with it is another engine."""
    baits = 0, 1, 4, 5
    (own / "main").touch()
    main = started(own, tmp_path / "killed", *words(*baits), *TWO_WORKERS)
    told = main.communicate(timeout=600)[1]
    assert main.returncode == -signal.SIGKILL, told
    kept = Study(tmp_path / "killed").finished
    assert 0 < len(kept) < 12
    study = sweep(own, tmp_path / "killed", *words(*baits), HERE, resume=True)
    assert kept < study.finished
    ended(main.pid)
    study.refresh()
    assert not study.damaged
    same(study, sweep(own, tmp_path / "whole", *words(*baits), HERE))


def test_killed_workers_and_runs_that_kill_their_workers(own, tmp_path):
    """One worker is killed once: no trace of it. One run kills every worker: it alone is given up, and says where it stood."""
    (own / "worker").touch()
    study = sweep(own, tmp_path / "study", *words(0, 3, 2, 1), "replications=1", *TWO_WORKERS)
    assert not (own / "worker").exists()
    why = "the worker died 2 times while it played this run alone"
    status = {0: ("complete", ""), 3: ("complete", ""), 2: ("crashed", why), 1: ("complete", "")}
    assert study.runs[["overrides", "status", "error"]].values.tolist() == [
        [f"mechanism.trap.bait={bait}", *told] for bait, told in status.items()
    ]
    assert not study.damaged
    assert not list(study.folder.glob("unfinished/*"))
    well = sweep(own, tmp_path / "well", *words(0, 3, 1), "replications=1", HERE)
    one, other = (s.frame("firms").sort_values(["run", "period", "firm"], ignore_index=True) for s in (study, well))
    pd.testing.assert_frame_equal(one, other)


def test_ctrl_c_in_a_terminal_reaches_everybody_and_loses_nothing(own, tmp_path):
    baits = 0, 1, 5
    (own / "wait").touch()
    main = started(own, tmp_path / "a study", *words(*baits), *TWO_WORKERS)
    until = time.monotonic() + 600
    while not (own / "waiting").exists():
        assert time.monotonic() < until
        time.sleep(0.1)
    os.killpg(main.pid, signal.SIGINT)
    told = main.communicate(timeout=600)[1]
    assert main.returncode == 130
    study = Study(tmp_path / "a study")
    assert 0 < len(study.finished) < 9
    assert told.startswith(
        f"differentia: stopped; {len(study.finished)} runs are in {tmp_path / 'a study'}; go on with: "
    )
    assert f"sweep --resume --folder '{tmp_path / 'a study'}' --config-dir {own} --allow-foreign-code" in told
    assert len(told.splitlines()) == 1
    ended(main.pid)
    sweep(own, study.folder, resume=True)
    same(Study(study.folder), sweep(own, tmp_path / "whole", *words(*baits), HERE))
