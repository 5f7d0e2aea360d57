"""How fast rivals imitate, how long an advantage lives, and when the market turns into a commodity, on `intercity`.

    python experiments/imitation/analyse.py [corners] [name=value ...]

Worlds over imitability x lag x fidelity, one without imitation and one without innovation, all on the same seeds and draws.
What an innovation brings is the difference from the world without innovation, paired by seed. `corners` plays the extremes
only. Overrides hold for all worlds; with any of them the table and the figure go to the present folder instead of here.
"""

import itertools
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
from sim.metrics.advantage import advantage_half_life, commoditisation, event_study, first_mover_advantage, premiums
from sim.metrics.imitation import copies, half_life, time_to_parity
from sim.metrics.interval import YEAR, half_width
from sim.runs import play

HERE = Path(__file__).parent
KINDS = ("flexibility", "diversification", "distinctiveness")
SEEDS = 8
GRID = {"imitability": (0.02, 0.1, 0.5), "lag": (0, 3, 12), "fidelity": (0.4, 0.7, 1.0)}
ALONE, NONE, SHIPPED = "no imitation", "no innovation", "as shipped"
COLOURS = ("#0072B2", "#E69F00", "#D55E00", "#009E73", "#777777")


def worlds(corners):
    """Overrides of every world by name; the name of a world of the grid is (imitability, lag, fidelity)."""
    found = {NONE: ["mechanism.innovation.productivity=0"], ALONE: ["~mechanism.imitation"], SHIPPED: []}
    grid = {name: values[:: len(values) - 1] if corners else values for name, values in GRID.items()}
    for imitability, lag, fidelity in itertools.product(*grid.values()):
        found[imitability, lag, fidelity] = [
            *(f"mechanism.imitation.imitability.{kind}={imitability}" for kind in KINDS),
            f"mechanism.imitation.lag={lag}",
            f"mechanism.imitation.first_fidelity={fidelity}",
            f"mechanism.imitation.ceiling={fidelity}",
            "mechanism.imitation.growth=0",
        ]
    return found


def played(overrides):
    """(firms, features, market) rows of all seeds of one world."""
    scenario = sim.compose(f"replications={SEEDS}", *overrides)
    tables = {"records": [], "features": [], "market": []}
    for seed in range(scenario.seed, scenario.seed + scenario.replications):
        records = play(scenario.replace(seed=seed), lambda: None)
        for name, frames in tables.items():
            frames.append(records.frame(name).assign(seed=seed))
    firms, features, market = (pd.concat(frames, ignore_index=True) for frames in tables.values())
    features["feature"] = features["seed"].astype(str) + "/" + features["feature"]
    return firms, features, market


def brought(firms, without):
    """Share and profit of every firm and month, less those of the world without innovation."""
    keys = ["seed", "period", "firm"]
    change = firms.set_index(keys)[["share", "profit"]] - without.set_index(keys)[["share", "profit"]]
    return change.reset_index()


def distance(market):
    """Mean distance of offers in the last year by seed."""
    return market[market["period"] > market["period"].max() - YEAR].groupby("seed")["offer_distance"].mean()


def copied(features):
    """What rivals hold of the features in the market at the end, mean over features and seeds [1]."""
    last = features[features["period"] == features["period"].max()]
    return copies(last).assign(seed=lambda c: c["feature"].str.split("/").str[0]).groupby("seed")["fidelity"].mean()


def measures(runs):
    """One row a world: durations with limits, premiums and index with half-widths."""
    without, alone = runs[NONE][0], distance(runs[ALONE][2])
    rows = []
    for name, (firms, features, market) in runs.items():
        if name == NONE or features.empty:
            continue
        change = brought(firms, without)
        lead, parity = half_life(features), time_to_parity(features)
        row = {
            "world": name if isinstance(name, str) else "{:g}, {:g}, {:g}".format(*name),
            "features": features["feature"].nunique(),
        }
        row |= {"lead": lead.median, "lead_low": lead.low, "lead_high": lead.high, "lead_ended": lead.ended}
        row |= {"parity": parity.median, "parity_low": parity.low, "parity_high": parity.high}
        for metric in ("share", "profit"):
            curves = premiums(change, features, metric, before=0)
            mean, decay = curves.iloc[1:].mean(), advantage_half_life(curves)
            row |= {metric: mean.mean(), f"{metric}_half": half_width(mean)}
            row |= {f"{metric}_life": decay.months, f"{metric}_life_low": decay.low, f"{metric}_life_high": decay.high}
        row["first_mover"], row["first_mover_half"], _ = first_mover_advantage(change, features, "profit")
        index = commoditisation(distance(market), alone)
        row |= {"commodity": index.mean(), "commodity_half": half_width(index)}
        held = copied(features)
        row |= {"copied": held.mean(), "copied_half": half_width(held)}
        if not isinstance(name, str):
            row |= dict(zip(GRID, name, strict=True))
        rows.append(row)
    return pd.DataFrame(rows)


def text(value, half, digits):
    """A mean with its half-width."""
    return f"{value:+.{digits}f} ±{half:.{digits}f}" if np.isfinite(value) else "–"


def span(middle, low, high):
    """Months with limits; an open end is said."""
    shown = [">" if not np.isfinite(x) else f"{x:.0f}" for x in (middle, low, high)]
    return "not within the run" if not np.isfinite(middle) and not np.isfinite(low) else "{} ({} to {})".format(*shown)


