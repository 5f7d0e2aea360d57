"""Ctrl-C is heard once, wherever it arrives; code that would end the program ends its run; a killed run leaves word."""

import json
import os
import signal
import threading

import pytest

from sim.desk import cli
from sim.ground.interrupt import check, listening

WORDS = ["population.customers=300", "periods=3", "replications=1", "-q", "--no-report"]


@pytest.fixture(autouse=True)
def heard():
    """Let Ctrl-C be heard, also if it is ignored where the tests were started."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_one_waits_for_a_check_and_the_second_does_not():
    with listening():
        signal.raise_signal(signal.SIGINT)  # raises nothing here
        with pytest.raises(KeyboardInterrupt):
            check()
        check()  # said once
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_one_that_nobody_checked_is_not_lost():
    with pytest.raises(KeyboardInterrupt), listening():
        signal.raise_signal(signal.SIGINT)
    check()


def test_one_that_arrives_where_python_drops_exceptions_stops_the_run(tmp_path, monkeypatch, capsys):
    """An object that is freed swallows what is raised meanwhile; before, the run then went on for ever."""
    from sim.market.market import Market

    class Freed:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    step = Market.step

    def stepping(market):
        if market.period == 1:
            Freed()
        step(market)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Market, "step", stepping)
    assert cli.main([*WORDS, "hydra.run.dir=out"]) == 130
    assert "stopped by the user: seed 1 in month" in capsys.readouterr().err
    assert "stopped" in json.loads((tmp_path / "out" / "manifest.json").read_text())["status"]


def test_other_ways_of_hearing_are_left_alone():
    own = lambda number, frame: None  # noqa: E731
    signal.signal(signal.SIGINT, own)
    with listening():
        assert signal.getsignal(signal.SIGINT) is own
    beside = threading.Thread(target=lambda: listening().__enter__())
    beside.start()
    beside.join()
    assert signal.getsignal(signal.SIGINT) is own


def test_a_killed_run_has_left_its_manifest(tmp_path, monkeypatch):
    from sim.market.market import Market

    def dies(market):
        raise RuntimeError("as if killed")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Market, "step", dies)
    assert cli.main([*WORDS, "hydra.run.dir=out"]) == 1
    about = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert about["status"] == "running" and about["seeds"] == "1"
    assert sorted(os.listdir(tmp_path / "out")) == ["config.yaml", "manifest.json"]


@pytest.mark.parametrize("more", [[], ["-m", "seed=1,2"]], ids=["run", "multirun"])
def test_code_that_would_end_the_program_ends_its_run(tmp_path, monkeypatch, capsys, more):
    (tmp_path / f"leaving_policy{len(more)}.py").write_text(
        "import sys\nfrom dataclasses import dataclass\nfrom sim.world.strategies import Strategy\n\n"
        "@dataclass(frozen=True, kw_only=True)\nclass Leaves(Strategy):\n"
        "    def decide(self, seen, memory, rng):\n        sys.exit(7)\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    word = f"firms.thrift.strategy={{_target_:leaving_policy{len(more)}.Leaves}}"
    assert cli.main([*more, *WORDS, word, "--allow-foreign-code"]) == 2
    err = capsys.readouterr().err
    assert f"leaving_policy{len(more)}.py line 8): SystemExit: 7" in err
    assert len(err.strip().splitlines()) == (2 if more else 1)


def test_code_that_would_end_the_program_when_it_is_imported(tmp_path, monkeypatch, capsys):
    (tmp_path / "leaving_module.py").write_text("raise SystemExit(7)\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert cli.main([*WORDS, "firms.thrift.strategy={_target_:leaving_module.Leaves}", "--allow-foreign-code"]) == 2
    assert "leaving_module.py line 1: SystemExit: 7" in capsys.readouterr().err
