"""What happens when a coach monopoly opens (D8), beside France 2015 to 2017.

    differentia sweep experiment=opening --folder out
    python experiments/opening/analyse.py out [where]

Reads the study in the first folder, prints tables and draws opening.png into the second, by default the present one.
Quarters are counted from the one in which the market opens; money and journeys are those of all coaches together, a head
of the market and month. Intervals are Student's over seeds, 95 %.

What is said of France was compiled from press reports of the regulator's quarterly bulletins (ART, then Arafer), which
the README names; quarter 0 is the third of 2015, in which the law came into force.
"""

import argparse
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import MultipleLocator

import sim
from sim.ground import units
from sim.metrics.interval import half_width
from sim.pages.markdown import pipes

QUARTER, YEAR = 3, 4  # months, quarters
BASE = 2  # the quarter that fares are related to, the first with a stated French price
LATE, LAST = (5, 6, 8, 9), (12, 13, 14, 15)  # quarters: those with a French price two years on; the fourth year
LOOKS = {"open": ("#0072B2", "-"), "uneven": ("#D55E00", "--"), "steep": ("#009E73", "-."), "closed": ("#777777", ":")}
MEASURES = {
    "firms": "coaches in the market at the quarter's end",
    "fare": "fare paid / that of quarter 2",
    "load": "load [1]",
    "journeys": "journeys of four quarters / those of quarters 1 to 4",
    "profit": "profit of all coaches [¤/head/month]",
}
DIGITS = {"firms": 1, "fare": 2, "load": 2, "journeys": 2, "profit": 3}
FRANCE = pd.DataFrame(
    [  # quarter, operators, EUR per passenger and 100 km without tax, occupancy, million passengers
        (1, 5, np.nan, 0.302, 0.65),
        (2, 5, 3.3, np.nan, 1.1),
        (3, 5, np.nan, 0.41, 1.5),
        (4, 3, 4.0, 0.47, 2.0),
        (5, 3, 4.7, 0.361, 1.56),
        (6, 3, 4.3, 0.44, 1.4),
        (7, 3, np.nan, np.nan, 1.68),
        (8, 3, 4.9, np.nan, 2.17),
        (9, 3, 4.6, 0.54, 1.9),
    ],
    columns=["quarter", "firms", "fare", "load", "journeys"],
).set_index("quarter")


def months(study):
    """A row a coach, month and run: arm, seed, quarter since the opening, and what it did."""
    config = study.config(int(study.runs["point"].iloc[0]))
    mode = next(iter(config["mechanism"]["entry"]["opens"]))
    coaches = [name for name, firm in config["firms"].items() if firm["mode"] == mode]
    points = study.runs["point"].unique()
    opens = min(study.config(int(point))["mechanism"]["entry"]["opens"][mode] for point in points)
    columns = ["period", "firm", "trading", "purchases", "revenue", "profit", "load", "seats_offered"]
    rows = study.frame("firms", columns).merge(study.runs[["run", "seed", "arm"]], on="run")
    rows = rows[rows["firm"].isin(coaches)]
    stays = rows[rows["period"] == rows["period"].max()].set_index(["run", "firm"])["trading"].rename("stays")
    return rows.join(stays, on=["run", "firm"]).assign(
        quarter=(rows["period"] - opens) // QUARTER,
        last=rows["trading"] & (rows["period"] % QUARTER == (opens - 1) % QUARTER),
        sold=rows["load"] * rows["seats_offered"],
        heads=config["population"]["customers"],
    )


def quarters(rows):
    """A row an arm, seed and whole quarter: firms, fare [¤], fare of those who stay to the end, load, journeys, profit."""
    stay = rows["purchases"].where(rows["stays"], 0), rows["revenue"].where(rows["stays"], 0.0)
    by_quarter = rows.assign(stay_sold=stay[0], stay_paid=stay[1]).groupby(["arm", "seed", "quarter"])
    summed = ["purchases", "revenue", "profit", "sold", "seats_offered", "last", "stay_sold", "stay_paid"]
    total = by_quarter[summed].sum()[by_quarter["period"].nunique() == QUARTER]
    heads = QUARTER * rows["heads"].iloc[0]
    return pd.DataFrame(
        {
            "firms": total["last"],
            "fare": total["revenue"] / total["purchases"].replace(0, np.nan),
            "own_fare": total["stay_paid"] / total["stay_sold"].replace(0, np.nan),
            "load": total["sold"] / total["seats_offered"].replace(0, np.nan),
            "journeys": total["purchases"] / heads,
            "profit": total["profit"] / heads,
        }
    )


