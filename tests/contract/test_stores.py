"""The store outlives damage, strangers and the dead, and never counts a run twice."""

import json
import os
import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from studies import HERE, SMALL, TWO, chunks, resumed, same

import sim
from sim.desk import cli
from sim.ground.params import ConfigError
from sim.pages.study import failures
from sim.study import chunk
from sim.study.chunk import Superseded
from sim.study.plan import leaves
from sim.study.runner import Runner
from sim.study.store import Study
from sim.study.sweep import opened

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own

FIVE = ("design=random", "design.samples=5", "population.customers=interval(300,301)")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A study of twelve runs, played without a break."""
    return sim.sweep(*SMALL, *TWO, HERE, folder=tmp_path_factory.mktemp("whole") / "study")


@pytest.fixture
def again(whole, tmp_path):
    """A copy of it that may be spoilt."""
    shutil.copytree(whole.folder, tmp_path / "study")
    return tmp_path / "study"


def truncated(path):
    path.write_bytes(path.read_bytes()[:-40])


def flipped(path):
    """One bit of the data, which no reader needs to notice."""
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)


def emptied(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("table", ["runs", "firms", "market"])
@pytest.mark.parametrize("damage", [truncated, flipped, emptied, Path.unlink], ids=lambda f: f.__name__)
def test_a_damaged_file_is_named_set_aside_and_its_runs_are_played_again(whole, again, capsys, table, damage):
    victim = max(chunks(again), key=lambda path: (path / "firms.parquet").stat().st_size)
    damage(victim / f"{table}.parquet")
    assert cli.main(["sweep", "--resume", "--folder", str(again), "--no-report", "-q"]) == 0
    told = capsys.readouterr().err
    assert f"chunk {victim.name}: {table}.parquet" in told
    assert "set aside in damaged/" in told
    assert len(told.splitlines()) == 1
    assert [path.name.partition("-")[0] for path in (again / "damaged").iterdir()] == [victim.name]
    same(Study(again), whole)


def test_a_row_of_the_runs_that_somebody_changed_is_found(whole, again):
    victim = max(chunks(again))
    table = pq.read_table(victim / "runs.parquet")
    seeds = pa.array([7, *table["seed"].to_pylist()[1:]])
    pq.write_table(
        table.set_column(table.schema.get_field_index("seed"), table.field("seed"), seeds), victim / "runs.parquet"
    )
    study = Study(again)
    assert not study.damaged
    study.verify()
    assert study.damaged == {victim.name: "runs.parquet: not as it was written"}
    same(resumed(again), whole)


def test_damage_met_while_reading_is_told_in_one_line(whole, again):
    study = Study(again)
    victim = chunks(again)[-1]
    content = bytearray((victim / "firms.parquet").read_bytes())
    content[4:-400] = bytes(len(content) - 404)
    (victim / "firms.parquet").write_bytes(content)
    with pytest.raises(
        ConfigError, match=rf"chunk {victim.name}: firms\.parquet: .*; --resume plays its runs again"
    ) as told:
        study.outcomes(["share"])
    assert "\n" not in str(told.value)
    assert len(study.outcomes(["share"])["run"].unique()) < 12
    same(resumed(again), whole)


@pytest.mark.parametrize("content", [None, "", "{", '["another"]', '{"format": 1}', "\xff"])
def test_the_catalogue_can_be_made_again_from_the_chunks(whole, again, content):
    file = again / "study.json"
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content.encode("latin-1"))
    study = Study(again)
    assert study.header == whole.header == json.loads(file.read_text())
    same(study, whole)
    same(resumed(again), whole)


def test_a_store_of_another_format_is_told_in_one_line(again):
    header = json.loads((again / "study.json").read_text())
    (again / "study.json").write_text(json.dumps(header | {"format": 7, "code": {"differentia": "9.9"}}))
    with pytest.raises(ConfigError, match=r"written in format 7 by differentia 9\.9; this version reads format 1$"):
        Study(again)


def test_what_is_no_study_is_told_in_one_line(tmp_path):
    with pytest.raises(ConfigError, match="no study here"):
        Study(tmp_path)
    with pytest.raises(ConfigError, match="no study here"):
        resumed(tmp_path / "nowhere")


def test_two_that_play_into_one_folder(again):
    shutil.rmtree(chunks(again)[0])
    asked, study = opened([], again, True, None, False)
    told = []

    def second(progress):
        for words in ([], [*SMALL, *TWO, HERE]):
            with pytest.raises(ConfigError) as refused:
                sim.sweep(*words, folder=again, resume=not words, retry_failed=True)
            told.append(str(refused.value))

    sim.study.sweep.played(asked, study, fail_fast=False, retry_failed=False, tell=second)
    assert set(told) == {f"{again}: another differentia is playing into it"}
    assert len(told) >= 2
    with pytest.raises(ConfigError, match="holds a study already; add --resume"):
        sim.sweep(*SMALL, *TWO, HERE, folder=again)


def test_what_another_played_since_a_study_was_opened_is_not_played_again(whole, again):
    shutil.rmtree(chunks(again)[0])
    asked, study = opened([], again, True, None, False)
    resumed(again)
    sim.study.sweep.played(asked, study, fail_fast=False, retry_failed=False, tell=pytest.fail)
    assert not study.damaged
    same(study, whole)


def test_a_worker_of_an_earlier_session_cannot_write(whole, tmp_path, monkeypatch):
    """It is asleep at the worst moment, between its last look and its rename, while another session takes over."""
    asked, study = opened([*SMALL, *TWO, HERE], tmp_path / "study", False, None, False)
    zombies, rename = [], os.rename

    def killed(progress):
        raise KeyboardInterrupt

    def asleep(source, target):
        if not zombies:
            zombies.append(source)
            with pytest.raises(KeyboardInterrupt):
                resumed(tmp_path / "study", tell=killed)
        rename(source, target)

    monkeypatch.setattr(chunk.os, "rename", asleep)
    with pytest.raises(Superseded, match="a later session has taken the study over"):
        Runner(asked.plan, study, asked.execution, asked.chunk_seconds, False).play(3, lambda progress: None)
    monkeypatch.undo()
    assert zombies
    assert len(Study(tmp_path / "study").finished) == 1
    found = resumed(tmp_path / "study")
    assert not found.damaged
    assert (
        len(found.finished)
        == sum(len(found.query(f"SELECT run FROM read_parquet('{p}/runs.parquet')")) for p in chunks(found.folder))
        == 12
    )
    same(found, whole)


def test_a_chunk_that_was_written_before_its_worker_died_is_not_played_again(tmp_path, monkeypatch):
    asked, study = opened([*SMALL, HERE], tmp_path / "study", False, None, False)
    runner = Runner(asked.plan, study, asked.execution, asked.chunk_seconds, False)
    runner.play(1, lambda progress: None)
    works, real = [], chunk.play
    monkeypatch.setattr(chunk, "play", lambda work: works.append(work) or real(work))
    runner.play(3, lambda progress: None)
    monkeypatch.setattr(chunk, "played", lambda scenario: pytest.fail("played twice"))
    told = [row for work in works for row in real(work)]
    assert [(run, status, error) for run, status, _, error in told] == [
        (j.run.run, "complete", "") for w in works for j in w.jobs
    ]


@pytest.mark.parametrize("name", ["two words", "it's", '"so"', "[a-z]*", "{x}?", "Straße", "100%"])
def test_any_name_of_a_folder_will_do(whole, tmp_path, name):
    folder = tmp_path / name / "study"
    shutil.copytree(whole.folder, folder)
    shutil.rmtree(chunks(folder)[0])
    same(resumed(folder), whole)
    assert len(Study(folder).frame("firms", ["share"])) == len(whole.frame("firms"))


def test_a_study_is_read_while_it_is_played(tmp_path):
    seen = []

    def read(progress):
        other = Study(tmp_path / "study")
        rows = duckdb.sql(f"SELECT count(*) FROM '{tmp_path}/study/chunks/*/firms.parquet'").fetchall()[0][0]
        seen.append((progress.done, len(other.runs), len(other.outcomes(["share"])["run"].unique()), rows // 16))

    sim.sweep(*SMALL, *TWO, HERE, "chunk_seconds=0.000001", folder=tmp_path / "study", tell=read)
    assert seen[-1] == (12, 12, 12, 12)
    assert len(seen) > 2
    assert all(len(set(row)) == 1 for row in seen)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Five points that have two configurations, one of which they repeat."""
    return sim.sweep(*SMALL, *FIVE, HERE, "chunk_seconds=0.1", folder=tmp_path_factory.mktemp("shared") / "study")


