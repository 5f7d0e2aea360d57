"""Do the sources' figures come out of the defaults? The repurchase ladder (E2), 80/20 (D3), churn and profit (D4), bad references (D6).

    python experiments/figures/analyse.py [name=value ...]

Every figure is a mean over seeds with the half-width of its 95 % interval; coaches only, the last two years of the run.
"""

import sys

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table

import sim
from sim.metrics.interval import YEAR, half_width
from sim.metrics.value import retention_gain
from sim.science.rules.complaint import RECOVERED
from sim.world.mechanisms import valuation

POINTS, DISCOUNT = 0.05, 0.12  # of all customers of a year; of the formula for lifetime value, a year
CURVE = (0.6, 0.85, 0.95)  # yearly retentions at which the formula is asked, too; at the last, five points are all who leave


def ladder(ledger):
    """Part of the purchases after which the next purchase is from the same firm, by what was lived through (E2)."""
    ledger = ledger.sort_values(["customer", "order"], kind="stable")
    same = ledger["customer"].eq(ledger["customer"].shift(-1))
    again = ledger["firm"].eq(ledger["firm"].shift(-1))[same]
    before = ledger["customer"].eq(ledger["customer"].shift()) & ledger["firm"].eq(ledger["firm"].shift())
    pleased = ledger["gap"] >= 0
    twice = pleased & before & pleased.shift(fill_value=False)
    coach = ledger["coach"]
    groups = {
        "E2 repurchase, all purchases (source 37 %)": coach,
        "E2 after a service as expected or better (45 to 79 %)": coach & pleased,
        "E2 after two such services in a row (91 %)": coach & twice,
        "E2 after a failure put right at once": coach & (ledger["mood"] == RECOVERED),
        "E2 after a failure not put right": coach & (ledger["gap"] < -0.5) & (ledger["mood"] != RECOVERED),
    }
    return {name: 100 * again[rows[same]].mean() for name, rows in groups.items()}


def watch(market, ledger):
    """Write down every purchase from the month on that the caller chooses."""
    coaches = np.array([firm.spec.mode == "bus" for firm in market.firms])

    def note(rows):
        who = np.flatnonzero(rows.provider >= 0)
        firm = rows.provider[who]
        ledger.append(
            pd.DataFrame({
                "customer": rows.identity[who], "order": int(rows.now & 0xFFFF) * 256 + int(rows.now >> 16),
                "firm": firm, "coach": coaches[firm], "gap": rows.gap[who], "mood": rows.mood[who],
            })
        )  # fmt: skip

    market.witness = note


def played(scenario, ledger=None):
    """Play to the end, watching the last two years; coaches' yearly profit, and what bad news was told."""
    market = sim.Market(scenario)
    coaches = [firm for firm in market.firms if firm.spec.mode == "bus"]
    profit = failures = bad = first = spent = 0
    for month in range(scenario.periods):
        if ledger is not None and month == max(scenario.periods - 2 * YEAR, 0):
            watch(market, ledger)
        market.step()
        if month >= scenario.periods - YEAR:
            profit += sum(firm.profit for firm in coaches)
            told = market.memory["word_of_mouth"]
            own = np.isin(told["firm"], [firm.index for firm in coaches])
            talk = scenario.mechanism["word_of_mouth"]
            contacts = np.diff(told["starts"])
            bad += (contacts * own * (told["value"] < 0)).sum() * min(talk.talk * talk.bad_reach, 1.0)
            failures += sum(market.total("moods")[1:, firm.index].sum() for firm in coaches)
            first += sum(market.total("first_purchases")[firm.index] for firm in coaches)
            spent += sum(firm.spec.advertising * market.heads for firm in coaches)
    return market, profit, bad / max(failures, 1), spent / max(first, 1)


def formula(retention):
    """Per cent that five points less churn add to a customer's lifetime value by the formula, at a yearly retention (D4).

    >>> round(formula(0.85), 1), round(formula(0.95), 1)
    (29.9, 49.1)
    """
    return 100 * float(retention_gain(retention, DISCOUNT, POINTS))


def figures(overrides):
    """One dictionary a seed: name of the figure -> value."""
    base = sim.compose(*overrides)
    leaving = base.mechanism["life_events"].departure
    fewer = max(1 - (1 - leaving) ** YEAR - POINTS, 0.0)
    stay = f"mechanism.life_events.departure={1 - (1 - fewer) ** (1 / YEAR)}"
    kept = sim.compose(*overrides, stay)
    rows = []
    for number in track(range(base.replications), "seeds", transient=True):
        ledger = []
        market, profit, bad, cost = played(base.replace(seed=base.seed + number), ledger)
        value = valuation.yearly(market)
        coaches = [firm.index for firm in market.firms if firm.spec.mode == "bus"]
        buyers = np.array([market.total("buyers")[f] for f in coaches], float)
        mean = {
            k: np.average(100 * value[k][coaches], weights=buyers)
            for k in ("value_top", "value_a", "value_b", "value_c")
        }
        retention = market.total("kept")[coaches].sum() / market.total("held")[coaches].sum()
        _, richer, _, _ = played(kept.replace(seed=kept.seed + number))
        rows.append(
            ladder(pd.concat(ledger))
            | {
                "D3 profit from the best 20 % of a coach's customers (80 %)": mean["value_top"],
                "D3 profit from the next 70 % (under 20 %)": mean["value_b"],
                "D3 profit from the last 10 % (none, or a loss)": mean["value_c"],
                "D4 yearly retention of a coach's customers": 100 * retention,
                "D4 lifetime value gained by five points less churn, by formula (60 to 80 %)": formula(retention),
                f"D4 profit of all coaches together [{base.currency}/month]": profit / YEAR,
                "D4 the same when five points fewer leave the market a year, played, less the above": (richer - profit) / YEAR,
                f"D4 advertising per first purchase [{base.currency}]": cost,
                "D6 bad reports told per disappointing purchase (1)": bad,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def main(overrides):
    """Play and print."""
    frame = figures(overrides)
    table = Table("figure (what the source says)", "mean", "95 % half-width")
    for name in frame:
        table.add_row(name, f"{frame[name].mean():.2f}", f"{half_width(frame[name].to_numpy()):.2f}")
    for retention in CURVE:
        table.add_row(f"D4 by the same formula at a retention of {retention:.2f} (60 to 80 %)", f"{formula(retention):.1f}", "")
    Console(width=None if sys.stdout.isatty() else 130).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
