"""What each mechanism does to each coach: `intercity` with everything on, less one mechanism at a time.

    python experiments/ablation/analyse.py [name=value ...]

Every figure is "with" minus "without" over the last year, paired by seed (the two runs share all their draws), with the
half-width of its 95 % interval. A mechanism that others need takes them with it. Writes effects.csv and ablation.png.
"""

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
from sim.metrics.interval import YEAR, half_width

HERE = Path(__file__).parent
METRICS = {"share": "1", "breadth": "1", "depth": "1", "retention": "1", "profit": "AUD/month"}


def without(scenario):
    """Every mechanism with those that need it: what one override takes out together."""
    return {
        name: [name, *(other for other, m in scenario.mechanism.items() if name in m.needs)]
        for name in scenario.mechanism
    }


def last_year(overrides):
    """(seed, firm) means of the metrics over the last twelve months of one set of overrides."""
    rows = sim.run(sim.compose(*overrides)).replications
    recent = rows[rows["period"] > rows["period"].max() - YEAR]
    return recent.groupby(["seed", "firm"])[list(METRICS)].mean()


def effects(overrides, workers=2):
    """One row a mechanism, firm and metric: with minus without, half-width, unit."""
    scenario = sim.compose(*overrides)
    jobs = {name: [f"~mechanism.{n}" for n in gone] for name, gone in without(scenario).items()}
    coaches = [name for name, firm in scenario.firms.items() if firm.mode == "bus"]
    with ProcessPoolExecutor(workers) as pool:
        base = pool.submit(last_year, overrides)
        futures = {name: pool.submit(last_year, [*overrides, *less]) for name, less in jobs.items()}
        without_it = {name: future.result() for name, future in track(futures.items(), "mechanisms", transient=True)}
        base = base.result()
    rows = []
    for name, frame in without_it.items():
        change = (base - frame).unstack("firm")
        for metric, unit in METRICS.items():
            for firm in coaches:
                values = change[metric][firm].to_numpy()
                strategy = type(scenario.firms[firm].strategy).__name__.lower()
                rows.append((name, firm, strategy, metric, np.nanmean(values), half_width(values), unit))
    return pd.DataFrame(rows, columns=["mechanism", "firm", "strategy", "metric", "effect", "half_width", "unit"])


def draw(table, path):
    """One panel a metric: mechanisms down, coaches across; colour is the effect in half-widths, figures where it shows."""
    mechanisms, firms = sorted(table["mechanism"].unique(), reverse=True), list(table["firm"].unique())
    strategy = table.set_index("firm")["strategy"].to_dict()
    figure, axes = plt.subplots(1, len(METRICS), figsize=(17, 0.36 * len(mechanisms) + 2), sharey=True)
    for axis, (metric, unit) in zip(axes, METRICS.items(), strict=True):
        part = table[table["metric"] == metric]
        size = part.pivot(index="mechanism", columns="firm", values="effect").loc[mechanisms, firms]
        half = part.pivot(index="mechanism", columns="firm", values="half_width").loc[mechanisms, firms]
        ratio = (size / half.where(half > 0)).fillna(0.0)
        picture = axis.imshow(ratio, cmap="PuOr_r", vmin=-4, vmax=4, aspect="auto", origin="lower")
        for i in range(len(mechanisms)):
            for j in range(len(firms)):
                if abs(ratio.iloc[i, j]) > 1:
                    value = size.iloc[i, j]
                    text = f"{value:+.0f}" if unit != "1" else f"{100 * value:+.2f}"
                    ink = "white" if abs(ratio.iloc[i, j]) > 2.5 else "black"
                    axis.text(j, i, text, ha="center", va="center", fontsize=7, color=ink)
        axis.set_xticks(range(len(firms)), [f"{f}\n{strategy[f]}" for f in firms], rotation=60, ha="right", fontsize=8)
        axis.set_title(f"{metric} [{unit if unit != '1' else 'percentage points'}]", fontsize=10)
        axis.set_yticks(range(len(mechanisms)), mechanisms, fontsize=8)
    figure.colorbar(picture, ax=axes, label="effect / half-width of its 95 % interval", fraction=0.02, pad=0.01)
    figure.suptitle("What each mechanism does: with minus without, where the interval leaves out zero", y=0.94)
    figure.savefig(path, dpi=110, bbox_inches="tight")


def main(overrides):
    """Play, write and print."""
    table = effects(overrides)
    own = not overrides
    table.to_csv(HERE / "effects.csv" if own else "effects.csv", index=False, float_format="%.6g")
    draw(table, HERE / "ablation.png" if own else "ablation.png")
    shown = table[table["effect"].abs() > table["half_width"]]
    print(f"{len(shown)} of {len(table)} effects have an interval that leaves out zero (one in twenty would by chance)")
    for metric in METRICS:
        part = shown[shown["metric"] == metric].copy()
        part["text"] = [f"{e:+.4g} ±{h:.2g}" for e, h in zip(part["effect"], part["half_width"], strict=True)]
        print(f"\n{metric} [{METRICS[metric]}]: with minus without")
        print(part.pivot(index="mechanism", columns="firm", values="text").fillna("").to_string())


if __name__ == "__main__":
    main(sys.argv[1:])
