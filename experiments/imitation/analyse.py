"""How fast rivals imitate, how long an advantage lives, and when the market turns into a commodity, on `intercity`.

    differentia sweep experiment=imitation --folder grid
    differentia sweep experiment=imitation_controls --folder controls
    python experiments/imitation/analyse.py grid controls [where]

Reads the two studies, whose worlds share all their draws, prints a table, and writes measures.csv and imitation.png into the
last folder, by default the present one. What an innovation brings is the difference from the control without innovation,
paired by seed; what imitation takes of it is the difference from the control without imitation, paired by seed, with
p-values that are corrected by Holm over all worlds and both premiums.
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
from sim.metrics.advantage import advantage_half_life, commoditisation, event_study, first_mover_advantage, premiums
from sim.metrics.imitation import copies, half_life, time_to_parity
from sim.metrics.interval import YEAR, half_width, holm
from sim.study.answers.contrast import paired
from sim.study.plan import differing

GRID = ["imitability", "lag", "fidelity"]
ALONE, NONE, SHIPPED = CONTROLS = ("no imitation", "no innovation", "as shipped")
METRICS = ("share", "profit")
COLOURS = ("#0072B2", "#E69F00", "#D55E00", "#009E73", "#777777")
ADVICE = "no feature was introduced: let it run longer, or raise mechanism.innovation.productivity"


def numbers(study, factors):
    """Number of each point by the values of the factors: a name for one factor, else a tuple."""
    missing = [name for name in factors if name not in study.runs]
    if missing:
        raise sim.ConfigError(
            f"{study.folder}: {missing[0]} does not move; expected the studies of the README, in order"
        )
    points = study.runs.drop_duplicates("point").set_index("point")[factors]
    keys = points[factors[0]] if len(factors) == 1 else points.itertuples(index=False, name=None)
    return dict(zip(keys, points.index, strict=True))


def check_alike(grid, controls):
    """Raise `ConfigError` where the studies differ by more than what the experiment moves."""
    names = numbers(controls, ["world"])
    gone = [name for name in CONTROLS if name not in names]
    if gone:
        raise sim.ConfigError(f"{controls.folder}: no world {gone[0]!r}; expected {', '.join(CONTROLS)}")
    changed = differing(controls.config(names[SHIPPED]), grid.config(0))
    strange = [key for key in changed if key != "name" and not key.startswith("mechanism.imitation.")]
    if strange or controls.header["code"] != grid.header["code"]:
        what = (
            f"{strange[0]} is {changed[strange[0]][0]} and {changed[strange[0]][1]}" if strange else "versions differ"
        )
        raise sim.ConfigError(f"{controls.folder}, {grid.folder}: {what}; expected the same but for imitation")


def tables(study, point):
    """(firms, features, market) of the complete runs of a point, with their seeds."""
    where = f"JOIN (SELECT run, seed FROM runs WHERE point = {int(point)} AND status = 'complete') USING (run)"
    firms = study.query(f"SELECT seed, period, firm, share, profit FROM firms {where} ORDER BY seed, period, firm")
    features = study.query(f"SELECT * FROM features {where} ORDER BY seed, period, feature, firm")
    market = study.query(f"SELECT seed, period, offer_distance FROM market {where} ORDER BY seed, period")
    return firms, features.assign(feature=features["seed"].astype(str) + "/" + features["feature"]), market


def worlds(grid, controls):
    """(name, study, point) of every world, the controls first; a world of the grid is (imitability, lag, fidelity)."""
    names = numbers(controls, ["world"])
    yield from ((name, controls, names[name]) for name in (ALONE, SHIPPED))
    yield from ((name, grid, point) for name, point in numbers(grid, GRID).items())


def brought(firms, without):
    """Share and profit of every firm and month, less those of the world without innovation."""
    keys = ["seed", "period", "firm"]
    change = firms.set_index(keys)[list(METRICS)] - without.set_index(keys)[list(METRICS)]
    return change.dropna(how="all").reset_index()


def distance(market):
    """Mean distance of offers in the last year by seed."""
    return market[market["period"] > market["period"].max() - YEAR].groupby("seed")["offer_distance"].mean()


def copied(features):
    """What rivals hold of the features in the market at the end, mean over features, by seed [1]."""
    last = features[features["period"] == features["period"].max()]
    return copies(last).assign(seed=lambda c: c["feature"].str.split("/").str[0]).groupby("seed")["fidelity"].mean()


def measured(change, features, spread, alone):
    """One world's numbers: durations with limits, premiums with half-lives, copies and index; and the premiums by seed."""
    lead, parity = half_life(features), time_to_parity(features)
    row = {"features": features["feature"].nunique()}
    row |= {"lead": lead.median, "lead_low": lead.low, "lead_high": lead.high, "lead_ended": lead.ended}
    row |= {"parity": parity.median, "parity_low": parity.low, "parity_high": parity.high}
    by_seed = {}
    for metric in METRICS:
        curves = premiums(change, features, metric, before=0)
        mean, decay = curves.iloc[1:].mean(), advantage_half_life(curves)
        by_seed[metric] = mean
        row |= {metric: mean.mean(), f"{metric}_half": half_width(mean)}
        row |= {f"{metric}_life": decay.months, f"{metric}_life_low": decay.low, f"{metric}_life_high": decay.high}
    row["first_mover"], row["first_mover_half"], _ = first_mover_advantage(change, features, "profit")
    index, held = commoditisation(spread, alone.reindex(spread.index)), copied(features)
    row |= {"commodity": np.nanmean(index), "commodity_half": half_width(index)}
    return row | {"copied": held.mean(), "copied_half": half_width(held)}, by_seed


