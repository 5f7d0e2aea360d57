"""Studies of made-up runs, for pictures and tables whose numbers are known."""

import pathlib

import pandas as pd

from sim.ground.params import ConfigError
from sim.study.factor import Factor

STRATEGIES = {"air": "fixed", "grandcoach": "distinctiveness", "thrift": "price"}
BASE = {
    "population": {"words": {"purchases": "journeys"}},
    "firms": {"air": {"mode": "air"}, "grandcoach": {"mode": "coach"}, "thrift": {"mode": "coach"}},
}


def factor(name, *levels, low=0.0, high=1.0):
    """A factor with levels, or between two ends."""
    return Factor(name=name, keys=(name,), levels=levels or None, low=low, high=high, whole=False, words={})


class MadeUp:
    """A study of made-up runs: a firm's share is its rank plus a tenth of the point's number plus the seed's part."""

    def __init__(self, factors, points, seeds=3, failed=0):
        self.folder, self.factors, self.damaged = pathlib.Path("results/made-up"), factors, {}
        self.header = {
            "words": ["scenario=x"],
            "periods": 24,
            "long": "y " * 450,
            "bases": [BASE | {"deep": {"er": 1}}],
        }
        runs = [
            {"run": f"{p}/{s}", "point": p, "seed": s, "status": "complete", "error": None} | dict(values)
            for p, values in enumerate(points)
            for s in range(seeds)
        ]
        self.runs = pd.DataFrame(runs)
        self.runs.loc[: failed - 1, ["status", "error"]] = ["failed", "ValueError: a <b>\ntraceback"]
        complete = self.runs[self.runs["status"] == "complete"]
        self.firms = pd.DataFrame(
            (row.run, month, firm, strategy, rank + row.point / 10 + row.seed / 100 + (month < 12), 100.0 * rank)
            for row in complete.itertuples()
            for rank, (firm, strategy) in enumerate(STRATEGIES.items())
            for month in range(24)
        )
        if len(self.firms):
            self.firms.columns = ["run", "period", "firm", "strategy", "share", "profit"]

    def scenario(self, point):
        """There is none."""
        raise ConfigError("made up of nothing")

    def frame(self, table, columns):
        """Columns of the firms' rows, whatever table is asked for."""
        return self.firms[["run", *columns]]

    def outcomes(self, metrics, months=12):
        """Means of the last months by run and firm."""
        names = [factor.name for factor in self.factors]
        if not len(self.firms):
            raise ConfigError("Table firms does not exist")
        recent = self.firms[self.firms["period"] >= 24 - months]
        means = recent.groupby(["run", "firm", "strategy"])[list(metrics)].mean().reset_index()
        return self.runs[["run", "point", "seed", *names]].merge(means, on="run")


LAG = factor("lag", 1, 3, 12)


def over_lags(**changes):
    """A study with a point for every lag."""
    return MadeUp([LAG], [{"lag": v} for v in LAG.levels], **changes)
