"""What is no part of a study, or no longer, is left alone, set aside, left out and named, or made again."""

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from studies import HERE, SMALL, TWO, chunks, one_line, resumed, same

import sim
from sim.desk import cli
from sim.ground.files import beside
from sim.ground.params import ConfigError
from sim.study.answers.compare import compare
from sim.study.store import Study

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A study of the same factors at other levels."""
    return sim.sweep(*SMALL, "firms.thrift.markup=0.1,0.31", TWO[1], HERE, folder=tmp_path_factory.mktemp("other") / "study")


NOT_OURS = [".DS_Store", "Thumbs.db", "desktop.ini", "._runs.parquet", "runs.parquet~", "runs (copy).parquet", "#runs.parquet#",
            ".runs.parquet.swp", "notes.txt", "firms.parquet.bak", "._firms.parquet", "panel.parquet", "copy.parquet", ".sync/x", "sub/runs.parquet"]  # fmt: skip


def test_files_that_are_not_ours_are_left_alone(whole, again):
    """In the study, among its chunks, and in each chunk; texts, damaged tables and whole ones of something else."""
    kept, strange = [path.name for path in chunks(again)], []
    for folder in (again, again / "chunks", chunks(again)[0], chunks(again)[-1]):
        for number, name in enumerate(NOT_OURS):
            path = folder / name
            if path.exists() or (folder.name == "chunks" and "/" in name):
                continue
            path.parent.mkdir(exist_ok=True)
            path.write_bytes([b"", b"\x00\x05\x16\x07", b"PAR1"][number % 3])
            if number % 4 == 3:
                pq.write_table(pa.table({"run": ["x"], "share": [9.0]}), path)
            strange.append(path)
    (again / "chunks" / "my notes").mkdir()
    study = Study(again)
    assert not study.damaged
    same(study, whole)
    assert study.outcomes(["share", "profit"]).equals(whole.outcomes(["share", "profit"]))
    study = resumed(again)
    same(study, whole)
    assert all(path.exists() for path in strange)
    assert {*kept, "my notes"} <= {path.name for path in chunks(again)}
    assert not (again / "damaged").exists()


def of_another_study(again, other):
    """One that no run of this study gave its name."""
    own = {path.name for path in chunks(again)}
    strange = next(path for path in reversed(chunks(other)) if path.name not in own)
    shutil.copytree(strange, again / "chunks" / strange.name)
    return strange.name


def of_another_study_renamed(again, other):
    shutil.copytree(chunks(other)[-1], again / "chunks" / "copied here")
    return "copied here"


def twice(again, other):
    shutil.copytree(chunks(again)[0], again / "chunks" / "00 copy of it")
    return "00 copy of it"


def twice_under_a_name_like_ours(again, other):
    shutil.copytree(chunks(again)[0], again / "chunks" / ("0" * 20))
    return "0" * 20


def of_older_code(again, other):
    return rewritten(again, lambda header: header["code"].update(model="0123456789ab"))


def of_another_seed(again, other):
    return rewritten(again, lambda header: header.update(seed=5))


def of_another_configuration(again, other):
    return rewritten(again, lambda header: header["bases"][0]["population"].update(customers=301))


def rewritten(again, change):
    """A chunk of runs of its own, whose study differs from this one."""
    from sim.study.catalogue import packed

    source, target = chunks(again)[-1], again / "chunks" / ("f" * 20)
    shutil.copytree(source, target)
    table = pq.ParquetFile(target / "runs.parquet").read()
    header = json.loads((again / "study.json").read_text())
    change(header)
    ids = pa.array([f"{run[:10]}{'0' * 10}" for run in table["run"].to_pylist()], table.schema.field("run").type)
    table = table.set_column(0, table.schema.field("run"), ids)
    about = table.schema.metadata | {b"study": packed(json.dumps(header)).encode()}
    pq.write_table(table.replace_schema_metadata(about), target / "runs.parquet")
    return target.name


STRANGERS = [of_another_study, of_another_study_renamed, twice, twice_under_a_name_like_ours, of_older_code, of_another_seed, of_another_configuration]


@pytest.mark.parametrize("stranger", STRANGERS, ids=lambda f: f.__name__)
def test_a_chunk_that_is_not_this_studys_is_named_and_set_aside(whole, other, again, stranger, capsys, monkeypatch):
    own = {path.name for path in chunks(again)}
    name = stranger(again, other.folder)
    study = Study(again)
    assert study.damaged.keys() == {name}
    assert {path.name for path in chunks(again)} == own
    assert [path.name.startswith(name) for path in (again / "damaged").iterdir()] == [True]
    same(study, whole)
    shutil.rmtree(again / "damaged")
    name = stranger(again, other.folder)
    monkeypatch.setattr("sim.pages.comparison.figures", lambda found: {})
    assert cli.main(["compare", str(again), TWO[0].split(",")[0], "firms.thrift.markup=0.3", "firms.echo.markup=0.2"]) == 0
    assert f"chunk {name}" in capsys.readouterr().out


def test_a_catalogue_of_another_study_moves_no_chunk(whole, other, again):
    kept = [path.name for path in chunks(again)]
    shutil.copy(other.folder / "study.json", again / "study.json")
    with pytest.raises(ConfigError, match="all chunks are of different studies") as told:
        Study(again)
    assert one_line(told.value)
    assert [path.name for path in chunks(again)] == kept
    (again / "study.json").unlink()
    same(Study(again), whole)


def test_words_that_change_nothing_make_no_stranger(whole, again):
    shutil.rmtree(chunks(again)[0])
    same(resumed(again, "chunk_seconds=5", "replications=3"), whole)
    assert not Study(again).damaged


@pytest.mark.parametrize("table", ["runs", "firms", "market"])
def test_a_file_that_is_gone_is_named_by_compare(whole, again, table):
    victim = min(chunks(again), key=lambda path: pq.read_metadata(path / "runs.parquet").num_rows)  # every arm keeps runs
    (victim / f"{table}.parquet").unlink()
    words = "firms.thrift.markup=0.1", "firms.thrift.markup=0.3", "firms.echo.markup=0.2"
    found = compare(str(again), *words)
    told = [sentence for sentence in found.verdicts if sentence.startswith("Caution")]
    assert any(f"chunk {victim.name}" in sentence and f"{table}.parquet: missing" in sentence for sentence in told)
    same(resumed(again), whole)
    assert not Study(again).damaged


def test_seeds_that_are_gone_without_a_trace_are_told(whole, tmp_path):
    again = sim.sweep(*SMALL, *TWO, HERE, "chunk_seconds=0", folder=tmp_path / "study").folder  # a chunk a run
    shutil.rmtree(next(c for c in chunks(again) if pq.read_table(c / "runs.parquet")["point"].to_pylist() == [0]))
    words = "firms.thrift.markup=0.1", "firms.thrift.markup=0.3", "firms.echo.markup=0.2"
    found = compare(str(again), *words)
    assert any("--resume" in sentence and "fewer seeds" in sentence for sentence in found.verdicts)
    assert not any("fewer seeds" in sentence for sentence in compare(str(whole.folder), *words).verdicts)


def test_rows_that_another_chunk_lent_are_missed(whole, again):
    """A whole table of another chunk in the place of its own: readable, and silent about the runs."""
    first, last = chunks(again)[0], chunks(again)[-1]
    shutil.copy(first / "firms.parquet", last / "firms.parquet")
    study = Study(again)
    with pytest.raises(ConfigError, match=rf"chunk {last.name}: firms\.parquet: not as it was written, set aside"):
        study.outcomes(["share"])
    same(resumed(again), whole)


def test_a_chunk_that_cannot_be_reached_is_left_out_but_not_moved(whole, again, monkeypatch):
    """Such as by a lack of rights: it is as good as it was, and is there again when it can be read again."""
    victim = chunks(again)[-1]

    def denied(path, *how, opened=sim.study.chunks.opened):
        if path.name == "market.parquet" and (path.parent / "denied").exists():
            raise PermissionError(13, "Permission denied")
        return opened(path, *how)

    (victim / "denied").touch()
    monkeypatch.setattr("sim.study.chunks.opened", denied)
    study = Study(again)
    assert study.damaged.keys() == {victim.name}
    assert "Permission denied" in study.damaged[victim.name]
    assert victim.exists()
    same(resumed(again), whole)
    monkeypatch.undo()
    assert not Study(again).damaged


@pytest.mark.parametrize("gone", [["chunks"], ["chunks", "points.parquet"], ["chunks", "unfinished", "points.parquet"]], ids=str)
def test_without_its_chunks_a_study_is_played_again_from_the_catalogue(whole, again, gone):
    for name in gone:
        path = again / name
        if path.is_dir():
            shutil.rmtree(path)
        elif path.exists():
            path.unlink()
    with pytest.raises(ConfigError, match="no run is complete"):
        Study(again).outcomes(["share"])
    same(resumed(again), whole)


@pytest.mark.parametrize("name", ["chunks", "damaged", "unfinished"])
def test_a_file_in_the_place_of_a_folder_is_told(again, name):
    if (again / name).exists():
        shutil.rmtree(again / name)
    (again / name).write_text("not a folder")
    with pytest.raises(ConfigError, match=rf"{name}: a file; expected a folder"):
        resumed(again)
    assert (again / name).read_text() == "not a folder"


def test_what_a_killed_writer_left_is_removed(whole, again):
    left = [again / f".{name}.0123abcd" for name in ("study.json", "points.parquet")]
    strange = [again / name for name in (".study.json.bak", ".study.json.0123ABCD", ".notes.0123abcd", "study.json.0123abcd", ".0123abcd")]
    for path in (*left, *strange):
        path.write_text("half a ca")
    resumed(again)
    assert not any(path.exists() for path in left)
    assert all(path.exists() for path in strange)


@pytest.mark.parametrize("name", ["study.json", "study.html", "compare.csv", "firms.parquet"])
def test_a_full_disk_leaves_nothing_half_written(tmp_path, name):
    target = tmp_path / name
    target.write_text("before")
    with pytest.raises(OSError, match="No space"), beside(target) as part:
        part.write_text("half of what is to be wri")
        raise OSError(28, "No space left on device")
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_an_engine_that_cannot_be_opened_leaves_no_folder(tmp_path, monkeypatch):
    def closed(engine):
        raise ConfigError("engine=serial: not installed; pip install 'differentia[serial]'")

    wanted = [tmp_path / "new" / "deep" / "study", tmp_path / "empty", tmp_path / "used"]
    wanted[1].mkdir()
    wanted[2].mkdir()
    (wanted[2] / "notes.txt").write_text("mine")
    for folder in wanted:
        with monkeypatch.context() as patched, pytest.raises(ConfigError, match="not installed"):
            patched.setattr("sim.study.engine.serial.Serial.open", closed)
            sim.sweep(*SMALL[:2], "replications=1", SMALL[3], HERE, folder=folder)
    assert not (tmp_path / "new").exists()
    assert list(wanted[1].iterdir()) == []
    assert [path.name for path in wanted[2].iterdir()] == ["notes.txt"]
    for folder in wanted:
        assert len(sim.sweep(*SMALL[:2], "replications=1", SMALL[3], HERE, folder=folder).finished) == 1
