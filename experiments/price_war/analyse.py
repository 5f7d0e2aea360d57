"""What a price war of two leaders does to them and to the second tier, and what protecting the dealers is worth (B5).

    python experiments/price_war/analyse.py [name=value ...]

Every figure is a difference between two runs that share all their draws, paired by seed, with the half-width of its 95 %
interval. Overrides given on the command line hold for all runs; without any, the picture is drawn again.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

import sim
from sim.metrics.interval import half_width

HERE = Path(__file__).parent
LEADERS, SECOND = ["northline", "southline"], ["harbour", "valley"]
COACHES = [*LEADERS, *SECOND]
WAR, AFTER = (24, 42), (48, 60)  # months: the war, and a year beginning half a year after it
ALONE = ["firms.harbour.policy.dealers.protection=0"]
PEACE = [f"firms.{name}.schedule_markups=[0.287,0.287,0.287]" for name in COACHES]
HOLD = [f"firms.{name}.schedule_markups=[0.287,0.287,0.287]" for name in SECOND]
ARMS = {
    "peace": [*PEACE, *ALONE],
    "peace, protected": PEACE,
    "war": ALONE,
    "war, protected": [],
    "war, fares held": [*HOLD, *ALONE],
}
MARKETS = {"corridor": [], "steep": ["population.price_sensitivity=0.0509658"]}
COLUMNS = ["purchases", "profit", "revenue", "dealers", "dealer_protection"]


def play(overrides):
    """(seed, period, firm) records of the coaches, their share of coach journeys with them."""
    rows = sim.run(sim.compose("experiment=price_war", *overrides)).replications
    rows = rows[rows["firm"].isin(COACHES)].set_index(["seed", "period", "firm"])[COLUMNS]
    return rows.assign(share=rows["purchases"] / rows["purchases"].groupby(["seed", "period"]).transform("sum"))


def play_all(overrides, workers=2):
    """Records by (market, arm)."""
    jobs = [(market, arm, [*more, *changes]) for market, more in MARKETS.items() for arm, changes in ARMS.items()]
    with ProcessPoolExecutor(workers) as pool:
        futures = {(m, a): pool.submit(play, [*changes, *overrides]) for m, a, changes in jobs}
        runs = {}
        for number, (key, future) in enumerate(futures.items(), 1):
            runs[key] = future.result()
            print(f"{number} of {len(jobs)}: {', '.join(key)}", file=sys.stderr)
    return runs


def over(rows, column, firms, span):
    """(seeds,) mean of a column over months and firms; the margin is profit over revenue of all of them together."""
    period = rows.index.get_level_values("period")
    rows = rows[(period >= span[0]) & (period < span[1]) & rows.index.get_level_values("firm").isin(firms)]
    by_seed = rows.groupby("seed")
    if column == "margin":
        return by_seed["profit"].sum() / by_seed["revenue"].sum()
    return by_seed[column].mean()


def claims(runs, market):
    """(words, values by seed, unit, expected sign or 0 where none was expected)."""

    def change(column, firms, span, arm="war", base="peace"):
        return over(runs[market, arm], column, firms, span) - over(runs[market, base], column, firms, span)

    yield "peace: margin of the leaders", over(runs[market, "peace"], "margin", LEADERS, WAR), "1", 0
    yield "peace: margin of the second tier", over(runs[market, "peace"], "margin", SECOND, WAR), "1", 0
    yield "war: margin of all four coaches", over(runs[market, "war"], "margin", COACHES, WAR), "1", 0
    yield "the war empties the leaders' margin", change("margin", LEADERS, WAR), "1", -1
    yield "the war empties the second tier's margin", change("margin", SECOND, WAR), "1", -1
    worse = change("margin", SECOND, WAR) - change("margin", LEADERS, WAR)
    yield "the second tier is hurt more (margin points, over the leaders')", worse, "1", -1
    yield "the second tier loses share of coach journeys in the war", change("share", SECOND, WAR), "1", -1
    yield "and has not got it back in the year after", change("share", SECOND, AFTER), "1", -1
    yield "a second-tier firm loses dealers by the war", change("dealers", SECOND, (41, 42)), "dealers", -1
    yield "and a leader loses dealers", change("dealers", LEADERS, (41, 42)), "dealers", 0
    kept = change("dealers", ["harbour"], (41, 42), "war, protected", "war")
    yield "harbour protects: dealers kept at the end of the war", kept, "dealers", 1
    share = change("share", ["harbour"], WAR, "war, protected", "war")
    yield "harbour protects: share kept in the war", share, "1", 1
    after = change("share", ["harbour"], AFTER, "war, protected", "war")
    yield "harbour protects: share kept in the year after", after, "1", 1
    peaceful = change("share", ["harbour"], AFTER, "peace, protected", "peace")
    yield "and over what protection does in peace", after - peaceful, "1", 1
    gap = over(runs[market, "war, protected"], "share", ["harbour"], AFTER)
    gap = gap - over(runs[market, "war, protected"], "share", ["valley"], AFTER)
    yield "in one market: share of harbour over that of valley, the year after", gap, "1", 1
    paid = over(runs[market, "war, protected"], "dealer_protection", ["harbour"], WAR)
    yield "what harbour pays to its dealers in the war", paid, "AUD/month", 0
    money = change("profit", ["harbour"], WAR, "war, protected", "war")
    yield "harbour protects: profit in the war", money, "AUD/month", -1
    later = change("profit", ["harbour"], AFTER, "war, protected", "war")
    yield "harbour protects: profit in the year after", later, "AUD/month", 1
    held = change("share", SECOND, WAR, "war, fares held", "war")
    yield "the second tier holds its fares: share in the war", held, "1", -1
    held = change("profit", SECOND, WAR, "war, fares held", "war")
    yield "the second tier holds its fares: profit in the war", held, "AUD/month", 0


def verdict(values, sign):
    """Came out, came out the other way, or cannot be told from chance."""
    mean, half = values.mean(), half_width(values.to_numpy())
    if not sign:
        return ""
    if not abs(mean) > half:
        return "cannot be told"
    return "comes out" if np.sign(mean) == sign else "the other way"


def draw(runs, path):
    """Dealers and share of the second tier, month by month, with and without war and protection."""
    import matplotlib.pyplot as plt

    lines = [
        ("peace", "valley", "valley, peace", "#999999", "-"),
        ("war, protected", "valley", "valley, war", "#D55E00", "--"),
        ("war, protected", "harbour", "harbour, war, protects its dealers", "#0072B2", "-."),
        ("war", "harbour", "harbour, war, does not", "#E69F00", ":"),
    ]
    figure, axes = plt.subplots(2, 2, figsize=(10, 6.4), sharex=True, sharey="row", layout="constrained")
    for column, market in zip(axes.T, MARKETS, strict=True):
        for axis, measure in zip(column, ("dealers", "share"), strict=True):
            axis.axvspan(*WAR, color="#EEEEEE", label="war" if measure == "dealers" else None)
            for arm, firm, label, colour, style in lines:
                rows = runs[market, arm].xs(firm, level="firm")[measure]
                mean = rows.groupby("period").mean()
                mean = mean.rolling(6, min_periods=1).mean() if measure == "share" else mean
                axis.plot(mean.index, mean, style, color=colour, label=label, lw=1.8)
            axis.spines[["top", "right"]].set_visible(False)
        column[0].set_title(
            f"{market}: price sensitivity " + ("as surveyed" if market == "corridor" else "three times that")
        )
        column[1].set_xlabel("month")
    for axis in axes[:, -1]:
        axis.set_ylim(bottom=0)
    axes[0, 0].set_ylabel("dealers")
    axes[1, 0].set_ylabel("share of coach journeys\n(mean of 6 months)")
    axes[0, 0].legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main(overrides):
    """Play the runs, print the tables, draw the picture."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    runs = play_all(overrides)
    for market in MARKETS:
        table = Table("what", "mean", "95 % half-width", "unit", "verdict", title=market)
        for words, values, unit, sign in claims(runs, market):
            digits = {"AUD/month": 0, "dealers": 1}.get(unit, 4)
            half = half_width(values.to_numpy())
            table.add_row(words, f"{values.mean():+.{digits}f}", f"{half:.{digits}f}", unit, verdict(values, sign))
        console.print(table)
    if not overrides:
        draw(runs, HERE / "price_war.png")


if __name__ == "__main__":
    main(sys.argv[1:])
