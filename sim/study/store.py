"""The store of a study: a folder of Parquet files that DuckDB and pandas read as one table, also while it grows."""

from __future__ import annotations

import contextlib
import hashlib
import json
import pathlib
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.ground.files import own_folder
from sim.ground.params import ConfigError, nearest
from sim.ground.parquet import UNREADABLE
from sim.market.records import FIRMS
from sim.metrics.interval import YEAR
from sim.study.answered import Answered
from sim.study.catalogue import CATALOGUE, read, write_header
from sim.study.chunks import Chunks, short
from sim.study.design import Design
from sim.study.factor import Factor
from sim.study.header import check
from sim.study.plan import Point, applied
from sim.study.points import POINTS, laid_out, spoilt_points, whole_points, write_points
from sim.study.sql import connected, quoted, rows_of
from sim.study.tables import RUNS
from sim.world.scenario import Scenario, locate

AS_TEXT = ("VARCHAR", "TIMESTAMP", "DATE")  # kinds of columns that are no numbers
CHANGING = ("seconds",)  # columns that no two plays of a run share
BATCH = 200_000  # rows read at once


class Study(Chunks):
    """A study on disk.

    Parameters
    ----------
    folder : where it lies; made by `create`, filled by workers.
    allow_foreign : whether its configurations may name classes outside this package; they run code.

    Raises
    ------
    ConfigError : no study there, or one that another version wrote.

    Attributes
    ----------
    folder : its folder. header : the catalogue: words, factors, design, configurations, versions of the code.
    damaged : chunks that are left out, with the reason; see `Chunks`.
    made : folders that were made for it by who has just begun it, the innermost first; None if it was there before.
    """

    def __init__(self, folder: str | pathlib.Path, allow_foreign: bool = False) -> None:
        folder = pathlib.Path(folder)
        if str(folder).encode(errors="replace").decode() != str(folder):
            raise ConfigError(f"{ascii(str(folder))}: expected a folder whose name is text in UTF-8")
        self.allow_foreign = allow_foreign
        self.made: tuple[pathlib.Path, ...] | None = None
        self._answered = Answered()
        super().__init__(folder, read(folder))

    @classmethod
    def create(
        cls,
        folder: pathlib.Path,
        header: Mapping[str, Any],
        allow_foreign: bool = False,
        made: Iterable[pathlib.Path] = (),
    ) -> Self:
        """Begin a study in an empty or new folder; made : folders that were made for it, the innermost first.

        Raises
        ------
        ConfigError : a name that no study can hold, or a file or a link in the place of a folder. OSError : as it says.
        """
        check(json.loads(json.dumps(header, default=str)))
        own_folder(folder / "chunks").mkdir(parents=True, exist_ok=True)
        write_header(folder, header)
        study = cls(folder, allow_foreign)
        study.made = tuple(made)
        return study

    def take_back(self) -> None:
        """Remove a study of which nothing could be played, with the folders that were made for it."""
        for name in (CATALOGUE, POINTS, ".lock"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "unfinished", ignore_errors=True)
        for empty in (self.folder / "chunks", *(self.made or ())):
            with contextlib.suppress(OSError):  # something else is there
                empty.rmdir()

    @property
    def factors(self) -> list[Factor]:
        """What moves."""
        return [
            Factor(**f | {"keys": tuple(f["keys"]), "levels": f["levels"] and tuple(f["levels"])})
            for f in self.header["factors"]
        ]

    @property
    def design(self) -> Design:
        """How it moves."""
        values = dict(self.header["design"])
        return locate(values.pop("_target_"), Design, "design", self.allow_foreign).build(values, "design")

    @property
    def runs(self) -> pd.DataFrame:
        """A row a point and seed: the run's id, status, error, overrides, seconds, version, and the value of every factor."""
        self._some()
        columns = ", ".join(map(quoted, self._standing))
        return self._asked(f"SELECT {columns} FROM runs ORDER BY point, seed")

    def config(self, point: int) -> dict[str, Any]:
        """Composed configuration of a point that has been played."""
        found = self._asked(f"SELECT base, changes FROM runs WHERE point = {int(point)} LIMIT 1")
        if found.empty:
            raise ConfigError(f"{self.folder}: point {int(point)} has not been played")
        try:
            return applied(self.header["bases"][found["base"][0]], json.loads(found["changes"][0]))
        except UNREADABLE as error:
            raise self._spoilt(error) from None

    def scenario(self, point: int) -> Scenario:
        """Scenario of a point that has been played."""
        return Scenario.from_config(self.config(point), self.allow_foreign)

    def parameters(self) -> pd.DataFrame:
        """A row a point and a column a parameter: every single value of the composed configuration, lists as JSON text."""
        return self.query("SELECT * FROM points ORDER BY point")

    @property
    def _standing(self) -> list[str]:
        """Columns of `runs` beside the parameters."""
        return [*RUNS, *(factor["name"] for factor in self.header["factors"])]

    def _some(self) -> None:
        if not self._known:
            raise ConfigError(f"{self.folder}: no run has been written down yet")

    def connect(self, sql: str = "", threads: int | None = None):
        """A DuckDB connection with a view a table: runs with every parameter, points, firms, market, and what else was kept.

        It reads and writes nothing outside the study's folder, and its settings cannot be changed.

        sql : a query that it is for; only the tables that it names are looked at, because a view reads the end of every file.
        threads : how many it may use; None for all.
        """
        connection = connected(self.folder, threads)
        tables = {"runs", "points", *self.header["tables"]}
        named = {*re.findall(r"\w+", sql.lower())} & tables or tables
        for table in filter(self.holds, named & {*self.header["tables"]}):
            connection.execute(f"CREATE VIEW {quoted(table)} AS SELECT * FROM {rows_of(self.paths(table))}")
        if named & {"runs", "points"} and self.holds("runs"):
            self._view_points(connection)
            self._view_runs(connection)
        return connection

    def _view_points(self, connection) -> None:
        """The view `points`; where the file is missing or damaged, of the points that have been played, and then written again."""
        if whole_points(self.folder, self.header["points"], self.header["bases"]):
            connection.execute(f"CREATE VIEW points AS SELECT * FROM {rows_of([self.folder / POINTS])}")
            return
        files = rows_of(self.paths("runs"))
        rows = connection.execute(f"SELECT DISTINCT point, base, changes FROM {files} ORDER BY point").fetchall()
        played = {number: Point({}, base, json.loads(changes)) for number, base, changes in rows}
        table = laid_out(self.header["bases"], played)
        connection.register("points", table)
        if len(table) == self.header["points"]:
            with contextlib.suppress(OSError):  # the folder may be for reading only
                write_points(self.folder, table)

    def _view_runs(self, connection) -> None:
        """The view `runs`; columns that it has anyway, or the tables that it is joined to, are not taken from the points."""
        standing = {name.lower() for name in (*self._standing, *FIRMS)}
        names = (column for column, *_ in connection.execute("SELECT * FROM points LIMIT 0").description)
        more = ", ".join(["point", *(quoted(name) for name in names if name.lower() not in standing)])
        rows = f"{rows_of(self.paths('runs'))} LEFT JOIN (SELECT {more} FROM points) USING (point)"
        connection.execute(f"CREATE VIEW runs AS SELECT * FROM {rows}")

    def query(self, sql: str, threads: int | None = None) -> pd.DataFrame:
        """What DuckDB answers to a query over the study's tables, as pandas; threads : as in `connect`.

        Raises
        ------
        ConfigError : the query names something that is not there, in DuckDB's own words; or a file turns out to be damaged,
            and was set aside. KeyboardInterrupt : Ctrl-C.
        """
        import duckdb

        self._some()
        try:
            with self.connect(sql, threads) as connection:
                return connection.execute(sql).df()
        except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException) as error:
            raise ConfigError(f"{self.folder}: {' '.join(str(error).split())}") from None
        except (RuntimeError, duckdb.InterruptException) as error:  # what Ctrl-C makes of a query under way
            raise KeyboardInterrupt from error
        except (duckdb.Error, *UNREADABLE) as error:
            if spoilt_points(self.folder):
                return self.query(sql, threads)
            raise self._spoilt(error) from None

    def _asked(self, sql: str, threads: int | None = None) -> pd.DataFrame:
        """What `query` answers; asked again only if a file has changed since."""
        files = [*self.paths("runs"), *self.paths("firms"), self.folder / POINTS]
        return self._answered.take((sql, threads), files, lambda: self.query(sql, threads))

    def _spoilt(self, error: Exception) -> ConfigError:
        """What to say of a file that turned out to be damaged, after it was looked for and set aside."""
        self.verify()
        told = [f"chunk {name}: {why}, set aside" for name, why in self.damaged.items()]
        told.append("--resume plays its runs again" if told else short(error))
        return ConfigError(f"{self.folder}: {'; '.join(told)}")

    def frame(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """A table of all complete runs, the column `run` first; rows of a run in the order in which they happened."""
        if table not in self.header["tables"]:
            raise ConfigError(f"table {table}: not kept by this study; {nearest(table, self.header['tables'])}")
        chosen = "*" if columns is None else ", ".join(map(quoted, ("run", *columns)))
        return self.query(f"SELECT {chosen} FROM {table}")

    def metrics(self) -> list[str]:
        """Measures that the firms' table holds."""
        if not self.holds("firms"):
            raise ConfigError(f"{self.folder}: no run is complete")
        types = self._asked("DESCRIBE firms")
        return [n for n, kind in zip(types["column_name"], types["column_type"], strict=True) if kind != "VARCHAR"]

    def outcomes(self, metrics: Sequence[str], months: int = YEAR) -> pd.DataFrame:
        """Means of the firms' measures over the last months of every complete run: a row a point, seed and firm.

        Returns run, point, seed, the factors, firm, strategy, and the metrics; what is not known is left out of a mean.

        Raises
        ------
        ConfigError : a metric that the study has not, or a chunk that says less of its runs than it must; it was set aside.
        """
        known, moved = self.metrics(), {factor["name"].casefold() for factor in self.header["factors"]}
        for metric in metrics:
            if metric.casefold() in moved:
                raise ConfigError(f"metric {metric}: a factor of this study has that name; rename the factor")
            if metric not in known:
                raise ConfigError(f"metric {metric}: not in this study; {nearest(metric, known)}")
        factors = ", ".join(f"runs.{quoted(factor['name'])}" for factor in self.header["factors"])
        means = ", ".join(f"avg({quoted(metric)}) AS {quoted(metric)}" for metric in metrics)
        found = self._asked(
            "WITH ends AS (SELECT run, max(period) AS final FROM firms GROUP BY run), "
            f"means AS (SELECT run, firm, any_value(strategy) AS strategy, {means} FROM firms JOIN ends USING (run) "
            f"WHERE period > final - {int(months)} GROUP BY run, firm) "
            f"SELECT runs.run, point, seed, {factors + ', ' if factors else ''} means.* EXCLUDE (run) "
            "FROM means JOIN runs USING (run) WHERE status = 'complete' ORDER BY point, seed, firm",
            threads=1,  # a sum of floats depends on its order
        )
        if lost := sorted({*self._asked("SELECT DISTINCT run FROM runs WHERE status = 'complete'")["run"]} - {*found["run"]}):
            raise self._spoilt(ConfigError(f"nothing is said of the firms of {len(lost)} complete runs, such as {lost[0]}"))
        return found

    def xarray(self, metrics: Sequence[str], months: int = YEAR):
        """The outcomes as an xarray Dataset over point, seed and firm, the factors as coordinates of the points."""
        frame = self.outcomes(metrics, months)
        names = [factor["name"] for factor in self.header["factors"]]
        data = frame.set_index(["point", "seed", "firm"])[list(metrics)].to_xarray()
        where = frame.drop_duplicates("point").set_index("point")
        return data.assign_coords({name: ("point", where.loc[data["point"].values, name].to_numpy()) for name in names})

    def __repr__(self) -> str:
        moved = ", ".join(factor["name"] for factor in self.header["factors"]) or "nothing"
        runs = len(self.finished)
        return f"{type(self).__name__} of {self.header['name']} in {self.folder}: {runs:,} runs, moved: {moved}; .runs, .outcomes(), .query()"

    def fingerprint(self) -> str:
        """Hash of all that was found, in whatever order; two plays of the same study have the same, however interrupted."""
        digest = hashlib.sha256()
        with connected(self.folder) as connection:
            for table in filter(self.holds, ("runs", *sorted(self.header["tables"]))):
                rows = rows_of(self.paths(table))
                types = connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {rows})").fetchall()
                columns = {name: kind for name, kind in sorted(types) if name not in CHANGING}
                read = (
                    quoted(n) if kind.startswith(AS_TEXT) else f"{quoted(n)}::DOUBLE AS {quoted(n)}"
                    for n, kind in columns.items()
                )
                batches = connection.sql(f"SELECT {', '.join(read)} FROM {rows}").to_arrow_reader(BATCH)
                digest.update(json.dumps([table, *columns, *map(int, _sums(batches))]).encode())
        return digest.hexdigest()[:20]


def _sums(batches: Iterable[pa.RecordBatch]) -> np.ndarray:
    """Number of rows, and sums of their hashes and of the hashes' squares modulo 2^64: alike for any order of the rows."""
    sums = np.zeros(3, np.uint64)
    for batch in batches:
        hashes = pd.util.hash_pandas_object(batch.to_pandas(), index=False).to_numpy()
        sums += np.array([len(hashes), hashes.sum(), (hashes * hashes).sum()], np.uint64)
    return sums
