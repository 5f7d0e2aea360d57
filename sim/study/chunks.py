"""The chunks of a study: which there are, whether they can be trusted, and which session may add to them."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.ground import files
from sim.ground.params import ConfigError
from sim.ground.parquet import UNREADABLE, opened, read_parquet
from sim.study.catalogue import CATALOGUE, unpacked
from sim.study.chunk import file_sum, name_of, row_sum
from sim.study.header import identity
from sim.study.points import POINTS
from sim.study.tables import RUNS, is_table

NAME = re.compile(r"[0-9a-f]{20}")
FOLDERS = ("chunks", "damaged", "unfinished")
KINDS = {
    "str": lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    "int64": pa.types.is_integer,
    "float64": pa.types.is_floating,
}
FEW = 3  # chunks that are named where more than one is told


class Stranger(ValueError):
    """A chunk that another study, or other code, has written."""


class Unreached(Exception):
    """A chunk that cannot be read for a reason that is none of its own, such as a lack of rights; it stays where it is."""


@dataclass(frozen=True)
class Held:
    """What a chunk holds: ids of its runs, points and seeds beside them, and the names of its tables."""

    runs: tuple[str, ...]
    rows: frozenset[tuple[str, int]]
    tables: frozenset[str]


class Chunks:
    """The chunks in a study's folder; whatever else lies there is not looked at.

    Parameters
    ----------
    folder : the study's. header : its catalogue, as checked when it was read.

    Attributes
    ----------
    damaged : chunks that are left out, with the reason: unreadable, changed, of another study, or there twice. Where that
        can be done they are moved to `damaged/`.

    Raises
    ------
    ConfigError : a folder of the study is a link or a file, or all its chunks are another study's.
    """

    def __init__(self, folder: pathlib.Path, header: Mapping[str, Any]) -> None:
        self.folder, self.header = folder, header
        self.damaged: dict[str, str] = {}
        self._known: dict[str, Held] = {}
        self._copies: dict[bytes, bool] = {}  # of the catalogue, in chunks: whether they are of this study
        self.refresh()

    def take_over(self) -> str:
        """Begin a session: from now on only workers of this one can write. Removes what earlier ones left unfinished.

        A worker writes into its session's folder and moves that into the store with one rename, so it has either done
        so before the folder is taken away here, and is seen, or never will.
        """
        session = uuid.uuid4().hex
        _, _, unfinished = self._own()
        if unfinished.exists():
            os.rename(unfinished, self.folder / f".abandoned-{session}")
        (unfinished / session).mkdir(parents=True)
        (self.folder / "chunks").mkdir(exist_ok=True)
        for left in self.folder.glob(".abandoned-*"):
            shutil.rmtree(left, ignore_errors=True)
        files.clear(self.folder, lambda name: name in (CATALOGUE, POINTS), idle=0)
        files.clear(self.folder, lambda name: name.endswith((".csv", ".html", ".md")))
        self.refresh()
        for name in list(self.damaged):
            if os.path.lexists(self.folder / "chunks" / name):
                self._move(name)
        return session

    def release(self) -> None:
        """End the session: nobody writes any more."""
        shutil.rmtree(self.folder / "unfinished", ignore_errors=True)
        self.refresh()

    def refresh(self) -> None:
        """See what has been written since; a chunk that is not as it must be is set aside and named."""
        found, strange = dict[str, Held](), dict[str, str]()
        for name in self._new():
            try:
                found[name] = self._look(name)
            except Stranger as error:
                strange[name] = str(error)
            except Unreached as error:
                self.damaged[name] = str(error)
            except UNREADABLE as error:
                self.set_aside(name, short(error))
        if strange and not found and not self._known:
            named = ", ".join(list(strange)[:FEW]) + (f" and {len(strange) - FEW} more" if len(strange) > FEW else "")
            raise ConfigError(
                f"{self.folder}: {CATALOGUE} and all chunks are of different studies; take away either the chunks "
                f"({named}) or {CATALOGUE}, which is then made again from them"
            )
        for name, why in strange.items():
            self.set_aside(name, why)
        self._take(found)

    def _take(self, found: Mapping[str, Held]) -> None:
        """Take chunks in, those under their own names first, unless they repeat runs."""
        seen = self.finished
        for name, held in sorted(found.items(), key=lambda item: (item[0] != name_of(item[1].runs), item[0])):
            if not seen.isdisjoint(held.runs) or len(held.rows) < len(held.runs):
                self.set_aside(name, "holds runs that the study holds already")
            else:
                seen.update(held.runs)
                self._known[name] = held
                self.damaged.pop(name, None)

    def _own(self) -> list[pathlib.Path]:
        """The study's own folders, none of which leads elsewhere."""
        return [files.own_folder(self.folder / name) for name in FOLDERS]

    def _new(self) -> list[str]:
        """Names in `chunks/` that are chunks, by their own name or by what they hold, and are not known."""
        chunks = self._own()[0]
        places = sorted(chunks.iterdir()) if chunks.exists() else []
        return [
            path.name
            for path in places
            if path.name not in self._known
            and (NAME.fullmatch(path.name) or (not path.is_symlink() and os.path.lexists(path / "runs.parquet")))
        ]

    def _look(self, name: str) -> Held:
        """What a chunk holds, by the ends of its files and its rows of `runs`.

        Raises
        ------
        Stranger, Unreached : as they say. ValueError, or another of `UNREADABLE` : it is damaged.
        """
        table = "runs"
        try:
            chunk = self.folder / "chunks" / name
            if chunk.is_symlink() or not chunk.is_dir():
                raise ValueError("is a link or a file; expected a folder")
            with opened(chunk / "runs.parquet") as file:
                about, schema = file.schema_arrow.metadata, file.schema_arrow
                self._recognise(about[b"study"])
                self._fits(schema)
                rows = file.read(["run", "point", "base"]).to_pydict()
            self._inside(rows)
            tables = sums_of(about)
            for table in tables:
                opened(chunk / f"{table}.parquet").close()
        except Stranger:
            raise
        except UNREADABLE as error:
            own = not isinstance(error, OSError) or error.errno is None or isinstance(error, FileNotFoundError)
            told = f"{table}.parquet: {short(error)}"
            raise (ValueError if own else Unreached)(told) from None
        return Held(tuple(rows["run"]), frozenset(zip(rows["run"], rows["point"], strict=True)), frozenset(tables))

    def _recognise(self, copy: bytes) -> None:
        """Raise `Stranger` unless a chunk's copy of the catalogue is of this study."""
        if copy not in self._copies:
            self._copies[copy] = identity(unpacked(copy)) == identity(self.header)
        if not self._copies[copy]:
            raise Stranger("is of another study, or of other code")

    def _fits(self, schema: pa.Schema) -> None:
        """Raise `ValueError` unless the `runs` have all columns that they must have, of their kinds."""
        for name in [*RUNS, *(factor["name"] for factor in self.header["factors"])]:
            if schema.names.count(name) != 1:
                raise ValueError(f"no column {name}, or more than one")
            right = KINDS[RUNS[name].dtype] if name in RUNS else lambda kind: not pa.types.is_nested(kind)
            if not right(schema.field(name).type):
                raise ValueError(f"column {name} is of another kind, {schema.field(name).type}")

    def _inside(self, rows: Mapping[str, list]) -> None:
        """Raise `ValueError` unless the rows are of points and bases that the catalogue has."""
        for name, end in (("point", self.header["points"]), ("base", len(self.header["bases"]))):
            if not all(number is not None and 0 <= number < end for number in rows[name]):
                raise ValueError(f"column {name} holds what the catalogue has not")
        if not rows["run"] or None in rows["run"]:
            raise ValueError("holds no run, or one without an id")

    def verify(self) -> None:
        """Read every byte again and set aside what is not as it was written."""
        for name in list(self._known):
            chunk, table = self.folder / "chunks" / name, "runs"
            try:
                runs = read_parquet(chunk / "runs.parquet")
                for table, digest in sums_of(runs.schema.metadata, runs=True).items():
                    if digest != (row_sum(runs) if table == "runs" else file_sum(chunk / f"{table}.parquet")):
                        raise ValueError("not as it was written")
            except UNREADABLE as error:
                self.set_aside(name, f"{table}.parquet: {short(error)}")

    def set_aside(self, name: str, why: str) -> None:
        """Leave a chunk out, so that its runs are missing and can be played again, and move it away where that can be done."""
        self._known.pop(name, None)
        self.damaged[name] = why
        try:
            self._move(name)
        except OSError:
            pass  # the folder is for reading only: it is left out all the same

    def _move(self, name: str) -> None:
        chunks, aside, _ = self._own()
        aside.mkdir(exist_ok=True)
        os.rename(chunks / name, aside / f"{name[:60]}-{uuid.uuid4().hex[:8]}")

    @property
    def finished(self) -> set[str]:
        """Ids of all runs that have been written down, failed ones included."""
        return {run for held in self._known.values() for run in held.runs}

    def forget_failed(self) -> None:
        """Strike runs that failed or crashed from the store, so that they are missing and can be played again."""
        for name in list(self._known):
            chunk = self.folder / "chunks" / name
            table = read_parquet(chunk / "runs.parquet")
            kept = table.filter(pc.equal(table["status"], "complete"))
            if not len(kept):
                gone = self.folder / f".abandoned-{uuid.uuid4().hex}"
                os.rename(chunk, gone)
                shutil.rmtree(gone, ignore_errors=True)
                del self._known[name]
            elif len(kept) < len(table):
                about = table.schema.metadata
                sums = json.dumps(json.loads(about[b"sums"]) | {"runs": row_sum(kept)})
                with files.beside(chunk / "runs.parquet") as part:
                    pq.write_table(kept.replace_schema_metadata(about | {b"sums": sums}), part, compression="zstd")
                self._known[name] = self._look(name)

    def holds(self, table: str) -> bool:
        """Whether any chunk has this table."""
        return any(table == "runs" or table in held.tables for held in self._known.values())

    def paths(self, table: str) -> list[pathlib.Path]:
        """The files of a table, a chunk each."""
        return [
            self.folder / "chunks" / name / f"{table}.parquet"
            for name, held in self._known.items()
            if table == "runs" or table in held.tables
        ]


def sums_of(about: Mapping[bytes, bytes], runs: bool = False) -> dict[str, str]:
    """Sum of every table's file by the table's name, as a chunk's `runs` carry them; with that of the `runs` or without.

    Raises
    ------
    ValueError, KeyError : there are none, or of tables that no study has.
    """
    sums = json.loads(about[b"sums"])
    if not isinstance(sums, dict) or "runs" not in sums or not all(map(is_table, sums.keys() - {"runs"})):
        raise ValueError("what it says of the other tables is damaged")
    return {table: digest for table, digest in sums.items() if runs or table != "runs"}


def short(error: Exception) -> str:
    """An error's text in one line of at most 120 characters."""
    return " ".join(str(error).split())[:120]
