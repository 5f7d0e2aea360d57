"""The file of points holds every value of every configuration, in columns of one kind each."""

import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.study.plan import Point, applied, leaves
from sim.study.points import laid_out, spoilt_points, whole_points, write_points

BASES = [
    {"a": {"b": 1, "on": True, "list": [1, "x"], "empty": {}}, "name": "one", "none": None, "c": {"only": 1.5}},
    {"a": {"b": 0.5, "list": [], "more": {"d": "text"}}, "name": "two", "unused": 3},
    {"nobody": "refers to it"},
]
CHANGES = [
    {},
    {"a.b": 7},
    {"a.on": False, "c.only": None},
    {"a": None},
    {"a.more": {"d": "new", "e": {"f": 2}}, "a.empty.now": 4},
    {"a.list": None, "name": "three"},
]
POINTS = dict(enumerate(Point({}, base, changes) for base in (0, 1) for changes in CHANGES))


def test_it_holds_what_the_composed_configurations_hold_and_nothing_else():
    rows = laid_out(BASES, POINTS).to_pylist()
    as_text = {"a.list": {(1, "x"): '[1, "x"]', (): "[]"}, "a.more.d": {}}
    for (number, point), row in zip(POINTS.items(), rows, strict=True):
        held = leaves(applied(BASES[point.base], point.changes))
        held = {
            key: as_text["a.list"][tuple(v)] if key == "a.list" else "{}" if v == {} else v for key, v in held.items()
        }
        assert {key: value for key, value in row.items() if value is not None} == {"point": number} | {
            key: value for key, value in held.items() if value is not None
        }
    assert set(rows[0]) == {"point"}.union(*(leaves(applied(BASES[p.base], p.changes)) for p in POINTS.values()))
    assert laid_out(BASES, {9: POINTS[1], 4: POINTS[0]})["point"].to_pylist() == [9, 4]


@pytest.mark.parametrize(
    ("values", "kind", "held"),
    [
        ([1, 2], "int64", [1, 2]),
        ([1, 0.5], "double", [1.0, 0.5]),
        ([True, None, False], "bool", [True, None, False]),
        (["a", None], "string", ["a", None]),
        ([1, "a"], "string", ["1", '"a"']),
        ([1, True], "string", ["1", "true"]),
        ([[1, 2], 3], "string", ["[1, 2]", "3"]),
        ([10**20, 0.5], "string", ["100000000000000000000", "0.5"]),
    ],
)
@pytest.mark.parametrize("moved", [True, False])
def test_a_column_is_of_one_kind_or_json_text(tmp_path, moved, values, kind, held):
    bases = [{"x": 0, "y": 1}] if moved else [{"x": value} for value in values]
    points = [Point({}, 0, {"x": v}) if moved else Point({}, n, {}) for n, v in enumerate(values)]
    write_points(tmp_path, laid_out(bases, dict(enumerate(points))))
    column = pq.read_table(tmp_path / "points.parquet")["x"]
    assert (str(column.type), column.to_pylist()) == (kind, held)


def test_a_large_file_is_written_in_parts_and_read_as_one(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.study.points.BATCH", 5)
    write_points(tmp_path, laid_out(BASES, POINTS))
    assert pd.read_parquet(tmp_path / "points.parquet")["point"].tolist() == list(POINTS)
    assert [path.name for path in tmp_path.iterdir()] == ["points.parquet"]


def test_a_file_that_is_not_as_it_was_written_is_thrown_away(tmp_path):
    """A flipped bit is found nearly everywhere; without checksums of the pages it would be in two of three places."""
    file = tmp_path / "points.parquet"
    write_points(tmp_path, laid_out(BASES, POINTS))
    assert whole_points(tmp_path, len(POINTS), BASES)
    assert not whole_points(tmp_path, len(POINTS) + 1, BASES)
    assert not spoilt_points(tmp_path)
    content, found = file.read_bytes(), []
    end = len(content) - int.from_bytes(content[-8:-4], "little") - 8
    for place in range(4, end, 9):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        found.append(spoilt_points(tmp_path))
        assert found[-1] != file.exists()
    assert sum(found) > 0.9 * len(found)
    file.unlink(missing_ok=True)
    assert not spoilt_points(tmp_path)
    assert not whole_points(tmp_path, len(POINTS), BASES)