def measures(grid, controls):
    """One row a world that has features, and the curves of share premiums by world."""
    names = numbers(controls, ["world"])
    without, alone = tables(controls, names[NONE])[0], distance(tables(controls, names[ALONE])[2])
    rows, curves, kept = [], {}, {}
    for name, study, point in worlds(grid, controls):
        firms, features, market = tables(study, point)
        if features.empty:
            continue
        change = brought(firms, without)
        row, kept[name] = measured(change, features, distance(market), alone)
        curves[name] = event_study(premiums(change, features, "share", before=0))
        label = name if isinstance(name, str) else "{:g}, {:g}, {:g}".format(*name)
        rows.append({"world": label} | row | ({} if isinstance(name, str) else dict(zip(GRID, name, strict=True))))
    if not rows:
        raise sim.ConfigError(f"{grid.folder}: {ADVICE}")
    return taken(pd.DataFrame(rows), list(kept.values())), curves


def taken(table, by_seed):
    """The table with what each world's premium is less than that of the first, without imitation: change, limits, p."""
    for metric in METRICS:
        pairs = [by_seed[0][metric].align(found[metric]) for found in by_seed]
        found = [paired(one.to_numpy(), other.to_numpy()) for one, other in pairs]
        table[f"{metric}_change"] = [f.difference for f in found]
        table[f"{metric}_change_half"] = [(f.high - f.low) / 2 for f in found]
        table[f"{metric}_change_p"] = [f.p for f in found]
    columns = [f"{metric}_change_p" for metric in METRICS]
    table[columns] = holm(table[columns].to_numpy().ravel()).reshape(-1, len(columns))
    return table


def text(value, half, digits):
    """A mean with its half-width, which is not known where all seeds agree."""
    shown = f"{value:+.{digits}f}" + (f" ±{half:.{digits}f}" if np.isfinite(half) else "")
    return shown if np.isfinite(value) else "–"


def span(middle, low, high):
    """Months with limits; an open end is said."""
    shown = [">" if not np.isfinite(x) else f"{x:.0f}" for x in (middle, low, high)]
    return "not within the run" if not np.isfinite(middle) and not np.isfinite(low) else "{} ({} to {})".format(*shown)


def shift(row, metric, scale, digits):
    """What imitation takes of a premium, in italics where it cannot be told from nothing."""
    shown = text(scale * row[f"{metric}_change"], scale * row[f"{metric}_change_half"], digits)
    return shown if row[f"{metric}_change_p"] < 0.05 or shown == "–" else f"*{shown}*"


def report(table, words):
    """The table as Markdown."""
    titles = (
        "| world (imitability, lag, fidelity) | lead halved after, months | parity after, months | share premium, 0.01 points "
        "| change by imitation | profit premium, ¤/month | change by imitation | half-life of the profit premium, months "
        "| copied at the end | commoditisation |"
    )
    print(told(titles, words))
    print("|---" * 10 + "|")
    for _, r in table.iterrows():
        cells = [
            r["world"],
            span(r["lead"], r["lead_low"], r["lead_high"]),
            span(r["parity"], r["parity_low"], r["parity_high"]),
            text(1e4 * r["share"], 1e4 * r["share_half"], 1),
            shift(r, "share", 1e4, 1) if r["world"] != ALONE else "",
            text(r["profit"], r["profit_half"], 0),
            shift(r, "profit", 1, 0) if r["world"] != ALONE else "",
            span(r["profit_life"], r["profit_life_low"], r["profit_life_high"]),
            text(r["copied"], r["copied_half"], 2),
            text(r["commodity"], r["commodity_half"], 2),
        ]
        print("| " + " | ".join(cells) + " |")
    tested = int(table[[f"{metric}_change_p" for metric in METRICS]].notna().sum().sum())
    print(f"\nIn italics: a change that p-values corrected by Holm over {tested} differences cannot tell from none.")


