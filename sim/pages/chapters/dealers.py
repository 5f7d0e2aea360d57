"""How the firms' dealers fared: what they sold, kept and were guaranteed, and whether it feeds them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from sim.metrics import ratio
from sim.metrics.interval import last_year
from sim.pages.axes import headline, row
from sim.pages.chapters import Told
from sim.pages.figures import lines, over, yearly
from sim.pages.summary import cell
from sim.world.chapter import Chapter

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.market.runs import Result

TITLES = {
    "dealers": "dealers",
    "outlet_coverage": "coverage [%]",
    "dealer_sales": "sold by dealers [{purchases}/month]",
    "dealer_part": "part of its {purchases} [%]",
    "branch_sales": "sold at branches [{purchases}/month]",
    "dealer_margin": "margin kept [¤/month]",
    "dealer_protection": "guarantee paid [¤/month]",
    "dealer_income": "income of a dealer [¤/month]",
    "outlet_cost": "cost of outlets [¤/month]",
}
DIGITS = {"dealer_income": 2, "dealers": 1}
PARTS = {"outlet_coverage", "dealer_part"}  # of a whole, told in per cent
IF_ANY = {"branch_sales", "dealer_protection"}  # columns of what a firm may do or not
BRIEF = ("dealers", "dealer_part", "dealer_margin", "dealer_protection", "dealer_income")


@dataclass(frozen=True, kw_only=True)
class Dealers(Chapter):
    """Sales, money and numbers of the firms' dealers, if a firm has had any."""

    def tell(self, result: Result) -> Told | None:
        """Sales, money and numbers of the dealers, if a firm has had any."""
        rows = result.replications
        if "dealers" not in result.scenario.mechanism or not (rows["dealers"] + rows["branch_sales"]).any():
            return None
        paid = rows["dealer_margin"] + rows["dealer_protection"]
        rows = rows.assign(
            dealer_part=ratio(rows["dealer_sales"], rows["purchases"]), dealer_income=ratio(paid, rows["dealers"])
        )
        had = (rows["dealers"] + rows["branch_sales"]).groupby(rows["firm"]).any()
        found = last_year(rows[rows["firm"].isin(had.index[had])], list(TITLES))
        found = found.sort_values(("dealer_sales", "mean"), ascending=False)
        shown = [name for name in TITLES if name not in IF_ANY or found[name]["mean"].any()]
        titles = {name: TITLES[name].format(**result.scenario.population.words) for name in shown}
        strategy = dict(zip(rows["firm"], rows["strategy"], strict=True))
        told = pd.DataFrame(
            [
                {"firm": firm, "strategy": strategy[firm]}
                | {title: cell(*found.loc[firm, n][["mean", "half"]] * (100 if n in PARTS else 1), DIGITS.get(n, 0)) for n, title in titles.items()}
                for firm in found.index
            ]
        )
        numbers = pd.DataFrame({f"{n}{end}": found[n][of] for n in TITLES for end, of in (("", "mean"), ("_half", "half"))})
        outside = result.scenario.mechanism["dealers"].outside_income
        note = (
            f"Mean over seeds ± 95 % half-width. A dealer would earn {outside:g} ¤ a month otherwise, and gives the line up where "
            "it brings less. The dealers of one firm are alike; their income is margin and guarantee."
        )
        return Told(
            "How dealers fared in the last year", ((told, note),), told[["firm", *(titles[n] for n in BRIEF if n in shown)]],
            numbers.reset_index(), partial(_picture, replace(result, replications=rows), outside),
            "Left: dealers that carry each firm's line. Right: what a dealer earns with it; dashed, what he would earn otherwise.",
        )  # fmt: skip


def _picture(result: Result, outside: float) -> Figure:
    figure, (left, right) = row(2)
    lines(left, result, "dealers")
    left.set_ylabel("dealers at the end of the month [dealers]")
    lines(right, result, "dealer_income", yearly(result))
    right.axhline(outside, color="black", lw=0.8, ls="--")
    right.set_ylabel("income of a dealer [¤/month],\n12-month mean")
    headline(figure, f"Dealers and what they live from; bands: {over(result)}")
    return figure
