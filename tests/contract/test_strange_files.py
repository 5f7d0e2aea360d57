"""A stranger's configuration is data: no spelling, in no place, imports, reads, writes or sends anything (docs/security.md)."""

import json
import pathlib
import sys

import pytest

from sim.desk import cli
from sim.ground.params import ConfigError
from sim.study.planning import question
from sim.study.sweep import opened
from sim.world.composing.composition import DataSource, installed_plugins
from sim.world.composing.configuration import load, plain
from sim.world.composing.door import check_strange_words, check_words
from sim.world.composing.reading import plain as harmless

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own

GLOBAL = "# @package _global_\n"
RESOLVERS = ["oc.env:SECRET", "oc.env:SECRET,x", "oc.decode:1", "oc.create:{a: 1}", "oc.select:seed", "oc.deprecated:seed", "now:%Y",
             "hydra:runtime.cwd", "oc.dict.keys:firms", "oc.dict.values:firms", "nosuch:x"]  # fmt: skip
SPELLINGS = ["${%s}", "${ %s}", "${\t%s}", "${  %s  }", "x ${%s} y", "${seed}${%s}", "${${%s}}", "${oc.select:${%s}}", "\\${%s}", "\\\\${%s}",
             "${%s", "${\n%s}"]  # fmt: skip
PLACES = {  # of a text, in files of one's own
    "a value": ("experiment", {"name": "TEXT"}),
    "a value of a firm": ("experiment", {"firms": {"thrift": {"markup": "TEXT"}}}),
    "a list": ("experiment", {"metrics": ["share", "TEXT"]}),
    "a name": ("experiment", {"firms": {"TEXT": {}}}),
    "a name at the top": ("experiment", {"TEXT": 1}),
    "what is made of": ("experiment", {"defaults": ["TEXT"]}),
    "a group": ("experiment", {"defaults": [{"TEXT": "intercity"}]}),
    "a file of a group": ("experiment", {"defaults": [{"/population": "TEXT"}]}),
    "a level": ("experiment", {"factors": {"x": {"levels": {"a": ["name=TEXT"]}}}}),
    "a factor": ("experiment", {"factors": {"name": ["TEXT", "b"]}}),
    "a class": ("mechanism", {"_target_": "TEXT"}),
    "a rule's value": ("mechanism", {"x": "TEXT"}),
    "the engine's class": ("engine", {"_target_": "TEXT"}),
    "a design": ("design", {"_target_": "sim.study.design.factorial.Factorial", "x": "TEXT"}),
}
PARTS = {"strategy": "flexibility", "pricing": "cost_plus", "revision": "fixed"}
SETTINGS = ["searchpath", "run.dir", "sweep.dir", "sweep.subdir", "output_subdir", "mode", "sweeper.params", "launcher._target_", "callbacks.x",
            "job_logging", "hydra_logging", "job.chdir", "job.env_set", "job.env_copy", "verbose", "help.template", "runtime.output_dir"]  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A new folder with a folder `own` in it, a secret in the environment, and a module that must not be imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", "hunter2")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "evil.py").write_text(f"import pathlib; pathlib.Path({str(tmp_path / 'imported')!r}).touch()\n")
    (tmp_path / "own").mkdir()
    yield tmp_path
    assert "evil" not in sys.modules
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "__pycache__") == ["evil.py", "own"]


def put(here, group, values, first=GLOBAL):
    """Write a file `mine` of a group; JSON is YAML, and escapes what would be read otherwise."""
    path = here / "own" / group / "mine.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((first if group in ("experiment", "scenario") else "") + json.dumps(values) + "\n")
    return "+mechanism=mine" if group == "mechanism" else f"{group}=mine"


def filled(values, text):
    """Values with a text wherever TEXT stands."""
    return json.loads(json.dumps(values).replace("TEXT", json.dumps(text)[1:-1]))


def refusal(*words, own="own"):
    """The line with which the words are refused."""
    with pytest.raises(ConfigError) as told:
        load(words, own)
    assert "hunter2" not in str(told.value)
    return str(told.value)


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_resolved(here, place):
    """Every resolver in every spelling, wherever a file can hold it."""
    group, values = PLACES[place]
    for resolver in RESOLVERS:
        for spelling in SPELLINGS:
            text = spelling % resolver
            told = refusal(put(here, group, filled(values, text)))
            assert "mine.yaml, line" in told, (text, told)


