"""The points of a study with every parameter: a row a point, a column each value that a configuration holds."""

from __future__ import annotations

import contextlib
import json
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.ground.files import beside
from sim.ground.parquet import UNREADABLE, opened, read_parquet
from sim.study.plan import Point, applied, leaves

POINTS = "points.parquet"
BATCH = 10_000  # points written at once
PLAIN = (pa.string(), pa.bool_(), pa.int64(), pa.float64(), pa.null())  # kinds of columns


def laid_out(bases: Sequence[Mapping[str, Any]], points: Mapping[int, Point]) -> pa.Table:
    """Number of every point, and all values of its configuration by dotted key.

    A column that no point changes keeps one value a base. Truth values, whole numbers, numbers and text are columns of
    their kind; anything else (lists, empty groups, different kinds in one column) is JSON text. What a configuration
    lacks is null.

    Parameters
    ----------
    bases : configurations that points refer to. points : by their number.

    >>> found = laid_out([{"a": {"b": 1, "c": [2]}}], {0: Point({}, 0, {}), 1: Point({}, 0, {"a.b": 0.5})})
    >>> found["a.b"].to_pylist(), found["a.c"].to_pylist()
    ([1.0, 0.5], ['[2]', '[2]'])
    """
    whole = {number: leaves(bases[number]) for number in dict.fromkeys(point.base for point in points.values())}
    places = {number: place for place, number in enumerate(whole)}
    own = [_changed(bases[p.base], applied(bases[p.base], p.changes)) for p in points.values()]
    moved = dict.fromkeys(key for changes in own for key in changes)
    base_of = pa.array([places[point.base] for point in points.values()], pa.int32())
    columns: dict[str, pa.Array] = {"point": pa.array(points, pa.int64())}
    for key in dict.fromkeys([*(key for values in whole.values() for key in values), *moved]):
        before = [values.get(key) for values in whole.values()]
        if key in moved:
            pairs = zip(own, base_of.to_pylist(), strict=True)
            columns[key] = _column([changes.get(key, before[number]) for changes, number in pairs])
        else:
            columns[key] = pa.DictionaryArray.from_arrays(base_of, _column(before))
    return pa.table(columns)


def _changed(before: Any, after: Any, prefix: str = "") -> dict[str, Any]:
    """Values that differ, None where they are gone; a part that both share is not looked into."""
    if before is after:
        return {}
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before and after:
        inside = (_changed(before.get(name), after.get(name), f"{prefix}{name}.") for name in before | after)
        return {key: value for changes in inside for key, value in changes.items()}
    gone = {} if before is None else dict.fromkeys(leaves(before, prefix))
    return gone if after is None else gone | leaves(after, prefix)


def _column(values: Sequence[Any]) -> pa.Array:
    kinds = {type(value) for value in values if value is not None}
    for kind, column in (({str}, pa.string()), ({bool}, pa.bool_()), ({int}, pa.int64()), ({int, float}, pa.float64())):
        if kinds <= kind:
            with contextlib.suppress(pa.ArrowInvalid, OverflowError):  # a whole number that the kind cannot hold
                return pa.array(values, column)
    return pa.array([None if value is None else json.dumps(value, default=str) for value in values], pa.string())


def write_points(folder: pathlib.Path, table: pa.Table) -> None:
    """Write what was laid out as plain columns, under a temporary name, then rename.

    Raises
    ------
    OSError : the disk is full or the folder cannot be written; the file that was there before is untouched.
    """
    plain = pa.schema([(f.name, getattr(f.type, "value_type", f.type)) for f in table.schema])
    with (
        beside(folder / POINTS) as part,
        pq.ParquetWriter(
            part, plain, compression="zstd", write_statistics=False, store_schema=False, write_page_checksum=True
        ) as file,
    ):
        for start in range(0, len(table), BATCH):
            file.write_table(table.slice(start, BATCH).cast(plain))


def whole_points(folder: pathlib.Path, number: int, bases: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the file is there, seems readable, and holds so many points, from 0, with every value that all bases have."""
    try:
        with opened(folder / POINTS) as file:
            schema = file.schema_arrow
            names = set.intersection(*({*leaves(base)} for base in bases))  # one that no point is of may have more
            whole = names <= {*schema.names} and len({*schema.names}) == len(schema.names)
            return (
                whole
                and file.metadata.num_rows == number
                and all(field.type in PLAIN for field in schema)
                and file.read(["point"])["point"].to_pylist() == list(range(number))
            )
    except UNREADABLE:
        return False


def spoilt_points(folder: pathlib.Path) -> bool:
    """Read every byte again and throw the file away if they are not as they were written; it can be made again."""
    try:
        read_parquet(folder / POINTS, checked=True)
    except FileNotFoundError:
        return False
    except UNREADABLE:
        (folder / POINTS).unlink()
        return True
    return False
