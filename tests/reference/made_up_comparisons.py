"""Comparisons of made-up runs, for pages and pictures whose numbers are known."""

import math
from types import SimpleNamespace

import pandas as pd

STRATEGIES = {"air": "fixed", "grandcoach": "distinctiveness", "thrift": "price"}
A, B = "A", "B"


def contrasts(seeds):
    """Contrasts of the second arm with the first; intervals only with more than one seed."""
    known = seeds > 1
    rows = [
        ("share", "grandcoach", 0.10, 0.13, 0.03, 0.02, 0.04, 0.001), ("share", "thrift", 0.20, 0.19, -0.01, -0.03, 0.01, 0.30),
        ("profit", "grandcoach", 100.0, 90.0, -10.0, -30.0, 10.0, 0.40), ("profit", "thrift", 50.0, 80.0, 30.0, 20.0, 40.0, 0.002),
        ("share", "air", 0.70, 0.68, -0.02, -0.03, -0.01, 0.01), ("retention", "thrift", *[math.nan] * 6),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["metric", "firm", "mean_a", "mean_b", "difference", "low", "high", "holm"])
    if not known:
        frame[["low", "high", "holm"]] = math.nan
    return frame.assign(arm=B, p=frame["holm"], effect=0.5, pairs=seeds, how="paired")


def months(arms):
    """A year of every arm, month by month, with limits a twentieth off."""
    rows = [(arm, f, t, m, 0.1 * t) for arm in arms for f in STRATEGIES for t in range(12) for m in ("share", "profit")]
    frame = pd.DataFrame(rows, columns=["arm", "firm", "period", "metric", "mean"])
    return frame.assign(low=frame["mean"] - 0.05, high=frame["mean"] + 0.05)


def moved(arm, counts):
    """A table of moves from counts by row; a part's limits are a fifth of a point off."""
    firms = [*STRATEGIES, "nobody"]
    rows = [
        (i, j, n, n / sum(row)) for i, row in zip(firms, counts, strict=True) for j, n in zip(firms, row, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["from_firm", "to_firm", "purchases", "part"])
    frame["part"] = frame["part"].where(frame["from_firm"] != "nobody")
    return frame.assign(low=frame["part"] - 0.002, high=frame["part"] + 0.002, seeds=10, arm=arm)


def compared(seeds=10):
    """A comparison of two arms."""
    moves = moved(B, [[90, 2, 1, 0], [3, 50, 4, 1], [0, 6, 41, 2], [1, 0, 2, 0]])
    return SimpleNamespace(
        names=(A, B), words={A: "scenario=x", B: "scenario=x mechanism.imitation.lag=12"},
        differing=pd.DataFrame({"parameter": ["mechanism.imitation.lag"], "unit": ["months"], A: [3], B: [12]}),
        contrasts=contrasts(seeds), verdicts=["B raises grandcoach's share by 3.0 points & no <less>."],
        series=months([A, B]), paths=months([B]), moves=moves, moved_months=12, strategies=STRATEGIES,
        contested=["grandcoach", "thrift"], scenario_words={"purchases": "journeys"}, facts={"commit": "abc123"},
        confidence=0.95, seeds=seeds,
    )  # fmt: skip
