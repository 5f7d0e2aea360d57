"""Which strategy earns most, and wins most customers, as fares count more and needs lie further apart.

    differentia sweep experiment=where --folder out
    python experiments/where/analyse.py out [where]

Reads the study in the first folder, prints tables and draws where.png into the second, by default the present one. Figures
are means of the last year, paired by seed: all points share their draws. Money is a month's for 1,000 heads of the market.
"""

import argparse
import sys
from itertools import combinations
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import sim
from sim.ground.units import told, words_of
from sim.metrics.interval import half_width, holm
from sim.pages.markdown import pipes
from sim.pages.style import look
from sim.study.answers.contrast import judged, paired
from sim.study.answers.regret import regret

FOCAL = "nightowl"
FACTORS = ["nightowl.strategy", "sensitivity", "needs"]
METRICS = {"profit": "¤/month a 1,000 heads", "share": "1"}
DIGITS = {"profit": 0, "share": 4}
LEVEL = 0.05
LINES = {"discount": ("#000000", "X", (0, (2, 1))), "mixed": ("#56B4E9", "*", "-")}


def read(study):
    """A row a run: the focal coach's profit and share, and the share of all coaches together, with the factors."""
    for name in FACTORS:
        if name not in study.runs:
            raise sim.ConfigError(f"{study.folder}: {name} does not move; expected a study of experiment=where")
    config = study.config(int(study.runs["point"].iloc[0]))
    coaches = [name for name, firm in config["firms"].items() if firm["mode"] == config["firms"][FOCAL]["mode"]]
    outcomes = study.outcomes(list(METRICS)).drop(columns="strategy").rename(columns={FACTORS[0]: "strategy"})
    trade = outcomes[outcomes["firm"].isin(coaches)].groupby("run")["share"].sum().rename("coaches")
    rows = outcomes[outcomes["firm"] == FOCAL].merge(trade, on="run")
    return rows.assign(profit=rows["profit"] * 1000 / config["population"]["customers"])


def order(study, name):
    """A factor's levels, as they were laid out."""
    return [str(level) for level in next(f.levels for f in study.factors if f.name == name)]


def cube(rows, metric):
    """(seeds, (needs, sensitivity, strategy)) values of a metric."""
    return rows.pivot(index="seed", columns=["needs", "sensitivity", "strategy"], values=metric).sort_index(axis=1)


def pairs(wide, levels):
    """Every pair of strategies in every cell: difference one - other with Holm's correction over all of them."""
    found = []
    for needs in levels["needs"]:
        for sensitivity in levels["sensitivity"]:
            cell = wide[needs, sensitivity]
            for one, other in combinations(levels["strategy"], 2):
                gap = paired(cell[other].to_numpy(), cell[one].to_numpy())
                found.append((needs, sensitivity, one, other, *gap[:4]))
    names = ["needs", "sensitivity", "one", "other", "difference", "low", "high", "p"]
    table = pd.DataFrame(found, columns=names)
    return table.assign(holm=holm(table["p"].to_numpy()))


def number(metric, value, sign=""):
    """A value of a metric as the tables write it."""
    return "–" if not np.isfinite(value) else f"{value:{sign},.{DIGITS[metric]}f}"


def best(wide, table, levels, metric):
    """A row a cell: the best strategy, how far ahead of the second it is, and which others cannot be told from it."""
    rows = []
    for needs in levels["needs"]:
        for sensitivity in levels["sensitivity"]:
            means = wide[needs, sensitivity].mean().sort_values(ascending=False)
            first, *others = means.index
            close = [name for name in others if not _told(table, needs, sensitivity, first, name)]
            gap = (wide[needs, sensitivity][first] - wide[needs, sensitivity][others[0]]).to_numpy()
            half = half_width(wide[needs, sensitivity][first].to_numpy())
            rows.append(
                {
                    "needs": needs,
                    "sensitivity": sensitivity,
                    "best": first,
                    metric: f"{number(metric, means[first])} ±{number(metric, half)}",
                    "second": others[0],
                    "ahead by": f"{number(metric, gap.mean(), '+')} ±{number(metric, half_width(gap))}",
                    "not told from the best": ", ".join(close) or "none",
                }
            )
    return pd.DataFrame(rows)


def _told(table, needs, sensitivity, one, other):
    here = table[(table["needs"] == needs) & (table["sensitivity"] == sensitivity)]
    of_both = here[here["one"].isin([one, other]) & here["other"].isin([one, other])]
    return bool((of_both["holm"] < LEVEL).all())


def levels_of(wide, levels, metric):
    """A row a cell and a column a strategy: mean and half-width."""
    rows = []
    for needs in levels["needs"]:
        for sensitivity in levels["sensitivity"]:
            cell = wide[needs, sensitivity]
            told = {
                name: f"{number(metric, cell[name].mean())} ±{number(metric, half_width(cell[name].to_numpy()))}"
                for name in levels["strategy"]
            }
            rows.append({"needs": needs, "sensitivity": sensitivity} | told)
    return pd.DataFrame(rows)


def contrast(wide, one, other, needs, sensitivities):
    """(seeds,) one strategy less another, mean over cells; NaN where the study lacks them."""
    gaps = [wide.get((n, s, one), np.nan) - wide.get((n, s, other), np.nan) for n in needs for s in sensitivities]
    return sum(gaps) / len(gaps) + pd.Series(0.0, index=wide.index)


