"""DuckDB as studies use it: what a study says goes into SQL quoted, and nothing outside the study's folder is touched."""

from __future__ import annotations

import glob
import pathlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CLOSED = (  # in this order; the last one forbids to change any of them
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "python_enable_replacements = false",
    "enable_external_access = false",
    "lock_configuration = true",
)


def quoted(name: str) -> str:
    """A name as SQL takes it.

    >>> quoted('firms.a"b')
    '"firms.a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL takes it.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def rows_of(paths: Iterable[pathlib.Path]) -> str:
    """Parquet files as one table; names of folders are taken neither for patterns nor for columns such as `share=1`."""
    listed = ", ".join(text(glob.escape(str(path.resolve()))) for path in paths)
    return f"read_parquet([{listed}], union_by_name = true, hive_partitioning = false, filename = false)"


def connected(folder: pathlib.Path, threads: int | None = None) -> DuckDBPyConnection:
    """A connection that can read and write in this folder only, whatever it is asked; threads : None for all."""
    import duckdb

    connection, where = duckdb.connect(), str(folder.resolve())
    ours = ", ".join(map(text, {where, glob.escape(where)}))  # files are asked for as patterns
    for setting in (f"allowed_directories = [{ours}]", *CLOSED):
        if threads is not None and setting == CLOSED[-1]:
            connection.execute(f"SET threads = {int(threads)}")
        connection.execute(f"SET {setting}")
    return connection
