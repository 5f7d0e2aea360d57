"""What happened, period by period: columns in memory, Parquet on disk."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.ground.column import Column
from sim.ground.grid import WINDOW
from sim.ground.parquet import write_parquet
from sim.ground.units import told_columns, words_of
from sim.market.offers import offer_vectors
from sim.market.panel import Panel
from sim.metrics import ratio
from sim.metrics.loyalty import repeat_rate, retention
from sim.metrics.mix import entropy_within, strategy_mix_entropy
from sim.metrics.offers import mean_over, offer_distance, price_dispersion
from sim.metrics.share import breadth, depth, herfindahl, share
from sim.science.rules.innovation import stage
from sim.world.mechanisms.tenders import HELD
from sim.world.mechanisms.valuation import yearly
from sim.world.strategies import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.market.agents import Firm
    from sim.market.market import Market
    from sim.world.mechanisms import Mechanism

FIRMS: dict[str, Column] = {
    "period": Column("int64", "months", "month of the record, from 0"),
    "firm": Column("str", "", "name of the firm"),
    "strategy": Column("str", "", "strategy the firm follows"),
    "price": Column("float64", "AUD", "posted fare of a standard journey; NaN of a firm that is not in the market"),
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
    "revenue": Column("float64", "AUD", "money received this month"),
    "cost": Column("float64", "AUD", "money spent this month"),
    "profit": Column("float64", "AUD", "revenue minus cost"),
    "cash": Column("float64", "AUD", "money held at the end of the month"),
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
        "float64", "AUD", "mean expected surplus of a purchase occasion over staying out (logsum)"
    ),
    "customers": Column("int64", "customers", "customers of the market this month"),
    "total_surplus": Column(
        "float64", "AUD", "surplus of the month's purchase occasions and profits of all firms, a head of market"
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
    "amount": Column("float64", "AUD", "money spent this month"),
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
    "unit_cost": Column("float64", "AUD", "cost of the original a journey"),
    "worth": Column("float64", "1", "what the firm's version does, in parts of the original"),
    "stage": Column("str", "", "stage of its life: introduction, growth, maturity or decline"),
}


def _spent(firm: Firm) -> Mapping[str, float]:
    """Parts of this month's spending on capabilities by kind; empty if nothing was spent."""
    return firm.decision.mix if firm.decision.budget > 0 else {}


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


def firm_columns(mechanisms: list[Mechanism]) -> dict[str, Column]:
    """Columns of the firms' records: the standing ones, then whatever the mechanisms add."""
    return FIRMS | {name: column for mechanism in mechanisms for name, column in mechanism.records.items()}


def market_columns(mechanisms: list[Mechanism]) -> dict[str, Column]:
    """Columns of the market's records: the standing ones, then whatever the mechanisms add."""
    return MARKET | {name: column for mechanism in mechanisms for name, column in mechanism.market_records.items()}


