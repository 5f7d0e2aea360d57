"""What a price war of two leaders does to them and to the second tier, and what protecting the dealers is worth (B5).

    differentia sweep experiment=price_war --folder out
    python experiments/price_war/analyse.py out [where]

Reads the study in the first folder, prints a table and draws price_war.png into the second, by default the present one.
Every figure is paired by seed: worlds share all their draws. Figures with an expected sign are judged by p-values that are
corrected by Holm over all of them.
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
from sim.ground.units import told, words_of
from sim.metrics.interval import half_width
from sim.study.answers.contrast import judged

LEADERS, SECOND = ["northline", "southline"], ["harbour", "valley"]
COACHES = [*LEADERS, *SECOND]
BEFORE_END, WAR, AFTER = (41, 42), (24, 42), (48, 60)  # months: the last of the war, the war, a year half a year later
FACTORS = ["market", "fares", "protection"]
PEACE, PEACE_PROTECTED, WAR_ALONE, WAR_PROTECTED, HELD = ("peace", 0), ("peace", 1), ("war", 0), ("war", 1), ("held", 0)
COLUMNS = ["purchases", "profit", "revenue", "dealers", "dealer_protection"]
DIGITS = {"¤/month": 0, "dealers": 1, "1": 4}
SIGNS = {0: "", 1: "+", -1: "-"}


def worlds(study):
    """Records of the coaches by market and (fares, protection): (seed, period, firm), with their share of coach journeys."""
    missing = [name for name in FACTORS if name not in study.runs]
    if missing:
        raise sim.ConfigError(f"{study.folder}: {missing[0]} does not move; expected a study of experiment=price_war")
    rows = study.frame("firms", ["period", "firm", *COLUMNS]).merge(study.runs[["run", "seed", *FACTORS]], on="run")
    rows = rows[rows["firm"].isin(COACHES)]
    rows = rows.assign(share=rows["purchases"] / rows.groupby(["run", "period"])["purchases"].transform("sum"))
    found = {}
    for (market, *arm), part in rows.groupby(FACTORS):
        found.setdefault(market, {})[tuple(arm)] = part.set_index(["seed", "period", "firm"]).sort_index()
    return found


def over(rows, column, firms, span):
    """(seeds,) mean of a column over months and firms; the margin is profit over revenue of all of them together."""
    period = rows.index.get_level_values("period")
    rows = rows[(period >= span[0]) & (period < span[1]) & rows.index.get_level_values("firm").isin(firms)]
    by_seed = rows.groupby("seed")
    if column == "margin":
        return by_seed["profit"].sum() / by_seed["revenue"].sum()
    return by_seed[column].mean()


def claims(arms):
    """(words, values by seed, unit, expected sign or 0 where none was expected) of one market."""

    def change(column, firms, span, arm=WAR_ALONE, base=PEACE):
        return over(arms[arm], column, firms, span) - over(arms[base], column, firms, span)

    def protects(column, span):
        return change(column, ["harbour"], span, WAR_PROTECTED, WAR_ALONE)

    yield "margin in peace: leaders", over(arms[PEACE], "margin", LEADERS, WAR), "1", 0
    yield "margin in peace: second tier", over(arms[PEACE], "margin", SECOND, WAR), "1", 0
    yield "margin in the war: all four", over(arms[WAR_ALONE], "margin", COACHES, WAR), "1", 0
    yield "war less peace: margin of the leaders", change("margin", LEADERS, WAR), "1", -1
    yield "war less peace: margin of the second tier", change("margin", SECOND, WAR), "1", -1
    worse = change("margin", SECOND, WAR) - change("margin", LEADERS, WAR)
    yield "second tier's loss of margin over the leaders'", worse, "1", -1
    yield "war less peace: share of a second-tier firm, in the war", change("share", SECOND, WAR), "1", -1
    yield "the same in the year after", change("share", SECOND, AFTER), "1", -1
    yield "war less peace: dealers of a second-tier firm", change("dealers", SECOND, BEFORE_END), "dealers", -1
    yield "war less peace: dealers of a leader", change("dealers", LEADERS, BEFORE_END), "dealers", 0
    yield "`harbour` protects: dealers at the end of the war", protects("dealers", BEFORE_END), "dealers", 1
    yield "`harbour` protects: share in the war", protects("share", WAR), "1", 1
    yield "`harbour` protects: share in the year after", protects("share", AFTER), "1", 1
    peaceful = change("share", ["harbour"], AFTER, PEACE_PROTECTED, PEACE)
    yield "the same over what protection does in peace", protects("share", AFTER) - peaceful, "1", 1
    own, rival = (over(arms[WAR_PROTECTED], "share", [firm], AFTER) for firm in SECOND)
    yield "in one market: `harbour` over `valley`, the year after", own - rival, "1", 1
    paid = over(arms[WAR_PROTECTED], "dealer_protection", ["harbour"], WAR)
    yield "paid to dealers in the war", paid, "¤/month", 0
    yield "`harbour` protects: profit in the war", protects("profit", WAR), "¤/month", -1
    yield "`harbour` protects: profit in the year after", protects("profit", AFTER), "¤/month", 1
    yield "the second tier holds its fares: share in the war", change("share", SECOND, WAR, HELD, WAR_ALONE), "1", -1
    held = change("profit", SECOND, WAR, HELD, WAR_ALONE)
    yield "the second tier holds its fares: profit in the war", held, "¤/month", 0


def judged_claims(found):
    """Every claim in every market: words, market, unit, expected sign, mean, half, p, verdict; Holm over what was expected."""
    rows = [
        (words, market, values, unit, sign)
        for market, arms in found.items()
        for words, values, unit, sign in claims(arms)
    ]
    table = pd.DataFrame(rows, columns=["words", "market", "values", "unit", "expected"])
    return table.join(judged([values.to_numpy() for values in table.pop("values")], table["expected"]))


def text(mean, half, digits):
    """A mean with its half-width, which is not known where all seeds agree."""
    return f"{mean:+,.{digits}f}" + (f" ±{half:,.{digits}f}" if np.isfinite(half) else "")


def report(table, words):
    """The table as Markdown, a column a market."""
    markets = list(table["market"].unique())
    print(f"| | {' | '.join(markets)} | unit | expected | verdict |")
    print("|---" * (len(markets) + 4) + "|")
    for claim, rows in table.groupby("words", sort=False):
        unit = rows["unit"].iloc[0]
        digits = DIGITS[unit]
        cells = [text(mean, half, digits) for mean, half in rows[["mean", "half"]].to_numpy()]
        verdict = "; ".join(dict.fromkeys(rows["verdict"]))
        print(
            f"| {claim} | {' | '.join(cells)} | {told(unit, words)} | {SIGNS[rows['expected'].iloc[0]]} | {verdict} |"
        )
    print(f"\nJudged by p-values corrected by Holm over {int((table['expected'] != 0).sum())} figures.")


def draw(found, path):
    """Dealers and share of the second tier, month by month, with and without war and protection."""
    lines = [
        (PEACE, "valley", "valley, peace", "#999999", "-"),
        (WAR_PROTECTED, "valley", "valley, war", "#D55E00", "--"),
        (WAR_PROTECTED, "harbour", "harbour, war, protects its dealers", "#0072B2", "-."),
        (WAR_ALONE, "harbour", "harbour, war, does not", "#E69F00", ":"),
    ]
    shape = {"figsize": (5 * len(found), 6.4), "sharex": True, "sharey": "row", "squeeze": False}
    figure, axes = plt.subplots(2, len(found), **shape, layout="constrained")
    titles = {
        "corridor": "corridor: price sensitivity as surveyed",
        "steep": "steep: price sensitivity three times that",
    }
    for column, (market, arms) in zip(axes.T, found.items(), strict=True):
        for axis, measure in zip(column, ("dealers", "share"), strict=True):
            axis.axvspan(*WAR, color="#EEEEEE", label="war" if measure == "dealers" else None)
            for arm, firm, label, colour, style in lines:
                seeds = arms[arm].xs(firm, level="firm")[measure].unstack("seed")
                seeds = seeds.rolling(6, min_periods=1).mean() if measure == "share" else seeds
                mean, half = seeds.mean(axis=1), np.array([half_width(row) for row in seeds.to_numpy(float)])
                axis.plot(mean.index, mean, style, color=colour, label=label, lw=1.8)
                axis.fill_between(mean.index, mean - half, mean + half, color=colour, alpha=0.15, lw=0)
            axis.spines[["top", "right"]].set_visible(False)
        column[0].set_title(titles[market])
        column[1].set_xlabel("month")
    for axis in axes[:, -1]:
        axis.set_ylim(bottom=0)
    axes[0, 0].set_ylabel("dealers")
    axes[1, 0].set_ylabel("share of coach journeys\n(mean of 6 months)")
    axes[0, 0].legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main():
    """Read the study, print the table, draw the picture."""
    asked = argparse.ArgumentParser(description="What the study of experiment=price_war says.")
    asked.add_argument("folder", type=Path)
    asked.add_argument("where", type=Path, nargs="?", default=Path())
    asked = asked.parse_args()
    try:
        study = sim.Study(asked.folder)
        found = worlds(study)
        report(judged_claims(found), words_of(*study.header["bases"]))
    except sim.ConfigError as error:
        sys.exit(str(error))
    draw(found, asked.where / "price_war.png")


if __name__ == "__main__":
    main()