def claims(profit, share, levels):
    """What was expected, as one number a seed: (words, metric, values, expected sign)."""
    needs, low, every = levels["needs"], ("0.5", "1"), ("0.5", "1", "2", "4")
    for metric, wide in (("profit", profit), ("share", share)):
        rival = {"profit": ("distinctiveness", "price"), "share": ("mixed", "discount")}[metric]
        at_low, at_high = contrast(wide, *rival, needs, low), contrast(wide, *rival, needs, ("4",))
        yield f"{rival[0]} over {rival[1]}, at 0.5 and 1 times", metric, at_low, 1
        yield f"{rival[0]} over {rival[1]}, at 4 times", metric, at_high, -1
    yield "discount over price, at 4 times", "profit", contrast(profit, "discount", "price", needs, ("4",)), -1
    for metric, wide in (("profit", profit), ("share", share)):
        moved = contrast(wide, "diversification", "flexibility", ("apart",), every)
        moved = moved - contrast(wide, "diversification", "flexibility", ("alike",), every)
        yield "diversification over flexibility, needs apart less needs alike", metric, moved, 1
    others = [name for name in levels["strategy"] if name != "diversification"]
    least = pd.concat([contrast(profit, name, "diversification", ("alike",), every) for name in others], axis=1).mean(
        axis=1
    )
    yield "the other strategies' mean over diversification, needs alike", "profit", least, 1


def verdicts(profit, share, levels):
    """The claims with their intervals, corrected by Holm over all of them, and what became of them."""
    told, metrics, values, signs = zip(*claims(profit, share, levels), strict=True)
    table = judged([each.to_numpy() for each in values], signs)
    pairs = zip(metrics, table["mean"], table["half"], strict=True)
    text = [f"{number(metric, mean, '+')} ±{number(metric, half)}" for metric, mean, half in pairs]
    expected = ["+" if sign > 0 else "-" for sign in signs]
    return pd.DataFrame(
        {"what": told, "metric": metrics, "difference": text, "expected": expected, "verdict": table["verdict"]}
    )


def regrets(rows, metric):
    """Largest and mean regret of every strategy over the cells as futures."""
    futures = "needs " + rows["needs"] + ", " + rows["sensitivity"].astype(str) + " times"
    found = regret(rows.assign(future=futures, value=rows[metric])[["strategy", "future", "seed", "value"]])
    shown = {"strategy": found["strategy"]}
    for name, words in (("maximum", "largest regret"), ("mean", "mean regret"), ("behind", "behind the smallest")):
        halves = zip(found[name], found[f"{name}_half"], strict=True)
        shown[words] = [f"{number(metric, value)} ±{number(metric, half)}" for value, half in halves]
    return pd.DataFrame(shown | {"in": found["worst"]})


def draw(wides, levels, units, path):
    """A row a metric, a panel a level of needs: every strategy less the mean of all, over price sensitivity."""
    shape = {"figsize": (4.4 * len(levels["needs"]), 7.6), "sharey": "row", "squeeze": False}
    figure, axes = plt.subplots(len(wides), len(levels["needs"]), **shape, layout="constrained")
    x = [float(level) for level in levels["sensitivity"]]
    for row, (metric, wide) in zip(axes, wides.items(), strict=True):
        for axis, needs in zip(row, levels["needs"], strict=True):
            for shift, name in enumerate(levels["strategy"]):
                style = look(name)
                colour, marker, line = LINES.get(name, (style.colour, style.marker, style.line))
                cells = [wide[needs, s][name] - wide[needs, s].mean(axis=1) for s in levels["sensitivity"]]
                mean, half = [c.mean() for c in cells], [half_width(c.to_numpy()) for c in cells]
                place = np.array(x) * 1.02 ** (shift - 3)
                axis.errorbar(place, mean, half, color=colour, marker=marker, ls=line, ms=6, lw=1.4, label=name)
            axis.axhline(0, color="#BBBBBB", lw=0.8, zorder=0)
            axis.set_xscale("log", base=2)
            axis.set_xticks(x, levels["sensitivity"])
            axis.set_title(f"needs {needs}", fontsize=10)
            axis.set_xlabel("price sensitivity, times the fitted one")
            axis.spines[["top", "right"]].set_visible(False)
        row[0].set_ylabel(f"{metric} less the mean of all strategies\n[{units[metric]}]")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=7, frameon=False)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def report(rows, wides, levels, units):
    """Print every table as Markdown."""
    trade = rows.groupby("sensitivity")["coaches"].mean().reindex(levels["sensitivity"])
    print("coaches' share of all journeys: " + ", ".join(f"{share:.3f} at {s}" for s, share in trade.items()))
    for metric, wide in wides.items():
        table = pairs(wide, levels)
        print(f"\nbest in {metric} [{units[metric]}]; Holm over {table['p'].notna().sum()} pairs\n")
        print(pipes(best(wide, table, levels, metric)))
        print(f"\nevery strategy's {metric} [{units[metric]}]\n\n{pipes(levels_of(wide, levels, metric))}")
        print(f"\nregret in {metric} [{units[metric]}]\n\n{pipes(regrets(rows, metric))}")
    print(f"\nwhat was expected\n\n{pipes(verdicts(wides['profit'], wides['share'], levels))}")


def main():
    """Read the study, print the tables, draw the picture."""
    parser = argparse.ArgumentParser(description="What the study of experiment=where says.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("where", type=Path, nargs="?", default=Path())
    asked = parser.parse_args()
    try:
        study = sim.Study(asked.folder)
        rows = read(study)
    except sim.ConfigError as error:
        sys.exit(str(error))
    levels = {name.rpartition(".")[2]: order(study, name) for name in FACTORS}
    wides = {metric: cube(rows, metric) for metric in METRICS}
    words = words_of(*study.header["bases"])
    units = {metric: told(unit, words) for metric, unit in METRICS.items()}
    report(rows, wides, levels, units)
    draw(wides, levels, units, asked.where / "where.png")


if __name__ == "__main__":
    main()