def order(found):
    """The arms that were played, as LOOKS has them."""
    return [arm for arm in LOOKS if arm in found.index.get_level_values("arm")]


def related(run):
    """A run by quarter, its fare and its year's journeys as ratios: seasons drop out of a year."""
    year = run["journeys"].rolling(YEAR).sum()
    return run.assign(fare=run["fare"] / run["fare"].get(BASE, np.nan), journeys=year / year.get(YEAR, np.nan))


def ratios(found):
    """`related`, run by run."""
    runs = found.reset_index(["arm", "seed"]).groupby(["arm", "seed"])
    return pd.concat({key: related(run[list(MEASURES)]) for key, run in runs}, names=["arm", "seed"])


def mean_of(table, name, quarters):
    """(seeds,) mean of a measure over quarters; NaN where the run is too short."""
    return table[name].reindex(columns=quarters).mean(axis=1, skipna=False)


def figures(found, arm):
    """(words, digits, values by seed, France) of an arm; NaN where the run is too short."""
    table, france = found.loc[arm].unstack("quarter"), FRANCE
    few = (table["firms"] <= 3) & (table["firms"].cummax(axis=1) > 3)
    first = few.idxmax(axis=1).where(few.any(axis=1)).astype(float)
    yield "coaches at the end of quarter 0", 1, mean_of(table, "firms", [0]), np.nan
    yield "first quarter that ends with three or fewer", 1, first, 4
    yield "coaches at the end of quarter 9", 1, mean_of(table, "firms", [9]), france["firms"][9]
    for quarter in range(4):
        yield f"profit in quarter {quarter} [¤/head/month]", 3, mean_of(table, "profit", [quarter]), np.nan
    yield "profit in quarters 12 to 15 [¤/head/month]", 3, mean_of(table, "profit", LAST), np.nan
    rise, own = (mean_of(table, name, LATE) / mean_of(table, name, [BASE]) for name in ("fare", "own_fare"))
    paid = france["fare"].loc[[*LATE]].mean() / france["fare"][BASE]
    yield "fare, mean of quarters 5, 6, 8, 9 / quarter 2", 2, rise, paid
    yield "the same of those who stay to the end", 2, own, np.nan
    for quarter in (1, 5, 9):
        yield f"load in quarter {quarter}", 2, mean_of(table, "load", [quarter]), france["load"][quarter]
    filled = mean_of(table, "load", [9]) - mean_of(table, "load", [1])
    yield "load, quarter 9 less quarter 1", 2, filled, france["load"][9] - france["load"][1]
    for one, other in ((2, -2), (5, 1), (9, 5)):
        grown = mean_of(table, "journeys", [one]) / mean_of(table, "journeys", [other])
        known = france["journeys"][one] / france["journeys"].get(other, np.nan)
        yield f"journeys, quarter {one} / quarter {other}", 2, grown, known


def against(found, arm):
    """(words, digits, values by seed, NaN) of an arm, paired by seed with the closed market and with *open*."""
    table, arms = found.loc[arm].unstack("quarter"), order(found)
    if "closed" in arms and arm != "closed":
        closed = found.loc["closed"].unstack("quarter")
        more = mean_of(table, "journeys", LAST) / mean_of(closed, "journeys", LAST)
        yield "journeys in quarters 12 to 15 / those of the closed market", 2, more, np.nan
        dearer = mean_of(table, "fare", LAST) - mean_of(closed, "fare", LAST)
        yield "fare in quarters 12 to 15, less that of the closed market [¤]", 1, dearer, np.nan
    if "open" in arms and arm not in ("closed", "open"):
        first = found.loc["open"].unstack("quarter")
        rise, usual = (mean_of(t, "fare", LATE) / mean_of(t, "fare", [BASE]) for t in (table, first))
        yield "rise of the fare, less that in *open*", 2, rise - usual, np.nan


def told(values, digits):
    """A mean with its half-width, and of how many seeds it is if not of all."""
    known = values.dropna()
    if len(known) < 2:
        return "–"
    text = f"{known.mean():.{digits}f} ±{half_width(known.to_numpy()):.{digits}f}"
    return text if len(known) == len(values) else f"{text} ({len(known)} of {len(values)} seeds)"


