"""Engines under fault: nobody is blamed for what never ran, no stranger says where tasks go, and every mistake is one line."""

import importlib
import json
import multiprocessing
import sys
from concurrent.futures import Future
from dataclasses import dataclass

import ending
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import HERE, SMALL, sweep

import sim
from sim.desk import cli
from sim.ground.params import ConfigError
from sim.study.catalogue import CATALOGUE, header_of
from sim.study.engine import Pool
from sim.study.planning import question
from sim.study.runner import IDLE, TIMES, NoWorkers, Runner
from sim.study.sweep import create, played
from sim.world.composing.configuration import config_folder

ENGINES = sorted(path.stem for path in (config_folder() / "engine").glob("*.yaml"))
TWO = "firms.thrift.markup=0.1,0.3"


def engine(word, **values):
    written = yaml.safe_load((config_folder() / "engine" / f"{word}.yaml").read_text())
    place, _, name = written.pop("_target_").rpartition(".")
    return getattr(importlib.import_module(place), name).build(written | values, "engine")


class Lost(Exception):
    """A worker died."""


class Fragile(Pool):
    """Plays tasks here, and loses those that its list says: before they begin, after they began, or not at all."""

    slots = 2

    def __init__(self, fate, back):
        self.fate, self.back, self.renewed = list(fate), back, 0

    def submit(self, task, *args):
        future, fate = Future(), self.fate.pop(0) if self.fate else "well"
        if fate == "begun" and len(args[0].jobs) == 1:
            sim.study.chunk.begin(args[0])
        if fate == "well":
            future.set_result(task(*args))
        else:
            future.set_exception(Lost("gone"))
        return future

    def lost(self, error):
        return isinstance(error, Lost)

    def renew(self):
        self.renewed += 1
        if self.renewed > self.back:
            raise ConfigError("engine.address = 'there': no cluster answers")


@dataclass
class Engine:
    pool: Pool

    def open(self):
        return self.pool


@pytest.fixture(scope="module")
def asked():
    return question([*SMALL, TWO, HERE, "periods=1", "population.customers=50"])


FATES = st.lists(st.sampled_from(["well", "lost", "begun"]), max_size=12)


@settings(deadline=None, max_examples=25)
@given(fate=FATES, back=st.integers(0, 12))
def test_only_what_began_is_ever_called_crashed(asked, tmp_path_factory, fate, back):
    """Whatever a pool loses, a run is complete, or crashed because it was seen to begin each time, or the study stops."""
    folder = tmp_path_factory.mktemp("study")
    study = create(folder, header_of(asked.plan), asked.plan.name)
    pool, stopped = Fragile(fate, back), None
    try:
        Runner(asked.plan, study, Engine(pool), 0.01, False).play(3, lambda progress: None)
    except NoWorkers as error:
        stopped = str(error)
    study.refresh()
    status = study.runs["status"].value_counts().to_dict() if study.finished else {}
    assert status.get("crashed", 0) <= fate.count("begun") // TIMES
    if stopped is None:
        assert len(study.finished) == 6 and not list(study.folder.glob("unfinished/*"))
    else:
        assert "\n" not in stopped
        assert ("no cluster answers" in stopped) == (pool.renewed > back)
        assert "no cluster answers" in stopped or fate.count("lost") >= IDLE
        played(asked, study, fail_fast=False, retry_failed=False, tell=lambda progress: None)
        assert len(study.finished) == 6


@pytest.mark.parametrize("fate", [["lost"] * 50, ["lost", "begun"] + ["lost"] * 50])
def test_workers_that_never_begin_stop_the_study_with_one_line(asked, tmp_path, fate, capsys):
    study = create(tmp_path, header_of(asked.plan), asked.plan.name)
    with pytest.raises(NoWorkers, match=rf"^workers ended {IDLE} times before they had begun a run \(Lost: gone\)$"):
        Runner(asked.plan, study, Engine(Fragile(fate, 99)), 0.01, False).play(3, lambda progress: None)
    study.refresh()
    assert not study.finished


def ways(*numbers):
    return [*SMALL, "replications=1", "experiment=ending", f"mechanism.ending.way={','.join(map(str, numbers))}"]


@pytest.fixture
def own(own):
    """The folder of traps, with an ending in it."""
    text = "# @package _global_\nmechanism:\n  ending: {_target_: ending.Ending, way: 0}\n"
    (own / "experiment" / "ending.yaml").write_text(text)
    return own


def test_what_would_end_the_program_ends_its_run(own, tmp_path):
    """In this process; a row that says what was raised, whatever it was, and the next run is played."""
    study = sweep(own, tmp_path / "study", *ways(*range(ending.LAST)), HERE)
    errors = study.runs["error"].tolist()
    assert study.runs["status"].tolist() == ["complete"] + ["failed"] * (ending.LAST - 1)
    own = "Ending.on_begin: ending.py line"
    assert errors[1:] == [
        f"{own} 24: SystemExit: 7", f"{own} 25: SystemExit: several lines", f"{own} 26: SystemExit", "Halt: stop",
        f"{own} 28: Mute: Mute", "GeneratorExit:",
    ]  # fmt: skip


def test_a_run_that_ends_its_process_costs_one_row_in_processes(own, tmp_path, capsys):
    """Also where its first months are tried, to tell how long the study takes."""
    words = [*ways(ending.LAST, 1, 0), "engine=processes", "engine.workers=1", "--config-dir", str(own)]
    asked = ["sweep", *words, "--allow-foreign-code", "--no-report", "--folder", str(tmp_path / "study")]
    assert cli.main(asked) == 3
    told = capsys.readouterr().err
    assert "3 runs; how long cannot be told: RuntimeError: it ended the process that tried its first months" in told
    assert "Traceback" not in told
    assert sim.Study(tmp_path / "study", True).runs["status"].tolist() == ["crashed", "failed", "complete"]


