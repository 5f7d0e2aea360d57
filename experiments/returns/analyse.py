"""What each line of spending returns, near and far: every firm saves one line at a time, on the same draws.

    python experiments/returns/analyse.py [--firms A,B] [--lines A,B] [name=value ...]

A return is what the line brings beyond its own cost for each AUD spent on it: the difference in profit between the firm
that spends and the same firm that does not, divided by what it spent. At -1 the money is gone, at 0 it came back. Near
is the first year, far the last one. Overrides given on the command line hold for all runs.
"""

import argparse
import dataclasses
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rich.progress import track

import sim
from sim.metrics.interval import YEAR, holm
from sim.metrics.returns import net_return

FIRMS = ["grandcoach", "mosaic", "nightowl", "thrift", "echo"]
LINES = {
    "capability": "firms.{firm}.budget=0",
    "innovation": "firms.{firm}.research_and_development=0",
    "advertising": "firms.{firm}.advertising=0",
    "evidence": "firms.{firm}.evidence=0",
    "research": "firms.{firm}.interviews=0",
    "staff": "firms.{firm}.policy.staff={{internal_marketing: 0.005}}",
    "customer_management": "firms.{firm}.policy.customer_management={{budget: 0.003, by_value: true}}",
}
FULL = ["population.customers=5000"]
SPENT_IN_BASE = ["capability", "innovation", "advertising", "evidence", "research"]
HERE = Path(__file__).parent


def years(last):
    """First and last period of the near and the far year."""
    return {"near": (0, YEAR - 1), "far": (last - YEAR + 1, last)}


def play(scenario):
    """Profit a firm, year and seed, and money spent a firm, line, year and seed."""
    result, profit, spent = sim.run(scenario), {}, {}
    for year, (first, last) in years(result.replications["period"].max()).items():
        rows = result.replications[result.replications["period"].between(first, last)]
        profit[year] = rows.groupby(["firm", "seed"])["profit"].sum()
        rows = result.spending[result.spending["period"].between(first, last)]
        spent[year] = rows.groupby(["firm", "line", "seed"])["amount"].sum()
    return profit, spent


def changes(base, firms, lines, overrides):
    """(firm, line) -> the scenario with that line saved, or spent on where the scenario spends nothing."""
    found = {}
    for firm in firms:
        own = {field.name for field in dataclasses.fields(base.firms[firm].strategy)} | {
            "advertising",
            "evidence",
            "policy",
        }
        for line in lines:
            change = LINES[line]
            if change.split(".")[2].split("=")[0] in own:
                found[firm, line] = sim.compose(*overrides, change.format(firm=firm))
    return found


def returns(base, changed):
    """One row a firm, line and year: money spent a month, return of an AUD with its interval, p after Holm."""
    found = []
    for (firm, line), run in changed.items():
        more, less = (base, run) if line in SPENT_IN_BASE else (run, base)
        for year in ("near", "far"):
            profit = more[0][year][firm] - less[0][year][firm]
            spent = [
                r[1][year].get((firm, line), pd.Series(0.0, profit.index)).reindex(profit.index, fill_value=0.0)
                for r in (more, less)
            ]
            spent = spent[0] - spent[1]
            if spent.mean() > 0:
                found.append((firm, line, year, spent.mean() / YEAR, *net_return(profit, spent)))
    table = pd.DataFrame(found, columns=["firm", "line", "year", "spent", "return", "low", "high", "p"])
    table["holm"] = holm(table["p"].to_numpy(float))
    return table


def draw(table, path):
    """A dot with its interval a firm and line, near beside far."""
    firms = [f for f in FIRMS if f in set(table["firm"])]
    figure, axes = plt.subplots(1, len(firms), figsize=(3 * len(firms), 4.5), sharey=True, layout="constrained")
    lines = [line for line in LINES if line in set(table["line"])]
    for axis, firm in zip(np.atleast_1d(axes), firms, strict=True):
        for year, shift, colour in (("near", -0.15, "tab:orange"), ("far", 0.15, "tab:blue")):
            part = table[(table["firm"] == firm) & (table["year"] == year)]
            place = [lines.index(line) + shift for line in part["line"]]
            error = [part["return"] - part["low"], part["high"] - part["return"]]
            axis.errorbar(part["return"], place, xerr=error, fmt="o", color=colour, label=f"{year} year", markersize=4)
        axis.axvline(0, color="black", linewidth=0.8)
        axis.axvline(-1, color="grey", linewidth=0.8, linestyle=":")
        axis.set_title(firm, fontsize=10)
        axis.set_xlabel("return [AUD per AUD]")
        axis.set_yticks(range(len(lines)), [line.replace("_", "\n") for line in lines])
        axis.set_xlim(-6, 6)
    np.atleast_1d(axes)[0].legend(fontsize=8)
    figure.suptitle("What an AUD more brings beyond its cost (0: it came back, -1: it is gone)", fontsize=11)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def main():
    """Play, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--firms", default=",".join(FIRMS))
    parser.add_argument("--lines", default=",".join(LINES))
    parser.add_argument("overrides", nargs="*")
    asked = parser.parse_args()
    overrides = [*FULL, *asked.overrides]
    base = sim.compose(*overrides)
    work = changes(base, asked.firms.split(","), asked.lines.split(","), overrides)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        played = list(track(pool.map(play, [base, *work.values()]), "runs", total=len(work) + 1, transient=True))
    table = returns(played[0], dict(zip(work, played[1:], strict=True)))
    folder = Path() if len(sys.argv) > 1 else HERE
    table.to_csv(folder / "returns.csv", index=False, float_format="%.6g")
    draw(table, folder / "returns.png")
    print("| firm | line | spent [AUD/month] | near | far |\n|---|---|---|---|---|")
    for (firm, line), part in table.groupby(["firm", "line"], sort=False):
        told = {
            row.year: f"{row.value:+.2f} ({row.low:+.2f} to {row.high:+.2f}){'*' if row.holm < 0.05 else ''}"
            for row in part.rename(columns={"return": "value"}).itertuples()
        }
        print(f"| {firm} | {line} | {part['spent'].mean():.0f} | {told.get('near', '–')} | {told.get('far', '–')} |")


if __name__ == "__main__":
    main()
