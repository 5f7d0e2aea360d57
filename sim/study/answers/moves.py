"""Who moved from whom: every purchase of one scenario beside what the same customer did on the same occasion in another.

Two scenarios of one seed follow the same people on the same occasions, so a purchase that changes hands is seen, not
inferred from totals. An occasion that one panel lacks was left without a purchase there: its firm is "nobody".

Source: both outcomes of the same unit, Rubin (1974), J. Educational Psychology 66, 688-701, who can see only one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.ground.params import ConfigError, nearest
from sim.metrics.interval import half_width

NOBODY = "nobody"
OCCASION = ["seed", "customer", "period", "occasion"]


def _matched(a: pd.DataFrame, b: pd.DataFrame, firms: Sequence[str]) -> pd.DataFrame:
    """Occasions on which anything was bought in either, a row each: seed, from_firm, to_firm."""
    for panel in (a, b):
        strange = set(panel["firm"].unique()) - set(firms)
        if strange:
            name = min(strange)
            raise ConfigError(f"moves: purchases from {name!r}, who is not among the firms; {nearest(name, firms)}")
        if panel.duplicated(OCCASION).any():
            seed = panel.loc[panel.duplicated(OCCASION), "seed"].iloc[0]
            raise ConfigError(f"moves: two purchases on one occasion of seed {seed}; expected one run a seed")
    alone = set(a["seed"].unique()) ^ set(b["seed"].unique())
    if alone:
        raise ConfigError(f"moves: seed {min(alone)} is in one panel only; expected the same seeds in both")
    sides = (
        side[[*OCCASION, "firm"]].rename(columns={"firm": name}) for side, name in ((a, "from_firm"), (b, "to_firm"))
    )
    return pd.merge(*sides, on=OCCASION, how="outer").fillna({"from_firm": NOBODY, "to_firm": NOBODY})


def moves(a: pd.DataFrame, b: pd.DataFrame, firms: Sequence[str], confidence: float = 0.95) -> pd.DataFrame:
    """Purchases by who sold them in a and who sold the same occasion's in b, a row a pair of firms, "nobody" last.

    Those that stayed with their firm are among them. Occasions without a purchase in either are not in a panel, so
    nobody-nobody is 0. Counts are those of the sampled customers.

    Parameters
    ----------
    a, b : panels with columns seed, customer, period, occasion, firm, of the same seeds, population and sample.
    firms : all that may occur in either, in the order wanted. confidence : of each interval by itself.

    Returns
    -------
    from_firm, to_firm, purchases (over all seeds), part (of what from_firm sold in a [1], mean over the seeds in which it
    sold anything; NaN of nobody's), low, high (Student's limits of part; NaN with one seed), seeds.

    Raises
    ------
    ConfigError : another firm occurs, a seed is in one panel only, or an occasion is there twice.

    >>> a = pd.DataFrame({"seed": 1, "customer": [1, 2, 3], "period": 0, "occasion": 0, "firm": ["x", "x", "y"]})
    >>> b = pd.DataFrame({"seed": 1, "customer": [1, 2, 4], "period": 0, "occasion": 0, "firm": ["x", "y", "x"]})
    >>> found = moves(a, b, ["x", "y"])
    >>> found[found["purchases"] > 0][["from_firm", "to_firm", "purchases", "part"]].to_numpy().tolist()
    [['x', 'x', 1, 0.5], ['x', 'y', 1, 0.5], ['y', 'nobody', 1, 1.0], ['nobody', 'x', 1, nan]]
    """
    names = [*firms, NOBODY]
    pairs = pd.MultiIndex.from_product([names, names], names=["from_firm", "to_firm"])
    counts = _matched(a, b, firms).groupby(["from_firm", "to_firm", "seed"]).size().unstack("seed", fill_value=0)
    counts = counts.reindex(pairs, fill_value=0)
    sold = counts.groupby("from_firm").transform("sum")
    parts = (counts / sold.where(sold > 0)).drop(NOBODY, level="from_firm").reindex(pairs)
    mean, half = parts.mean(axis=1), parts.apply(lambda row: half_width(row.to_numpy(), confidence), axis=1)
    table = {"purchases": counts.sum(axis=1), "part": mean, "low": mean - half, "high": mean + half}
    return pd.DataFrame(table | {"seeds": counts.shape[1]}).reset_index()


def matrix(found: pd.DataFrame) -> pd.DataFrame:
    """Counts of `moves` with who sold in the first in the rows, who in the second in the columns [purchases].

    A row sums to what the firm sold in the first, a column to what it sold in the second.

    >>> rows = {"from_firm": ["x", "x", "y", "y"], "to_firm": ["x", "y", "x", "y"], "purchases": [5, 2, 1, 7]}
    >>> matrix(pd.DataFrame(rows)).loc["x"].tolist()
    [5, 2]
    """
    names = found["from_firm"].unique()
    return found.pivot(index="from_firm", columns="to_firm", values="purchases").loc[names, names]
