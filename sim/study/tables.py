"""The tables of a study: which may be kept of a run, and the columns that every row of `runs` has."""

from __future__ import annotations

from sim.ground.column import Column

TABLES = {"firms": "records"} | {name: name for name in ("market", "features", "spending", "tenders", "panel")}
RUN = Column("str", "", "id of the run: hash of its configuration, the code and its seed")
RUNS: dict[str, Column] = {
    "run": RUN,
    "point": Column("int64", "1", "number of the point in the design, from 0"),
    "seed": Column("int64", "1", "seed of the run"),
    "status": Column("str", "", "complete, failed (it said why) or crashed (it took its worker along)"),
    "error": Column("str", "", "what went wrong"),
    "overrides": Column("str", "", "where the factors stand, in words"),
    "base": Column("int64", "1", "number of the base configuration in the catalogue"),
    "changes": Column("str", "", "what is changed in it, as JSON by dotted key"),
    "seconds": Column("float64", "s", "time that the run took; null where the run of an earlier point is shared"),
    "version": Column("str", "", "version of differentia and digest of the model's code"),
}
