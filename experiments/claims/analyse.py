"""Which claims of the sources come out of the mechanisms on `intercity`, with paired runs and 95 % intervals.

    python experiments/claims/analyse.py [name=value ...]

Every claim is a difference between two runs that share all their draws, or between two firms of one run, taken over the
last year of ten seeds and paired by seed. Overrides given on the command line hold for all runs.
"""

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

import sim
from sim.metrics.interval import YEAR, half_width

COACHES = ["grandcoach", "mosaic", "nightowl", "thrift", "echo"]
KINDS = ["flexibility", "diversification", "distinctiveness"]
STAY = "{kind: fixed, seats: 47}"
RUNS = {
    "base": [],
    "nothing ventured: nightowl": [f"firms.nightowl.strategy={STAY}"],
    "nothing ventured: mosaic": [f"firms.mosaic.strategy={STAY}"],
    "nothing ventured: grandcoach": [f"firms.grandcoach.strategy={STAY}"],
    "nothing ventured: thrift": [f"firms.thrift.strategy={STAY}", "firms.thrift.markup=0.287"],
    "nothing ventured: all": [f"firms.{name}.strategy={STAY}" for name in COACHES] + ["firms.thrift.markup=0.287"],
    "no programme": ["~mechanism.loyalty_programme"],
    "no imitation": ["~mechanism.imitation"],
    "tenfold imitation": [f"mechanism.imitation.imitability.{kind}=0.7" for kind in KINDS]
    + ["mechanism.imitation.ceiling=1"],
    "no norm": ["~mechanism.must_have"],
    "a standard coach at the luxury fare": [
        f"firms.thrift.strategy={STAY}",
        "firms.thrift.pricing=fixed_price",
        "firms.thrift.list_price=56.4",
    ],
    "steep prices": ["population.price_sensitivity=0.0509658"],
}


@dataclass(frozen=True)
class Claim:
    """What a source says, as a difference that should have a sign."""

    domain: str
    words: str
    unit: str
    values: pd.Series
    sign: int

    def verdict(self) -> str:
        """Came out, came out the other way, or cannot be told from chance."""
        mean, half = self.values.mean(), half_width(self.values.to_numpy())
        if abs(mean) <= half:
            return "cannot be told"
        return "comes out" if np.sign(mean) == self.sign else "the other way"


def last_year(result, metric):
    """(seeds, firms) mean of a metric over the last twelve months."""
    rows = result.replications
    rows = rows[rows["period"] > rows["period"].max() - YEAR]
    return rows.pivot_table(index="seed", columns="firm", values=metric, dropna=False)


def claims(runs):
    """Every claim with its paired differences."""
    base = runs["base"]

    def over(metric, firm, run):
        return last_year(base, metric)[firm] - last_year(runs[run], metric)[firm]

    def against_others(metric, firm):
        table = last_year(base, metric)
        return table[firm] - table[[c for c in COACHES if c != firm]].mean(axis=1)

    def premium(run):
        table = last_year(runs[run], "profit")
        return table["grandcoach"] - table["echo"]

    money, one = "AUD/month", "1"
    yield Claim(
        "A3",
        "the distinctive firm keeps its customers longer than the other coaches (retention)",
        one,
        against_others("retention", "grandcoach"),
        1,
    )
    yield Claim(
        "A3", "its buyers return to it more often (repeat rate)", one, against_others("repeat_rate", "grandcoach"), 1
    )
    yield Claim(
        "A4", "selling on price earns less than the other coaches", money, against_others("profit", "thrift"), -1
    )
    yield Claim(
        "A4",
        "low prices do not satisfy: the price seller's satisfaction gap is below the others'",
        "utils",
        against_others("satisfaction_gap", "thrift"),
        -1,
    )
    for firm, domain, noun in (
        ("nightowl", "A1", "flexibility"),
        ("mosaic", "A2", "diversification"),
        ("grandcoach", "A3", "distinctiveness"),
        ("thrift", "A4", "price"),
    ):
        yield Claim(
            domain,
            f"{noun} wins customers over doing nothing (share of {firm})",
            one,
            over("share", firm, f"nothing ventured: {firm}"),
            1,
        )
        yield Claim(
            domain,
            f"{noun} pays over doing nothing (profit of {firm})",
            money,
            over("profit", firm, f"nothing ventured: {firm}"),
            1,
        )
    yield Claim("A5", "the programme raises breadth (mosaic)", one, over("breadth", "mosaic", "no programme"), 1)
    yield Claim("A5", "the programme raises depth (mosaic)", one, over("depth", "mosaic", "no programme"), 1)
    yield Claim("A5", "the programme pays (profit of mosaic)", money, over("profit", "mosaic", "no programme"), 1)
    yield Claim(
        "A7",
        "imitation takes profit from the distinctive firm (with minus without)",
        money,
        over("profit", "grandcoach", "no imitation"),
        -1,
    )
    yield Claim(
        "A7", "imitation serves the follower (with minus without)", money, over("profit", "echo", "no imitation"), 1
    )
    yield Claim(
        "A7",
        "tenfold imitation eats the premium over the follower",
        money,
        premium("tenfold imitation") - premium("base"),
        -1,
    )
    yield Claim("A7", "a premium is left under tenfold imitation", money, premium("tenfold imitation"), 1)
    yield Claim(
        "A7",
        "what is common is expected: the norm lowers the price seller's satisfaction gap",
        "utils",
        over("satisfaction_gap", "thrift", "no norm"),
        -1,
    )
    travelled = [
        last_year(runs[r], "purchases").sum(axis=1) / base.scenario.population.customers
        for r in ("base", "nothing ventured: all")
    ]
    yield Claim(
        "A8",
        "differentiated coaches create journeys (all purchases a head and month)",
        one,
        travelled[0] - travelled[1],
        1,
    )
    equal = "a standard coach at the luxury fare"
    for metric, noun, unit in (("share", "carries more journeys", one), ("profit", "earns more", money)):
        rows = last_year(runs[equal], metric)
        words = f"at equal fares the distinctive firm {noun} than a standard coach"
        yield Claim("A3", words, unit, rows["grandcoach"] - rows["thrift"], 1)
    steep = last_year(runs["steep prices"], "profit")
    yield Claim(
        "A4",
        "with customers three times as price sensitive, price beats distinctiveness",
        money,
        steep["thrift"] - steep["grandcoach"],
        1,
    )


def main(overrides):
    """Play the runs and print the table."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    runs = {}
    for number, (name, changes) in enumerate(RUNS.items(), 1):
        print(f"{number} of {len(RUNS)}: {name}", file=sys.stderr)
        runs[name] = sim.run(sim.compose(*changes, *overrides))
    table = Table("domain", "claim", "difference", "95 % half-width", "unit", "verdict")
    for claim in claims(runs):
        mean, half = claim.values.mean(), half_width(claim.values.to_numpy())
        digits = 0 if claim.unit.startswith("AUD") else 4
        table.add_row(
            claim.domain, claim.words, f"{mean:+.{digits}f}", f"{half:.{digits}f}", claim.unit, claim.verdict()
        )
    console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