@pytest.mark.parametrize("group", PARTS)
def test_nothing_is_resolved_in_files_that_hydra_does_not_read(here, group):
    config = load([f"firms.thrift.{group}=mine"], "own")
    for resolver in RESOLVERS[::4]:
        for spelling in SPELLINGS:
            put(here, group, {"_target_": spelling % resolver})
            with pytest.raises(ConfigError, match=r"mine\.yaml, line") as told:
                plain(config, "own")
            assert "hunter2" not in str(told.value)


def test_files_that_are_never_looked_at_are_not_read(here):
    for group in (*PARTS, "mechanism", "engine", "experiment", "hydra/launcher"):
        put(here, group, {"_target_": "${oc.env:SECRET}"})
    load(["seed=1"], "own")
    assert not any("mine" in path for path in DataSource.parts)


def test_what_is_harmless_stays():
    assert all(map(harmless, ["${seed}", "x ${name} y", "${firms.thrift.markup}", "5 $", "{a}", ""]))
    assert not any(harmless(spelling % resolver) for spelling in SPELLINGS for resolver in RESOLVERS)
    firm = load(["firms.thrift.markup=${firms.thrift.presence}"]).firms.thrift
    assert firm.markup == firm.presence


@pytest.mark.parametrize("setting", SETTINGS)
def test_no_file_sets_what_is_hydras(here, setting):
    """By its place, by its name, by a package, by its defaults, or through a file that is put there."""
    block, _, leaf = setting.partition(".")
    whole = {"hydra": {block: {leaf: "../../x"} if leaf else ["pkg://evil"]}}
    inside = {leaf: "../../x"} if leaf else ["pkg://evil"]
    for first, values in (
        (GLOBAL, whole),
        (GLOBAL, {f"hydra.{setting}": "x"}),
        ("# @package hydra\n", {block: inside}),
        ("# @package _global_.hydra\n", {block: inside}),
        (f"# @package hydra.{block}\n", {leaf or "x": "../../x"}),
        (GLOBAL, {"defaults": [{f"override /hydra/{block}": "basic"}]}),
        (GLOBAL, {"defaults": [{f"/hydra/{block}": "basic"}]}),
        (GLOBAL, {"defaults": [f"/experiment/other@hydra.{block}"]}),
        (GLOBAL, {"defaults": [{f"/experiment@hydra.{block}": "other"}]}),
        (GLOBAL, {"defaults": [{f"optional /experiment@_global_.hydra.{block}": "other"}]}),
    ):
        (here / "own" / "experiment").mkdir(exist_ok=True)
        (here / "own" / "experiment" / "other.yaml").write_text(json.dumps({leaf or "x": "../../x"}))
        told = refusal(put(here, "experiment", values, first))
        assert "foreign code is refused" in told, (first, values, told)


@pytest.mark.parametrize("setting", SETTINGS)
def test_words_set_no_more_of_hydras_than_folders(here, setting):
    """On the command line, of a stored study, or of a factor."""
    for word in (f"hydra.{setting}=x", f"+hydra.{setting}=x", f"++hydra.{setting}=[pkg://evil]", f"~hydra.{setting}",
                 f"hydra.{setting}={{a: b}}", f"+experiment@hydra.{setting}=opening"):  # fmt: skip
        if setting not in ("run.dir", "sweep.dir") or not word.startswith(("hydra.", "+hydra.")) or "{" in word:
            with pytest.raises(ConfigError, match="foreign code is refused"):
                check_words([word])
        with pytest.raises(ConfigError, match="for the command line"):
            check_strange_words([word], "study.json")
    for command in ([], ["sweep", "--dry-run"], ["compare", "seed=1", "seed=2"], ["--multirun"]):
        assert cli.main([*command, "hydra.searchpath=[pkg://evil]"]) == 2


