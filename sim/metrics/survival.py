"""How long customers stay with a firm, from a panel of purchases of all firms over all months observed.

The months observed run from 0 to the last period of the panel; windows that they do not cover whole are left out.
"""

from __future__ import annotations

import pandas as pd

from sim.metrics import ratio


def cohort_retention(panel: pd.DataFrame, firm: str, cohort: int = 12, window: int = 12) -> pd.Series:
    """Of the customers who first bought from the firm in the first `cohort` months, the part who buy in later windows.

    Returns the part [1] by first month of the window; those who come back after a window without a purchase count.
    Source: Fader & Hardie (2007), How to project customer retention, J. Interactive Marketing 21.

    >>> panel = pd.DataFrame({"customer": [0, 0, 1, 0], "period": [0, 3, 1, 5], "firm": "a"})
    >>> cohort_retention(panel, "a", cohort=2, window=2).to_dict()
    {2: 0.5, 4: 0.5}
    """
    own = panel[panel["firm"] == firm]
    first = own.groupby("customer")["period"].transform("min")
    members = own[first < cohort]
    windows = range((panel["period"].max() + 1 - cohort) // window)
    buyers = members.groupby((members["period"] - cohort) // window)["customer"].nunique()
    part = ratio(buyers.reindex(windows, fill_value=0), members["customer"].nunique())
    return pd.Series(part, [cohort + window * i for i in windows])


def churn_hazard(panel: pd.DataFrame, firm: str, window: int = 12) -> pd.DataFrame:
    """Of the customers who bought from the firm in each of their first windows, the part who do not buy in the next.

    A customer's windows start with the first purchase from the firm; who has left is counted no more, come back or not.
    Returns customers at risk and hazard [1] by tenure [windows]. Left out: customers whose next window had not ended.
    Source: discrete-time hazard, Singer & Willett (1993), J. Educational Statistics 18.

    >>> panel = pd.DataFrame({"customer": [0, 0, 0, 1], "period": [0, 2, 5, 1], "firm": "a"})
    >>> churn_hazard(panel, "a", window=2)["hazard"].to_dict()
    {1: 0.5, 2: 0.0}
    """
    own = panel[panel["firm"] == firm]
    first = own.groupby("customer")["period"].min()
    age = (own["period"] - own["customer"].map(first)) // window
    active = own.assign(age=age).drop_duplicates(["customer", "age"]).sort_values(["customer", "age"])
    unbroken = active["age"] == active.groupby("customer").cumcount()
    stayed = unbroken.groupby(active["customer"]).sum()
    months = panel["period"].max() + 1
    observed = (months - first) // window
    tenures = range(1, months // window)
    at_risk = pd.Series([((stayed >= t) & (observed > t)).sum() for t in tenures], tenures)
    left = pd.Series([((stayed == t) & (observed > t)).sum() for t in tenures], tenures)
    return pd.DataFrame({"customers": at_risk, "hazard": ratio(left, at_risk)}, index=tenures)


def tenure(panel: pd.DataFrame, firm: str) -> pd.Series:
    """Months from the first to the last purchase from the firm, by customer; 0 for those who bought in one month only.

    Source: Reinartz & Kumar (2000), J. Marketing 64.

    >>> panel = pd.DataFrame({"customer": [0, 0, 1], "period": [2, 9, 4], "firm": "a"})
    >>> tenure(panel, "a").to_dict()
    {0: 7, 1: 0}
    """
    periods = panel[panel["firm"] == firm].groupby("customer")["period"]
    return periods.max() - periods.min()