def test_points_that_have_the_same_configuration_share_their_runs(shared, tmp_path):
    runs = shared.runs
    assert runs[["point", "seed"]].values.tolist() == [[point, seed] for point in range(5) for seed in (1, 2, 3)]
    assert (runs.groupby(["population.customers", "seed"])["run"].nunique() == 1).all()
    assert runs["run"].nunique() == len(shared.finished) == runs["seconds"].notna().sum() == 6
    assert len(shared.frame("firms")) == len(shared.frame("firms").drop_duplicates()) == 6 * 16
    outcomes = shared.outcomes(["share"])
    assert outcomes[["point", "seed", "firm"]].drop_duplicates().groupby("point").size().tolist() == [24] * 5
    assert len(outcomes) == 5 * 24
    for customers in (300, 301):
        words = [f"population.customers={customers}", *SMALL[1:], HERE]
        alone = sim.sweep(*words, folder=tmp_path / str(customers)).outcomes(["share"])
        for _, rows in outcomes[outcomes["population.customers"] == customers].groupby("point"):
            assert rows["share"].tolist() == alone["share"].tolist()
    assert "5 points, 6 runs, 6 complete" in sim.report(shared).read_text()


def test_shared_runs_are_played_once_also_when_it_is_resumed(shared, tmp_path, monkeypatch):
    shutil.copytree(shared.folder, tmp_path / "study")
    for path in chunks(tmp_path / "study")[1:]:
        shutil.rmtree(path)
    (tmp_path / "study" / "study.json").unlink()
    before, played, totals = Study(tmp_path / "study").finished, [], set()
    assert 0 < len(before) < 6
    monkeypatch.setattr(chunk, "played", lambda s, one=chunk.played: played.append(s.seed) or one(s))
    study = resumed(tmp_path / "study", tell=lambda progress: totals.add((progress.total, progress.done)))
    assert len(played) == 6 - len(before)
    assert max(totals) == (len(played), len(played))
    assert not study.damaged
    same(study, shared)
    assert len(resumed(tmp_path / "study", *SMALL[:2], "replications=4", SMALL[3], *FIVE, HERE).finished) == 8