def test_a_worker_of_a_pool_is_told_to_play_serially(tmp_path):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        told = pool.apply(refusals, (str(tmp_path),))
    for word, line in told.items():
        assert line == f"engine={word}: this process is a worker itself and may start no others; expected engine=serial"
    assert set(told) == {"processes", "dask", "ray"}
    assert not list(tmp_path.iterdir())


def refusals(folder):
    """What engines that start processes say where none may be started."""
    told = {}
    for word in ENGINES:
        try:
            engine(word).ready()
        except ConfigError as error:
            told[word] = str(error)
    with pytest.raises(ConfigError, match="expected engine=serial"):
        sim.sweep(*SMALL, TWO, "engine=processes", folder=f"{folder}/study")
    return told


@pytest.mark.parametrize(("word", "library"), [("dask", "distributed"), ("ray", "ray"), ("slurm", "submitit")])
def test_a_missing_library_is_said_before_a_folder_is_made(word, library, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    for ask in (lambda *words, **how: sim.sweep(*words, TWO, **how), lambda *w, **how: sim.compare(*w, arms=["", TWO[:-4]], **how)):
        with pytest.raises(ConfigError, match=rf"^engine={word}: not installed; pip install 'differentia\[{word}\]'$"):
            ask(*SMALL, f"engine={word}", folder=tmp_path / "study")
    assert not list(tmp_path.iterdir())


ANY = st.text(st.characters(codec="utf-8"), max_size=20)
HOST = st.from_regex(r"[a-z0-9.-]{1,12}", fullmatch=True)
CUT = st.sampled_from(["\n", "\r", " ", "\t", "@", "/", "?", "#", "\x00", "\u2028", ";", "$", "`", "'", "\\"])


@st.composite
def crooked(draw):
    """An address with something in it that an address does not have, or none at all."""
    whole = f"{draw(HOST)}:{draw(st.integers(1, 65535))}"
    place = draw(st.integers(0, len(whole)))
    return draw(
        st.sampled_from(
            [
                whole[:place] + draw(CUT) + whole[place:],
                f"{draw(st.sampled_from(['file', 'http', 'ray', 'tcps', 'inproc', 'pickle']))}://{whole}",
                f"{draw(HOST)}:{draw(st.integers(65536, 99999))}",
                f"{whole}{draw(st.sampled_from(['/', '?a', ':1', chr(10), ' --x']))}",
            ]
        )
    )


@settings(deadline=None, max_examples=150)
@given(address=crooked() | ANY.filter(lambda text: text and text != "auto" and ":" not in text))
def test_what_is_no_address_is_refused_in_a_line_before_anything_looks_there(address):
    for word in ("dask", "ray"):
        with pytest.raises(ConfigError, match=r"expected host:port") as refused:
            engine(word, address=address)
        assert str(refused.value).startswith("address = ") and len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("address", ["tcp://there:8786", "tls://10.0.0.1:1", "there-1.example_x.org:65535", "tcp://[::1]:8786"])
def test_addresses_are_taken(address):
    assert engine("dask", address=address).address == address
    assert engine("ray", address=address.split("//")[-1]).address


@settings(deadline=None, max_examples=150)
@given(partition=ANY, inside=CUT)
def test_a_partition_is_one_word_of_a_script(partition, inside):
    for text in (partition, f"debug{inside}{partition}", f"debug\n#SBATCH --wrap={partition}", f"{partition}\n"):
        if text and not all(c.isascii() and (c.isalnum() or c in "_.,:-") for c in text):
            with pytest.raises(ConfigError, match="expected letters, digits and _ . , : - only") as refused:
                engine("slurm", partition=text)
            assert len(str(refused.value).splitlines()) == 1
        else:
            assert engine("slurm", partition=text).partition == text


@pytest.mark.parametrize("folder", ["a\nb", "jobs\r", "%j", "\x1b[0m", "", "  ", "x\u2028y", "a\x00"])
def test_a_folder_of_jobs_is_one_line_of_a_script(folder):
    with pytest.raises(ConfigError, match="expected a folder's name without %") as refused:
        engine("slurm", folder=folder)
    assert len(str(refused.value).splitlines()) == 1


PLACED = ["engine.address=tcp://127.0.0.1:9", "++engine.address=127.0.0.1:9", "engine.partition=theirs", "engine.folder=/theirs"]


@pytest.mark.parametrize("word", PLACED)
def test_a_stored_study_does_not_say_where_tasks_go(word, tmp_path):
    """Its folder may come from somebody else; one's own words say it again, or another engine."""
    study = sim.sweep(*SMALL, TWO, HERE, "periods=1", folder=tmp_path)
    header = json.loads((tmp_path / CATALOGUE).read_text())
    kind = "slurm" if "address" not in word else "dask"
    header["words"] = [w for w in header["words"] if not w.startswith("engine")] + [f"engine={kind}", word]
    (tmp_path / CATALOGUE).write_text(json.dumps(header))
    name = word.lstrip("+").partition("=")[0]
    with pytest.raises(ConfigError, match=rf"was played with .*{name}=.*: give {name}=\.\.\. again, or another engine"):
        sim.sweep(folder=tmp_path, resume=True)
    assert sim.sweep(HERE, folder=tmp_path, resume=True).fingerprint() == study.fingerprint()
    assert sim.sweep(word.lstrip("+"), folder=tmp_path, resume=True).fingerprint() == study.fingerprint(), "all is played"
