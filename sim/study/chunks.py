"""The chunks of a study: which there are, whether they can be trusted, and which session may add to them."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import uuid

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.study.chunk import file_sum, row_sum

UNREADABLE = (pa.ArrowException, OSError, ValueError, KeyError, TypeError)  # what reading a damaged file may raise


class Chunks:
    """The chunks in a study's folder.

    Attributes
    ----------
    folder : the study's. damaged : chunks that were found unreadable or changed and were set aside, with the reason.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.damaged: dict[str, str] = {}
        self._known: dict[str, list[str]] = {}
        self.refresh()

    def take_over(self) -> str:
        """Begin a session: from now on only workers of this one can write. Removes what earlier ones left unfinished.

        A worker writes into its session's folder and moves that into the store with one rename, so it has either done
        so before the folder is taken away here, and is seen, or never will.
        """
        session = uuid.uuid4().hex
        unfinished = self.folder / "unfinished"
        if unfinished.exists():
            os.rename(unfinished, self.folder / f".abandoned-{session}")
        (unfinished / session).mkdir(parents=True)
        for left in self.folder.glob(".abandoned-*"):
            shutil.rmtree(left, ignore_errors=True)
        self.refresh()
        return session

    def release(self) -> None:
        """End the session: nobody writes any more."""
        shutil.rmtree(self.folder / "unfinished", ignore_errors=True)
        self.refresh()

    def refresh(self) -> None:
        """See what has been written since; a chunk that cannot be read, or repeats runs, is set aside and named."""
        seen: set[str] = set().union(*self._known.values()) if self._known else set()
        for chunk in sorted(path for path in self.folder.glob("chunks/*") if path.name not in self._known):
            try:
                for path in chunk.glob("*.parquet"):
                    pq.read_metadata(path)
                rows = pq.read_table(path := chunk / "runs.parquet", columns=["run", "point"]).to_pydict()
                runs = rows["run"]
            except UNREADABLE as error:
                self.set_aside(chunk.name, f"{path.name} cannot be read ({short(error)})")
                continue
            if not seen.isdisjoint(runs) or len(set(zip(runs, rows["point"], strict=True))) < len(runs):
                self.set_aside(chunk.name, "holds runs that the study holds already")
                continue
            seen.update(runs)
            self._known[chunk.name] = runs

    def verify(self) -> None:
        """Read every byte again and set aside what is not as it was written."""
        for name in list(self._known):
            chunk, table = self.folder / "chunks" / name, "runs"
            try:
                runs = pq.read_table(chunk / "runs.parquet")
                for table, digest in json.loads(runs.schema.metadata[b"sums"]).items():
                    if digest != (row_sum(runs) if table == "runs" else file_sum(chunk / f"{table}.parquet")):
                        raise ValueError("not as it was written")
            except UNREADABLE as error:
                self.set_aside(name, f"{table}.parquet: {short(error)}")

    def set_aside(self, name: str, why: str) -> None:
        """Move a chunk out of the store, so that its runs are missing and can be played again."""
        aside = self.folder / "damaged"
        aside.mkdir(exist_ok=True)
        os.rename(self.folder / "chunks" / name, aside / f"{name}-{uuid.uuid4().hex[:8]}")
        self._known.pop(name, None)
        self.damaged[name] = why

    @property
    def finished(self) -> set[str]:
        """Ids of all runs that have been written down, failed ones included."""
        return set().union(*self._known.values()) if self._known else set()

    def forget_failed(self) -> None:
        """Strike runs that failed or crashed from the store, so that they are missing and can be played again."""
        for name in list(self._known):
            chunk = self.folder / "chunks" / name
            table = pq.read_table(chunk / "runs.parquet")
            kept = table.filter(pc.equal(table["status"], "complete"))
            if not len(kept):
                gone = self.folder / f".abandoned-{uuid.uuid4().hex}"
                os.rename(chunk, gone)
                shutil.rmtree(gone, ignore_errors=True)
                del self._known[name]
            elif len(kept) < len(table):
                about = table.schema.metadata
                sums = json.dumps(json.loads(about[b"sums"]) | {"runs": row_sum(kept)})
                part = chunk / f".runs.{uuid.uuid4().hex[:8]}"
                pq.write_table(kept.replace_schema_metadata(about | {b"sums": sums}), part, compression="zstd")
                os.replace(part, chunk / "runs.parquet")
                self._known[name] = kept["run"].to_pylist()

    def holds(self, table: str) -> bool:
        """Whether any chunk has this table."""
        return any((self.folder / "chunks" / name / f"{table}.parquet").exists() for name in self._known)


def short(error: Exception) -> str:
    """An error's text in one line of at most 120 characters."""
    return " ".join(str(error).split())[:120]
