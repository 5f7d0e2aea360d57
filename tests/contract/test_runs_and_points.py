"""Points of one configuration share their runs, and every parameter of a point can be read."""

import json
import os
import shutil

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from studies import HERE, SMALL, chunks, resumed, same

import sim
from sim.desk import cli
from sim.pages.study import failures
from sim.study import chunk
from sim.study.plan import leaves
from sim.study.store import Study
from sim.study.sweep import opened

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own
FIVE = ("design=random", "design.samples=5", "population.customers=interval(300,301)")


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
