"""What winning, keeping and content staff cost and return (D4, E3, G7) on `intercity`, paired by seed, with 95 % intervals.

    python experiments/custody/analyse.py [name=value ...]

Every run but the first changes one thing about one coach and shares all draws with the first. Overrides given on the
command line hold for all runs.
"""

import sys

import numpy as np
from rich.console import Console
from rich.table import Table

import sim
from sim.metrics.custody import booked_cost, incremental_cost_limits, profit_of_less_churn, return_on_spending
from sim.metrics.interval import YEAR, half_width
from sim.metrics.value import retention_gain

FIRM = "grandcoach"
SIZE = ["population.customers=10000", "periods=36", "replications=8"]
EVERYBODY = ",".join(
    f"{stage}:{{a:{job},b:{job},c:{job}}}"
    for stage, job in {"exploration": "keeping", "formation": "keeping", "stability": "keeping", "degeneration": "winning_back"}.items()
)  # fmt: skip
LINES = ("winning", "growing", "keeping", "winning_back", "letting_go")
SPLIT = "split:{growing:0.5,keeping:0.3,winning_back:0.2}"
RUNS = {
    **{job: f"budget:{0.2 if job == 'winning' else 0.02},split:{{{job}:1}}" for job in LINES},
    "keeping everybody": f"budget:0.02,split:{{keeping:1}},jobs:{{{EVERYBODY}}}",
    "account managers": "budget:0.02,split:{keeping:1},account_managers:1",
    "misallocated": f"budget:0.003,{SPLIT},class_split:{{a:0.2,b:0.7,c:0.1}}",
    "by value": f"budget:0.003,{SPLIT},by_value:true",
}


def play(overrides):
    """The firm's records of every run: name -> rows of all seeds."""
    runs = {"nothing": []} | {
        name: [f"firms.{FIRM}.policy.customer_management={{{terms}}}"] for name, terms in RUNS.items()
    }
    runs["internal marketing"] = [f"firms.{FIRM}.policy.staff.internal_marketing=0.01"]
    frames = {}
    for number, (name, changes) in enumerate(runs.items(), 1):
        print(f"{number} of {len(runs)}: {name}", file=sys.stderr)
        frame = sim.run(sim.compose(*SIZE, *changes, *overrides)).replications
        frames[name] = frame[frame["firm"] == FIRM]
    return frames


def monthly(frame, column):
    """(seeds,) mean of a column over all months."""
    return frame.groupby("seed")[column].mean().to_numpy()


def last(frame, column):
    """(seeds,) value in the last month."""
    return frame[frame["period"] == frame["period"].max()].set_index("seed")[column].to_numpy()


def held(frame):
    """(seeds,) customers of the year before last, whom the firm can keep."""
    rows = frame[frame["period"] == frame["period"].max() - YEAR].set_index("seed")
    return (rows["funnel_buyer"] + rows["funnel_loyal"]).to_numpy()


def interval(values, digits=1):
    """Mean and half-width in words."""
    return f"{np.mean(values):+,.{digits}f} ± {half_width(values):,.{digits}f}"


def spent_on(frame):
    """(seeds,) programme cost, fares forgone and internal marketing a month."""
    return monthly(frame, "programme_cost") + monthly(frame, "voucher_value") + monthly(frame, "internal_marketing")


def show_lines(console, frames):
    """Each line of the budget alone: spending, customers, profit, return."""
    table = Table(
        "line alone", "spent AUD/month", "begun/month", "stable", "purchases/month", "profit AUD/month", "return"
    )
    base = frames["nothing"]
    for name, frame in frames.items():
        if name != "nothing":
            spent = spent_on(frame)
            change = {
                c: monthly(frame, c) - monthly(base, c) for c in ("relations_begun", "stable", "purchases", "profit")
            }
            back = return_on_spending(monthly(frame, "profit"), monthly(base, "profit"), spent)
            cells = [interval(change[c], 2) for c in ("relations_begun", "stable", "purchases")]
            table.add_row(name, f"{spent.mean():,.1f}", *cells, interval(change["profit"]), interval(back, 2))
    console.print(table)


