"""A market that does not fit into memory is refused before its first month, in one line that says what would fit."""

import re
import resource
import subprocess
import sys

import pytest

import sim
from sim.study.sweep import sweep
from sim.world import memory
from sim.world.memory import available, check_memory, wanted

GB = 10**9


def system(root, **files):
    """A root folder with these of the system's files."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_0", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_the_kernels_own_figure_and_nothing_where_nobody_tells(tmp_path):
    assert available(tmp_path) is None
    system(tmp_path, proc__meminfo="MemTotal:  8000 kB\nMemAvailable:  3000 kB\n")
    assert available(tmp_path) == 3000 * 1024
    system(tmp_path, proc__meminfo="nonsense\nMemAvailable:\nMemAvailable: many kB\n")
    assert available(tmp_path) is None


V1 = {"limit": "memory_0limit_in_bytes", "use": "memory_0usage_in_bytes", "cache": "total_inactive_file", "at": "memory/"}
V2 = {"limit": "memory_0max", "use": "memory_0current", "cache": "inactive_file", "at": ""}


@pytest.mark.parametrize("version", [V1, V2], ids=["v1", "v2"])
@pytest.mark.parametrize("path", ["/", "/a", "/a/b"])
@pytest.mark.parametrize(("limit", "free"), [("1000", 450), ("300", 0), ("max", None), ("9223372036854771712", None)])
def test_a_control_group_at_any_height_counts(tmp_path, version, path, limit, free):
    line = f"4:cpu,memory:{path}\n" if version is V1 else f"0::{path}\n"
    system(tmp_path, proc__self__cgroup=f"9:name=systemd:/\n{line}", proc__meminfo="MemAvailable: 4 kB\n")
    top = f"sys/fs/cgroup/{version['at']}"
    system(
        tmp_path,
        **{f"{top}{version['limit']}": limit, f"{top}{version['use']}": "600",
           f"{top}memory_0stat": f"cache 1\n{version['cache']} 50\n"},
    )  # fmt: skip
    assert available(tmp_path) == (4096 if free is None else free)


@pytest.mark.parametrize("kind", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_limits_of_the_process_count(tmp_path, monkeypatch, kind):
    system(tmp_path, proc__self__statm="100 50 10 1 0 70 0\n")
    monkeypatch.setattr(
        resource, "getrlimit", lambda asked: (10**6 if asked == getattr(resource, kind) else resource.RLIM_INFINITY,) * 2
    )
    taken = {"RLIMIT_AS": 100, "RLIMIT_DATA": 70}[kind] * resource.getpagesize()
    assert available(tmp_path) == max(10**6 - taken, 0)


SCENARIOS = [["scenario=intercity"], ["scenario=telecom"], ["mechanism=[]"], ["~mechanism.word_of_mouth"]]


@pytest.mark.parametrize("words", SCENARIOS, ids=" ".join)
def test_what_is_wanted_is_the_table_and_something(words):
    scenario = sim.compose("population.customers=1000", "periods=24", *words)
    table = sim.Market(scenario).table.bytes_per_row
    assert table + memory.PASSING <= wanted(scenario) <= table + memory.PASSING + 6 * 150 + 1


@pytest.mark.parametrize("free", [0.0, 1e6, 1.2e9, 30e9, None])
@pytest.mark.parametrize("customers", [1, 1000, 10**6, 5 * 10**6, 2**31])
def test_the_line_says_how_many_would_fit(monkeypatch, free, customers):
    monkeypatch.setattr(memory, "available", lambda: free)
    scenario = sim.compose(f"population.customers={customers}", "mechanism=[]", "periods=2")
    if free is None or customers * wanted(scenario) <= free:
        check_memory(scenario)
        return
    with pytest.raises(sim.ConfigError) as caught:
        sim.Market(scenario)
    said = str(caught.value)
    assert said.startswith(f"population.customers={customers}: needs about ") and "\n" not in said
    fits = int(re.search(r"about ([\d,]+) customers would fit", said)[1].replace(",", ""))
    assert 0.9 * free / wanted(scenario) - 1 <= fits <= free / wanted(scenario)


def test_an_array_that_cannot_be_made_is_the_same_line(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: None)

    def full(*_):
        raise MemoryError

    monkeypatch.setattr("sim.state.state.Table", full)
    with pytest.raises(sim.ConfigError, match="needs about .* of memory, more than there is; expected fewer customers"):
        sim.Market(sim.compose("population.customers=1000"))


@pytest.mark.parametrize("workers", [2, 8, 64])
def test_a_sweep_asks_for_as_many_markets_as_play_at_a_time(monkeypatch, tmp_path, workers):
    monkeypatch.setattr(memory, "available", lambda: 2.5 * GB)
    words = ["population.customers=1000000", "mechanism=[]", "periods=2", "replications=64"]
    folder = tmp_path / "study"
    if workers == 2:
        check_memory(sim.compose(*words), workers)
        return
    with pytest.raises(sim.ConfigError, match=rf"engine.workers = {workers}: .* engine.workers=4 would fit"):
        sweep(*words, f"engine.workers={workers}", folder=folder)
    assert not folder.exists()
    with pytest.raises(sim.ConfigError, match=r"population.customers=9000000: needs about"):
        sweep("population.customers=1000,9000000", "engine=serial", *words[1:], folder=folder)
    assert not folder.exists()


PROGRAM = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (1_200_000_000,) * 2)
from sim.desk.cli import main
raise SystemExit(main(["population.customers=5000000", "hydra.run.dir=run"]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its address space")
def test_a_process_that_may_not_grow_says_so_and_writes_nothing(tmp_path):
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 2, done.stderr
    said = done.stderr.strip().splitlines()
    assert len(said) == 1 and re.match(r"differentia: population.customers=5000000: needs about 6\.\d GB", said[0]), said
    assert not list(tmp_path.iterdir())
