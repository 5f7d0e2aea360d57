"""What winning, keeping and content staff cost and return (D4, E3, G7) on `intercity`, paired by seed, with 95 % intervals.

    differentia sweep experiment=custody --folder out
    python experiments/custody/analyse.py out

Reads the study in the folder and prints tables. Every world but the first changes one thing about one coach and shares all
draws with the first.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import sim
from sim.ground.units import told_table, words_of
from sim.metrics.customer_management import (
    booked_cost,
    incremental_cost_limits,
    profit_of_less_churn,
    return_on_spending,
)
from sim.metrics.interval import YEAR, half_width
from sim.metrics.value import retention_gain
from sim.pages.markdown import pipes

FIRM, NOTHING = "grandcoach", "nothing"
JOBS = ("winning", "growing", "keeping", "winning_back", "letting_go")
SPENT = ["programme_cost", "voucher_value", "internal_marketing"]
FLOWS = ["relations_begun", "stable", "purchases", "profit"]
PARTS = [f"spent_on_{c}" for c in "abc"]
REDEEMED = [f"redeemed_{job}" for job in JOBS]
CHAIN = ["staff_satisfaction", "staff_noise", "satisfaction_gap", "repeat_rate", "purchases", "profit"]
CUSTOMERS = ["funnel_buyer", "funnel_loyal"]
ENDS = ["retention", "mean_contribution", *CUSTOMERS]


class Worlds:
    """The coach's measures by world and seed: means over all months, over the last year, and in the last month.

    study : of experiment=custody. Raises `ConfigError` if a world is missing.
    """

    def __init__(self, study):
        config = study.config(int(study.runs["point"].iloc[0]))
        self.discount = config["mechanism"]["customer_value"]["discount"]
        if "world" not in study.runs or NOTHING not in set(study.runs["world"]):
            raise sim.ConfigError(
                f"{study.folder}: no world {NOTHING!r}; expected a study of experiment=custody with it"
            )
        flows = list(dict.fromkeys([*SPENT, *FLOWS, *PARTS, *REDEEMED, *CHAIN]))
        self.names = list(study.runs["world"].unique())
        self.always, self.year, self.last = (
            study.outcomes(columns, months).query("firm == @FIRM").pivot(index="seed", columns="world", values=columns)
            for columns, months in ((flows, config["periods"]), (flows, YEAR), (ENDS, 1))
        )
        rows = study.frame("firms", ["period", "firm", *CUSTOMERS]).merge(
            study.runs[["run", "seed", "world"]], on="run"
        )
        rows = rows[(rows["firm"] == FIRM) & (rows["period"] == config["periods"] - 1 - YEAR)]
        self.held = rows.assign(held=rows[CUSTOMERS].sum(axis=1)).pivot(index="seed", columns="world", values="held")

    def change(self, column, world, base=NOTHING):
        """(seeds,) change of a monthly measure from another world."""
        return self.always[column][world] - self.always[column][base]


def spent(table, world):
    """(seeds,) contacts, account managers, fares forgone to vouchers and internal marketing a month [¤]."""
    return sum(table[column][world] for column in SPENT)


def interval(values, digits=1):
    """Mean and half-width in words."""
    return f"{np.mean(values):+,.{digits}f} ± {half_width(values):,.{digits}f}"


def lines(worlds):
    """Each line of the budget alone: spending, customers, profit, return."""
    for name in worlds.names:
        if name != NOTHING:
            cost, profit = spent(worlds.always, name), worlds.always["profit"]
            yield {
                "line alone": name,
                "spent, ¤/month": f"{cost.mean():,.1f}",
                "relations begun/month": interval(worlds.change("relations_begun", name), 2),
                "customers in stability": interval(worlds.change("stable", name), 2),
                "purchases/month": interval(worlds.change("purchases", name), 2),
                "profit, ¤/month": interval(worlds.change("profit", name)),
                "return": interval(return_on_spending(profit[name], profit[NOTHING], cost), 2),
            }


def costs(worlds):
    """D4: cost of winning and of keeping a customer, in the books and measured."""
    begun, kept = YEAR * worlds.year["relations_begun"], worlds.last["retention"]
    for name, world in (("winning", "winning"), ("keeping", "keeping everybody")):
        if world in worlds.names:
            cost = YEAR * spent(worlds.year, world)
            count, other = (begun[w] if name == "winning" else kept[w] * worlds.held[world] for w in (world, NOTHING))
            more, measured = count - other, "none won"
            if more.mean() > 0:
                low, high = incremental_cost_limits(cost.mean(), more.mean(), half_width(more))
                measured = f"{cost.mean() / more.mean():,.0f} ({low:,.0f} to {high:,.0f})"
            yield {
                "D4": name,
                "in the books, ¤": f"{booked_cost(cost, count).mean():.2f}",
                "more customers a year": interval(more),
                "measured, ¤": measured,
            }


def churn(worlds):
    """D4: what five points less churn would be worth."""
    retention, contribution, buyers, loyal = (worlds.last[column][NOTHING] for column in ENDS)
    contributed, profit = contribution * (buyers + loyal), YEAR * worlds.year["profit"][NOTHING]
    values = {
        "retention a year": (retention, 3),
        "customers x contribution, ¤/year": (contributed, 0),
        "profit, ¤/year": (profit, 0),
        "growth of lifetime value": (retention_gain(retention, worlds.discount), 3),
        "growth of profit, newcomers as before": (profit_of_less_churn(contributed, retention, profit), 2),
    }
    for name, value in values.items():
        yield {"D4: five points less churn": name, "value": interval(*value)}


def split(worlds):
    """E3: where the money went, and what its repair did."""
    names = [name for name in ("misallocated", "by value") if name in worlds.names]
    for name in names:
        parts = np.array([worlds.always[part][name].mean() for part in PARTS])
        yield {
            "E3": name,
            "money on A / B / C": " / ".join(f"{part:.2f}" for part in parts / max(parts.sum(), 1e-9)),
            "vouchers redeemed/month": f"{sum(worlds.always[job][name].mean() for job in REDEEMED):.1f}",
            "purchases/month": interval(worlds.change("purchases", name), 2),
            "profit, ¤/month": interval(worlds.change("profit", name)),
        }
    if len(names) > 1:
        repair = {c: worlds.change(c, names[1], names[0]) for c in ("purchases", "profit")}
        changes = {"purchases/month": interval(repair["purchases"], 2), "profit, ¤/month": interval(repair["profit"])}
        yield {"E3": "repair", "money on A / B / C": "", "vouchers redeemed/month": ""} | changes


def chain(worlds):
    """G7: the links of the service-profit chain, with internal marketing minus without."""
    world = "internal marketing"
    if world in worlds.names:
        links = {link: worlds.change(link, world) for link in CHAIN}
        links["retention"] = worlds.last["retention"][world] - worlds.last["retention"][NOTHING]
        for link, values in links.items():
            yield {"G7": link.replace("_", " "), "with minus without": interval(values, 1 if link == "profit" else 4)}


def main():
    """Read the study and print the tables."""
    asked = argparse.ArgumentParser(description="What the study of experiment=custody says.")
    asked.add_argument("folder", type=Path)
    try:
        study = sim.Study(asked.parse_args().folder)
        worlds = Worlds(study)
    except sim.ConfigError as error:
        sys.exit(str(error))
    words = words_of(*study.header["bases"])
    tables = [told_table(pd.DataFrame(show(worlds)), words) for show in (lines, costs, churn, split, chain)]
    print("\n\n".join(pipes(table) for table in tables if len(table)))


if __name__ == "__main__":
    main()
