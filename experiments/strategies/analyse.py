"""Which strategy wins what, against whom: a matrix strategy x strategy on each market, paired by seed.

    python experiments/strategies/analyse.py [--markets A,B] [--strategies A,B,...] [name=value ...]

A row is what one firm plays, a column what all its rivals of the mode play. All of them begin as equals; only the
strategy differs. Every figure is a mean over the last year; differences are against playing what the rivals play, seed by
seed on the same draws, with the half-width of their 95 % interval and Holm's correction over the cells of a matrix.
Writes matrix.csv, effects.csv and one picture a market. Without arguments it plays the full run.
"""

import argparse
import dataclasses
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from rich.progress import track
from scipy.stats import ttest_1samp

import sim
from sim.metrics.interval import YEAR, half_width, holm
from sim.records import Records

STRATEGIES = ["flexibility", "diversification", "distinctiveness", "price", "mixed", "follower"]
MARKETS = {"intercity": "nightowl", "telecom": "swift"}  # market: the firm that plays the row
FULL = ["population.customers=5000", "periods=60", "replications=10"]
EQUAL = ["pricing=cost_plus", "evidence=0.5", "empowerment=0.5", "promise=0"]  # of every firm of the mode
VALUES = {("telecom", "mixed"): {"spending": 0.5, "fewest_seats": 40}}  # at this market's scale (R441, R450)
SHARED = ["mode", "presence", "list_price", "vehicle_cost", "handling_cost", "overhead", "opening_cash"]
SHARED += ["delivery_noise", "known", "advertising"]  # taken from the firm that plays the row
METRICS = {"profit": "AUD/month a 1,000 heads", "share": "1", "breadth": "1", "depth": "1", "retention": "1"}
EFFECTS = {"volume": "more units", "price": "dearer units", "unit cost": "cost of a unit", "fixed cost": "fixed cost"}
PARTS = ["units", "revenue", "variable", "fixed"]
HERE = Path(__file__).parent


def rivals(scenario, focal):
    """The firms that share the focal firm's mode, itself first."""
    mode = scenario.firms[focal].mode
    return [focal, *(name for name, firm in scenario.firms.items() if firm.mode == mode and name != focal)]


def playing(market, scenario, firm, strategy):
    """Overrides that let a firm play a strategy with the values that it has in this market.

    They are those of the market's own firm that plays it, else those of the strategy's file and of VALUES.
    """
    chosen = [f"firms.{firm}.strategy={strategy}"]
    chosen += [f"firms.{firm}.{name}={value}" for name, value in VALUES.get((market, strategy), {}).items()]
    for spec in scenario.firms.values():
        if type(spec.strategy).__module__.endswith(f".{strategy}") and strategy != "fixed":
            values = {f.name: getattr(spec.strategy, f.name) for f in dataclasses.fields(spec.strategy)}
            return chosen + [f"firms.{firm}.{name}={value}" for name, value in values.items()]
    return chosen


def cell(market, row, column, overrides):
    """The scenario of one cell of the matrix."""
    focal = MARKETS[market]
    base = sim.compose(f"scenario={market}", *overrides)
    changes = [f"scenario={market}"]
    for firm in rivals(base, focal):
        changes += [f"firms.{firm}.{item}" for item in EQUAL]
        changes += [f"firms.{firm}.{name}={getattr(base.firms[focal], name)}" for name in SHARED]
        changes += playing(market, base, firm, row if firm == focal else column)
    return sim.compose(*changes, *overrides)


def play(job):
    """Means over the last year of what the focal firm did in one cell with one seed; money a 1,000 heads and month."""
    market_name, row, column, seed, scenario = job
    focal = MARKETS[market_name]
    market = sim.Market(scenario.replace(seed=scenario.seed + seed, replications=1))
    records, books, firm = Records(market), [], market.firm(focal)
    for _ in range(scenario.periods):
        market.step()
        records.note()
        units = market.off_grid(market.total("journeys"))[firm.index]
        books.append((units.sum(), firm.books["revenue"], float(units @ firm.unit_cost), firm.fixed_cost))
    frame = records.frame("records")
    recent = frame[(frame["firm"] == focal) & (frame["period"] > frame["period"].max() - YEAR)]
    found = recent[list(METRICS)].mean().to_dict() | dict(zip(PARTS, np.mean(books[-YEAR:], axis=0), strict=True))
    heads = market.heads / 1000
    found |= {name: found[name] / heads for name in ("profit", *PARTS)}
    return {"market": market_name, "row": row, "column": column, "seed": seed, **found}


