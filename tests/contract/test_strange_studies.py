"""A study folder of a stranger, and one of any name, is data: nothing in it runs, writes or reads anything outside."""

import csv
import json
import os
import shutil

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from studies import HERE, SMALL, TWO, chunks, resumed

import sim
from sim.ground import files
from sim.ground.params import ConfigError
from sim.study.answers.compare import compare
from sim.study.catalogue import packed
from sim.study.chunk import row_sum
from sim.study.store import Study

TABLES = ("runs", "firms", "market", "points")
NAMES = ["share=1", "run=a", "point=7", "seed=5", "firm=x", "period=2", "status=failed", "metric=share", "[a]", "*", "**", "?", "{x}",
         "{a,b}", "it's", '"so"', "two  words", " led", "100%", "a%20b", "#1", "a;b", "a,b", "$HOME", "~", "-n", "x.parquet", "trailing.",
         "a\\b", "new\nline", "夜班车", "é", "e\u0301", "😀", "x" * 200, "=1+1", "a=b=c", "=", "run=", "__HIVE_DEFAULT_PARTITION__", "s3:"]  # fmt: skip
COMPARED = "firms.thrift.markup=0.1", "firms.thrift.markup=0.3", "firms.echo.markup=0.2"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A study of four points and twelve runs, under a plain name."""
    return sim.sweep(*SMALL, *TWO, HERE, folder=tmp_path_factory.mktemp("whole") / "plain")


@pytest.fixture
def again(whole, tmp_path):
    """A copy of it in a folder of its own, beside which a victim lies."""
    shutil.copytree(whole.folder, tmp_path / "own" / "study")
    (tmp_path / "victim.txt").write_text("untouched")
    return tmp_path / "own" / "study"


@pytest.fixture
def undrawn(monkeypatch):
    """No picture is drawn, to be quick."""
    monkeypatch.setattr("sim.pages.comparison.figures", lambda found: {})


def told(study):
    """What every reader says."""
    frames = [study.outcomes(["share", "profit"]), study.runs.drop(columns="seconds"), study.parameters()]
    frames += [study.frame(table) for table in ("firms", "market")]
    frames += [study.query("SELECT * FROM runs JOIN firms USING (run) ORDER BY ALL").drop(columns="seconds")]
    return [*frames, study.fingerprint(), sorted(study.finished), study.config(3)]


def alike(one, other):
    return all(a.equals(b) if isinstance(a, pd.DataFrame) else a == b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("inside", ["{}", "{}/study", "a=1/{}/seed=9"])
def test_any_name_of_a_folder_gives_the_same_numbers(whole, tmp_path, inside):
    """Also of a folder above; read, and gone on with."""
    right = told(whole)
    for number, name in enumerate(NAMES if inside == "{}" else NAMES[::3]):
        folder = tmp_path / inside.format(name)
        shutil.copytree(whole.folder, folder)
        study = Study(folder)
        study.verify()
        assert not study.damaged, name
        assert alike(told(study), right) if number < 8 else study.outcomes(["share", "profit"]).equals(right[0]), name
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["share=1", "run=a/seed=5", "it's [a]*", "a\\b"])
def test_a_study_is_played_resumed_compared_and_analysed_under_any_name(whole, tmp_path, monkeypatch, name, undrawn):
    monkeypatch.chdir(tmp_path)
    study = sim.sweep(*SMALL, *TWO, HERE, folder=name)
    assert study.outcomes(["share"]).equals(whole.outcomes(["share"]))
    shutil.rmtree(chunks(study.folder)[-1])
    study = resumed(study.folder)
    assert study.fingerprint() == whole.fingerprint()
    found, right = compare(name, *COMPARED), compare(str(whole.folder), *COMPARED)
    pd.testing.assert_frame_equal(found.contrasts, right.contrasts)
    with pytest.raises(ConfigError, match="nothing to analyse"):
        sim.analyse(name, "profit")


def test_the_panel_of_a_run_is_the_same_under_any_name(tmp_path):
    scenario = sim.compose("records=panel", "population.customers=300", "periods=3", "replications=1", "records.sample=50")
    right = sim.run(scenario).panel
    for name in ("amount=1", "customer=7/firm=x", "[a]"):
        pd.testing.assert_frame_equal(sim.run(scenario, folder=tmp_path / name).panel, right)


@pytest.mark.parametrize("name", [b"\xff", b"a\xfeb"])
def test_a_folder_whose_name_is_no_text_is_told(whole, tmp_path, name):
    folder = os.fsencode(tmp_path) + b"/" + name
    shutil.copytree(os.fsencode(whole.folder), folder)
    with pytest.raises(ConfigError, match="name is text in UTF-8"):
        Study(os.fsdecode(folder))


def test_a_long_word_is_no_folder(tmp_path):
    with pytest.raises(ConfigError, match="at least two arms"):
        compare("name=" + "x" * 5000, folder=tmp_path / "study")


def hostile(victim):
    """Names that would be SQL, paths, formulas or markup, if anything took them for that."""
    out = f"{victim.parent}/written"
    yield f"x\" FROM runs; COPY (SELECT 1) TO '{out}'; --"
    yield f"x\"); COPY runs TO '{out}'; SELECT (\""
    yield f"\" || (SELECT content FROM read_text('{victim}')) || \""
    yield f"a' ; COPY (SELECT 1) TO '{out}' ; --"
    yield f"x\"; ATTACH '{out}' AS y; --"
    yield "x\"; INSTALL httpfs; LOAD httpfs; --"
    yield from ("../../written", "/etc/passwd", "a/b/../../../written", "..", ".", "~root", "$(touch written)", "`touch written`", "%s%n", "{0.__class__}",
                "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "[/red]x", "$\\foo$", "<script>alert(1)</script>", "x\\", "'", '"', '""', "*", "firms.*", "夜班车",
                "RUN", "Share", "share", "firm", "arm", "period", "x" * 300)  # fmt: skip


def renamed(folder, name, level=None):
    """The study with another name of its first factor, and of a level, in the catalogue and every chunk alike, sums among it."""
    header = json.loads((folder / "study.json").read_text())
    old = header["factors"][0]["name"]
    header["factors"][0]["name"] = name
    if level is not None:
        header["factors"][0]["levels"][0] = level
        header["factors"][0]["levels"][1] = f"{level} too"
    (folder / "study.json").write_text(json.dumps(header))
    for chunk in chunks(folder):
        table = pq.ParquetFile(chunk / "runs.parquet").read()
        about = table.schema.metadata
        place = table.column_names.index(old)
        if level is not None:
            values = [level if value == 0.1 else f"{level} too" for value in table[old].to_pylist()]
            table = table.set_column(place, old, [values])
        table = table.rename_columns([name if column == old else column for column in table.column_names])
        sums = json.loads(about[b"sums"]) | {"runs": row_sum(table)}
        about = about | {b"sums": json.dumps(sums).encode(), b"study": packed(json.dumps(header)).encode()}
        pq.write_table(table.replace_schema_metadata(about), chunk / "runs.parquet")


def test_hostile_names_of_factors_are_names(whole, again):
    """As a factor's name; the numbers are what they were, or it is said in a line, and nothing is written or read outside."""
    victim, right = again.parents[1] / "victim.txt", whole.outcomes(["share"])
    before, good = {path for path in again.parents[1].rglob("*")}, 0
    for number, name in enumerate(hostile(victim)):
        folder = again.with_name(f"copy{number}")
        shutil.copytree(again, folder)
        renamed(folder, name)
        try:
            study = Study(folder)
            found = study.outcomes(["share"])
            assert study.runs[name].tolist() == whole.runs["firms.thrift.markup"].tolist(), name
            if number < 6:
                assert study.fingerprint() and study.config(0)
                study.xarray(["share"])
        except ConfigError as error:
            assert len(str(error).splitlines()) == 1, name
        else:
            good += 1
            assert found["share"].equals(right["share"]), name
        shutil.rmtree(folder)
    assert {path for path in again.parents[1].rglob("*")} == before
    assert victim.read_text() == "untouched"
    assert good > 15


