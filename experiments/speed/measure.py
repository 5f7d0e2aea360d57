"""How fast markets play, as ratios taken in one run on one machine: against peers, threads, sizes and an older checkout.

    python experiments/speed/measure.py [bare] [peers] [threads] [all] [sweep] [scale] [size] [--customers N] [--against CHECKOUT]

Without words all but `size` are measured, which takes 10,000,000 customers and some 10 GiB; figures are kept in speed.json,
the picture of `scale` (see scale.py) in speed.png. What is compared is timed in
turn, so that a machine that slows down slows both; medians of five pairs are printed, with the lowest and the highest.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "peers"), str(HERE.parents[1] / "tests" / "reference")]

import sim

PAIRS, WARM = 5, 3
BARS = {  # what is asked for, and aimed at
    "bare, one thread, over plain Mesa": (250, 350),
    "bare, two threads, over plain Mesa": (450, 600),
    "bare over C++ fused by hand, one thread": (0.6, 0.9),
    "bare, two threads over one, 100,000": (1.8, 1.9),
    "all mechanisms, two threads over one, 20,000": (1.5, 1.9),
    "all mechanisms, two threads over one, 100,000": (1.7, 1.9),
    "all mechanisms, time over bare": (6, 4),
    "all mechanisms over the older checkout, one thread": (2.5, 4),
    "all mechanisms over the older checkout, two threads": (4, 7),
    "200 runs of 2,000 x 100 over mesa.batch_run": (100, 200),
    "cost of a customer, most over least size": (1.5, 1.0),
}


def market(mechanism="[]", customers=100_000, threads=1):
    """A market of ten firms, warmed up."""
    words = (
        "experiment=speed", f"population.customers={customers}", f"mechanism={mechanism}", "periods=30000",
        f"threads={threads}",
    )  # fmt: skip
    made = sim.Market(sim.compose(*words))
    for _ in range(WARM):
        made.step()
    return made


def seconds(step, times=1):
    """Median wall time of a call."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        step()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def ratios(slow, fast, each=(1, 5)):
    """How many times as long the first takes as the second, in turn."""
    return [seconds(slow, each[0]) / seconds(fast, each[1]) for _ in range(PAIRS)]


def tell(what, found, more=""):
    """Print one figure beside its bar."""
    bar, aim = BARS.get(what, ("", ""))
    median = statistics.median(found)
    print(f"{what:<52}{median:>9.3g}   {min(found):>7.3g} to {max(found):<8.3g}{bar:>6}{aim:>6}   {more}", flush=True)
    return {what: {"median": median, "low": min(found), "high": max(found), "bar": bar, "aim": aim}}


def bare(customers):
    """The market without mechanisms against plain Mesa and against C++."""
    from fused import FusedMarket, library
    from plain_market import PlainMarket

    one, two = market(customers=customers), market(customers=customers, threads=2)
    plain = PlainMarket(one.world)
    plain.step()
    rate = f"{customers / seconds(one.step, 9) / 1e6:.1f} million customer-months a second"
    found = tell("bare, one thread, over plain Mesa", ratios(plain.step, one.step), rate)
    rate = f"{customers / seconds(two.step, 9) / 1e6:.1f} million"
    found |= tell("bare, two threads, over plain Mesa", ratios(plain.step, two.step), rate)
    if (program := library()) is None:
        print("no C++ compiler here: CXX names one")
        return found
    one.open()
    fused = FusedMarket(program, one)
    fused.step()
    one.play(0, one.heads)
    gap = abs(fused.purchases - one.total("purchases")).sum() / customers
    one.close()
    if gap > 1e-4:
        raise SystemExit(f"the C++ market plays another market: {gap:.1%} of the customers choose differently")
    rate = f"{customers / seconds(fused.step, 9) / 1e6:.1f} million in C++"
    return found | tell("bare over C++ fused by hand, one thread", ratios(fused.step, one.step, (5, 5)), rate)


def peers(customers):
    """The market without mechanisms against what others offer; those that are not installed are passed over."""
    from given import given
    from numpy_market import NumpyMarket

    ours = market(customers=customers)
    ours.open()
    known, rivals = given(ours), {"NumPy": NumpyMarket}
    ours.play(0, ours.heads)
    ours.close()
    for name, module in (("AMBER", "ambr_market"), ("AgentPy", "agentpy_market")):
        try:
            rivals[name] = __import__(module).made
        except ModuleNotFoundError as lacking:
            print(f"{name}: {lacking.name} is not installed; pip install '.[peers]'")
    share, found = ours.total("purchases") / customers, {}
    for name, made in rivals.items():
        rival = made(known)
        rival.step()
        if abs(rival.purchases / customers - share).max() > 0.02:
            raise SystemExit(f"{name} plays another market")
        found |= tell(f"bare over {name}, one thread", ratios(rival.step, ours.step))
    return found


