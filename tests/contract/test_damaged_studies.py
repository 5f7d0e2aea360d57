"""A study folder is data: whatever shape a part of its files takes, it is made again, left out and named, or told."""

import copy
import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from studies import chunks, one_line, resumed, same

from sim.ground.params import ConfigError
from sim.study.chunk import row_sum
from sim.study.header import HEADER, check, identity
from sim.study.store import Study

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own
SHAPES = [None, True, 5, -1, 0.5, math.inf, 2**70, "", "x", "\ud800", "a\x1b[31m", [], [5], ["x"], [[]], {}, {"x": 5}, {"x": []}]


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