def report(table):
    """The table as Markdown."""
    print("| world (imitability, lag, fidelity) | lead halved after, months | parity after, months | share premium, 0.01 points "
          "| profit premium, AUD/month | half-life of the profit premium, months | copied at the end | commoditisation |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for _, r in table.iterrows():
        cells = [
            r["world"],
            span(r["lead"], r["lead_low"], r["lead_high"]),
            span(r["parity"], r["parity_low"], r["parity_high"]),
            text(1e4 * r["share"], 1e4 * r["share_half"], 1),
            text(r["profit"], r["profit_half"], 0),
            span(r["profit_life"], r["profit_life_low"], r["profit_life_high"]),
            text(r["copied"], r["copied_half"], 2),
            text(r["commodity"], r["commodity_half"], 2),
        ]
        print("| " + " | ".join(cells) + " |")


def draw(runs, table, path):
    """Premium by age; half-life of the lead over imitability and lag; commoditisation over imitability and fidelity."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.6), layout="constrained")
    imitability, lag, fidelity = (sorted(table[name].dropna().unique()) for name in GRID)
    last = imitability[-1], lag[0], fidelity[-1]
    shown = {ALONE: "-", SHIPPED: "--", (imitability[-1], lag[-1], fidelity[-1]): "-.", last: ":"}
    for colour, (name, line) in zip(COLOURS, shown.items(), strict=False):
        firms, features, _ = runs[name]
        study = event_study(premiums(brought(firms, runs[NONE][0]), features, "share", before=0))
        label = name if isinstance(name, str) else "imitability {:g}, lag {:g}, fidelity {:g}".format(*name)
        left.plot(study["age"], 1e4 * study["premium"], color=colour, ls=line, lw=1.8, label=label)
        left.fill_between(study["age"], 1e4 * study["low"], 1e4 * study["high"], color=colour, alpha=0.12, lw=0)
    left.axhline(0, color="black", lw=0.6)
    left.set(xlabel="months since the innovation", ylabel="share premium of innovators [0.01 percentage points]")
    left.set_title("What innovations bring over rivals", fontsize=10)
    left.legend(fontsize=8)
    place = np.arange(len(imitability))
    for number, months in enumerate(lag):
        rows = table[(table["lag"] == months) & (table["fidelity"] == fidelity[-1])].sort_values("imitability")
        longest = table["lead_high"].max()
        value, low = rows["lead"].to_numpy(), rows["lead_low"].to_numpy()
        high = rows["lead_high"].fillna(longest).to_numpy()
        bars = np.nan_to_num(np.maximum([value - low, high - value], 0))
        middle.errorbar(place + 0.08 * (number - 1), value, bars, color=COLOURS[number], marker="os^"[number], capsize=3, lw=1.2,
                        label=f"noticed after {months:g} months")  # fmt: skip
    longest = table["lead_high"].max() if table["lead_high"].notna().any() else 1.0
    for number, months in enumerate(lag):
        rows = table[(table["lag"] == months) & (table["fidelity"] == fidelity[-1])].sort_values("imitability")
        never = np.flatnonzero(rows["lead"].isna())
        middle.plot(
            place[never] + 0.08 * (number - 1), [1.1 * longest] * len(never), "^", mfc="white", color=COLOURS[number]
        )
    middle.annotate("open: not halved within the run", (0.02, 0.02), xycoords="axes fraction", fontsize=8)
    middle.set(
        xlabel="imitability [1 a month]",
        ylabel="months until the lead is halved",
        ylim=(0, None),
        xlim=(-0.4, len(place) - 0.6),
    )
    middle.set_xticks(place, [f"{x:g}" for x in imitability])
    middle.set_title(f"Half-life of the lead, copies of fidelity {fidelity[-1]:g}", fontsize=10)
    middle.legend(fontsize=8)
    for number, part in enumerate(fidelity):
        rows = table[(table["lag"] == lag[0]) & (table["fidelity"] == part)].sort_values("imitability")
        right.errorbar(place + 0.08 * (number - 1), rows["commodity"], rows["commodity_half"], color=COLOURS[number],
                       marker="os^"[number], capsize=3, lw=1.2, label=f"copies of fidelity {part:g}")  # fmt: skip
    right.set(
        xlabel="imitability [1 a month]", ylabel="commoditisation index [1]", ylim=(0, 1), xlim=(-0.4, len(place) - 0.6)
    )
    right.set_xticks(place, [f"{x:g}" for x in imitability])
    right.set_title(f"How much alike offers become; noticed after {lag[0]:g} months", fontsize=10)
    right.legend(fontsize=8)
    figure.savefig(path, dpi=110)


def main(arguments, workers=2):
    """Play, print and write."""
    corners = "corners" in arguments
    overrides = [a for a in arguments if a != "corners"]
    jobs = worlds(corners)
    with ProcessPoolExecutor(workers) as pool:
        futures = {name: pool.submit(played, [*changes, *overrides]) for name, changes in jobs.items()}
        runs = {name: future.result() for name, future in track(futures.items(), "worlds", transient=True)}
    table = measures(runs)
    if table.empty:
        print("no feature was introduced: let it run longer, or raise mechanism.innovation.productivity")
        return
    folder = Path() if arguments else HERE
    table.to_csv(folder / "measures.csv", index=False, float_format="%.6g")
    draw(runs, table, folder / "imitation.png")
    report(table)


if __name__ == "__main__":
    main(sys.argv[1:])
