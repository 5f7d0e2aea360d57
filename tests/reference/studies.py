"""Small studies that several tests play, spoil and hold against each other."""

import json

import pandas as pd
import pyarrow.parquet as pq

import sim
from sim.study.catalogue import packed
from sim.study.chunk import row_sum

SMALL = ("population.customers=300", "periods=2", "replications=3", "mechanism=[]")
TWO = ("firms.thrift.markup=0.1,0.3", "firms.echo.markup=0.2,0.4")
COMPARED = "firms.thrift.markup=0.1", "firms.thrift.markup=0.3", "firms.echo.markup=0.2"
HERE = "engine=serial"
TRAPPED = "# @package _global_\nmechanism:\n  trap: {_target_: trap.Trap, bait: 0}\n"


def words(*baits):
    """Words of a study with these traps in it, written down in small chunks."""
    return [*SMALL, "experiment=trapped", "chunk_seconds=0.1", f"mechanism.trap.bait={','.join(map(str, baits))}"]


def sweep(own, folder, *more, **how):
    """Play a study that may have traps in it."""
    return sim.sweep(*more, folder=folder, config_dir=str(own), allow_foreign=True, **how)


def resumed(folder, *words, **how):
    """Go on with a study."""
    return sim.sweep(*words, folder=folder, resume=True, **how)


def chunks(folder):
    """Folders of its chunks."""
    return sorted(folder.glob("chunks/*"))


def same(one, other):
    """The same rows in every table, however they are spread over files."""
    assert one.fingerprint() == other.fingerprint()
    for table in ("runs", "firms", "market"):
        left, right = (s.query(f"SELECT * FROM {table} ORDER BY ALL") for s in (one, other))
        left, right = (frame.drop(columns="seconds", errors="ignore") for frame in (left, right))
        keys = [name for name in ("run", "period", "firm") if name in left]
        left, right = (f.sort_values(keys, ignore_index=True) for f in (left, right))
        pd.testing.assert_frame_equal(left, right)


def one_line(error):
    """Whether what was raised is said in one line that can be shown."""
    told = str(error)
    return len(told.splitlines()) == 1 and told.isprintable() and len(told) < 1000


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

