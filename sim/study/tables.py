"""The tables of a study: which may be kept of a run, and the columns that every row of `runs` has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest
from sim.market.records import tables_of
from sim.world.scenario import Scenario

STANDING = ("firms", "market", "features", "spending", "panel")  # that every run can leave behind
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


def recorded(table: str) -> str:
    """What the records call a table of a study.

    >>> recorded("firms"), recorded("spending")
    ('records', 'spending')
    """
    return "records" if table == "firms" else table


def chosen(names: Sequence[str], scenario: Scenario, others: Iterable[Scenario]) -> tuple[str, ...]:
    """Names of tables that are to be kept of every run, each once.

    others : what a study plays beside the scenario; a table may be of a mechanism that only they have.

    Raises
    ------
    ConfigError : a table that no run has, none of firms, or a panel of nobody.
    """
    known = {*STANDING, *tables_of(scenario.mechanism.values())}
    if not known.issuperset(names):
        known = known.union(*(tables_of(other.mechanism.values()) for other in others))
    for name in names:
        if name not in known:
            raise ConfigError(f"tables: {name}: unknown table; {nearest(str(name), known)}")
    if "firms" not in names:
        raise ConfigError("tables: expected firms among them; everything that reads a study needs it")
    if "panel" in names and not scenario.records.sample:
        raise ConfigError("tables: panel needs records.sample above 0, such as records.sample=1000")
    return tuple(dict.fromkeys(names))


def is_table(name: object) -> bool:
    """Whether a stored text can be the name of a table: a word, and none that all studies have beside their tables.

    >>> is_table("tenders"), is_table("runs"), is_table("../x")
    (True, False, False)
    """
    return isinstance(name, str) and name.isascii() and name.isidentifier() and name == name.lower() and name not in ("runs", "points")
