"""Who was in the market: who came after its first day, who left, and when, over seeds."""

from __future__ import annotations

import pandas as pd

from sim.metrics.interval import half_width, proportion


def comings_and_goings(replications: pd.DataFrame) -> pd.DataFrame:
    """How often and when firms entered and left, a row a firm.

    Parameters
    ----------
    replications : firms' rows of all seeds with the columns `entered`, `left` and `trading` of the mechanism `entry`.

    Returns
    -------
    by firm: at_start (whether it was there on the first day), then for entered, left and there (in the market in the last
    month) the share of the seeds and its limits `_low`, `_high` [1]; for entered and left the mean `_month` over the seeds
    in which it happened and the half-width of its 95 % interval `_half` [months]. NaN where it never happened.

    >>> rows = {"firm": "echo", "seed": [1, 2], "entered": [3.0, 5.0], "left": [9.0, None], "trading": [False, True]}
    >>> comings_and_goings(pd.DataFrame(rows))[["entered", "entered_month", "left", "left_month", "there"]].values.tolist()
    [[1.0, 4.0, 0.5, 9.0, 0.5]]
    """
    ends = replications.groupby(["firm", "seed"], sort=False)[["entered", "left", "trading"]].last()
    rows = {}
    for firm, seeds in ends.groupby(level="firm", sort=False):
        told = {"at_start": bool((seeds["entered"] == 0).any())}
        for event, months in (("entered", seeds["entered"].where(seeds["entered"] > 0)), ("left", seeds["left"])):
            told |= _share(event, months.notna())
            told |= {f"{event}_month": months.mean(), f"{event}_half": half_width(months)}
        rows[firm] = told | _share("there", seeds["trading"].astype(bool))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("firm")


def _share(name: str, happened: pd.Series) -> dict[str, float]:
    low, high = proportion(int(happened.sum()), len(happened))
    return {name: float(happened.mean()), f"{name}_low": low, f"{name}_high": high}