def test_how_many_runs_there_are_is_said_before(capsys, tmp_path):
    assert cli.main(["sweep", *SMALL, *FIVE, HERE, "--dry-run", "--folder", str(tmp_path / "study")]) == 0
    assert "5 points, 2 distinct configurations x 3 seeds = 6 runs; about" in capsys.readouterr().err


def test_a_shared_run_that_crashes_is_told_once_and_held_by_all_its_points(shared, tmp_path):
    asked, study = opened([*SMALL, *FIVE, HERE], tmp_path / "study", False, None, False)
    run = next(run for run in asked.plan.runs(1) if len(run.points) > 1)
    job = chunk.Job(run, tuple(asked.plan.points[number] for number in run.points))
    header = json.dumps(study.header)
    work = chunk.Work(study.folder, study.take_over(), header, {}, (job,), ("firms",), "0", False)
    chunk.crashed(work, job, "it took its worker along")
    study.refresh()
    assert study.runs[["point", "status"]].values.tolist() == [[number, "crashed"] for number in run.points]
    assert len(failures(study)) == len(study.finished) == 1
    assert chunk.play(work)[0][:2] == (run.run, "crashed")
    assert len(chunk.play(work)) == 1
    study.forget_failed()
    assert not study.finished


def test_a_chunk_that_holds_a_row_twice_is_set_aside(shared, tmp_path):
    shutil.copytree(shared.folder, tmp_path / "study")
    path = max(tmp_path.glob("study/chunks/*/runs.parquet"))
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), path)
    assert Study(tmp_path / "study").damaged == {path.parent.name: "holds runs that the study holds already"}


def test_every_parameter_is_a_column_of_the_runs(whole):
    rows = whole.query("SELECT * FROM runs ORDER BY point, seed")
    assert rows.columns[:12].tolist() == whole.runs.columns.tolist()
    assert set(rows.columns[12:]) == {*leaves(whole.config(0))} - {*whole.runs.columns, "period"}  # the firms' table has it
    assert rows["population.customers"].tolist() == [300] * 12
    for row in rows.to_dict("records"):
        held = leaves(whole.config(row["point"])) | {"seed": row["seed"]}
        assert all(
            row[key] == (value if type(value) in (int, float, str, bool) else json.dumps(value))
            for key, value in held.items()
            if key != "period"
        )
    sql = 'SELECT "firms.echo.strategy.seats" AS seats FROM runs WHERE "firms.thrift.markup" > 0.2'
    assert whole.query(sql)["seats"].tolist() == [47] * 6