def effects(one, other):
    """Profit of `one` over that of `other`, in four parts that add up to it exactly (mean of the two as weight)."""
    price, cost, units = {}, {}, {}
    for name, frame in (("one", one), ("other", other)):
        units[name] = frame["units"]
        price[name], cost[name] = frame["revenue"] / units[name], frame["variable"] / units[name]
    middle = (units["one"] + units["other"]) / 2
    margin = (price["one"] - cost["one"] + price["other"] - cost["other"]) / 2
    return pd.DataFrame(
        {
            "volume": (units["one"] - units["other"]) * margin,
            "price": (price["one"] - price["other"]) * middle,
            "unit cost": -(cost["one"] - cost["other"]) * middle,
            "fixed cost": -(one["fixed"] - other["fixed"]),
        }
    )


def p_value(values):
    """Two-sided p of Student's test that the mean of paired differences is zero; NaN for fewer than two."""
    values = values[np.isfinite(values)]
    return np.nan if len(values) < 2 or np.ptp(values) == 0 else float(ttest_1samp(values, 0).pvalue)


def mean(values):
    """Mean of what is known, NaN if nothing is."""
    values = np.asarray(values, float)
    return float(values[np.isfinite(values)].mean()) if np.isfinite(values).any() else np.nan


def matrix(runs):
    """One row a market, metric and cell: level and difference against playing what the rivals play."""
    rows = []
    indexed = runs.set_index(["market", "row", "column", "seed"]).sort_index()
    for market in runs["market"].unique():
        played = [s for s in runs["row"].unique()]
        for metric in METRICS:
            for row in played:
                for column in played:
                    level = indexed.loc[(market, row, column), metric].to_numpy()
                    gap = level - indexed.loc[(market, column, column), metric].to_numpy()
                    size = (mean(level), half_width(level), mean(gap), half_width(gap))
                    rows.append((market, metric, row, column, *size, np.nan if row == column else p_value(gap)))
    names = ["market", "metric", "row", "column", "mean", "half", "difference", "difference_half", "p"]
    table = pd.DataFrame(rows, columns=names)
    table["holm"] = np.nan
    for _, part in table.groupby(["market", "metric"]):
        table.loc[part.index, "holm"] = holm(part["p"])
    return table


def parts(runs):
    """One row a market, cell and effect: how the difference in profit comes about [AUD/month a 1,000 heads]."""
    rows = []
    indexed = runs.set_index(["market", "row", "column", "seed"]).sort_index()
    for market in runs["market"].unique():
        for row in runs["row"].unique():
            for column in runs["row"].unique():
                if row != column:
                    found = effects(indexed.loc[(market, row, column)], indexed.loc[(market, column, column)])
                    for effect in found:
                        values = found[effect].to_numpy()
                        rows.append((market, row, column, effect, mean(values), half_width(values)))
    return pd.DataFrame(rows, columns=["market", "row", "column", "effect", "mean", "half"])


def digits(metric, value, sign=""):
    """A number as the picture and the tables show it."""
    return "–" if not np.isfinite(value) else f"{value:{sign}.0f}" if metric == "profit" else f"{value:{sign}.3f}"


