"""The program starts without a home, and never loads compiled code from where somebody else can write."""

import importlib
import itertools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.desk import screen
from sim.ground import places
from sim.science import rules

ROOT = Path(__file__).parents[2]
VARIABLES = ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "TMPDIR")
NOBODY = 65534
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
READING = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]  # of the libraries, which may lie in a home
root_only = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs several users")


@pytest.fixture
def fresh(monkeypatch):
    """An environment without homes and caches; variables are set in the test, then the folder is chosen anew."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tempfile.tempdir", None)
    yield monkeypatch


def kept():
    """Where folders for compiled code are made, if that can be anywhere."""
    found = places.code("code-0", "*.nbc")
    return found and found.parent


def settings(tmp_path):
    """Folders of four kinds: not there, not writable by anyone, relative, fine."""
    (tmp_path / "file").write_text("")
    (tmp_path / "fine").mkdir()
    return {"unset": None, "empty": "", "no folder": str(tmp_path / "file" / "x"), "relative": "x/y", "fine": str(tmp_path / "fine")}


KINDS = ["unset", "empty", "no folder", "relative", "fine"]


def test_every_mixture_of_homes_and_caches_gives_a_private_folder_or_none(tmp_path, fresh):
    told = settings(tmp_path)
    (tmp_path / "tmp").mkdir(mode=0o700)
    fresh.chdir(tmp_path / "fine")
    for home, xdg, numba in itertools.product(KINDS[1:], KINDS, ["unset", "no folder", "fine"]):
        if home == "empty":
            continue  # the root of the file system: only a user who may write there has a cache there
        for name, kind in (("HOME", home), ("XDG_CACHE_HOME", xdg), ("NUMBA_CACHE_DIR", numba)):
            fresh.delenv(name, raising=False)
            if told[kind] is not None:
                fresh.setenv(name, told[kind])
        fresh.setenv("TMPDIR", str(tmp_path / "tmp"))
        fresh.setattr("tempfile.tempdir", None)
        found = kept()
        assert found is not None, (home, xdg, numba)
        assert found.stat().st_mode & 0o077 == 0
        fine = "fine" in (xdg, numba) or (home == "fine" and xdg != "no folder")
        assert (tmp_path / ("fine" if fine else "tmp")) in found.parents, (home, xdg, numba, found)
    assert not (tmp_path / "fine" / "x").exists()


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o750, 0o775, 0o777, 0o757, 0o1777, 0o2770, 0o1770])
@pytest.mark.parametrize("place", ["the folder", "above it", "two above it"])
def test_a_folder_that_others_can_write_is_not_used(tmp_path, fresh, mode, place):
    fresh.setattr(places, "of_user_alone", lambda group: False)
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    {"the folder": folder, "above it": folder.parent, "two above it": folder.parent.parent}[place].chmod(mode)
    shared = bool(mode & 0o022)
    sticky = bool(mode & 0o1000) and place != "the folder"
    assert (places.private(folder) is None) == (shared and not sticky)


def test_a_group_of_the_user_alone_is_nobody_else(tmp_path, fresh):
    folder = tmp_path / "a"
    folder.mkdir()
    folder.chmod(0o770)
    for alone in (True, False):
        fresh.setattr(places, "of_user_alone", lambda group, alone=alone: alone)
        assert (places.private(folder) is not None) == alone


@root_only
@pytest.mark.parametrize("place", ["the folder", "above it", "two above it"])
def test_a_folder_of_somebody_else_is_not_used(tmp_path, fresh, place):
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    os.chown({"the folder": folder, "above it": folder.parent, "two above it": folder.parent.parent}[place], NOBODY, -1)
    assert places.private(folder) is None


def test_a_link_in_a_shared_folder_is_not_followed(tmp_path, fresh):
    (tmp_path / "mine").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "file").write_text("")
    assert places.private(tmp_path / "link") is None
    assert places.private(tmp_path / "file") is None
    assert places.private(tmp_path / "file" / "x") is None
    assert places.private(Path("a\0b")) is None
    assert places.private(tmp_path / "link" / "inside") == tmp_path / "mine" / "inside"  # resolved once, then used so


@root_only
def test_another_users_folder_in_the_temporary_folder_stops_nothing(tmp_path, fresh):
    shared = tmp_path / "tmp"
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / places.own_name()).mkdir()
    os.chown(shared / places.own_name(), NOBODY, NOBODY)
    (tmp_path / "file").write_text("")
    fresh.setenv("HOME", str(tmp_path / "file" / "x"))
    fresh.setenv("TMPDIR", str(shared))
    assert kept() is None
    places.settle()
    assert "XDG_CACHE_HOME" not in os.environ


def test_libraries_get_a_folder_only_where_home_has_none(tmp_path, fresh):
    told = settings(tmp_path)
    (tmp_path / "tmp").mkdir(mode=0o700)
    fresh.setenv("TMPDIR", str(tmp_path / "tmp"))
    fresh.setenv("HOME", told["fine"])
    places.settle()
    assert "MPLCONFIGDIR" not in os.environ
    fresh.setenv("HOME", told["no folder"])
    places.settle()
    assert os.environ["MPLCONFIGDIR"] == str(tmp_path / "tmp" / places.own_name() / "matplotlib")
    assert os.environ["XDG_CACHE_HOME"] == str(tmp_path / "tmp" / places.own_name())
    assert kept() == tmp_path / "tmp" / places.own_name() / places.NAME  # workers, who inherit this, find the same


def test_a_changed_rule_is_never_taken_from_a_cache_that_the_user_chose(tmp_path, fresh):
    """The compiler looks at a kernel's own file only, not at the rules in it: the folder is named after all of them."""
    fresh.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert rules.code_folder() == tmp_path / places.own_name() / rules.CACHE.name