@pytest.mark.parametrize("sql", [
    "SELECT * FROM read_text('{victim}')", "SELECT * FROM read_csv('{victim}')", "SELECT * FROM '{victim}'", "COPY (SELECT 1) TO '{victim}'",
    "COPY runs TO '{victim}.csv'", "ATTACH '{victim}.db' AS x", "INSTALL httpfs", "LOAD httpfs", "SET enable_external_access = true", "SET threads = 4",
    "SET allowed_directories = ['/']", "RESET lock_configuration", "EXPORT DATABASE '{victim}.d'", "SELECT * FROM glob('{victim}*')",
    "SELECT * FROM read_text('{own}/../../victim.txt')", "PRAGMA enable_profiling='json'", "SET secret_directory='{victim}'", "SET home_directory='{victim}'",
])  # fmt: skip
def test_a_query_reads_and_writes_nothing_outside_the_folder(again, sql):
    victim = again.parents[1] / "victim.txt"
    before = {path for path in again.parents[1].rglob("*")}
    study = Study(again)
    try:
        found = study.query(sql.format(victim=victim, own=again))
        assert "untouched" not in found.to_csv()
        assert len(found) == 0
    except ConfigError as error:
        assert len(str(error).splitlines()) == 1
    assert {path for path in again.parents[1].rglob("*")} == before
    assert victim.read_text() == "untouched"


LINKED = ["study.html", "study.csv", "compare.html", "compare.md", "compare.csv", "moves.csv", "analysis.html", "study.part", "compare.part",
          "points.parquet", "study.json", ".lock"]  # fmt: skip


@pytest.mark.parametrize("dangling", [False, True])
def test_no_writer_follows_a_link(whole, again, dangling, undrawn):
    """Links in the place of all that is written; they are replaced, or told in a line."""
    victim = again.parents[1] / ("nowhere.txt" if dangling else "victim.txt")
    for name in LINKED[:-1]:
        (again / name).unlink(missing_ok=True)
        (again / name).symlink_to(victim)
    study = Study(again)
    assert study.outcomes(["share"]).equals(whole.outcomes(["share"]))
    sim.report(compare(str(again), *COMPARED), again)
    sim.report(study, ["share"])
    resumed(again)
    assert not (again / "study.csv").is_symlink()
    assert not (again / "study.json").is_symlink()
    (again / ".lock").unlink(missing_ok=True)
    (again / ".lock").symlink_to(victim)
    with pytest.raises(ConfigError, match=r"\.lock: a link or a folder"):
        resumed(again)
    assert victim.exists() != dangling
    assert (again.parents[1] / "victim.txt").read_text() == "untouched"


