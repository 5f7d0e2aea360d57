"""A study folder of a stranger is data: nothing in it runs, writes or reads anything outside."""

import os
import shutil

import pytest
from studies import COMPARED, chunks, renamed, resumed

import sim
from sim.ground.params import ConfigError
from sim.study.answers.compare import compare
from sim.study.store import Study


@pytest.fixture
def again(whole, tmp_path):
    """A copy of it in a folder of its own, beside which a victim lies."""
    shutil.copytree(whole.folder, tmp_path / "own" / "study")
    (tmp_path / "victim.txt").write_text("untouched")
    return tmp_path / "own" / "study"


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
