"""What each mechanism does to each coach: `intercity` with everything on, less one mechanism at a time.

    differentia sweep experiment=ablation --folder out
    python experiments/ablation/analyse.py out [where]

Reads the study in the first folder and writes effects.csv and ablation.png into the second, by default the present one. Every
figure is "with" minus "without" over the last year, paired by seed (the runs share all their draws), with the half-width of
its 95 % interval and its p-value corrected by Holm over all of them.
"""

import argparse
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import pandas as pd

import sim
from sim.ground.units import told, words_of
from sim.metrics.interval import holm
from sim.study.answers.contrast import contrasts

METRICS = {"share": "1", "breadth": "1", "depth": "1", "retention": "1", "profit": "¤/month"}
ALL, LEVEL = "nothing", 0.05


def units_of(study):
    """Units of the metrics, in the study's currency."""
    words = words_of(*study.header["bases"])
    return {metric: told(unit, words) for metric, unit in METRICS.items()}


def effects(study):
    """One row a mechanism, firm and metric: with minus without, half-width, p-value, unit."""
    if "without" not in study.runs:
        raise sim.ConfigError(f"{study.folder}: without does not move; expected a study of experiment=ablation")
    outcomes = study.outcomes(list(METRICS)).rename(columns={"without": "arm"})
    strategies = outcomes.drop_duplicates("firm").set_index("firm")["strategy"]
    outcomes = outcomes[outcomes["strategy"] != "fixed"]
    less = [arm for arm in outcomes["arm"].unique() if arm != ALL]
    found = [contrasts(outcomes, arm, ALL, list(METRICS)).assign(mechanism=arm) for arm in less]
    table = pd.concat(found, ignore_index=True)
    table["strategy"], table["unit"] = table["firm"].map(strategies), table["metric"].map(units_of(study))
    table["half_width"] = ((table["high"] - table["low"]) / 2).fillna(0.0)
    table["p"] = holm(table["p"].to_numpy())
    kept = table[["mechanism", "firm", "strategy", "metric", "difference", "half_width", "p", "unit"]]
    return kept.rename(columns={"difference": "effect"})


def cells(axis, size, half, clear, percent):
    """Colour is the effect in half-widths; a figure stands where the effect can be told from none."""
    ratio = (size / half.where(half > 0)).fillna(0.0)
    picture = axis.imshow(ratio, cmap="PuOr_r", vmin=-4, vmax=4, aspect="auto", origin="lower")
    for i, j in ((i, j) for i in range(size.shape[0]) for j in range(size.shape[1]) if clear.iloc[i, j]):
        value = size.iloc[i, j]
        shown = f"{100 * value:+.2f}" if percent else f"{value:+.0f}"
        ink = "white" if abs(ratio.iloc[i, j]) > 2.5 else "black"
        axis.text(j, i, shown, ha="center", va="center", fontsize=7, color=ink)
    return picture


def draw(table, units, path):
    """One panel a metric: mechanisms down, coaches across."""
    mechanisms, firms = sorted(table["mechanism"].unique(), reverse=True), list(table["firm"].unique())
    strategy = table.set_index("firm")["strategy"].to_dict()
    figure, axes = plt.subplots(1, len(METRICS), figsize=(17, 0.3 * len(mechanisms) + 2), sharey=True)
    for axis, (metric, unit) in zip(axes, units.items(), strict=True):
        part = table[table["metric"] == metric]
        size, half, p = (
            part.pivot(index="mechanism", columns="firm", values=column).loc[mechanisms, firms]
            for column in ("effect", "half_width", "p")
        )
        picture = cells(axis, size, half, p < LEVEL, unit == "1")
        axis.set_xticks(range(len(firms)), [f"{f}\n{strategy[f]}" for f in firms], rotation=60, ha="right", fontsize=8)
        axis.set_title(f"{metric} [{unit if unit != '1' else 'percentage points'}]", fontsize=10)
        axis.set_yticks(range(len(mechanisms)), mechanisms, fontsize=8)
    figure.colorbar(picture, ax=axes, label="effect / half-width of its 95 % interval", fraction=0.02, pad=0.01)
    figure.suptitle("What each mechanism does: with minus without, where it can be told from nothing", y=0.94)
    figure.savefig(path, dpi=110, bbox_inches="tight")


def report(table, units):
    """Effects that can be told from nothing, mechanism by firm, a table a metric."""
    shown = table[table["p"] < LEVEL]
    tested, still = int(table["p"].notna().sum()), int((table["effect"] == 0).sum())
    print(f"{len(shown)} of {len(table)} effects can be told from nothing: p below {LEVEL} after Holm's correction over the "
          f"{tested} that vary by seed; {still} are nothing in every seed")  # fmt: skip
    for metric, unit in units.items():
        part = shown[shown["metric"] == metric].copy()
        part["text"] = [f"{e:+.4g} ±{h:.2g}" for e, h in zip(part["effect"], part["half_width"], strict=True)]
        print(f"\n{metric} [{unit}]: with minus without")
        print(part.pivot(index="mechanism", columns="firm", values="text").fillna("").to_string())


def main():
    """Read, write and print."""
    asked = argparse.ArgumentParser(description="What the study of experiment=ablation says.")
    asked.add_argument("folder", type=Path)
    asked.add_argument("where", type=Path, nargs="?", default=Path())
    asked = asked.parse_args()
    try:
        study = sim.Study(asked.folder)
        table, units = effects(study), units_of(study)
    except sim.ConfigError as error:
        sys.exit(str(error))
    table.to_csv(asked.where / "effects.csv", index=False, float_format="%.6g")
    draw(table, units, asked.where / "ablation.png")
    report(table, units)


if __name__ == "__main__":
    main()
