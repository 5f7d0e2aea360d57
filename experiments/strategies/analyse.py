"""Which strategy wins what, against whom: a matrix strategy x strategy on each market, paired by seed.

    differentia sweep experiment=strategies --folder intercity
    differentia sweep experiment=strategies_telecom --folder telecom
    python experiments/strategies/analyse.py intercity telecom [where]

Reads the two studies, prints tables, and writes matrix.csv, effects.csv and one picture a market into the last folder, by
default the present one. A row is what one firm plays, a column what all its rivals of the mode play. Every figure is a mean
over the last year; differences are against playing what the rivals play, seed by seed on the same draws, with the half-width
of their 95 % interval and Holm's correction over the cells of a matrix.
"""

import argparse
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import sim
from sim.ground import units
from sim.metrics.interval import YEAR, half_width, holm
from sim.pages.markdown import pipes
from sim.study.answers.contrast import paired

FOCAL = {"intercity": "nightowl", "telecom": "swift"}  # market: the firm that plays the row
METRICS = {"profit": "¤/month a 1,000 heads", "share": "1", "breadth": "1", "depth": "1", "retention": "1"}
BOOKS = ["purchases", "revenue", "cost"]
LEVEL = 0.05
LEGEND = """How to read it

First line of a cell: mean of the last year ± half-width of its 95 % interval.
In brackets: difference against playing what the rivals play, paired by seed.
* differs from zero at 5 % after Holm's correction over the cells of the panel.
Colour: difference / half-width; orange is more, purple is less.
On the diagonal nothing is compared."""


def read(study, firm):
    """A row a run of the firm that plays the row: what it plays, what its rivals play, its last year; money a 1,000 heads."""
    own = f"{firm}.strategy"
    missing = [name for name in (own, "rivals") if name not in study.runs]
    if missing:
        raise sim.ConfigError(
            f"{study.folder}: {missing[0]} does not move; expected the studies of the README, in order"
        )
    rows = study.outcomes([*METRICS, *BOOKS]).query("firm == @firm")
    serving = study.frame("spending", ["period", "firm", "line", "amount"])
    serving = serving[(serving["firm"] == firm) & (serving["line"] == "journeys")]
    serving = serving[serving["period"] > serving["period"].max() - YEAR].groupby("run")["amount"].mean()
    if not (rows[own] == rows["rivals"]).any():
        raise sim.ConfigError(f"{study.folder}: nobody plays what its rivals play; expected a strategy that both do")
    rows = rows.drop(columns="strategy").join(serving.rename("serving"), on="run").rename(columns={own: "row"})
    money = ["profit", *BOOKS, "serving"]  # purchases too, so that a unit's money stays what it is
    heads = study.config(int(rows["point"].iloc[0]))["population"]["customers"] / 1000
    return rows.assign(**{name: rows[name] / heads for name in money}, column=rows["rivals"])


def cells(rows):
    """(row, column) -> the firm's outcomes by seed, and those of who plays what these rivals play; pairs of seeds only."""
    arms = {key: part.set_index("seed") for key, part in rows.groupby(["row", "column"], sort=False)}
    for (row, column), arm in arms.items():
        if (column, column) in arms:
            yield row, column, *arm.align(arms[column, column], join="inner", axis=0)


def effects(one, other):
    """Profit of `one` over that of `other`, in four parts that add up to it exactly (mean of the two as weight)."""
    units, price, cost = (
        [arm[name] / (arm["purchases"] if name != "purchases" else 1) for arm in (one, other)]
        for name in ("purchases", "revenue", "serving")
    )
    middle = (units[0] + units[1]) / 2
    return {
        "volume": (units[0] - units[1]) * (price[0] - cost[0] + price[1] - cost[1]) / 2,
        "price": (price[0] - price[1]) * middle,
        "unit cost": -(cost[0] - cost[1]) * middle,
        "fixed cost": -(one["cost"] - one["serving"] - other["cost"] + other["serving"]),
    }


def matrix(rows):
    """A row a metric and cell: level and difference against playing what the rivals play."""
    found = []
    for row, column, one, other in cells(rows):
        for metric in METRICS:
            gap = paired(other[metric].to_numpy(), one[metric].to_numpy())
            size = (one[metric].mean(), half_width(one[metric].to_numpy()), gap.difference, (gap.high - gap.low) / 2)
            found.append((metric, row, column, *size, gap.p))
    table = pd.DataFrame(
        found, columns=["metric", "row", "column", "mean", "half", "difference", "difference_half", "p"]
    )
    return table.assign(holm=table.groupby("metric")["p"].transform(lambda p: holm(p.to_numpy())))


def parts(rows):
    """A row a cell and effect: how the difference in profit comes about [¤/month a 1,000 heads]."""
    found = [
        (row, column, effect, values.mean(), half_width(values.to_numpy()))
        for row, column, one, other in cells(rows)
        if row != column
        for effect, values in effects(one, other).items()
    ]
    return pd.DataFrame(found, columns=["row", "column", "effect", "mean", "half"])


