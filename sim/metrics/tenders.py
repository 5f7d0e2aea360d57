"""Who won the tenders of institutional buyers, and at which price, over seeds."""

from __future__ import annotations

import pandas as pd

from sim.metrics.interval import half_width


def winners(tenders: pd.DataFrame) -> pd.DataFrame:
    """How often each firm won, a row an institution and firm; firm "" stands for tenders that lapsed.

    Parameters
    ----------
    tenders : a row a tender with the columns seed, institution, firm and price [¤].

    Returns
    -------
    tenders: mean number a seed. part: of the institution's tenders [1]; price: of the contracts won [¤]; both means over
    seeds, `_half` the half-width of their 95 % intervals. A seed without a contract of the firm counts in part, not in price.

    >>> rows = {"seed": [1, 1, 2], "institution": "county", "firm": ["echo", "thrift", "echo"], "price": [30.0, 28.0, 32.0]}
    >>> winners(pd.DataFrame(rows))[["firm", "tenders", "part", "price"]].values.tolist()
    [['echo', 1.0, 0.75, 31.0], ['thrift', 0.5, 0.25, 28.0]]
    """
    rows = []
    for institution, held in tenders.groupby("institution"):
        counts = held.groupby(["firm", "seed"]).size().unstack(fill_value=0)
        prices = held.groupby(["firm", "seed"])["price"].mean().unstack()
        parts = counts / counts.sum()
        for firm in sorted(parts.index, key=lambda name: (not name, -parts.loc[name].mean())):
            told = {"institution": institution, "firm": firm, "tenders": counts.loc[firm].mean()}
            for name, of in (("part", parts), ("price", prices)):
                told |= {name: of.loc[firm].mean(), f"{name}_half": half_width(of.loc[firm])}
            rows.append(told)
    return pd.DataFrame(rows)


def numbered(tenders: pd.DataFrame) -> pd.DataFrame:
    """The tenders that somebody won, with the column `tender`: the institution's first, second, ... of the seed.

    >>> rows = {"seed": 1, "institution": "county", "firm": ["", "echo", "thrift"], "price": [None, 30.0, 28.0]}
    >>> numbered(pd.DataFrame(rows))["tender"].tolist()
    [1, 2]
    """
    won = tenders[tenders["firm"] != ""]
    return won.assign(tender=won.groupby(["seed", "institution"]).cumcount() + 1)
