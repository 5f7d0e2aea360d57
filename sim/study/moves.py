"""Who moved from whom: every purchase of one scenario beside what the same customer did on the same occasion in another.

Two scenarios of one seed follow the same people on the same occasions, so a purchase that changes hands is seen, not
inferred from totals. An occasion that one panel lacks was left without a purchase there: its firm is "nobody".

Source: both outcomes of the same unit, Rubin (1974), J. Educational Psychology 66, 688-701, who can see only one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.metrics.interval import half_width
from sim.params import ConfigError, nearest

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


def moves(a: pd.DataFrame, b: pd.DataFrame, firms: Sequence[str]) -> pd.DataFrame:
    """Purchases by who sold them in a (rows) and who sold the same occasion's in b (columns), "nobody" last [purchases].

    A row sums to what the firm sold in a, a column to what it sold in b; occasions without a purchase in either are not in
    a panel, so nobody-nobody is 0. Counts are those of the sampled customers, over all seeds.

    Parameters
    ----------
    a, b : panels with columns seed, customer, period, occasion, firm, of the same seeds, population and sample.
    firms : all that may occur in either, in the order wanted.

    Raises
    ------
    ConfigError : another firm occurs, a seed is in one panel only, or an occasion is there twice.

    >>> a = pd.DataFrame({"seed": 1, "customer": [1, 2], "period": 0, "occasion": 0, "firm": ["x", "y"]})
    >>> b = pd.DataFrame({"seed": 1, "customer": [1, 3], "period": 0, "occasion": 0, "firm": ["y", "x"]})
    >>> moves(a, b, ["x", "y"]).to_numpy().tolist()
    [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    """
    names = [*firms, NOBODY]
    found = _matched(a, b, firms)
    counts = pd.crosstab(found["from_firm"], found["to_firm"]).reindex(index=names, columns=names, fill_value=0)
    return counts.rename_axis(index="from_firm", columns="to_firm")


def moves_rate(a: pd.DataFrame, b: pd.DataFrame, firms: Sequence[str], confidence: float = 0.95) -> pd.DataFrame:
    """Moves as part of all purchases in a [1], mean over seeds with Student's limits; arguments and errors of `moves`.

    Returns from_firm, to_firm, rate, low, high, seeds: a row a pair, those that stayed with their firm included. The rates
    of the rows of firms sum to 1; those of nobody's come on top. low and high are NaN with one seed.

    >>> a = pd.DataFrame({"seed": 1, "customer": [1, 2], "period": 0, "occasion": 0, "firm": ["x", "y"]})
    >>> b = pd.DataFrame({"seed": 1, "customer": [1, 3], "period": 0, "occasion": 0, "firm": ["y", "x"]})
    >>> found = moves_rate(a, b, ["x", "y"])
    >>> found[found["rate"] > 0][["from_firm", "to_firm", "rate"]].to_numpy().tolist()
    [['x', 'y', 0.5], ['y', 'nobody', 0.5], ['nobody', 'x', 0.5]]
    """
    names = [*firms, NOBODY]
    found = _matched(a, b, firms)
    pairs = pd.MultiIndex.from_product([names, names], names=["from_firm", "to_firm"])
    counts = found.groupby(["from_firm", "to_firm", "seed"]).size().unstack("seed", fill_value=0)
    rates = counts.reindex(pairs, fill_value=0) / a.groupby("seed").size()
    mean, half = rates.mean(axis=1), rates.apply(lambda row: half_width(row.to_numpy(), confidence), axis=1)
    table = pd.DataFrame({"rate": mean, "low": mean - half, "high": mean + half, "seeds": rates.shape[1]})
    return table.reset_index()