def along_age(axis, curves, ends):
    """Premium by age: the controls, the fastest imitation, and the fastest that is noticed last."""
    imitability, lag, fidelity = ends
    last, late = (imitability[-1], lag[0], fidelity[-1]), (imitability[-1], lag[-1], fidelity[-1])
    shown = {ALONE: "-", SHIPPED: "--", late: "-.", last: ":"}
    for colour, (name, line) in zip(COLOURS, shown.items(), strict=False):
        if name not in curves:
            continue
        study = curves[name]
        label = name if isinstance(name, str) else "imitability {:g}, lag {:g}, fidelity {:g}".format(*name)
        axis.plot(study["age"], 1e4 * study["premium"], color=colour, ls=line, lw=1.8, label=label)
        axis.fill_between(study["age"], 1e4 * study["low"], 1e4 * study["high"], color=colour, alpha=0.12, lw=0)
    axis.axhline(0, color="black", lw=0.6)
    axis.set(xlabel="months since the innovation", ylabel="share premium of innovators [0.01 percentage points]")
    axis.set_title("What innovations bring over rivals", fontsize=10)


def lives(axis, table, ends):
    """Half-life of the lead over imitability and lag; an open mark at the top where it is not reached."""
    imitability, lag, fidelity = ends
    longest = table["lead_high"].max() if table["lead_high"].notna().any() else 1.0
    for number, months in enumerate(lag):
        rows = table[(table["lag"] == months) & (table["fidelity"] == fidelity[-1])].sort_values("imitability")
        place = np.searchsorted(imitability, rows["imitability"]) + 0.08 * (number - 1)
        value = rows["lead"].to_numpy()
        limits = [value - rows["lead_low"].to_numpy(), rows["lead_high"].fillna(longest).to_numpy() - value]
        style = {"color": COLOURS[number], "marker": "os^"[number]}
        axis.errorbar(place, value, np.nan_to_num(np.maximum(limits, 0)), capsize=3, lw=1.2,
                      label=f"noticed after {months:g} months", **style)  # fmt: skip
        axis.plot(place[np.isnan(value)], [1.1 * longest] * int(np.isnan(value).sum()), ls="", mfc="white", **style)
    axis.annotate("open: not halved within the run", (0.02, 0.02), xycoords="axes fraction", fontsize=8)
    axis.set(ylabel="months until the lead is halved", ylim=(0, None))
    axis.set_title(f"Half-life of the lead, copies of fidelity {fidelity[-1]:g}", fontsize=10)


def likeness(axis, table, ends):
    """Commoditisation over imitability and fidelity, where copies are noticed first."""
    imitability, lag, fidelity = ends
    for number, part in enumerate(fidelity):
        rows = table[(table["lag"] == lag[0]) & (table["fidelity"] == part)].sort_values("imitability")
        place = np.searchsorted(imitability, rows["imitability"]) + 0.08 * (number - 1)
        axis.errorbar(place, rows["commodity"], rows["commodity_half"], color=COLOURS[number], marker="os^"[number],
                      capsize=3, lw=1.2, label=f"copies of fidelity {part:g}")  # fmt: skip
    axis.set(ylabel="commoditisation index [1]", ylim=(0, 1))
    axis.set_title(f"How much alike offers become; noticed after {lag[0]:g} months", fontsize=10)


def draw(table, curves, path):
    """Premium by age; half-life of the lead over imitability and lag; commoditisation over imitability and fidelity."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.6), layout="constrained")
    ends = [sorted(table[name].dropna().unique()) for name in GRID]
    along_age(left, curves, ends)
    lives(middle, table, ends)
    likeness(right, table, ends)
    for axis in (middle, right):
        axis.set(xlabel="imitability [1 a month]", xlim=(-0.4, len(ends[0]) - 0.6))
        axis.set_xticks(range(len(ends[0])), [f"{x:g}" for x in ends[0]])
    for axis in (left, middle, right):
        axis.legend(fontsize=8)
    figure.savefig(path, dpi=110)


def main():
    """Read both studies, print and write."""
    asked = argparse.ArgumentParser(description="What the studies of experiment=imitation and its controls say.")
    asked.add_argument("grid", type=Path)
    asked.add_argument("controls", type=Path)
    asked.add_argument("where", type=Path, nargs="?", default=Path())
    asked = asked.parse_args()
    try:
        grid, controls = sim.Study(asked.grid), sim.Study(asked.controls)
        check_alike(grid, controls)
        table, curves = measures(grid, controls)
    except sim.ConfigError as error:
        sys.exit(str(error))
    table.to_csv(asked.where / "measures.csv", index=False, float_format="%.6g")
    draw(table, curves, asked.where / "imitation.png")
    report(table, words_of(*grid.header["bases"]))


if __name__ == "__main__":
    main()
