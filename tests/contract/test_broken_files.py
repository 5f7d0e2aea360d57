"""Broken files of every group, by generated shapes: one clear line each, no traceback, nothing written."""

import itertools

import pytest
import yaml

from sim.desk import cli
from sim.ground.folders import config_folder
from sim.ground.params import ConfigError
from sim.world.composing.configuration import load, plain
from sim.world.scenario import PARTS

GLOBAL = "# @package _global_\n"
GROUPS = sorted(folder.name for folder in config_folder().iterdir() if folder.is_dir())
CHOSEN = {  # words with which a file `mine` of the group is read
    "strategy": "firms.thrift.strategy=mine", "pricing": "firms.thrift.pricing=mine", "revision": "firms.thrift.revision=mine",
    "mechanism": "+mechanism=mine", "market": "+market=mine", "experiment": "experiment=mine",
}  # fmt: skip
DEEP = "a: " + "[" * 2000 + "]" * 2000
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
LADDER = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{x: [*a{n - 1}]}}\n" for n in range(1, 500))
ROTTEN = {
    "a list": b"- 1\n- 2\n",
    "a number": b"42\n",
    "a truth value": b"yes\n",
    "a text": b"hello\n",
    "nothing": b"",
    "a comment": b"# only\n",
    "UTF-16": "seed: 3\n".encode("utf-16"),
    "UTF-16 without a mark": "seed: 3\n".encode("utf-16-le"),
    "Latin-1": "name: caf\xe9\n".encode("latin-1"),
    "bytes": bytes(range(256)),
    "nulls": b"\x00" * 100,
    "a control sign": b"name: a\x1bb\n",
    "itself": b"a: &a [*a]\n",
    "itself in a mapping": b"a: &a {b: {c: *a}}\n",
    "the whole in itself": b"&a\nb: *a\n",
    "too deep": DEEP.encode(),
    "a billion laughs": LAUGHS.encode(),
    "a ladder of aliases": LADDER.encode(),
    "too large": b"a: " + b"x" * 300_000 + b"\n",
    "too many": b"a: &a [" + b"1," * 250 + b"1]\nb: [" + b"*a," * 250 + b"*a]\n",
    "not closed": b"a: [1, 2\n",
    "a tab": b"\ta: 1\n",
    "an unknown alias": b"a: *b\n",
    "two documents": b"a: 1\n---\nb: 2\n",
    "twice": b"a: 1\na: 2\n",
    "a tag": b"a: !!python/object/apply:os.system [true]\n",
    "a binary tag": b"a: !!binary aGVsbG8=\n",
    "a set": b"a: !!set {b, c}\n",
    "a merge of a number": b"<<: 5\n",
    "a list as a name": b"? [a, b]\n: 1\n",
    "null as a name": b"a: {null: 1}\n",
    "on as a name": b"a: {on: 1}\n",
    "no as a name": b"no: {a: 1}\n",
    "a number as a name": b"a: {1: 2}\n",
    "a fraction as a name": b"a: {1.5: 2}\n",
    "an open reference": b"a: ${\n",
    "an open reference to something": b"a: ${seed\n",
    "a reference in a reference": b"a: ${${seed}}\n",
    "defaults a number": b"defaults: 5\n",
    "defaults a mapping": b"defaults: {a: b}\n",
    "defaults of a list": b"defaults: [[1]]\n",
    "defaults of a number": b"defaults: [5]\n",
    "defaults of nothing": b"defaults: [null]\n",
    "defaults of two": b"defaults: [{a: b, c: d}]\n",
    "defaults of none": b"defaults: [{}]\n",
    "defaults outside": b"defaults: [/../../x]\n",
    "defaults outside by a name": b"defaults: [{/population: ../../x}]\n",
    "defaults with a reference": b"defaults: [{/population: '${seed}'}]\n",
}
COMPOSED = {  # whatever is there only when the files are put together
    "no such group to override": "defaults: [{override /nosuch: x}]\n",
    "market to override": "defaults: [{override /market: telecom}]\n",
    "a list to override first": "defaults: [{override /population: [telecom]}, {/engine: dask}]\n",
    "no such group": "defaults: [{/nosuch: x}]\n",
    "no such file": "defaults: [{/population: nosuch}]\n",
    "twice itself": "defaults: [_self_, _self_]\n",
    "override first": "defaults: [{override /population: telecom}, {/mechanism: all}]\n",
    "twice the same": "defaults: [{/records: yearly}, {/records: yearly}]\n",
    "itself by its defaults": "defaults: [mine]\n",
    "itself by its full name": "defaults: [/experiment/mine]\n",
    "each other": "defaults: [other]\n",
    "a list for the firms": "firms: [1, 2]\n",
    "a list for a firm": "firms: {thrift: [1]}\n",
    "a list for the rules": "mechanism: [contexts]\n",
    "a list for a rule": "mechanism: {awareness: [1]}\n",
    "a list for the population": "population: [1]\n",
    "a list for the engine": "engine: [1]\n",
    "a mapping for a list": "metrics: {a: b}\n",
    "a mapping for a number": "seed: {a: b}\n",
    "a number for the population": "population: 5\n",
    "a number for the firms": "firms: 5\n",
    "a reference to nothing": "name: ${nosuch}\n",
    "a reference to a mapping": "name: ${firms}\n",
    "a reference to itself": "name: ${name}\n",
    "references to each other": "name: ${periods}\nperiods: ${name}\n",
    "an unknown name": "periodz: 3\n",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(here, capsys, group, text, *words):
    """The line with which a file `mine` of a group is refused; there is one, it can be shown, and nothing else is written."""
    path = here / "own" / group / "mine.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    studied = ["sweep"] if group in ("design", "engine", "precision") else []  # one run passes over it
    code = cli.main([*studied, "--config-dir", "own", *words, CHOSEN.get(group, f"{group}=mine")])
    out, err = capsys.readouterr()
    assert code == 2, (code, out[:200], err)
    assert len(err.strip().splitlines()) == 1, err
    assert err.rstrip("\n").isprintable(), err
    assert "Traceback" not in err + out
    assert len(err) < 700, err
    assert [p.name for p in here.iterdir()] == ["own"]
    return err


@pytest.mark.parametrize("group", PARTS)
def test_a_file_of_a_firms_part_that_is_no_configuration(here, capsys, group):
    """These are not Hydra's to read: every shape, with what Hydra composes composed once."""
    own = here / "own"
    (own / group).mkdir(parents=True)
    config = load([CHOSEN[group]], own)
    for name, text in ROTTEN.items():
        (own / group / "mine.yaml").write_bytes(text)
        with pytest.raises(ConfigError) as told:
            plain(config, own)
        assert f"{group}/mine.yaml" in str(told.value), (name, told.value)
    refused(here, capsys, group, ROTTEN["itself"])


@pytest.mark.parametrize("group", sorted({*GROUPS} - {*PARTS}))
def test_a_file_that_is_no_configuration(here, capsys, group):
    """Every shape in every group: the line names the file."""
    for name, text in ROTTEN.items():
        err = refused(here, capsys, group, text)
        assert f"{group}/mine.yaml" in err, (name, err)


def test_files_that_cannot_be_put_together(here, capsys):
    """Each refused with a line that says more than that something is wrong."""
    (here / "own" / "experiment").mkdir(parents=True)
    (here / "own" / "experiment" / "other.yaml").write_text(f"{GLOBAL}defaults: [mine]\n")
    for name, text in COMPOSED.items():
        err = refused(here, capsys, "experiment", GLOBAL + text)
        assert "Error:" not in err and "object_type" not in err and len(err.split()) > 4, (name, err)


def test_a_list_in_the_place_of_a_mapping_is_named(here, capsys):
    for key in ("firms", "mechanism", "population", "engine"):
        assert f"experiment/mine.yaml: {key}: expected a mapping, found a list" in refused(
            here, capsys, "experiment", f"{GLOBAL}{key}: [1]\n"
        )


@pytest.mark.parametrize("group", ["experiment", "scenario"])
def test_a_file_about_the_whole_that_does_not_say_so(here, capsys, group):
    text = (config_folder() / "scenario" / "telecom.yaml").read_text().removeprefix(GLOBAL)
    assert "# @package _global_" in refused(here, capsys, group, text)


def test_defaults_that_grow_without_end(here, capsys):
    """Each file twice the one before: 2 to the power of 40 files."""
    folder = here / "own" / "experiment"
    folder.mkdir(parents=True)
    for number in range(40):
        names = f"[step{number + 1}@a, step{number + 1}@b]"
        (folder / f"step{number}.yaml").write_text(f"defaults: {names}\n")
    (folder / "step40.yaml").write_text("x: 1\n")
    assert "by its defaults" in refused(here, capsys, "experiment", f"{GLOBAL}defaults: [step0]\n")


def test_a_mark_before_the_first_sign_is_no_mistake(here, capsys):
    folder = here / "own" / "experiment"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(f"{GLOBAL}periods: 7\n", encoding="utf-8-sig")
    assert cli.main(["--config-dir", "own", "experiment=mine", "--cfg"]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["periods"] == 7


def test_what_is_no_file_is_not_waited_for(here, capsys):
    import os

    for group, name in itertools.product(("strategy", "pricing"), ("fifo", "folder", "broken", "zero")):
        path = here / "own" / group / "mine.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        {
            "fifo": lambda: os.mkfifo(path),  # noqa: B023
            "folder": lambda: path.mkdir(),  # noqa: B023
            "broken": lambda: path.symlink_to("nowhere"),  # noqa: B023
            "zero": lambda: path.symlink_to("/dev/zero"),  # noqa: B023
        }[name]()
        assert cli.main(["--config-dir", "own", CHOSEN[group]]) == 2
        assert "mine.yaml: not a file that can be read" in capsys.readouterr().err
        path.rmdir() if name == "folder" else path.unlink()


WORDS = [
    "seed=[1", "seed==3", "=3", "seed=1 2", "seed='", "seed=${", "seed=${seed", "hydra.run.dir=${", "hydra.run.dir=\x1b", "a.b.c=3",
    "firms=[1]", "firms.thrift=[1]", "mechanism.awareness=[1]", "population=[1]", "scenario=[1]", "scenario={a: 1}", "scenario=5",
    "seed={a: 1}", "~seed=3", "~", "~=", "++", "+=", "+seed=3", "++seed", "seed.x=3", "seed.x.y=3", "periods.0=3", "tables.0.x=3",
    "experiment=../../x", "experiment=/etc/passwd", "experiment=.", "experiment=..", "experiment=''", "scenario=@", "scenario@x=telecom",
    "@x=3", "experiment@=where", "a/b=c", "/seed=3", "seed=\x00", "name=\x07", "name=\u202e", "name=\ud800", "seed=a,b", "seed=range(1,3)",
    "seed=interval(1,3)", "seed=glob(*)", "seed=sort(3,1)", "seed=shuffle(1,2)", "seed=nosuch(1)", "name=${oc.env:HOME}", "name=${seed:1}",
    "periods=???", "replications=null", "population=null", "population=", "mechanism=null", "mechanism=''", "mechanism=[[a]]", "records=null",
]  # fmt: skip


def test_words_that_cannot_be_read(here, capsys):
    for word in WORDS:
        for more in ([], ["--multirun"]):
            if more and (not {*word} & {*"([$"} or word.startswith(("seed=range", "seed=sort"))):
                continue
            code = cli.main([*more, word, "--cfg"])
            out, err = capsys.readouterr()
            assert code in (0, 2), (word, err)
            assert code == 0 or len(err.strip().splitlines()) == 1, (word, err)
            assert code == 0 or err.rstrip("\n").isprintable(), (word, err)
            assert "Traceback" not in err + out
            assert not list(here.iterdir()), word


@pytest.mark.parametrize("command", ["", *cli.COMMANDS])
def test_an_option_that_a_command_does_not_use(here, capsys, command):
    """Whoever does use it is named."""
    options = {
        "config_dir": ["--config-dir", "."], "allow_foreign_code": ["--allow-foreign-code"], "quiet": ["-q"], "multirun": ["-m"],
        "folder": ["--folder", "x"], "resume": ["--resume"], "dry_run": ["--dry-run"], "fail_fast": ["--fail-fast"], "cfg": ["--cfg"],
        "retry_failed": ["--retry-failed"], "no_report": ["--no-report"], "arms": ["--with", "seed=1"], "metric": ["--metric", "x"],
        "firm": ["--firm", "x"], "report_folder": ["--report-folder", "x"],
    }  # fmt: skip
    for name in options.keys() - cli.TAKES[command]:
        assert cli.main([command, *options[name]] if command else options[name]) == 2
        err = capsys.readouterr().err
        assert "not an option of" in err and "it is one of" in err
        assert len(err.strip().splitlines()) == 1


def test_an_option_with_nothing_after_it(here, capsys):
    for option in ("--config-dir", "--folder", "--metric", "--firm", "--report-folder"):
        assert cli.main(["sweep", option, " "]) == 2
        assert f"{option}: expected a name after it" in capsys.readouterr().err


@pytest.mark.parametrize("folder", [".", "/", "..", "a/..", "''", "' '", "null", "???", "${nosuch}", "${oc.env:NOSUCH}", "blocked/x"])
@pytest.mark.parametrize("of", ["run", "sweep"])
def test_a_folder_for_results_that_can_be_none(here, capsys, folder, of):
    (here / "blocked").write_text("")
    more = ["--multirun"] if of == "sweep" else []
    assert cli.main([*more, f"hydra.{of}.dir={folder}", "population.customers=300", "periods=1", "replications=1"]) == 2
    err = capsys.readouterr().err
    assert f"hydra.{of}.dir" in err
    assert len(err.strip().splitlines()) == 1, err
    assert [p.name for p in here.iterdir()] == ["blocked"]


def test_a_fault_of_the_program_is_one_line_and_debug_shows_where(monkeypatch, capsys):
    def fails(args):
        raise KeyError("what\x1b[31m")

    monkeypatch.setattr("sim.desk.console.single", fails)
    assert cli.main([]) == 1
    err = capsys.readouterr().err
    assert err == "differentia: internal error: KeyError: 'what\\x1b[31m'; --debug shows where\n"
    assert cli.main(["--debug"]) == 1
    assert "in fails" in capsys.readouterr().err
