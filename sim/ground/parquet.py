"""Tables on disk: Parquet with units and meanings in the columns. Whoever reads or writes Parquet comes through here."""

from __future__ import annotations

import pathlib
from collections.abc import Mapping, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.ground.column import Column
from sim.ground.files import beside, regular

UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, AttributeError)  # what a damaged file may raise


def write_parquet(
    frame: pd.DataFrame, path: pathlib.Path, columns: Mapping[str, Column], about: Mapping[str, str] | None = None
) -> None:
    """Write under a temporary name, then rename; units and meanings go into the columns' metadata.

    about : further facts for the file's own metadata.

    Raises
    ------
    OSError : the disk is full or the folder cannot be written; the file that was there before is untouched.
    """
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [f.with_metadata({"unit": columns[f.name].unit, "meaning": columns[f.name].meaning}) for f in table.schema]
    facts = dict(table.schema.metadata) | {key.encode(): text.encode() for key, text in (about or {}).items()}
    table = table.cast(pa.schema(fields, metadata=facts))
    with beside(path) as part:
        pq.write_table(table, part, compression="zstd")


def read_parquet(path: pathlib.Path, columns: Sequence[str] | None = None, checked: bool = False) -> pa.Table:
    """The columns of one file and nothing else: names of folders, such as `share=1`, are not taken for columns.

    checked : compare every page with the checksum that it was written with.

    Raises
    ------
    OSError : not there, not a file itself, or it cannot be read. pa.ArrowException : not Parquet, or damaged.
    """
    with opened(path, checked) as file:
        return file.read(None if columns is None else list(columns))


def opened(path: pathlib.Path, checked: bool = False) -> pq.ParquetFile:
    """The file, of which no more than its end has been read; it wants to be closed.

    Raises
    ------
    OSError, pa.ArrowException : as `read_parquet`.
    """
    if not regular(path):
        raise FileNotFoundError("is a link or a folder" if path.is_symlink() or path.exists() else "missing")
    return pq.ParquetFile(path, page_checksum_verification=checked)
