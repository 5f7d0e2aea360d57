"""Who won the tenders of institutional buyers, and at which price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sim.metrics.interval import half_width
from sim.metrics.tenders import numbered, winners
from sim.pages.chapters import Told
from sim.pages.summary import cell
from sim.world.chapter import Chapter

if TYPE_CHECKING:
    from sim.market.runs import Result

ROWS = 60


@dataclass(frozen=True, kw_only=True)
class Tenders(Chapter):
    """Winners and prices of tenders, if an institution has held one."""

    def tell(self, result: Result) -> Told | None:
        """Winners and prices, if an institution has held a tender."""
        held = result.tables.get("tenders")
        if held is None or held.empty:
            return None
        price = "price [¤/{purchase}]".format(**result.scenario.population.words)
        won = pd.DataFrame([_won(row, price) for row in winners(held).itertuples()])
        each = pd.DataFrame([_each(*named, price) for named in numbered(held).groupby(["institution", "tender"])])
        more = f" {len(each) - ROWS} more tenders are in tenders.csv." if len(each) > ROWS else ""
        over = "Mean over seeds ± 95 % half-width. A tender lapses if no bid is admitted, and is held again the next month."
        one = f"Contract by contract, in the order of each buyer; behind a winner, in how many seeds it won.{more}"
        tables = ((won, over), (each.head(ROWS), one))[: 1 + (len(each) > 0)]
        return Told("Who won the tenders", tables, won, held)


def _won(row, price: str) -> dict[str, str]:
    return {
        "institution": row.institution,
        "won by": row.firm or "nobody: lapsed",
        "tenders [1/run]": f"{row.tenders:.1f}",
        "part of its tenders [%]": cell(100 * row.part, 100 * row.part_half, 0),
        price: cell(row.price, row.price_half, 2),
    }


def _each(which: tuple[str, int], rows: pd.DataFrame, price: str) -> dict[str, str]:
    first, last = rows["period"].min(), rows["period"].max()
    counts = rows["firm"].value_counts()
    return {
        "tender": f"{which[0]} {which[1]}",
        "won by (seeds)": ", ".join(f"{firm} ({count})" for firm, count in counts.items()),
        "month": f"{first}" if first == last else f"{first} to {last}",
        "bids": f"{rows['bids'].mean():.1f}",
        price: cell(rows["price"].mean(), half_width(rows["price"]), 2),
    }
