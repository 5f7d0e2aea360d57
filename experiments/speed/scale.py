"""What a customer's month costs, against customers and firms, beside what memory allows; a table and a picture.

    python experiments/speed/scale.py [--most 1000000] [--picture scale.png]

Both axes are logarithmic: a slope of 0 says that a customer costs the same in a market of any size. The dotted line is
the time in which the machine copies the market's columns once, measured in the same run: no program that reads and
writes every column once a month is faster.
"""

import argparse
import dataclasses

import numpy as np
from measure import market, seconds

import sim

SIZES, FIRMS = [10**k for k in range(3, 8)], [2, 5, 10, 20, 50, 100]
HEADS = 20_000  # customers where firms are counted


def bandwidth(size=256 * 2**20):
    """Bytes a second that a copy reads and writes, on one thread."""
    here, there = np.ones(size, np.uint8), np.zeros(size, np.uint8)
    return 2 * size / min(seconds(lambda: np.copyto(there, here)) for _ in range(5))


def with_firms(count, threads):
    """A market without mechanisms of so many firms, all coaches but one."""
    scenario = sim.compose(
        "experiment=speed", f"population.customers={HEADS}", "mechanism=[]", "periods=30000", f"threads={threads}"
    )
    first, *_ = (spec for spec in scenario.firms.values() if spec.mode == "bus")
    other = next(name for name, spec in scenario.firms.items() if spec.mode != "bus")
    coaches = {f"coach{n:03}": dataclasses.replace(first, presence=1 / (count - 1)) for n in range(count - 1)}
    made = sim.Market(scenario.replace(firms={other: scenario.firms[other]} | coaches))
    for _ in range(3):
        made.step()
    return made


def costs(markets):
    """Nanoseconds a customer-month of each market, and its bytes a customer."""
    found = []
    for made in markets:
        found.append((seconds(made.step, 5) / made.heads * 1e9, made.table.bytes_per_row))
    return np.array(found).T


def slope(over, cost):
    """Exponent of the power law that fits best."""
    return np.polyfit(np.log(over), np.log(cost), 1)[0]


def main(argv=None):
    """Measure, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=1_000_000, help="customers of the largest market")
    parser.add_argument("--picture", help="file for the picture")
    args = parser.parse_args(argv)
    rate, sizes = bandwidth(), [n for n in SIZES if n <= args.most]
    print(f"memory: {rate / 1e9:.1f} GB/s copied on one thread")
    lines = {}
    for threads in (1, 2):
        for mechanism, word in (("[]", "bare"), ("all", "all mechanisms")):
            name = f"{word}, {threads} thread{'s' * (threads > 1)}"
            lines[name] = (sizes, *costs(market(mechanism, n, threads) for n in sizes))
        lines[f"bare by firms, {threads} thread{'s' * (threads > 1)}"] = (
            FIRMS, *costs(with_firms(n, threads) for n in FIRMS),
        )  # fmt: skip
    for name, (over, cost, size) in lines.items():
        told = ", ".join(f"{n:,}: {c:.0f}" for n, c in zip(over, cost, strict=True))
        print(f"{name} [ns a customer-month] {told}; slope {slope(over, cost):.2f}, {size[-1]:.0f} bytes a customer")
    if args.picture:
        draw(lines, rate, args.picture)


def draw(lines, rate, path):
    """Two panels: against customers, against firms."""
    from matplotlib.figure import Figure

    figure = Figure((9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, (over, cost, size) in lines.items():
        axes = right if "firms" in name else left
        style, color = "--" if "2" in name else "-", "C1" if "all" in name else "C0"
        axes.loglog(over, cost, style, color=color, marker="o", ms=3, label=f"{name} (slope {slope(over, cost):.2f})")
        if "1" in name:
            told = "every column copied once" if "all" not in name else None
            axes.loglog(over, 2 * np.array(size) / rate * 1e9, ":", color=color, lw=1, label=told)
    left.set(xlabel="customers", ylabel="ns a customer and month", title="Ten firms")
    right.set(xlabel="firms", title=f"{HEADS:,} customers")
    for axes in (left, right):
        axes.legend(fontsize=7, frameon=False)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
