"""What happened, period by period: columns in memory, Parquet on disk."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest
from sim.ground.parquet import write_parquet
from sim.ground.units import told_columns, words_of
from sim.market import noted
from sim.market.panel import Panel
from sim.world.strategies import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.market.market import Market
    from sim.world.mechanisms import Mechanism
    from sim.world.metric import Metric
    from sim.world.scenario import Scenario

FIRMS: dict[str, Column] = {
    "period": Column("int64", "months", "month of the record, from 0"),
    "firm": Column("str", "", "name of the firm"),
    "strategy": Column("str", "", "strategy the firm follows"),
    "price": Column("float64", "¤", "posted fare of a standard journey; NaN of a firm that is not in the market"),
    "purchases": Column("int64", "purchases", "journeys sold this month, free ones included"),
    "share": Column("float64", "1", "part of all purchases of the month"),
    "value_share": Column("float64", "1", "part of all revenue of the month"),
    "breadth": Column(
        "float64", "1", "customers who bought from the firm in 12 months / who bought at all; from month 11"
    ),
    "depth": Column("float64", "1", "share of wallet of the firm's buyers over 12 months; from month 11"),
    "repeat_rate": Column(
        "float64", "1", "buyers who stayed with their last provider / buyers whose last provider it was"
    ),
    "retention": Column(
        "float64", "1", "customers of the 12 months before who bought again in the last 12 / all of them; from month 23"
    ),
    "satisfaction_gap": Column("float64", "utils", "mean perceived minus expected quality of this month's purchases"),
    "revenue": Column("float64", "¤", "money received this month"),
    "cost": Column("float64", "¤", "money spent this month"),
    "profit": Column("float64", "¤", "revenue minus cost"),
    "cash": Column("float64", "¤", "money held at the end of the month"),
    "margin": Column("float64", "1", "profit / revenue"),
} | {
    f"mix_{kind}": Column("float64", "1", f"part of the month's spending on capabilities that went into {kind}")
    for kind in KINDS
}
MARKET: dict[str, Column] = {
    "period": Column("int64", "months", "month of the record, from 0"),
    "purchases": Column("int64", "purchases", "journeys bought this month"),
    "outside_share": Column("float64", "1", "part of the purchase occasions on which nothing was bought"),
    "hhi": Column("float64", "1", "Herfindahl-Hirschman index of the volume shares of all firms"),
    "price_dispersion": Column(
        "float64", "1", "coefficient of variation of posted prices over firms that share a mode"
    ),
    "offer_distance": Column("float64", "utils", "mean distance between the offers of firms that share a mode"),
    "consumer_surplus": Column(
        "float64", "¤", "mean expected surplus of a purchase occasion over staying out (logsum)"
    ),
    "customers": Column("int64", "customers", "customers of the market this month"),
    "total_surplus": Column(
        "float64", "¤", "surplus of the month's purchase occasions and profits of all firms, a head of market"
    ),
    "strategy_mix_entropy": Column(
        "float64", "nats", "Shannon entropy of the mean strategy mix of the firms that spend on capabilities"
    ),
    "entropy_within": Column("float64", "nats", "mean Shannon entropy of those firms' own strategy mixes"),
    "firms": Column("int64", "firms", "firms that were in the market this month"),
}
SPENDING: dict[str, Column] = {
    "period": Column("int64", "months", "month of the record"),
    "firm": Column("str", "", "name of the firm"),
    "line": Column("str", "", "what the money was spent on; journeys: what serving cost"),
    "amount": Column("float64", "¤", "money spent this month"),
}
FEATURES: dict[str, Column] = {
    "feature": Column("str", "", "name of the feature"),
    "kind": Column("str", "", "kind of strategy it belongs to"),
    "introduced_by": Column("str", "", "firm that introduced it"),
    "period": Column("int64", "months", "month of the record"),
    "firm": Column("str", "", "the innovator or a rival of its mode"),
    "adopted": Column("bool", "1", "whether the firm offers the feature that month"),
    "fidelity": Column("float64", "1", "how much of the original the firm's version delivers"),
    "introduced": Column("int64", "months", "month in which the feature was introduced"),
    "attribute": Column("str", "", "service attribute it moves; none if it serves an unmet need"),
    "size": Column("float64", "unit of the attribute", "how far the original moves it, other features left aside"),
    "creates": Column("float64", "1", "part of the unmet needs that the original opens"),
    "unit_cost": Column("float64", "¤", "cost of the original a journey"),
    "worth": Column("float64", "1", "what the firm's version does, in parts of the original"),
    "stage": Column("str", "", "stage of its life: introduction, growth, maturity or decline"),
}

TABLES = {"records": FIRMS, "market": MARKET, "features": FEATURES, "spending": SPENDING}
TAKEN = {*TABLES, "firms", "panel", "purchases", "replications", "runs", "points", "run", "point", "seed"}  # names of tables and their keys


def framed(parts: Sequence[Mapping[str, np.ndarray | list]], columns: Mapping[str, Column]) -> pd.DataFrame:
    """Columns of several runs, one below the other, as pandas; all parts have the same columns."""
    return pd.DataFrame(
        {
            name: pd.array([text for part in parts for text in part[name]], dtype="str")
            if columns[name].dtype == "str"
            else np.concatenate([part[name] for part in parts])
            for name in parts[0]
        }
    )


def columns_of(mechanisms: Iterable[Mechanism], metrics: Iterable[Metric]) -> dict[str, dict[str, Column]]:
    """Columns of the tables `records` and `market`: the standing ones, what mechanisms add, then metrics.

    Raises
    ------
    ConfigError : a metric whose name is taken, or one that reads what is not recorded.
    """
    firms, market = dict(FIRMS), dict(MARKET)
    for mechanism in mechanisms:
        firms |= mechanism.records
        market |= mechanism.market_records
    known = {*firms, *market}
    for metric in metrics:
        if metric.called in known | TAKEN:
            raise ConfigError(f"metric.{metric.called}: tables have a column of this name; expected one of its own")
        if lacking := sorted(metric.reads - known):
            raise ConfigError(f"metric.{metric.called}: reads {lacking[0]}, which nobody records; {nearest(lacking[0], known)}")
        (firms if metric.of == "firms" else market)[metric.called] = metric.column
    return {"records": firms, "market": market}


def firm_columns(scenario: Scenario) -> dict[str, Column]:
    """Columns of the firms' records of a scenario."""
    return columns_of(scenario.mechanism.values(), scenario.metric.values())["records"]