class Records:
    """The columns of one run, filled period by period.

    Parameters
    ----------
    market : the market to be written down.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        found = {
            "records": firm_columns(market.mechanisms),
            "market": market_columns(market.mechanisms),
            "features": FEATURES,
            "spending": SPENDING,
            "tenders": HELD,
        }
        self.columns = {table: told_columns(columns, words_of(market.world)) for table, columns in found.items()}
        self._rows: dict[str, dict[str, list]] = {
            table: {c: [] for c in columns} for table, columns in self.columns.items()
        }
        sample = market.world.records.sample
        self.panel = Panel(market, sample) if sample else None

    def note(self) -> None:
        """Write down the period that the market has just closed."""
        self._note_firms()
        self._note_market()
        self._note_features()
        self._note_spending()
        self._note_tenders()

    def _add(self, table: str, values: dict[str, object]) -> None:
        for name, column in self._rows[table].items():
            column.extend(values[name])

    def _note_firms(self) -> None:
        market, total = self.market, self.market.total
        firms, purchases, revenue = market.firms, total("purchases"), total("revenue")
        books = {key: [f.books[key] for f in firms] for key in ("revenue", "cost", "profit", "cash")}
        unknown = np.full(len(firms), np.nan)
        year, two_years = market.period >= WINDOW, market.period >= 2 * WINDOW
        judged = any("gap" in mechanism.written() for mechanism in market.mechanisms)
        values = {
            "period": [market.period - 1] * len(firms),
            "firm": [f.name for f in firms],
            "strategy": [f.strategy for f in firms],
            "price": np.where(market.by_firm("trading"), market.by_firm("price"), np.nan),
            "purchases": purchases,
            "share": share(purchases),
            "value_share": share(revenue),
            "breadth": breadth(total("buyers"), total("market")[0]) if year else unknown,
            "depth": depth(total("own"), total("wallet")) if year else unknown,
            "repeat_rate": repeat_rate(total("repeated"), total("returning")),
            "retention": retention(total("kept"), total("held")) if two_years else unknown,
            "satisfaction_gap": ratio(market.off_grid(total("gap")), purchases) if judged else unknown,
            "margin": ratio(np.array(books["profit"]), np.array(books["revenue"])),
        } | books
        values |= {f"mix_{kind}": [_spent(f).get(kind, 0.0) for f in firms] for kind in KINDS}
        for mechanism in market.mechanisms:
            values |= mechanism.on_record(market)
        if "contribution" in market.table:
            values |= yearly(market)
        self._add("records", values)

    def _note_market(self) -> None:
        market = self.market
        purchases = market.total("purchases")
        occasions = max(int(market.total("occasions")[0]), 1)
        surplus = float(market.off_grid(market.total("surplus"))[0])
        priced = market.table["price_sensitivity"].min() > 0
        offers, prices = offer_vectors(market), market.by_firm("price")
        groups = [[f.index for f in market.trading if f.mode_index == m] for m in range(len(market.modes))]
        mixes = [[_spent(f).get(kind, 0.0) for kind in KINDS] for f in market.trading if _spent(f)]
        contested = [group for group in groups if len(group) > 1]
        values = {
            "period": market.period - 1,
            "customers": int(market.total("present")[0]),
            "firms": len(market.trading),
            "purchases": int(purchases.sum()),
            "outside_share": 1 - purchases.sum() / occasions,
            "hhi": herfindahl(share(purchases)),
            "price_dispersion": mean_over(price_dispersion, prices, contested),
            "offer_distance": mean_over(offer_distance, offers, contested),
            "strategy_mix_entropy": strategy_mix_entropy(mixes),
            "entropy_within": entropy_within(mixes),
            "consumer_surplus": surplus / occasions if priced else np.nan,
            "total_surplus": (surplus + market.by_firm("profit").sum()) / market.heads if priced else np.nan,
        }
        for mechanism in market.mechanisms:
            values |= mechanism.on_record_market(market)
        self._add("market", {name: [value] for name, value in values.items()})

    def _note_features(self) -> None:
        market = self.market
        settled = getattr(market.world.mechanism.get("innovation"), "settled", WINDOW)
        for feature in market.features:
            names = sorted([feature.introduced_by, *(f.name for f in market.rivals_of(feature.introduced_by))])
            fidelity = [feature.offered.get(name, 0.0) for name in names]
            n = len(names)
            life = stage(len(feature.offered), feature.reached, n, market.period - 1 - feature.grew, settled)
            self._add(
                "features",
                {
                    "feature": [feature.name] * n,
                    "kind": [feature.kind] * n,
                    "introduced_by": [feature.introduced_by] * n,
                    "period": [market.period - 1] * n,
                    "firm": names,
                    "adopted": [name in feature.offered for name in names],
                    "fidelity": fidelity,
                    "introduced": [feature.period] * n,
                    "attribute": ["" if feature.creates else market.attributes[feature.attribute]] * n,
                    "size": [feature.size] * n,
                    "creates": [feature.creates] * n,
                    "unit_cost": [feature.unit_cost] * n,
                    "worth": [feature.worth.get(name, f) for name, f in zip(names, fidelity, strict=True)],
                    "stage": [life] * n,
                },
            )

    def _note_spending(self) -> None:
        for firm in self.market.trading:
            lines = {"journeys": firm.books["cost"] - firm.fixed_cost} | firm.bills if firm.billed else {}
            n = len(lines)
            self._add(
                "spending",
                {
                    "period": [self.market.period - 1] * n,
                    "firm": [firm.name] * n,
                    "line": list(lines),
                    "amount": list(lines.values()),
                },
            )

    def _note_tenders(self) -> None:
        """Write down the tenders held since the last note: months may lie between two notes."""
        noted = len(self._rows["tenders"]["period"])
        for held in self.market.memory.get("tenders", {}).get("held", [])[noted:]:
            self._add("tenders", {name: [value] for name, value in held.items()})

    def frame(self, table: str) -> pd.DataFrame:
        """One table as pandas: ``records`` (a row a firm a period), ``market``, ``features``, ``spending``, ``tenders``."""
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
