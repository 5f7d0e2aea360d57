"""Customers x periods per second of the compiled market and of the plain-Mesa market, side by side in one process.

    python experiments/speed/measure.py [customers ...]

Both play the same scenario (intercity with ten firms) by the same formulas, each by code of its own, under the same
shocks, on one thread. Periods of the two alternate, so that a machine that slows down slows both; medians are printed, and the ratio of each pair.
"""

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "reference"))

import sim


def seconds(step):
    """Wall time of one call."""
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


def compare(customers, mechanism, pairs=3):
    """Median customer-periods per second of both, and the ratios of the pairs."""
    from plain_market import PlainMarket

    scenario = sim.compose(
        "experiment=speed", f"population.customers={customers}", f"mechanism={mechanism}", "periods=60"
    )
    ours, plain = sim.Market(scenario), PlainMarket(scenario)
    ours.step()
    plain.step()
    timed = [(statistics.median(seconds(ours.step) for _ in range(5)), seconds(plain.step)) for _ in range(pairs)]
    return [customers / statistics.median(column) for column in zip(*timed, strict=True)], [
        slow / fast for fast, slow in timed
    ]


def main(sizes):
    """Print one row a size and set of mechanisms."""
    print(
        "customers x 10 firms, one thread   compiled [million/s]   plain Mesa [million/s]   ratio: median (lowest to highest of pairs)"
    )
    from plain_market import KNOWN

    for mechanism in (f"[{','.join(KNOWN)}]", "[]"):
        for customers in sizes:
            (ours, plain), ratios = compare(customers, mechanism)
            label = f"{customers:>9,}, {'no mechanism' if mechanism == '[]' else f'{len(KNOWN)} mechanisms'}"
            spread = f"{statistics.median(ratios):8.0f} ({min(ratios):.0f} to {max(ratios):.0f})"
            print(f"{label:<35}{ours / 1e6:>21.2f}{plain / 1e6:>25.4f}  {spread}", flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 100_000])
