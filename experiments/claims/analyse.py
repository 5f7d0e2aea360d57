"""Which claims of the sources come out of the mechanisms on `intercity`, with paired runs and 95 % intervals.

    differentia sweep experiment=claims --folder out
    python experiments/claims/analyse.py out

Reads the study in the folder and prints a table. Every claim is a difference between two worlds that share all their draws,
or between two firms of one world, over the last year and by seed. Verdicts are by p-values that are corrected by Holm over
all claims.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

import sim
from sim.ground.units import told_table, words_of
from sim.pages.markdown import pipes
from sim.study.answers.contrast import judged

COACHES = ["grandcoach", "mosaic", "nightowl", "thrift", "echo"]
WORLDS = ["as shipped", "nobody ventures anything", "no programme", "no imitation", "tenfold imitation", "no norm"]
WORLDS += ["thrift standard at the luxury fare", "steep fares"]
BASE, NOBODY, UNREWARDED, ORIGINAL, COPIED, UNSPOILT, DEAR, STEEP = WORLDS
ALONE = "{} ventures nothing"
METRICS = ["share", "profit", "breadth", "depth", "retention", "repeat_rate", "satisfaction_gap", "purchases"]
DIGITS = {"¤/month": 0}
STRATEGIES = {"nightowl": ("A1", "flexibility"), "mosaic": ("A2", "diversification")}
STRATEGIES |= {"grandcoach": ("A3", "distinctiveness"), "thrift": ("A4", "price")}


def read(study):
    """(seeds, (metric, world, firm)) means of the last year; money is a month's."""
    played = set(study.runs["world"]) if "world" in study.runs else set()
    missing = [world for world in (*WORLDS, *map(ALONE.format, STRATEGIES)) if world not in played]
    if missing:
        raise sim.ConfigError(
            f"{study.folder}: no world {missing[0]!r}; expected a study of experiment=claims with all of them"
        )
    return study.outcomes(METRICS).pivot(index="seed", columns=["world", "firm"], values=METRICS).sort_index(axis=1)


def claims(table, heads):
    """(domain, words, unit, expected sign, values by seed) of every claim; heads : customers of the market."""
    money, one = "¤/month", "1"

    def over(metric, firm, world):
        return table[metric, BASE, firm] - table[metric, world, firm]

    def against_others(metric, firm):
        rows = table[metric, BASE]
        return rows[firm] - rows[[other for other in COACHES if other != firm]].mean(axis=1)

    def premium(world):
        return table["profit", world, "grandcoach"] - table["profit", world, "echo"]

    words = "the distinctive firm keeps its customers longer than the other coaches (retention)"
    yield "A3", words, one, 1, against_others("retention", "grandcoach")
    yield "A3", "its buyers return to it more often (repeat rate)", one, 1, against_others("repeat_rate", "grandcoach")
    yield "A4", "selling on price earns less than the other coaches", money, -1, against_others("profit", "thrift")
    words = "low prices do not satisfy: the price seller's satisfaction gap is below the others'"
    yield "A4", words, "utils", -1, against_others("satisfaction_gap", "thrift")
    for firm, (domain, noun) in STRATEGIES.items():
        won, earned = (over(metric, firm, ALONE.format(firm)) for metric in ("share", "profit"))
        yield domain, f"{noun} wins customers over doing nothing (share of {firm})", one, 1, won
        yield domain, f"{noun} pays over doing nothing (profit of {firm})", money, 1, earned
    for metric in ("breadth", "depth"):
        yield "A5", f"the programme raises {metric} (mosaic)", one, 1, over(metric, "mosaic", UNREWARDED)
    yield "A5", "the programme pays (profit of mosaic)", money, 1, over("profit", "mosaic", UNREWARDED)
    words = "imitation takes profit from the distinctive firm (with minus without)"
    yield "A7", words, money, -1, over("profit", "grandcoach", ORIGINAL)
    words = "imitation serves the follower (with minus without)"
    yield "A7", words, money, 1, over("profit", "echo", ORIGINAL)
    fast = premium(COPIED)
    yield "A7", "tenfold imitation eats the premium over the follower", money, -1, fast - premium(BASE)
    yield "A7", "a premium is left under tenfold imitation", money, 1, fast
    words = "what is common is expected: the norm lowers the price seller's satisfaction gap"
    yield "A7", words, "utils", -1, over("satisfaction_gap", "thrift", UNSPOILT)
    travelled = [table["purchases", world].sum(axis=1) / heads for world in (BASE, NOBODY)]
    words = "differentiated coaches create journeys (all purchases a head and month)"
    yield "A8", words, one, 1, travelled[0] - travelled[1]
    for metric, noun, unit in (("share", "carries more journeys", one), ("profit", "earns more", money)):
        rows = table[metric, DEAR]
        words = f"at equal fares the distinctive firm {noun} than a standard coach"
        yield "A3", words, unit, 1, rows["grandcoach"] - rows["thrift"]
    words = "with customers three times as price sensitive, price beats distinctiveness"
    steep = table["profit", STEEP]
    yield "A4", words, money, 1, steep["thrift"] - steep["grandcoach"]


def verdicts(study):
    """A row a claim: difference, half-width, unit and verdict in words."""
    heads = study.config(int(study.runs["point"].iloc[0]))["population"]["customers"]
    domains, words, units, signs, values = zip(*claims(read(study), heads), strict=True)
    found = judged([each.to_numpy() for each in values], signs)
    digits = [DIGITS.get(unit, 4) for unit in units]
    return pd.DataFrame(
        {
            "domain": domains,
            "claim": words,
            "difference": [f"{mean:+.{n}f}" for mean, n in zip(found["mean"], digits, strict=True)],
            "95 % half-width": [f"{half:.{n}f}" for half, n in zip(found["half"], digits, strict=True)],
            "unit": units,
            "verdict": found["verdict"],
        }
    )


def main():
    """Read the study and print the table."""
    asked = argparse.ArgumentParser(description="What the study of experiment=claims says.")
    asked.add_argument("folder", type=Path)
    try:
        study = sim.Study(asked.parse_args().folder)
        print(pipes(told_table(verdicts(study), words_of(*study.header["bases"]))))
    except sim.ConfigError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
