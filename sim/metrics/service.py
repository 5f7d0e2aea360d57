"""How the service was received, and what the customers did about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.metrics import ratio
from sim.metrics.loyalty import repeat_rate
from sim.metrics.purchases import purchase_pairs


def complaint_rate(complaints: np.ndarray, purchases: np.ndarray) -> np.ndarray:
    """Complaints / purchases, by firm [1].

    Source: Fornell & Wernerfelt (1987), J. Marketing Research 24.

    >>> complaint_rate(np.array([3]), np.array([60])).tolist()
    [0.05]
    """
    return ratio(complaints, purchases)


def recovery_rate(recovered: np.ndarray, complaints: np.ndarray) -> np.ndarray:
    """Complaints after which the customer was content again / complaints, by firm [1].

    Source: Hart, Heskett & Sasser (1990), Harvard Business Review 68.

    >>> recovery_rate(np.array([3]), np.array([4])).tolist()
    [0.75]
    """
    return ratio(recovered, complaints)


def net_promoter_balance(satisfaction: np.ndarray, low: float, high: float) -> float:
    """Part of the customers at `high` or above less the part at `low` or below [1]; unknown (NaN) ones are left out.

    satisfaction, low, high : [utils], low below high.
    Source: Reichheld (2003), Harvard Business Review 81.

    >>> net_promoter_balance(np.array([-1.0, 0.0, 1.0, 2.0]), low=-1.0, high=1.0)
    0.25
    """
    known = np.asarray(satisfaction, float)
    known = known[np.isfinite(known)]
    return float(ratio(np.sum(known >= high) - np.sum(known <= low), len(known)))


def satisfaction_gap(perceived: np.ndarray, expected: np.ndarray) -> float:
    """Mean of perceived less expected service [utils]; negative where customers got less than they expected.

    Source: gap 5 of Parasuraman, Zeithaml & Berry (1985), J. Marketing 49.

    >>> satisfaction_gap(np.array([1.0, 3.0]), np.array([2.0, 4.0]))
    -1.0
    """
    gaps = np.subtract(perceived, expected, dtype=float)
    return float(ratio(gaps.sum(), gaps.size))


def funnel_conversion(counts: np.ndarray) -> np.ndarray:
    """Of the customers who came as far as a stage, the part who came further; stages but the last first [1].

    counts : (stages, ...) customers by the furthest stage that they reached, each counted once.
    Source: hierarchy of effects, Lavidge & Steiner (1961), J. Marketing 25.

    >>> funnel_conversion(np.array([60, 30, 10])).tolist()  # 100 came in, 40 got on, 10 of them to the end
    [0.4, 0.25]
    """
    reached = np.flip(np.cumsum(np.flip(counts, axis=0), axis=0), axis=0)
    return ratio(reached[1:], reached[:-1])


def repurchase_by_satisfaction(
    panel: pd.DataFrame, edges: Sequence[float], firms: Sequence[str] | None = None
) -> pd.DataFrame:
    """Probability that the customer's next purchase is from the same firm, by satisfaction after this one [1].

    panel : purchases with `satisfaction` [utils]; the last one of each customer only ends a pair.
    edges : (bands + 1,) rising limits [utils]; a band holds its upper limit. firms : look at purchases from these only (the
    next one may be from any firm), because firms that differ in size and in service confound the two; by default all.
    Returns purchases and repurchase by band.
    Source: domain E2; Mittal & Kamakura (2001), J. Marketing Research 38.

    >>> panel = pd.DataFrame({"customer": 0, "period": [0, 1, 2], "firm": ["a", "a", "b"], "satisfaction": [1, -1, 0]})
    >>> repurchase_by_satisfaction(panel, [-2, 0, 2])["repurchase"].tolist()
    [0.0, 1.0]
    """
    pairs = purchase_pairs(panel)
    if firms is not None:
        pairs = pairs[pairs["firm"].isin(list(firms))]
    same = pairs["next_firm"].astype(object) == pairs["firm"].astype(object)
    grouped = same.groupby(pd.cut(pairs["satisfaction"], edges), observed=False)
    purchases = grouped.count()
    return pd.DataFrame({"purchases": purchases, "repurchase": repeat_rate(grouped.sum(), purchases)})
