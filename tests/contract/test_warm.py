"""What is compiled beforehand is all that the shipped scenarios call, and a terminal says at once what is being done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.desk import cli, doing, warm
from sim.ground.params import ConfigError
from sim.market import warming
from sim.science import rules

ROOT = Path(__file__).parents[2]
PLAYED = """
import sim
from sim.science.rules import CACHE
for name in ("intercity", "telecom", "two_leaders"):
    for customers in (20000, 1000):
        market = sim.Market(sim.compose(f"scenario={name}", f"population.customers={customers}"))
        for _ in range(14):
            market.step()
print(len(list(CACHE.rglob("*.nbc"))), CACHE)
"""


def test_warm_compiles_all_that_the_shipped_scenarios_call(tmp_path):
    tmp_path.chmod(0o700)
    env = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    told = subprocess.run([sys.executable, "-m", "sim", "warm"], env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert not told.stderr and len(told.stdout.splitlines()) == 1
    folder, _, said = told.stdout.partition(": ")
    played = subprocess.run([sys.executable, "-c", PLAYED], env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
    number, cache = played.stdout.split()
    assert said.startswith(f"{number} pieces of compiled code, ") and folder == cache
    assert [path.name for path in tmp_path.iterdir()] == [Path(folder).parent.name]


@pytest.fixture
def empty(monkeypatch, tmp_path):
    """An empty cache, and the scenarios that would be compiled."""
    asked = []
    monkeypatch.setattr(rules, "CACHE", tmp_path / "code")
    monkeypatch.setattr(warming, "warm", lambda scenario, sizes=(): asked.append(scenario))
    return asked


def test_a_first_run_compiles_first_and_only_the_first(empty, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["population.customers=100", "periods=1", "replications=1", "mechanism=[]", "-q", "--no-report"]
    assert cli.main(words) == 0 and [scenario.periods for scenario in empty] == [1]
    (tmp_path / "code").mkdir(exist_ok=True)
    (tmp_path / "code" / "a.nbc").write_text("")
    assert cli.main(words) == 0 and len(empty) == 1
    assert cli.main(["sweep", *words[:-2], "seed=1", "engine=serial", "-q", "--no-report"]) == 0 and len(empty) == 1
    (tmp_path / "code" / "a.nbc").unlink()
    assert cli.main(["sweep", *words[:-2], "seed=2", "engine=serial", "-q", "--no-report"]) == 0 and len(empty) == 2
    assert cli.main(["--multirun", *words[:-2], "seed=3,4", "-q", "--no-report"]) == 0 and len(empty) == 3


def test_where_nothing_can_be_kept_nothing_is_compiled_first(empty, monkeypatch, capsys):
    monkeypatch.setattr(rules, "CACHE", None)
    warm.first(sim.compose, quiet=True)
    assert not empty
    assert cli.main(["warm", "mechanism=[]"]) == 2
    assert "NUMBA_CACHE_DIR" in capsys.readouterr().err


def test_warm_takes_a_scenario_and_says_where_it_is_kept(empty, tmp_path, capsys):
    assert cli.main(["warm", "scenario=telecom", "periods=13"]) == 0
    assert [(scenario.name, scenario.periods) for scenario in empty] == [("telecom", 13)]
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'code'}: 0 pieces of compiled code, 0.0 MB, ")
    assert cli.main(["warm", "-q"]) == 0 and [s.name for s in empty[1:]] == ["intercity", "telecom", "two_leaders"]
    assert cli.main(["warm", "no_such=1"]) == 2 and cli.main(["warm", "mechanizm"]) == 2


def test_every_kernel_of_a_month_is_compiled_in_one_part(monkeypatch):
    scenario, compiled = sim.compose("population.customers=300"), []
    monkeypatch.setattr(warming, "made", lambda kernel, kinds, told: compiled[-1].add(kernel))
    market = sim.Market(scenario)
    market.open()
    called = {step.kernel for step in market.player.steps()}
    for number in (1, 3):
        compiled.clear()
        for part in range(number):
            compiled.append(set())
            warming._compile(scenario, part, number)
        assert set().union(*compiled) == called and sum(map(len, compiled)) == len(called) > 50


@pytest.mark.parametrize("refused", ["processes", "parts", "months"])
def test_what_goes_wrong_while_compiling_stops_nobody(monkeypatch, refused):
    def refuse(*_, **__):
        raise (ConfigError if refused == "parts" else OSError)("no")

    monkeypatch.setattr(warming, "cores", lambda: 2)
    monkeypatch.setattr(warming, {"processes": "started", "parts": "Market", "months": "months"}[refused], refuse)
    if refused == "months":
        monkeypatch.setattr(warming, "cores", lambda: 1)
    warming.warm(sim.compose("population.customers=100", "mechanism=[contexts,satisfaction]"))


def test_ctrl_c_ends_the_processes_that_compile(monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    closed, own = [], warming.ended
    monkeypatch.setattr(warming, "cores", lambda: 2)
    monkeypatch.setattr(warming, "is_worker", lambda: False)
    monkeypatch.setattr(warming, "wait", stop)
    monkeypatch.setattr(warming, "ended", lambda executor, now: closed.append(now) or own(executor, now))
    with pytest.raises(KeyboardInterrupt):
        warming.warm(sim.compose("population.customers=100", "mechanism=[contexts,satisfaction]"))
    assert closed == [True]


def test_what_is_being_done_is_shown_on_a_terminal_only(monkeypatch, capsys):
    for terminal, quiet in ((False, False), (True, True)):
        monkeypatch.setattr(sys.stderr, "isatty", lambda terminal=terminal: terminal)
        doing.doing("a", quiet)
        doing.done()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    doing.doing("one", False)
    doing.doing("two", False)
    doing.done()
    doing.done()
    assert capsys.readouterr().err == "one ...\r       \rtwo ...\r       \r"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs terminals")
def test_a_terminal_hears_what_is_being_done_before_anything_large_is_read(tmp_path):
    main, terminal = os.openpty()
    code = "import sys, sim.desk.doing as d; own = d.doing\n"
    code += "d.doing = lambda *how: (own(*how), print({m.split('.')[0] for m in sys.modules} & {'numpy', 'hydra'}, flush=True))\n"
    code += "from sim.desk.cli import main; sys.exit(main(['no_such=1']))"
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    told = subprocess.run([sys.executable, "-c", code], env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=terminal, text=True)
    os.close(terminal)
    shown = os.read(main, 10_000).decode()
    os.close(main)
    assert told.returncode == 2 and told.stdout == "set()\n"
    assert shown.startswith("reading the configuration ...\r") and "no_such" in shown.rpartition("\r")[0]
