"""A study folder is data: whatever is damaged or edited in it is made again, left out and named, or told in one line."""

import copy
import json
import math
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from studies import HERE, SMALL, TWO, chunks, resumed, same

import sim
from sim.desk import cli
from sim.ground.files import beside
from sim.ground.params import ConfigError
from sim.study.answers.compare import compare
from sim.study.chunk import row_sum
from sim.study.header import HEADER, check, identity
from sim.study.store import Study

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own

SHAPES = [None, True, 5, -1, 0.5, math.inf, 2**70, "", "x", "\ud800", "a\x1b[31m", [], [5], ["x"], [[]], {}, {"x": 5}, {"x": []}]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A study of four points and twelve runs in several chunks."""
    return sim.sweep(*SMALL, *TWO, HERE, "chunk_seconds=0.1", folder=tmp_path_factory.mktemp("whole") / "study")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    """A study of the same factors at other levels."""
    return sim.sweep(*SMALL, "firms.thrift.markup=0.1,0.31", TWO[1], HERE, folder=tmp_path_factory.mktemp("other") / "study")


@pytest.fixture
def again(whole, tmp_path):
    """A copy of it that may be spoilt."""
    shutil.copytree(whole.folder, tmp_path / "study")
    return tmp_path / "study"


def places(value, path=()):
    """Every place in a catalogue: keys and numbers from the top; of lists the first and the last item."""
    yield path
    if isinstance(value, dict) and path[:1] != ("bases",):
        for key in value:
            yield from places(value[key], (*path, key))
    elif isinstance(value, list):
        for number in sorted({0, len(value) - 1} & {*range(len(value))}):
            yield from places(value[number], (*path, number))


def changed(header, path, new):
    """The catalogue with another value, or with nothing, at a place."""
    if not path:
        return new
    made = copy.deepcopy(header)
    node = made
    for part in path[:-1]:
        node = node[part]
    if new is KeyError:
        del node[path[-1]]
    else:
        node[path[-1]] = new
    return made


def asked(folder):
    """What a study says, through every reader; raises nothing but a line."""
    study = Study(folder)
    found = study.outcomes(["share"])
    assert len(study.runs) and len(study.parameters()) and len(study.frame("market"))
    assert study.factors is not None and study.design is not None and repr(study)
    assert study.scenario(0) and study.fingerprint()
    return found


def one_line(error):
    told = str(error)
    return len(told.splitlines()) == 1 and told.isprintable() and len(told) < 1000


def test_every_wrong_shape_everywhere_in_the_catalogue(whole, again):
    """With the copies in the chunks it is made again, or told; never another study, and no good chunk is moved."""
    header, right, kept = whole.header, asked(whole.folder), [path.name for path in chunks(again)]
    tried = refused = 0
    for path in places(header):
        for new in [*([KeyError] if path else []), *SHAPES]:
            (again / "study.json").write_text(json.dumps(changed(header, path, new)), encoding="utf-8")
            tried += 1
            try:
                study = Study(again)
            except ConfigError as error:
                assert one_line(error), (path, new)
                refused += 1
            else:
                assert identity(study.header) == identity(header), (path, new)
                assert study.factors == whole.factors and study.design == whole.design and repr(study)
                assert study.finished == whole.finished
            if tried % 100 == 0:
                (again / "study.json").unlink()
                assert asked(again).equals(right)
            assert [p.name for p in chunks(again)] == kept, (path, new)
    assert tried > 500
    assert refused < tried / 2


def test_every_wrong_shape_is_told_by_its_key_where_there_is_no_copy(whole, tmp_path):
    tried = 0
    for path in places(whole.header):
        for new in [*([KeyError] if path else []), *SHAPES]:
            made = changed(whole.header, path, new)
            (tmp_path / "study.json").write_text(json.dumps(made), encoding="utf-8")
            try:
                Study(tmp_path)
            except ConfigError as error:
                tried += 1
                assert one_line(error), (path, new)
                assert str(error).startswith(str(tmp_path))
                if path and not str(error).startswith(f"{tmp_path}: "):
                    assert str(path[0]) in str(error)
    assert tried > 300


def test_the_catalogue_of_a_study_fits_its_declared_shape(whole):
    check(whole.header)
    assert whole.header.keys() == HEADER.keys()


@pytest.mark.parametrize(
    "content",
    [b"[" * 200_000, b'{"format": 1' + b"0" * 5000 + b"}", b"42", b"null", b'"x"', b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}", b"", b"{}", b"NaN"],
    ids=lambda content: str(content[:8]),
)
def test_a_catalogue_that_is_none_is_made_again_or_told(whole, again, tmp_path, content):
    (again / "study.json").write_bytes(content)
    assert asked(again).equals(asked(whole.folder))
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "study.json").write_bytes(content)
    with pytest.raises(ConfigError) as told:
        Study(bare)
    assert one_line(told.value)


def columns_changed(table):
    """A table with each column missing, of other kinds, or there twice; rows missing, doubled, empty or in another order."""
    for number, name in enumerate(table.column_names):
        yield f"without {name}", table.drop_columns([name])
        for kind, values in {"text": ["x"], "lists": [[1]], "nothing": [None], "minus": [-1], "halves": [0.5], "large": [2**40]}.items():
            yield f"{name} as {kind}", table.set_column(number, name, pa.array(values * len(table)))
        yield f"{name} twice", table.append_column(name, table[name])
    yield "no rows", table.slice(0, 0)
    yield "fewer rows", table.slice(1)
    yield "the same rows twice", pa.concat_tables([table, table])
    yield "another order", table.take(list(range(len(table)))[::-1])


def test_every_wrong_column_of_the_points(whole, again):
    """The file is made again where its shape is wrong; factors and measures never come from it."""
    file, right = again / "points.parquet", asked(whole.folder)
    table = pq.ParquetFile(file).read()
    few = table.select(["point", *table.column_names[1:4], "population.customers"])
    wide = table.drop_columns(few.column_names[1:])
    for name, spoilt in columns_changed(few):
        rest = wide.drop_columns(["point"])
        made = spoilt
        if len(spoilt) == len(table):
            for column in rest.column_names:
                made = made.append_column(column, rest[column])
        pq.write_table(made, file)
        assert Study(again).parameters()["point"].tolist() == [0, 1, 2, 3], name
        assert "population.customers" in Study(again).parameters(), name
    file.unlink()
    file.mkdir()
    assert asked(again).equals(right)


def test_every_wrong_column_of_the_runs(whole, again):
    """A chunk whose rows cannot be is left out and named, also where its sum is right; the others say what they always said."""
    victim = chunks(again)[-1]
    right = asked(whole.folder)
    table, good = pq.ParquetFile(victim / "runs.parquet").read(), (victim / "runs.parquet").read_bytes()
    lost = set(table["run"].to_pylist())
    tried = named = 0
    for name, spoilt in columns_changed(table):
        about = table.schema.metadata
        sums = json.dumps(json.loads(about[b"sums"]) | {"runs": row_sum(spoilt)})
        pq.write_table(spoilt.replace_schema_metadata(about | {b"sums": sums}), victim / "runs.parquet")
        tried += 1
        try:
            study = Study(again)
            if victim.name in study.damaged:
                named += 1
                assert study.finished == whole.finished - lost, name
                continue
            found = study.outcomes(["share"])
            study.config(int(study.runs["point"].iloc[-1]))
        except ConfigError as error:
            assert one_line(error), name
            named += 1
        else:
            rest = found[~found["run"].isin(lost)].reset_index(drop=True)
            assert rest[["run", "firm", "share"]].equals(
                right[~right["run"].isin(lost)].reset_index(drop=True)[["run", "firm", "share"]]
            ), name
        finally:
            for aside in again.glob("damaged/*"):
                aside.rename(victim)
            (victim / "runs.parquet").write_bytes(good)
    assert tried > 80
    assert named > tried * 0.6
    assert asked(again).equals(right)


@pytest.mark.parametrize("about", [{}, {b"sums": b"[]"}, {b"sums": b"5"}, {b"sums": b'{"runs": 5, "../../x": "y"}'}, {b"study": b"\xff"}, {b"study": b"5"}, {b"sums": b"{" * 9999}], ids=range(7))
def test_every_wrong_fact_that_a_chunk_carries(whole, again, about):
    victim = chunks(again)[-1] / "runs.parquet"
    table = pq.ParquetFile(victim).read()
    pq.write_table(table.replace_schema_metadata(table.schema.metadata | about if about else None), victim)
    study = Study(again)
    assert study.damaged.keys() == {victim.parent.name}
    assert len(study.outcomes(["share"])["run"].unique()) < 12
    same(resumed(again), whole)


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
    victim = chunks(again)[-1]
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