@pytest.mark.parametrize("damage", ["index", "code", "full", "gone"])
def test_a_cache_that_cannot_be_read_or_written_stops_nothing(tmp_path, monkeypatch, damage):
    (tmp_path / "own_loops.py").write_text("def twice(x):\n    return 2 * x\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "own_loops", raising=False)
    monkeypatch.setattr(rules, "CACHE", tmp_path / "cache")
    twice = importlib.import_module("own_loops").twice
    assert rules.compiled(twice)(2) == 4
    for path in (tmp_path / "cache").rglob("*.nbi" if damage == "index" else "*.nbc"):
        path.write_bytes(b"\x80")
    if damage == "full":
        monkeypatch.setattr("numba.core.caching.IndexDataCacheFile.save", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    again = rules.compiled(twice)
    if damage == "gone":
        shutil.rmtree(tmp_path / "cache")
    assert again(2.5) == 5.0
    assert again(2) == 4
    if damage in ("index", "code"):
        last = rules.compiled(twice)
        assert last(2) == 4
        assert sum(last.stats.cache_hits.values()) == 1  # mended


BARE = """
import sim.science.kernels.gather as first, numpy as np, sim.science.rules, sys
first.take(np.arange(3.0), np.array([1], np.uint64), out := np.zeros(1))
print(out[0], sim.science.rules.CACHE, first.take.stats.cache_path)
"""


@pytest.mark.parametrize("kind", ["fine", "none"])
def test_a_kernel_that_is_imported_first_is_kept_where_the_others_are(tmp_path, kind):
    (tmp_path / "file").write_text("")
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o700 if kind == "fine" else 0o777)
    env = {k: v for k, v in os.environ.items() if k not in VARIABLES}
    env |= {"HOME": str(tmp_path / "file" / "x"), "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run([sys.executable, "-c", BARE], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    value, cache, path = ended.stdout.split()
    assert float(value) == 1.0
    if kind == "fine":
        assert path.startswith(cache)
        assert (tmp_path / "tmp") in Path(cache).parents
    else:
        assert (cache, path) == ("None", "None")


def test_that_nothing_is_kept_is_said_once(monkeypatch, capsys):
    screen.say_uncached.cache_clear()
    monkeypatch.setattr(rules, "CACHE", None)
    for _ in range(3):
        screen.say_uncached()
    screen.say_uncached.cache_clear()
    out, err = capsys.readouterr()
    assert not out
    assert len(err.splitlines()) == 1
    assert "NUMBA_CACHE_DIR" in err


@root_only
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_another_user_without_a_home_plays_a_market(tmp_path):
    own = tmp_path / "own"
    code = own / f"{places.NAME}-{NOBODY}" / places.NAME / rules.CACHE.name
    shutil.copytree(rules.CACHE, code)  # compiled already, to save a minute
    for path in (own, *own.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    for path in (own, code.parent.parent, code.parent, code):
        path.chmod(0o700)
    for path in own.parents:
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(path.stat().st_mode | 0o055)
    env = {k: v for k, v in os.environ.items() if k not in VARIABLES} | {"TMPDIR": str(own), "PYTHONPATH": str(ROOT)}
    env |= {"HOME": "/nonexistent"}
    words = ["population.customers=100", "periods=2", "replications=1", "mechanism=[]"]
    ended = subprocess.run(
        [*AS_NOBODY, *READING, sys.executable, "-m", "sim", *words], env=env, cwd=own, capture_output=True, text=True, check=False
    )
    if "libpython" in ended.stderr or "Operation not permitted" in ended.stderr:
        pytest.skip("another user cannot read this Python")
    assert ended.returncode == 0, ended.stderr
    assert not ended.stderr.strip(), ended.stderr
    assert list(own.glob("results/*/*/report.html"))


@pytest.mark.parametrize("who", ["own", "root's"])
def test_code_that_is_there_already_is_read_where_nothing_can_be_written(tmp_path, fresh, who):
    base = tmp_path / "image" / (places.own_name() if who == "own" else f"{places.NAME}-0")
    (base / "code-1").mkdir(parents=True)
    fresh.setenv("NUMBA_CACHE_DIR", str(tmp_path / "image"))
    fresh.setattr(places, "private", lambda path: None)
    assert places.code("code-1", "*.nbc") is None
    (base / "code-1" / "a.nbc").write_text("")
    assert places.code("code-1", "*.nbc") == base / "code-1"
    assert places.code("code-2", "*.nbc") is None
    for folder in (base, base / "code-1", tmp_path / "image"):
        before = folder.stat().st_mode
        folder.chmod(0o777)
        assert places.code("code-1", "*.nbc") is None
        folder.chmod(before)
    (tmp_path / "kept").mkdir()
    (base / "code-1").rename(tmp_path / "kept" / "code-1")
    (base / "code-1").symlink_to(tmp_path / "kept" / "code-1")
    assert places.code("code-1", "*.nbc") is None


@root_only
def test_code_that_somebody_else_has_put_there_is_not_read(tmp_path, fresh):
    folder = tmp_path / places.own_name() / "code-1"
    folder.mkdir(parents=True)
    (folder / "a.nbc").write_text("")
    fresh.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    fresh.setattr(places, "private", lambda path: None)
    assert places.code("code-1", "*.nbc") == folder
    os.chown(folder, NOBODY, NOBODY)
    assert places.code("code-1", "*.nbc") is None


def test_the_compiler_looks_nowhere_else(tmp_path, monkeypatch):
    """By itself it would turn to the folder of the sources where its own cannot be written."""
    (tmp_path / "own_place.py").write_text("def twice(x):\n    return 2 * x\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "cache").mkdir()
    monkeypatch.setattr(rules, "CACHE", tmp_path / "cache")
    monkeypatch.setattr("numba.core.caching._CacheLocator.ensure_cache_path", lambda self: (_ for _ in ()).throw(OSError(30, "read only")))
    twice = rules.compiled(importlib.import_module("own_place").twice)
    assert twice(2) == 4
    assert twice.stats.cache_path.startswith(str(tmp_path / "cache"))
    assert not list(tmp_path.rglob("*.nbi"))
    monkeypatch.delitem(sys.modules, "own_place")


IMAGE = """
import sim.science.kernels.gather as first, numpy as np, sim.science.rules, sys
first.take(np.arange(3.0), np.array([1], np.uint64), out := np.zeros(1))
print(sim.science.rules.CACHE, sum(first.take.stats.cache_hits.values()))
"""


@root_only
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_an_image_that_root_has_made_is_read_by_everybody(tmp_path):
    env = {k: v for k, v in os.environ.items() if k not in VARIABLES} | {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"}
    env |= {"NUMBA_CACHE_DIR": str(tmp_path / "image"), "PYTHONPATH": str(ROOT)}
    for path in tmp_path.parents:
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(path.stat().st_mode | 0o055)
    tmp_path.chmod(0o755)
    command = [sys.executable, "-c", IMAGE]
    made = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
    subprocess.run(["chmod", "-R", "go+rX", str(tmp_path / "image")], check=True)
    read = subprocess.run([*AS_NOBODY, *READING, *command], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    if "libpython" in read.stderr or "Operation not permitted" in read.stderr:
        pytest.skip("another user cannot read this Python")
    assert read.returncode == 0, read.stderr
    folder = made.stdout.split()[0]
    assert read.stdout.split() == [folder, "1"]