def told(cell):
    """A cell of a matrix in words: level, and difference with a star where it can be told from none."""
    form = ".0f" if cell["metric"] == "profit" else ".3f"
    level, half, gap, gap_half = (
        format(cell[name], sign + form) if np.isfinite(cell[name]) else "–"
        for name, sign in (("mean", ""), ("half", ""), ("difference", "+"), ("difference_half", ""))
    )
    star = "*" if cell["holm"] < LEVEL else ""
    return f"{level} ±{half}" + (f" ({gap} ±{gap_half}){star}" if cell["row"] != cell["column"] else "")


def draw(table, title, words, path):
    """One panel a metric: own strategy down, the rivals' across; colour is the difference in half-widths."""
    figure, axes = plt.subplots(3, 2, figsize=(20, 16), layout="constrained")
    for axis, (metric, unit) in zip(axes.ravel(), METRICS.items(), strict=False):
        part = table[table["metric"] == metric]
        down, across = (list(part[side].unique()) for side in ("row", "column"))
        ratio = (part["difference"] / part["difference_half"].replace(0, np.nan)).fillna(0.0)
        grid = part.assign(ratio=ratio).pivot(index="row", columns="column", values="ratio").loc[down, across]
        picture = axis.imshow(grid.to_numpy(), cmap="PuOr_r", vmin=-6, vmax=6, aspect="auto")
        for (_, cell), value in zip(part.iterrows(), ratio, strict=True):
            place = across.index(cell["column"]), down.index(cell["row"])
            ink = "white" if abs(value) > 4 else "black"
            axis.text(*place, told(cell).replace(" (", "\n("), ha="center", va="center", fontsize=8, color=ink)
        axis.set_xticks(range(len(across)), across, fontsize=9)
        axis.set_yticks(range(len(down)), down, fontsize=9)
        axis.set_xlabel("all rivals play", fontsize=9)
        axis.set_ylabel("the firm plays", fontsize=9)
        axis.set_title(f"{metric} [{units.told(unit, words)}]", fontsize=11)
    last = axes.ravel()[-1]
    last.set_axis_off()
    last.text(0.0, 0.95, LEGEND, va="top", fontsize=10)
    figure.colorbar(picture, ax=last, label="difference / half-width of its 95 % interval", location="bottom")
    figure.suptitle(title, fontsize=13)
    figure.savefig(path, dpi=72)
    plt.close(figure)


def report(market, table, effect, words):
    """Print every matrix, and how the differences in profit come about."""
    table = table.assign(text=[told(cell) for _, cell in table.iterrows()])
    for metric, part in table.groupby("metric", sort=False):
        down, across = (list(part[side].unique()) for side in ("row", "column"))
        unit = units.told(METRICS[metric], words)
        print(f"\n{market}, {metric} [{unit}]: the firm plays (down), all rivals play (across)\n")
        print(pipes(part.pivot(index="row", columns="column", values="text").loc[down, across].reset_index()))
    text = [f"{mean:+.0f} ±{half:.0f}" for mean, half in effect[["mean", "half"]].to_numpy()]
    print(f"\n{market}: where the difference in profit comes from [{units.told(METRICS['profit'], words)}]\n")
    wide = effect.assign(text=text).pivot(index=["row", "column"], columns="effect", values="text")
    print(pipes(wide[list(effect["effect"].unique())].reset_index()))


def main():
    """Read, write and print."""
    asked = argparse.ArgumentParser(description="What the studies of experiment=strategies and strategies_telecom say.")
    for market in FOCAL:
        asked.add_argument(market, type=Path)
    asked.add_argument("where", type=Path, nargs="?", default=Path())
    asked, tables, split = asked.parse_args(), {}, {}
    for market, firm in FOCAL.items():
        try:
            study = sim.Study(getattr(asked, market))
            rows = read(study, firm)
        except sim.ConfigError as error:
            sys.exit(str(error))
        tables[market], split[market] = matrix(rows), parts(rows)
        config, seeds = study.config(int(rows["point"].iloc[0])), rows["seed"].nunique()
        size = f"{config['population']['customers']:,} customers, {config['periods']} months, {seeds} seeds"
        title = f"{market}: what a strategy brings against rivals who all play one ({size})"
        words = units.words_of(*study.header["bases"])
        draw(tables[market], title, words, asked.where / f"{market}.png")
        report(market, tables[market], split[market], words)
    for name, found in (("matrix", tables), ("effects", split)):
        frame = pd.concat(found, names=["market"]).reset_index("market")
        frame.to_csv(asked.where / f"{name}.csv", index=False, float_format="%.6g")


if __name__ == "__main__":
    main()