@pytest.mark.parametrize(
    "word", ["hydra.searchpath=[pkg://evil]", "hydra/launcher=basic", "engine.address=tcp://x:1", "engine.partition=x", "engine.cluster=local",
             "engine.folder=/x", "name=${oc.env:SECRET}", "name=${ oc.env:SECRET}", "+engine.address=x"])  # fmt: skip
def test_words_that_only_the_user_may_say(here, word):
    """In a factor's levels, as a factor, and among the words of a study that is resumed."""
    name, _, value = word.partition("=")
    for factors in ({"x": {"levels": {"a": [word], "b": []}}}, {"x": {"set": [name], "to": [value, "b"]}}, {name: [value, "b"]}):
        with pytest.raises(ConfigError):
            question([put(here, "experiment", {"factors": factors})], "own")
    if not word.startswith("name"):
        with pytest.raises(ConfigError, match="command line"):
            check_strange_words([word], "study.json")


def test_a_resumed_study_has_its_words_checked(here, monkeypatch):
    class Stored:
        header = {"words": ["seed=1", "hydra.searchpath=[pkg://evil]"]}

        def verify(self):
            pass

    monkeypatch.setattr("sim.study.sweep.Study", lambda folder, allow_foreign: Stored())
    with pytest.raises(ConfigError, match="study.json: hydra.searchpath"):
        opened([], "results/x", True, None, False)


@pytest.mark.parametrize("name", ["address", "partition", "cluster", "folder"])
@pytest.mark.parametrize("kind", ["dask", "ray", "slurm", "processes"])
def test_no_file_says_where_runs_are_sent(here, name, kind):
    target = f"sim.study.engine.{kind}.{kind.title()}"
    word = put(here, "experiment", {"defaults": [{"override /engine": kind}], "engine": {name: "tcp://x:1"}})
    assert "only the command line says where runs are sent" in refusal(word)
    (here / "own" / "experiment" / "mine.yaml").unlink()
    for chosen in (put(here, "engine", {"_target_": target, name: "tcp://x:1"}), "seed=1"):
        assert chosen == "seed=1" or "where runs are sent" in refusal(chosen)
    if kind != "processes" and name in load([f"engine={kind}"]).engine:
        assert load([f"engine={kind}", f"engine.{name}=x"], "own").engine[name] == "x"


def test_a_plugin_beside_a_users_files_is_not_imported(here, monkeypatch):
    (here / "hydra_plugins").mkdir()
    (here / "hydra_plugins" / "evil.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.delitem(sys.modules, "hydra_plugins")
    installed_plugins()
    kept = [pathlib.Path(place) for place in sys.modules["hydra_plugins"].__path__]
    assert here / "hydra_plugins" not in kept
    assert all(place.parent.name in ("site-packages", "dist-packages") for place in kept)
    (here / "hydra_plugins" / "evil.py").unlink()
    (here / "hydra_plugins").rmdir()


SIGNS = ["\x1b[31m", "\x9b31m", "\x07", "\x00", "\x7f", "\u202e", "\u2028", "\x85", "\ufeff", "\r", "\x1b]0;x\x07"]


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
def test_no_sign_of_a_file_steers_the_terminal(here, capsys, sign):
    for values in ({"name": f"a{sign}b"}, {f"x{sign}y": 1}, {"firms": {f"a{sign}b": {"mode": "bus"}}}, {"defaults": [f"a{sign}b"]}):
        assert cli.main(["--config-dir", "own", put(here, "experiment", values), "--cfg"]) == 2
        err = capsys.readouterr().err
        assert err.rstrip("\n").isprintable() and err.endswith("\n"), ascii(err)


def test_a_second_job_does_not_write_over_the_first(tmp_path, monkeypatch, capsys):
    """Also where foreign code was allowed, and all jobs were given one folder."""
    monkeypatch.chdir(tmp_path)
    words = ["population.customers=300", "periods=1", "replications=1", "seed=1,2", "hydra.sweep.subdir=same", "hydra.sweep.dir=out"]
    assert cli.main(["-m", "-q", "--no-report", "--allow-foreign-code", *words]) == 2
    assert "holds another run already" in capsys.readouterr().err
    assert (tmp_path / "out" / "same" / "manifest.json").exists()