@pytest.mark.parametrize("name", ["chunks", "damaged", "unfinished"])
def test_a_folder_that_is_a_link_is_refused(whole, again, name):
    outside = again.parents[1] / "outside"
    if (again / name).exists():
        (again / name).rename(outside)
    outside.mkdir(exist_ok=True)
    (again / name).symlink_to(outside)
    before = sorted(outside.rglob("*"))
    with pytest.raises(ConfigError, match=rf"{name}: a link; expected a folder of its own"):
        resumed(again)
    (again / "study.json").unlink()
    with pytest.raises(ConfigError, match=rf"{name}: a link; expected a folder of its own"):
        Study(again)
    assert sorted(outside.rglob("*")) == before


@pytest.mark.parametrize("part", ["", "runs.parquet", "firms.parquet", "market.parquet"])
def test_a_chunk_that_is_a_link_or_holds_one_is_left_out(whole, again, part):
    victim, outside = chunks(again)[-1], again.parents[1] / "outside"
    (victim / part).rename(outside)
    (victim / part).symlink_to(outside)
    before = sorted(outside.rglob("*")), outside.stat().st_mtime_ns
    study = Study(again)
    assert study.damaged.keys() == {victim.name}
    assert "link" in study.damaged[victim.name]
    assert len(study.outcomes(["share"])["run"].unique()) < 12
    assert resumed(again).fingerprint() == whole.fingerprint()
    assert (sorted(outside.rglob("*")), outside.stat().st_mtime_ns) == before


@pytest.mark.parametrize("name", ["study.json", "points.parquet", "runs.parquet"])
def test_a_pipe_is_not_waited_for(whole, again, name):
    path = (chunks(again)[-1] if name == "runs.parquet" else again) / name
    path.unlink()
    os.mkfifo(path)
    study = Study(again)
    assert len(study.outcomes(["share"]))
    assert len(study.damaged) == (name == "runs.parquet")


def test_the_panel_of_a_run_is_not_written_through_a_link(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "part-00000.parquet").write_text("untouched")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "panel").symlink_to(outside)
    scenario = sim.compose("records=panel", "population.customers=300", "periods=1", "replications=1", "records.sample=5")
    with pytest.raises(ConfigError, match="panel: a link"):
        sim.run(scenario, folder=tmp_path / "run")
    assert (outside / "part-00000.parquet").read_text() == "untouched"


STARTS = ["=", "+", "-", "@", "\t=", "\r=", "\n", "＝", "＋", "－", "＠", " =", "\u00a0=", "\ufeff="]
FORMULAS = [f"{start}{rest}" for start in STARTS for rest in ("cmd|' /C calc'!A0", "1+1", "SUM(A1)", "x", "HYPERLINK(\"http://x\")", '","=1', "\n=1")]
HARMLESS = ["", "x", "a\n=1", "a=b", "1-2", "-0.5", "+3", "-1e-9", "-inf", "夜", "'=1", "(=1)", "0", "nan", "x@y"]


def test_no_cell_is_a_formula_and_every_number_stays(tmp_path):
    texts = FORMULAS + HARMLESS
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=len(texts)) * 10.0 ** rng.integers(-12, 12, len(texts))
    frame = pd.DataFrame({"text": texts, "mixed": [*texts[1:], -0.25], "number": numbers, "whole": -np.arange(len(texts)), "=x": numbers < 0,
                          "kind": pd.Categorical(texts), "nothing": [None] * len(texts)})  # fmt: skip
    files.write_csv(tmp_path / "a.csv", frame)
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    assert head == ["text", "mixed", "number", "whole", "'=x", "kind", "nothing"]
    for row in rows:
        for cell in row:
            bare = cell.lstrip(" \u00a0\ufeff")
            if bare[:1] and bare[0] in "=+-@\t\r\n＝＋－＠":
                float(cell)
    assert [float(row[2]) for row in rows] == numbers.tolist()
    assert [int(row[3]) for row in rows] == (-np.arange(len(texts))).tolist()
    assert [row[0] for row in rows][len(FORMULAS) :] == HARMLESS
    assert [row[0] for row in rows][: len(FORMULAS)] == [f"'{text}".replace("\r", "\n") for text in FORMULAS]


def test_the_tables_of_a_hostile_study_hold_no_formula(again, undrawn):
    """Of a sweep, a comparison and an analysis."""
    renamed(again, "=1+cmd|' /C calc'!A0", "@SUM(1)")
    study = Study(again)
    sim.report(study, ["share"])
    found = sorted(again.glob("*.csv"))
    assert found
    for path in found:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                for cell in row:
                    if cell[:1] and cell[0] in "=+-@":
                        float(cell)