def draw(table, market, path, told):
    """One panel a metric: own strategy down, the rivals' across; colour is the difference in half-widths."""
    table = table[table["market"] == market]
    played = list(table["row"].unique())
    figure, axes = plt.subplots(3, 2, figsize=(20, 16), layout="constrained")
    for axis, (metric, unit) in zip(axes.ravel(), METRICS.items(), strict=False):
        part = table[table["metric"] == metric].set_index(["row", "column"])
        ratio = np.zeros((len(played), len(played)))
        for i, row in enumerate(played):
            for j, column in enumerate(played):
                found = part.loc[(row, column)]
                text = f"{digits(metric, found['mean'])} ±{digits(metric, found['half'])}"
                if row != column:
                    if np.isfinite(found["difference_half"]) and found["difference_half"] > 0:
                        ratio[i, j] = found["difference"] / found["difference_half"]
                    star = "*" if found["holm"] < 0.05 else ""
                    gap, half = digits(metric, found["difference"], "+"), digits(metric, found["difference_half"])
                    text += f"\n({gap} ±{half}){star}"
                ink = "white" if abs(ratio[i, j]) > 4 else "black"
                axis.text(j, i, text, ha="center", va="center", fontsize=8, color=ink)
        picture = axis.imshow(ratio, cmap="PuOr_r", vmin=-6, vmax=6, aspect="auto")
        axis.set_xticks(range(len(played)), played, fontsize=9)
        axis.set_yticks(range(len(played)), played, fontsize=9)
        axis.set_xlabel("all rivals play", fontsize=9)
        axis.set_ylabel("the firm plays", fontsize=9)
        axis.set_title(f"{metric} [{unit}]", fontsize=11)
    last = axes.ravel()[-1]
    last.set_axis_off()
    last.text(
        0.0, 0.95, "How to read it\n\nFirst line of a cell: mean of the last year ± half-width of its 95 % interval.\n"
        "In brackets: difference against playing what the rivals play, paired by seed.\n"
        "* differs from zero at 5 % after Holm's correction over the cells of the panel.\n"
        "Colour: difference / half-width; orange is more, purple is less.\n"
        "On the diagonal nothing is compared.", va="top", fontsize=10,
    )  # fmt: skip
    figure.colorbar(picture, ax=last, label="difference / half-width of its 95 % interval", location="bottom")
    figure.suptitle(f"{market}: what a strategy brings against rivals who all play one ({told})", fontsize=13)
    figure.savefig(path, dpi=72)
    plt.close(figure)


def show(table, effect):
    """Print every matrix, and how the differences in profit come about."""
    for (market, metric), part in table.groupby(["market", "metric"], sort=False):
        print(f"\n{market}, {metric} [{METRICS[metric]}]: the firm plays (down), all rivals play (across)")
        part = part.assign(
            text=[
                f"{digits(metric, m)} ±{digits(metric, h)}"
                + ("" if r == c else f" ({digits(metric, d, '+')} ±{digits(metric, e)}){'*' if q < 0.05 else ''}")
                for r, c, m, h, d, e, q in part[
                    ["row", "column", "mean", "half", "difference", "difference_half", "holm"]
                ].itertuples(index=False)
            ]
        )
        order = list(part["row"].unique())
        print(part.pivot(index="row", columns="column", values="text").loc[order, order].to_string())
    for market, part in effect.groupby("market", sort=False):
        print(f"\n{market}: where the difference in profit comes from [AUD/month a 1,000 heads]")
        part = part.assign(text=[f"{m:+.0f} ±{h:.0f}" for m, h in zip(part["mean"], part["half"], strict=True)])
        wide = part.pivot(index=["row", "column"], columns="effect", values="text")[list(EFFECTS)]
        print(wide.to_string())


def main():
    """Play, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--markets", default=",".join(MARKETS))
    parser.add_argument("--strategies", default=",".join(STRATEGIES))
    parser.add_argument("overrides", nargs="*")
    asked = parser.parse_args()
    own = asked.overrides == [] and asked.strategies == parser.get_default("strategies")
    overrides, played = [*FULL, *asked.overrides], asked.strategies.split(",")
    markets, folder = asked.markets.split(","), HERE if own else Path()
    about = sim.compose(f"scenario={markets[0]}", *overrides)
    cells = {(m, r, c): cell(m, r, c, overrides) for m in markets for r in played for c in played}
    jobs = [(*place, seed, scenario) for place, scenario in cells.items() for seed in range(scenario.replications)]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        runs = pd.DataFrame(track(pool.map(play, jobs, chunksize=4), "runs", total=len(jobs), transient=True))
    table, effect = matrix(runs), parts(runs)
    table.to_csv(folder / "matrix.csv", index=False, float_format="%.6g")
    effect.to_csv(folder / "effects.csv", index=False, float_format="%.6g")
    told = f"{about.population.customers:,} customers, {about.periods} months, {about.replications} seeds"
    for market in markets:
        draw(table, market, folder / f"{market}.png", told)
    show(table, effect)


if __name__ == "__main__":
    main()