def show_costs(console, frames):
    """D4: cost of winning and of keeping a customer, in the books and measured."""
    base, table = frames["nothing"], Table("D4", "booked AUD", "more customers a year", "measured AUD, with limits")
    for name, run in (("winning", "winning"), ("keeping", "keeping everybody")):
        frame = frames[run]
        year = frame[frame["period"] > frame["period"].max() - YEAR]
        spent = spent_on(year) * YEAR
        if name == "winning":
            before = base[base["period"] > base["period"].max() - YEAR]
            count, other = monthly(year, "relations_begun") * YEAR, monthly(before, "relations_begun") * YEAR
        else:
            count, other = last(frame, "retention") * held(frame), last(base, "retention") * held(frame)
        more = count - other
        low, high = incremental_cost_limits(spent.mean(), more.mean(), half_width(more))
        measured = f"{spent.mean() / more.mean():,.0f} ({low:,.0f} to {high:,.0f})" if more.mean() > 0 else "none won"
        table.add_row(name, f"{booked_cost(spent, count).mean():.2f}", interval(more), measured)
    console.print(table)


def show_churn(console, frames):
    """D4: what five points less churn would be worth."""
    base = frames["nothing"]
    retention, contribution = (
        last(base, "retention"),
        last(base.dropna(subset="mean_contribution"), "mean_contribution"),
    )
    customers = last(base, "funnel_buyer") + last(base, "funnel_loyal")
    year = base[base["period"] > base["period"].max() - YEAR]
    profit = monthly(year, "profit") * YEAR
    growth = profit_of_less_churn(contribution * customers, retention, profit)
    discount = sim.compose().mechanism["customer_value"].discount
    rows = {
        "retention a year": interval(retention, 3),
        "customers x contribution, AUD/year": interval(customers * contribution, 0),
        "profit, AUD/year": interval(profit, 0),
        "lifetime value, growth for 5 points": interval(retention_gain(retention, discount), 3),
        "profit, growth for 5 points": interval(growth, 3),
    }
    table = Table("D4: five points less churn", "value")
    for name, value in rows.items():
        table.add_row(name, value)
    console.print(table)


def show_split(console, frames):
    """E3: where the money went, and what its repair did."""
    table = Table("E3", "spent on A, B, C", "redeemed/month", "purchases/month", "profit AUD/month")
    one, other = frames["misallocated"], frames["by value"]
    for name in ("misallocated", "by value"):
        frame = frames[name]
        parts = np.array([monthly(frame, f"spent_on_{c}").mean() for c in "abc"])
        redeemed = sum(monthly(frame, f"redeemed_{job}") for job in LINES)
        words = " / ".join(f"{part:.2f}" for part in parts / max(parts.sum(), 1e-9))
        change = [monthly(frame, c) - monthly(frames["nothing"], c) for c in ("purchases", "profit")]
        table.add_row(name, words, f"{redeemed.mean():.1f}", interval(change[0], 2), interval(change[1]))
    repair = [interval(monthly(other, c) - monthly(one, c), 2) for c in ("purchases", "profit")]
    table.add_row("repair", "", "", *repair)
    console.print(table)


def show_chain(console, frames):
    """G7: the links of the service-profit chain, with internal marketing minus without."""
    table = Table("G7", "with internal marketing minus without")
    base, frame = frames["nothing"], frames["internal marketing"]
    links = ("staff_satisfaction", "staff_noise", "satisfaction_gap", "repeat_rate", "purchases", "profit")
    for link in links:
        table.add_row(link, interval(monthly(frame, link) - monthly(base, link), 4 if link != "profit" else 1))
    table.add_row("retention", interval(last(frame, "retention") - last(base, "retention"), 4))
    console.print(table)


def main(overrides):
    """Play the runs and print the tables."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    frames = play(overrides)
    for show in (show_lines, show_costs, show_churn, show_split, show_chain):
        show(console, frames)


if __name__ == "__main__":
    main(sys.argv[1:])
