"""Tables on disk: Parquet with units and meanings in the columns, written so that a broken write loses nothing."""

from __future__ import annotations

import os
import pathlib
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.table import Column


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
    part = path.with_name(f".{path.stem}.part")  # readers of a whole folder pass over a leading dot
    try:
        pq.write_table(table, part, compression="zstd")
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