def threads(customers):
    """Two threads against one."""
    found = {}
    for name, mechanism, heads in (
        ("bare, two threads over one, 100,000", "[]", customers),
        ("all mechanisms, two threads over one, 20,000", "all", customers // 5),
        ("all mechanisms, two threads over one, 100,000", "all", customers),
    ):
        one, two = market(mechanism, heads), market(mechanism, heads, threads=2)
        found |= tell(name, ratios(one.step, two.step, (9, 9)))
    return found


def everything(customers, against=None):
    """All mechanisms against none, and against an older checkout."""
    full, none = market("all", customers), market(customers=customers)
    rate = f"{customers / seconds(full.step, 9) / 1e6:.2f} million, {full.table.bytes_per_row:.0f} bytes a customer"
    found = tell("all mechanisms, time over bare", ratios(full.step, none.step, (5, 5)), rate)
    for count, word in ((1, "one thread"), (2, "two threads")) if against else ():
        now = market("all", customers, threads=count)
        pairs = [older(against, customers, count) / seconds(now.step, 9) for _ in range(PAIRS)]
        found |= tell(f"all mechanisms over the older checkout, {word}", pairs)
    return found


OLDER = """
import sys, sim
sys.path.insert(0, {here!r})
import measure
print(measure.seconds(measure.market("all", {customers}, {threads}).step, 9))
"""


def older(checkout, customers, count):
    """Median month of an older checkout, in a process of its own."""
    code = OLDER.format(here=str(HERE), customers=customers, threads=count)
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(checkout)}, text=True, capture_output=True,
        check=True,
    )  # fmt: skip
    return float(done.stdout.split()[-1])


def sweep(runs=200):
    """Many small runs with two processes against Mesa's batch runner with two."""
    import tempfile

    import mesa
    from batch import WORDS, BatchMarket

    few = max(runs // 50, 2)
    slow = seconds(
        lambda: mesa.batch_run(
            BatchMarket, {}, rng=range(1, few + 1), max_steps=100, number_processes=2, display_progress=False
        )
    )
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        sim.sweep(*WORDS, f"replications={runs}", "engine.workers=2", folder=Path(folder) / "study")
        fast = time.perf_counter() - began
    return tell("200 runs of 2,000 x 100 over mesa.batch_run", [slow / few * runs / fast], f"{fast:.0f} s for {runs}")


def size(most=10_000_000):
    """Nanoseconds a customer-month from ten thousand customers up, with ten firms, bare and with all mechanisms."""
    found = {}
    for mechanism in ("[]", "all"):
        cost, heads = {}, 10_000
        while heads <= most:
            played = market(mechanism, heads)
            cost[heads] = seconds(played.step, 3) / heads * 1e9
            print(f"  {mechanism} {heads:>12,} customers: {cost[heads]:.1f} ns, {played.table.bytes_per_row:.0f} bytes a customer")
            del played
            heads *= 10
        name = "cost of a customer, most over least size" if mechanism == "[]" else "the same with all mechanisms"
        found |= tell(name, [cost[max(cost)] / cost[min(cost)]])
    return found


def drawn(most):
    """Cost against customers and firms, as a picture."""
    import scale

    scale.main(["--most", str(most), "--picture", "speed.png"])
    return {}


def main(argv=None):
    """Measure what is asked for, print it beside its bar, and keep it in speed.json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="*", help="bare peers threads all sweep scale size")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--against", help="another checkout of the project to be measured beside this one")
    args = parser.parse_args(argv)
    what = args.what or ["bare", "peers", "threads", "all", "sweep", "scale"]
    print(f"{'ratio, medians of 5 pairs':<52}{'median':>9}   {'lowest to highest':<19}{'bar':>6}{'aim':>6}")
    calls = {
        "bare": lambda: bare(args.customers),
        "peers": lambda: peers(args.customers),
        "threads": lambda: threads(args.customers),
        "all": lambda: everything(args.customers, args.against),
        "sweep": lambda: sweep(200 if args.customers >= 100_000 else 4),
        "scale": lambda: drawn(args.customers * 10),
        "size": lambda: size(max(args.customers, 100_000) * 100),
    }
    found = {}
    for word in what:
        found |= calls[word]()
    Path("speed.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