def tables_of(mechanisms: Iterable[Mechanism]) -> dict[str, Mapping[str, Column]]:
    """Columns of the tables that mechanisms add, by name; raises `ConfigError` for a name that is taken."""
    found: dict[str, Mapping[str, Column]] = {}
    for mechanism in mechanisms:
        for name, columns in mechanism.tables.items():
            if name in TAKEN or name in found or not (name.isidentifier() and name.isascii() and name == name.lower()):
                raise ConfigError(f"mechanism.{mechanism.called}: table {name!r}: taken, or not a name in small letters")
            found[name] = columns
    return found


class Records:
    """The columns of one run, filled period by period.

    Parameters
    ----------
    market : the market to be written down; None of records that another process has filled.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        found = {
            **TABLES,
            **columns_of(market.mechanisms, market.world.metric.values()),
            **tables_of(market.mechanisms),
        }
        self.columns = {table: told_columns(columns, words_of(market.world)) for table, columns in found.items()}
        self._rows: dict[str, dict[str, list]] = {
            table: {c: [] for c in columns} for table, columns in self.columns.items()
        }
        self._noted = dict.fromkeys(tables_of(market.mechanisms), 0)
        sample = market.world.records.sample
        self.panel = Panel(market, sample) if sample else None

    def __getstate__(self) -> dict[str, object]:
        """What another process is told: the columns, without the market and its panel."""
        return vars(self) | {"market": None, "panel": None}

    def note(self) -> None:
        """Write down the period that the market has just closed."""
        market = self.market
        firms, whole = noted.firms(market), noted.of_market(market)
        measured = noted.measured(market.world.metric.values(), firms, whole)
        self._add("records", firms | measured[0])
        self._add("market", {name: [value] for name, value in (whole | measured[1]).items()})
        for feature in market.features:
            self._add("features", noted.feature(market, feature))
        for firm in market.trading:
            self._add("spending", noted.spending(market, firm))
        self._note_tables()

    def _add(self, table: str, values: dict[str, object]) -> None:
        for name, column in self._rows[table].items():
            column.extend(values[name])

    def _note_tables(self) -> None:
        """Write down the rows of mechanisms' own tables since the last note: months may lie between two notes."""
        for mechanism in self.market.mechanisms:
            rows = mechanism.on_table(self.market) if mechanism.tables else {}
            for table in (name for name in mechanism.tables if name in self._noted):
                for row in rows.get(table, [])[self._noted[table] :]:
                    self._add(table, {name: [value] for name, value in row.items()})
                    self._noted[table] += 1

    def frame(self, table: str) -> pd.DataFrame:
        """One table as pandas: ``records`` (a row a firm a period), ``market``, ``features``, ``spending``, or one of a mechanism."""
        return framed([self.arrays(table)], self.columns[table])

    def arrays(self, table: str) -> dict[str, np.ndarray | list]:
        """One table's columns, texts as lists: what many runs keep of themselves until they are written together."""
        dtypes = {name: column.dtype for name, column in self.columns[table].items()}
        return {
            name: list(values) if dtypes[name] == "str" else np.asarray(values, dtypes[name])
            for name, values in self._rows[table].items()
        }

    def write(self, folder: pathlib.Path) -> None:
        """Write the tables, each file complete or the one before stays, and a further part of the panel."""
        for table, columns in self.columns.items():
            write_parquet(self.frame(table), folder / f"{table}.parquet", columns)
        if self.panel is not None:
            self.panel.write(folder)

    @property
    def full(self) -> bool:
        """Whether more of the panel waits to be written than should be held in memory."""
        return self.panel is not None and self.panel.full
