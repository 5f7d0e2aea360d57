"""A panel of customers: every purchase of a fixed sample, one row each, as scanner panels and programmes record them.

Who is in the sample is drawn by the customer's identity, so that neither the numbering of the customers nor threads
change it, and two scenarios of one seed follow the same people.
"""

from __future__ import annotations

import pathlib
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sim.ground.column import Column
from sim.ground.files import LEFT, own_folder
from sim.ground.grid import CENTS, ROUND
from sim.ground.parquet import read_parquet, write_parquet
from sim.ground.units import told_columns, words_of
from sim.science.kernels.draw import uniforms
from sim.science.rules.life_cycle import STAGES
from sim.science.rules.numeric import FINE

if TYPE_CHECKING:
    from sim.state.state import State
    from sim.state.table import Rows

FOLDER, MOST = "panel", 250_000
PART = re.compile(r"part-\d{5,}\.parquet")
FIRST_DAY = np.datetime64("2001-01-01", "D")
STEPS = {"day": (1, "D"), "week": (7, "D"), "month": (1, "M"), "quarter": (3, "M"), "year": (12, "M")}
PANEL: dict[str, Column] = {
    "customer": Column("uint32", "1", "identity of the customer"),
    "period": Column("int32", "months", "month of the purchase, from 0"),
    "date": Column("datetime64[ms]", "", "first day of that month; month 0 is January 2001"),
    "occasion": Column("int32", "1", "number of the purchase occasion within the customer's month, from 0"),
    "firm": Column("str", "", "name of the firm bought from"),
    "amount": Column("float64", "¤", "money paid, 0 for a free trip"),
    "context": Column("str", "", "usage context of the occasion"),
}
PRICE = Column("float64", "¤", "price that the firm asked of this customer on this occasion")
OPTIONAL: dict[str, Column] = {
    "satisfaction": Column("float32", "utils", "satisfaction with the firm bought from, after the purchase"),
    "relation": Column("str", "", "life-cycle stage with the firm bought from, at the end of the month before"),
}


def panel_columns(market: State) -> dict[str, Column]:
    """Columns of a market's panel: the standing ones, the price of each firm, and what mechanisms make known."""
    prices = {f"price_{firm.name}": PRICE for firm in market.firms}
    found = PANEL | prices | {name: column for name, column in OPTIONAL.items() if name in market.table}
    return told_columns(found, words_of(market.world))


def _dates(periods: np.ndarray, called: str) -> np.ndarray:
    """First days of periods that are called a day, a week, a month, a quarter or a year.

    >>> _dates(np.array([0, 2]), "week").astype(str).tolist(), _dates(np.array([3]), "month").astype(str).tolist()
    (['2001-01-01', '2001-01-15'], ['2001-04'])
    """
    length, unit = STEPS[called]
    return FIRST_DAY.astype(f"datetime64[{unit}]") + length * periods.astype(f"timedelta64[{unit}]")


class Panel:
    """The purchases of the sampled customers since the last write.

    Parameters
    ----------
    market : the market to be watched; its `witness` is called with the rows of every occasion, from several threads.
    sample : number of customers in the sample; all if the market has fewer.
    """

    def __init__(self, market: State, sample: int) -> None:
        self.market, self.columns, self.parts = market, panel_columns(market), 0
        self._waiting: list[dict[str, np.ndarray]] = []
        identity = market.table["identity"]
        draw = self._draw(identity)
        last = np.lexsort((identity, draw))[:sample][-1:]
        self._limit = (draw[last[0]], identity[last[0]]) if len(last) and sample < len(identity) else (np.inf, 0)
        market.witness = self.see

    def _draw(self, identity: np.ndarray) -> np.ndarray:
        draw = np.empty(len(identity), np.float32)
        uniforms(identity, np.uint32(0), *self.market.key("panel"), draw)
        return draw

    def see(self, rows: Rows) -> None:
        """Keep the purchases that sampled customers made on one occasion; safe to call from several threads."""
        draw, (limit, last) = self._draw(rows.identity), self._limit
        inside = (draw < limit) | ((draw == limit) & (rows.identity <= last))
        index = np.flatnonzero(inside & (rows.provider >= 0))
        if len(index):
            self._waiting.append(self._purchases(rows, index))

    def _purchases(self, rows: Rows, index: np.ndarray) -> dict[str, np.ndarray]:
        market, ones = self.market, np.ones(len(index), np.int32)
        provider, cell = rows.provider[index], rows.cell[index]
        seen = {
            "customer": rows.identity[index],
            "period": ones * market.period,
            "occasion": ones * int(rows.now >> np.uint32(ROUND)),
            "firm": provider,
            "amount": rows.paid[index],
            "context": rows.context[index],
        }
        for firm in market.firms:
            asked = market.board.cents[firm.index, cell] * rows.journey[firm.mode_index][index].astype(float)
            seen[f"price_{firm.name}"] = (asked + 0.5).astype(np.int64)
        place = rows.place[index]
        return seen | {name: rows.in_place(name)[provider, place] for name in OPTIONAL if name in market.table}

    @property
    def full(self) -> bool:
        """Whether more rows wait than should be held in memory."""
        return sum(len(seen["customer"]) for seen in self._waiting) > MOST

    def frame(self) -> pd.DataFrame:
        """Purchases that wait to be written, of months that are over, by month, customer and occasion."""
        over = [seen for seen in self._waiting if seen["period"][0] < self.market.period]
        if not over:
            return pd.DataFrame({name: pd.Series(dtype=c.dtype) for name, c in self.columns.items()})
        seen = {name: np.concatenate([part[name] for part in over]) for name in over[0]}
        order = np.lexsort((seen["occasion"], seen["customer"], seen["period"]))
        seen = {name: values[order] for name, values in seen.items()}
        seen["date"] = _dates(seen["period"], self.market.world.period)
        names = {"firm": [f.name for f in self.market.firms], "context": self.market.contexts, "relation": STAGES}
        for name in names.keys() & seen.keys():
            seen[name] = np.array(names[name], object)[seen[name]]
        for name in ["amount", *(name for name in seen if name.startswith("price_"))]:
            seen[name] = seen[name] / CENTS
        if "satisfaction" in seen:
            seen["satisfaction"] = seen["satisfaction"] / FINE
        return pd.DataFrame({name: seen[name] for name in self.columns}).astype(
            {name: c.dtype for name, c in self.columns.items()}
        )

    def write(self, folder: pathlib.Path) -> None:
        """Write what waits as one more part, complete or not at all, and forget it; the first part even if empty."""
        frame = self.frame()
        rest = [seen for seen in self._waiting if seen["period"][0] >= self.market.period]
        if len(frame) or not self.parts:
            own_folder(folder / FOLDER).mkdir(exist_ok=True)
            write_parquet(frame, folder / FOLDER / f"part-{self.parts:05d}.parquet", self.columns)
            self.parts, self._waiting = self.parts + 1, rest


def clear(folder: pathlib.Path) -> None:
    """Remove the parts that an earlier run left in a folder."""
    for part in own_folder(folder / FOLDER).glob("*"):
        left = LEFT.fullmatch(part.name)
        if PART.fullmatch(left["name"] if left else part.name):
            part.unlink()


def read(folder: pathlib.Path) -> pd.DataFrame:
    """The panel that a run wrote into a folder."""
    parts = sorted(part for part in (folder / FOLDER).glob("*") if PART.fullmatch(part.name))
    return pd.concat([read_parquet(part).to_pandas() for part in parts], ignore_index=True)
