"""What each line of spending returns, near and far: one line of one coach saved or spent on, on the same draws.

    differentia sweep experiment=returns --folder out
    python experiments/returns/analyse.py out [where]

Reads the study in the first folder, prints a table, and writes returns.csv and returns.png into the second, by default the
present one. A return is what the line brings beyond its own cost for each unit of money spent on it: the difference in
profit over the difference in what the line cost. At -1 the money is gone, at 0 it came back. Near is the first year, far
the last one.
"""

import argparse
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd

import sim
from sim.ground.units import told, told_table, words_of
from sim.metrics.interval import YEAR, holm
from sim.metrics.returns import net_return
from sim.pages.markdown import pipes

NOTHING, LEVEL = "nothing", 0.05
YEARS = {"near": "tab:orange", "far": "tab:blue"}


def sums(study, table, by, value):
    """A column's sum over the near and the far year, by year, change, `by` and seed [¤/year]."""
    rows = study.frame(table, ["period", *by, value]).merge(study.runs[["run", "seed", "change"]], on="run")
    within = {"near": rows["period"] < YEAR, "far": rows["period"] > rows["period"].max() - YEAR}
    return pd.concat({year: rows[here].groupby(["change", *by, "seed"])[value].sum() for year, here in within.items()})


def returns(study):
    """A row a firm, line and year: money spent [¤/month], return of one ¤ with its interval, p, p after Holm."""
    if "change" not in study.runs or NOTHING not in set(study.runs["change"]):
        raise sim.ConfigError(
            f"{study.folder}: no change from {NOTHING!r}; expected a study of experiment=returns with it"
        )
    profit, spent = sums(study, "firms", ["firm"], "profit"), sums(study, "spending", ["firm", "line"], "amount")
    found = []
    for change in study.runs["change"].unique():
        if change == NOTHING:
            continue
        firm, line = change.split()
        for year in YEARS:
            gain = (profit[year, NOTHING, firm] - profit[year, change, firm]).dropna()
            cost = [spent.get((year, arm, firm, line), 0.0 * gain) for arm in (NOTHING, change)]
            more = cost[0].sub(cost[1], fill_value=0.0).reindex(gain.index)
            sign = 1 if more.mean() > 0 else -1
            if more.any():
                found.append((firm, line, year, sign * more.mean() / YEAR, *net_return(sign * gain, sign * more)))
    table = pd.DataFrame(found, columns=["firm", "line", "year", "spent", "return", "low", "high", "p"])
    return table.assign(holm=holm(table["p"].to_numpy(float)))


def draw(table, words, path):
    """A dot with its interval a firm and line, near beside far."""
    firms, lines = list(table["firm"].unique()), list(table["line"].unique())
    shape = {"figsize": (3 * len(firms), 4.5), "sharey": True, "squeeze": False}
    figure, axes = plt.subplots(1, len(firms), **shape, layout="constrained")
    for axis, firm in zip(axes[0], firms, strict=True):
        for shift, (year, colour) in zip((-0.15, 0.15), YEARS.items(), strict=True):
            part = table[(table["firm"] == firm) & (table["year"] == year)]
            place = [lines.index(line) + shift for line in part["line"]]
            error = [(part["return"] - part["low"]).clip(lower=0), (part["high"] - part["return"]).clip(lower=0)]
            axis.errorbar(part["return"], place, xerr=error, fmt="o", color=colour, label=f"{year} year", markersize=4)
        axis.axvline(0, color="black", linewidth=0.8)
        axis.axvline(-1, color="grey", linewidth=0.8, linestyle=":")
        axis.set_title(firm, fontsize=10)
        axis.set_xlabel(told("return [¤ per ¤]", words))
        axis.set_yticks(range(len(lines)), [line.replace("_", "\n") for line in lines])
        axis.set_xlim(-6, 6)
    axes[0, 0].legend(fontsize=8)
    title = told("What one ¤ more brings beyond its cost (0: it came back, -1: it is gone)", words)
    figure.suptitle(title, fontsize=11)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def report(table, words):
    """A row a firm and line: what was spent, and the near and the far return."""
    table = table.assign(
        text=[
            f"{value:+.2f} ({low:+.2f} to {high:+.2f}){'*' if p < LEVEL else ''}"
            for value, low, high, p in table[["return", "low", "high", "holm"]].to_numpy()
        ]
    )
    rows = [
        {"firm": firm, "line": line, "spent [¤/month]": f"{part['spent'].mean():.0f}"}
        | dict(zip(part["year"], part["text"], strict=True))
        for (firm, line), part in table.groupby(["firm", "line"], sort=False)
    ]
    print(pipes(told_table(pd.DataFrame(rows).fillna("–"), words)))


def main():
    """Read, write and print."""
    asked = argparse.ArgumentParser(description="What the study of experiment=returns says.")
    asked.add_argument("folder", type=Path)
    asked.add_argument("where", type=Path, nargs="?", default=Path())
    asked = asked.parse_args()
    try:
        study = sim.Study(asked.folder)
        table = returns(study)
    except sim.ConfigError as error:
        sys.exit(str(error))
    table.to_csv(asked.where / "returns.csv", index=False, float_format="%.6g")
    words = words_of(*study.header["bases"])
    draw(table, words, asked.where / "returns.png")
    report(table, words)


if __name__ == "__main__":
    main()