def summary(found):
    """What happened, an arm a column, France beside."""
    columns, france = {}, {}
    for arm in order(found):
        rows = [*figures(found, arm), *against(found, arm)]
        columns[arm] = {words: told(values, digits) for words, digits, values, _ in rows}
        france |= {words: f"{value:.2f}" if np.isfinite(value) else "–" for words, _, _, value in rows}
    table = pd.DataFrame(columns, index=list(france)).fillna("–")
    return table.assign(France=france).reset_index(names="what")


def staying(rows):
    """In how many of the seeds each coach is still there in the end, an arm a column."""
    ends = rows[rows["period"] == rows["period"].max()]
    table = ends.pivot_table(index="firm", columns="arm", values="stays", aggfunc="sum")
    return table[[arm for arm in LOOKS if arm in table]].astype(int).reset_index()


def by_quarter(found, arm):
    """Every measure of an arm by quarter, mean and half-width over seeds, France in brackets."""
    france, rows = related(FRANCE), []
    for quarter, part in ratios(found).loc[arm].groupby("quarter"):
        row = {"quarter": quarter}
        for name, digits in DIGITS.items():
            row[name] = told(part[name], digits)
            if name in france and np.isfinite(france[name].get(quarter, np.nan)):
                row[name] += f" ({france[name][quarter]:.{digits}f})"
        rows.append(row)
    return pd.DataFrame(rows)


def draw(found, words, path):
    """One panel a measure: arms with bands, France as black points."""
    shown, france = ratios(found), related(FRANCE)
    seeds = found.index.get_level_values("seed").nunique()
    figure, axes = plt.subplots(2, 3, figsize=(13, 7.4), layout="constrained")
    for axis, (name, title) in zip(axes.ravel(), MEASURES.items(), strict=False):
        for arm in order(found):
            colour, style = LOOKS[arm]
            by = shown.loc[arm][name].dropna().groupby("quarter")
            mean, half = by.mean(), by.agg(lambda values: half_width(values.to_numpy()))
            mean = mean.where(by.count() > seeds / 2)
            axis.plot(mean.index, mean, style, color=colour, lw=1.8, label=arm)
            axis.fill_between(mean.index, mean - half, mean + half, color=colour, alpha=0.15, lw=0)
        if name in france:
            axis.plot(france[name].dropna(), "ko", ms=5, label="France 2015 to 2017")
        axis.axvline(-0.5, color="#BBBBBB", lw=1)
        axis.set_title(units.told(title, words), fontsize=10)
        axis.set_xlabel("quarters since the market opened")
        axis.xaxis.set_major_locator(MultipleLocator(YEAR))
        axis.spines[["top", "right"]].set_visible(False)
        if name != "profit":
            axis.set_ylim(bottom=0)
    last = axes.ravel()[-1]
    last.set_axis_off()
    handles, labels = axes.ravel()[0].get_legend_handles_labels()
    last.legend(handles, labels, loc="upper left", frameon=False)
    about = f"Lines: means over {seeds} seeds; bands: 95 % intervals.\nA line ends where half of the seeds have no coach left.\n"
    about += "Loads and profits have seasons: quarter 0 begins\nin January here and in July in France."
    last.text(0.0, 0.1, about)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def main():
    """Read the study, print the tables, draw the picture."""
    parser = argparse.ArgumentParser(description="What the study of experiment=opening says.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("where", type=Path, nargs="?", default=Path())
    asked = parser.parse_args()
    try:
        study = sim.Study(asked.folder)
        if "arm" not in study.runs:
            raise sim.ConfigError(f"{study.folder}: arm does not move; expected a study of experiment=opening")
        rows = months(study)
    except sim.ConfigError as error:
        sys.exit(str(error))
    found = quarters(rows)
    words = units.words_of(*study.header["bases"])
    print(pipes(units.told_table(summary(found), words)))
    print(f"\nstill there in the end, of {rows['seed'].nunique()} seeds\n\n{pipes(staying(rows))}")
    for arm in order(found):
        print(f"\n{arm}, by quarter since the opening; France in brackets\n\n{pipes(by_quarter(found, arm))}")
    draw(found, words, asked.where / "opening.png")


if __name__ == "__main__":
    main()