def test_nothing_of_ours_is_needed_to_read_every_parameter(whole):
    joined = f"'{whole.folder}/chunks/*/runs.parquet' runs JOIN '{whole.folder}/points.parquet' points USING (point)"
    sql = f"""SELECT points."firms.thrift.markup", count(*) FROM {joined} WHERE "population.customers" = 300 GROUP BY ALL ORDER BY ALL"""
    assert duckdb.sql(sql).fetchall() == [(0.1, 6), (0.3, 6)]
    table = pd.read_parquet(whole.folder / "points.parquet")
    assert table["firms.echo.markup"].tolist() == [0.2, 0.4, 0.2, 0.4]
    pd.testing.assert_frame_equal(table, whole.parameters(), check_dtype=False)


def garbled(path):
    """The pages are no longer what they were, the file's end is as it was."""
    content = bytearray(path.read_bytes())
    end = int.from_bytes(content[-8:-4], "little") + 8
    content[4:-end] = bytes(len(content) - 4 - end)
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [truncated, emptied, garbled, Path.unlink], ids=lambda f: f.__name__)
def test_the_points_can_be_made_again_from_the_chunks(whole, again, damage):
    file, before = again / "points.parquet", pq.read_table(again / "points.parquet")
    damage(file)
    pd.testing.assert_frame_equal(Study(again).parameters(), whole.parameters())
    assert pq.read_table(file).equals(before)
    flipped(file)
    resumed(again)
    assert pq.read_table(file).equals(before)


def test_a_study_without_the_points_can_be_read_where_nothing_can_be_written(whole, again, monkeypatch):
    """As studies that were begun before there was such a file."""
    _, *larger = sorted(chunks(again), key=lambda each: pq.read_metadata(each / "runs.parquet").num_rows)
    for each in larger:  # the first chunk of a study is one run
        shutil.rmtree(each)
    (again / "points.parquet").unlink()
    played = Study(again).runs["point"].unique()
    assert 0 < len(played) < 4
    assert Study(again).parameters()["point"].tolist() == played.tolist()
    assert not (again / "points.parquet").exists()
    same(resumed(again), whole)
    (again / "points.parquet").unlink()
    monkeypatch.setattr("sim.study.points.pq.ParquetWriter", pytest.fail)
    monkeypatch.setattr("sim.study.store.write_points", lambda folder, table: os.listdir(again / "nowhere"))
    pd.testing.assert_frame_equal(Study(again).parameters(), whole.parameters(), check_dtype=False)


def test_a_query_that_names_no_run_does_not_look_at_the_points(whole, again):
    (again / "points.parquet").unlink()
    study = Study(again)
    assert len(study.query("SELECT firm, avg(profit) FROM firms GROUP BY firm")) == 8
    assert study.fingerprint() == whole.fingerprint()
    assert not (again / "points.parquet").exists()


def test_a_multirun_lands_in_a_store(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = ["firms.thrift.markup=0.1,0.3", "seed=1,2", "hydra.sweep.dir=out"]
    assert cli.main(["--multirun", *SMALL[:2], "replications=2", SMALL[3], *words, "--no-report", "-q"]) == 0
    assert pq.read_metadata("out/points.parquet").num_rows == 4
    study = Study("out")
    assert study.runs[["firms.thrift.markup", "seed"]].astype(float).values.tolist() == [
        [0.1, 1], [0.1, 2], [0.1, 2], [0.1, 3], [0.3, 1], [0.3, 2], [0.3, 2], [0.3, 3]
    ]  # fmt: skip
    assert study.runs["run"].nunique() == 8
    assert len(study.frame("firms")) == 8 * 16
    assert study.parameters()["firms.thrift.markup"].tolist() == [0.1, 0.1, 0.3, 0.3]
    alone = sim.run(sim.compose(*SMALL, "replications=1", "firms.thrift.markup=0.3", "seed=3"))
    stored = study.query("SELECT firms.* EXCLUDE (run) FROM firms JOIN runs USING (run) WHERE point = 3 AND seed = 3")
    assert stored["profit"].tolist() == alone.firms["profit"].tolist()
