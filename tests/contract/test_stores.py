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
from sim.study import chunk
from sim.study.chunk import Superseded
from sim.study.runner import Runner
from sim.study.store import Study
from sim.study.sweep import opened

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own


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
