"""What happens when a coach monopoly opens (D8), beside France 2015 to 2017.

    differentia sweep experiment=opening --folder out
    python experiments/opening/analyse.py out [where]

Reads the study in the first folder, prints two tables and draws opening.png into the second, by default the present one.
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

import sim
from sim.metrics.interval import half_width
from sim.report.markdown import pipes

QUARTER, BASE = 3, 2  # months; the quarter that ratios refer to, the first with a stated French price
LOOKS = {"open": ("#0072B2", "-"), "uneven": ("#D55E00", "--"), "steep": ("#009E73", "-."), "closed": ("#777777", ":")}
MEASURES = {
    "firms": "coaches in the market at the quarter's end",
    "fare": "fare paid / that of quarter 2",
    "load": "load [1]",
    "journeys": "journeys / those of quarter 2",
    "profit": "profit of all coaches [AUD/head/month]",
}
RATIOS = ["fare", "journeys"]
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


def quarters(study):
    """A row an arm, seed and quarter with what MEASURES names, ratios still as levels."""
    config = study.config(int(study.runs["point"].iloc[0]))
    mode = next(iter(config["mechanism"]["entry"]["opens"]))
    coaches = [name for name, firm in config["firms"].items() if firm["mode"] == mode]
    points = study.runs["point"].unique()
    opens = min(study.config(int(point))["mechanism"]["entry"]["opens"][mode] for point in points)
    columns = ["period", "firm", "trading", "purchases", "revenue", "profit", "load", "seats_offered"]
    rows = study.frame("firms", columns).merge(study.runs[["run", "seed", "arm"]], on="run")
    rows = rows[rows["firm"].isin(coaches)]
    rows = rows.assign(
        quarter=(rows["period"] - opens) // QUARTER,
        last=rows["trading"] & (rows["period"] % QUARTER == (opens - 1) % QUARTER),
        sold=rows["load"] * rows["seats_offered"],
    )
    by_quarter = rows.groupby(["arm", "seed", "quarter"])
    total = by_quarter[["purchases", "revenue", "profit", "sold", "seats_offered", "last"]].sum()
    total = total[by_quarter["period"].nunique() == QUARTER]
    months = QUARTER * config["population"]["customers"]
    return pd.DataFrame(
        {
            "firms": total["last"],
            "fare": total["revenue"] / total["purchases"].replace(0, np.nan),
            "load": total["sold"] / total["seats_offered"].replace(0, np.nan),
            "journeys": total["purchases"] / months,
            "profit": total["profit"] / months,
        }
    )


def order(found):
    """The arms that were played, as LOOKS has them."""
    return [arm for arm in LOOKS if arm in found.index.get_level_values("arm")]


def related(table, base):
    """The table with fare and journeys as ratios to those of the same seed in quarter BASE."""
    return table.assign(**{name: table[name] / base[name] for name in RATIOS})


def ratios(found):
    """`related`, seed by seed."""
    base = found.xs(BASE, level="quarter")[RATIOS].reindex(found.index.droplevel("quarter"))
    return related(found, base.set_axis(found.index))


def figures(found, arm):
    """(words, digits, values by seed, France) of an arm; NaN where the run is too short."""
    table = found.loc[arm].unstack("quarter")

    def over(name, *which):
        return table[name].reindex(columns=which).mean(axis=1, skipna=False)

    few = (table["firms"] <= 3) & (table["firms"].cummax(axis=1) > 3)
    first = few.idxmax(axis=1).where(few.any(axis=1)).astype(float)
    late, france = (5, 6, 8, 9), FRANCE
    yield "coaches at the end of quarter 0", 1, over("firms", 0), np.nan
    yield "first quarter that ends with three or fewer", 1, first, 4
    yield "coaches at the end of quarter 9", 1, over("firms", 9), france["firms"][9]
    higher = over("fare", *late) / over("fare", BASE)
    yield (
        "fare, mean of quarters 5, 6, 8, 9 / quarter 2",
        2,
        higher,
        france["fare"].loc[[*late]].mean() / france["fare"][BASE],
    )
    yield "load in quarter 1", 2, over("load", 1), france["load"][1]
    yield "load in quarter 4", 2, over("load", 4), france["load"][4]
    yield "load in quarter 9", 2, over("load", 9), france["load"][9]
    for one, other in ((5, 1), (9, 5)):
        grown = over("journeys", one) / over("journeys", other)
        yield (
            f"journeys, quarter {one} / quarter {other}",
            2,
            grown,
            france["journeys"][one] / france["journeys"][other],
        )
    yield "profit in quarters 0 to 3 [AUD/head/month]", 3, over("profit", 0, 1, 2, 3), np.nan
    yield "profit in quarters 12 to 15 [AUD/head/month]", 3, over("profit", 12, 13, 14, 15), np.nan
    if arm != "closed" and "closed" in found.index.get_level_values("arm"):
        closed = found.loc["closed"].unstack("quarter")
        for name, digits, unit in (
            ("journeys", 4, "a head and month"),
            ("fare", 1, "AUD"),
            ("profit", 3, "AUD/head/month"),
        ):
            apart = (table[name] - closed[name]).reindex(columns=(12, 13, 14, 15)).mean(axis=1, skipna=False)
            yield f"{name} in quarters 12 to 15, less those of the closed market [{unit}]", digits, apart, np.nan


def told(values, digits):
    """A mean with its half-width, and of how many seeds it is if not of all."""
    known = values.dropna()
    if known.empty:
        return "–"
    text = f"{known.mean():.{digits}f} ±{half_width(known.to_numpy()):.{digits}f}"
    return text if len(known) == len(values) else f"{text} ({len(known)} of {len(values)} seeds)"


def summary(found):
    """What happened, an arm a column, France beside."""
    arms, columns = order(found), {}
    for arm in arms:
        columns[arm] = {words: told(values, digits) for words, digits, values, _ in figures(found, arm)}
        france = {words: value for words, _, _, value in figures(found, arm)}
    table = pd.DataFrame(columns).reindex([*max(columns.values(), key=len)]).fillna("–")
    table["France"] = [f"{france[w]:.2f}" if np.isfinite(france.get(w, np.nan)) else "–" for w in table.index]
    return table.reset_index(names="what")


def by_quarter(found, arm):
    """Every measure of an arm by quarter, mean and half-width over seeds, France in brackets."""
    france, rows = related(FRANCE, FRANCE.loc[BASE]), []
    for quarter, part in ratios(found).loc[arm].groupby("quarter"):
        row = {"quarter": quarter}
        for name, digits in DIGITS.items():
            known = part[name].dropna().to_numpy()
            row[name] = f"{known.mean():.{digits}f} ±{half_width(known):.{digits}f}" if len(known) else "–"
            if name in france and quarter in france.index and np.isfinite(france[name][quarter]):
                row[name] += f" ({france[name][quarter]:.{digits}f})"
        rows.append(row)
    return pd.DataFrame(rows)


def draw(found, path):
    """One panel a measure: arms with bands, France as black points."""
    shown, france = ratios(found), related(FRANCE, FRANCE.loc[BASE])
    figure, axes = plt.subplots(2, 3, figsize=(13, 7.4), layout="constrained")
    for axis, (name, title) in zip(axes.ravel(), MEASURES.items(), strict=False):
        for arm in order(found):
            colour, style = LOOKS[arm]
            by = shown.loc[arm][name].dropna().groupby("quarter")
            mean, half = by.mean(), by.agg(lambda values: half_width(values.to_numpy()))
            axis.plot(mean.index, mean, style, color=colour, lw=1.8, label=arm)
            axis.fill_between(mean.index, mean - half, mean + half, color=colour, alpha=0.15, lw=0)
        if name in france:
            axis.plot(france[name].dropna(), "ko", ms=5, label="France 2015 to 2017")
        axis.axvline(-0.5, color="#BBBBBB", lw=1)
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("quarters since the market opened")
        axis.spines[["top", "right"]].set_visible(False)
        if name != "profit":
            axis.set_ylim(bottom=0)
    last = axes.ravel()[-1]
    last.set_axis_off()
    handles, labels = axes.ravel()[0].get_legend_handles_labels()
    last.legend(handles, labels, loc="upper left", frameon=False)
    seeds = found.index.get_level_values("seed").nunique()
    last.text(
        0.0, 0.25, f"Lines: means over {seeds} seeds; bands: 95 % intervals.\nFrance has seasons, the model has none."
    )
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
        found = quarters(study)
    except sim.ConfigError as error:
        sys.exit(str(error))
    print(pipes(summary(found)))
    for arm in order(found):
        print(f"\n{arm}, by quarter since the opening; France in brackets\n\n{pipes(by_quarter(found, arm))}")
    draw(found, asked.where / "opening.png")


if __name__ == "__main__":
    main()
