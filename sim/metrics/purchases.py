"""The patterns of repeat buying, from a panel of purchases.

A panel has one row a purchase: customer, period [months from 0], firm, amount [¤]; the purchases of a customer in one
month stand in the order in which they were made. A firm that sold nothing does not appear.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.metrics import ratio
from sim.metrics.relationship import transition_matrix
from sim.metrics.share import depth


class Duplication(NamedTuple):
    """The duplication coefficient D [1] and how much of the spread of the duplications it explains, R2 [1]."""

    coefficient: float
    explained: float


def purchase_counts(panel: pd.DataFrame) -> pd.DataFrame:
    """Purchases of each customer who bought (rows) from each firm (columns)."""
    return pd.crosstab(panel["customer"], panel["firm"])


def purchase_pairs(panel: pd.DataFrame) -> pd.DataFrame:
    """Purchases that another one followed, by customer and time, with the firm of the next one in `next_firm`."""
    ordered = panel.sort_values(["customer", "period"], kind="stable")
    following = ordered.groupby("customer")["firm"].shift(-1)
    return ordered.assign(next_firm=following)[following.notna()]


def penetration(panel: pd.DataFrame, heads: int) -> pd.Series:
    """Customers who bought from the firm at least once / heads of the market, buyers or not, by firm [1].

    Source: Ehrenberg (1988), Repeat-Buying, ch. 1.

    >>> panel = pd.DataFrame({"customer": [0, 0, 1], "period": [0, 1, 0], "firm": ["a", "a", "b"]})
    >>> penetration(panel, 4).to_dict()
    {'a': 0.25, 'b': 0.25}
    """
    return (purchase_counts(panel) > 0).sum() / heads


def purchase_frequency(panel: pd.DataFrame) -> pd.Series:
    """Purchases from the firm / customers who bought from it at least once, by firm [1].

    Source: Ehrenberg (1988), Repeat-Buying, ch. 1.

    >>> panel = pd.DataFrame({"customer": [0, 0, 1], "period": [0, 1, 0], "firm": ["a", "a", "b"]})
    >>> purchase_frequency(panel).to_dict()
    {'a': 2.0, 'b': 1.0}
    """
    counts = purchase_counts(panel)
    return counts.sum() / (counts > 0).sum()


def share_of_category_requirements(panel: pd.DataFrame) -> pd.Series:
    """Depth over the whole panel: purchases from the firm / all purchases of the firm's buyers, by firm [1].

    Source: Ehrenberg (1988), Repeat-Buying.

    >>> panel = pd.DataFrame({"customer": [0, 0, 0, 0], "period": [0, 1, 2, 3], "firm": ["a", "b", "b", "b"]})
    >>> share_of_category_requirements(panel).to_dict()
    {'a': 0.25, 'b': 0.75}
    """
    counts = purchase_counts(panel)
    wallet = (counts > 0).T @ counts.sum(axis=1)
    return pd.Series(depth(counts.sum(), wallet), counts.columns)


def duplication_of_purchase(panel: pd.DataFrame) -> pd.DataFrame:
    """Of the buyers of the row's firm, the part who also bought from the column's firm, b_column|row [1].

    Source: Ehrenberg (1988), Repeat-Buying; Goodhardt & Ehrenberg (1969), J. Marketing Research 6.

    >>> panel = pd.DataFrame({"customer": [0, 0, 1], "period": [0, 1, 0], "firm": ["a", "b", "a"]})
    >>> duplication_of_purchase(panel).to_numpy().tolist()
    [[1.0, 0.5], [1.0, 1.0]]
    """
    bought = (purchase_counts(panel) > 0).astype(float)
    both = bought.T @ bought
    return both.div(np.diag(both), axis="index")


def duplication_coefficient(duplication: pd.DataFrame, reached: pd.Series) -> Duplication:
    """D of the duplication law b_j|i = D b_j, by least squares through the origin over pairs of different firms.

    duplication : (firms, firms) from duplication_of_purchase. reached : (firms,) penetrations b, in the same order.
    R2 = 1 - residual / spread about the mean, so it is negative where one mean would do better than the law.
    Source: Ehrenberg (1988), Repeat-Buying; R2 without an intercept, Kvålseth (1985), American Statistician 39.

    >>> b = pd.Series([0.1, 0.2, 0.3])
    >>> law = duplication_coefficient(pd.DataFrame([1.5 * b] * 3), b)
    >>> round(law.coefficient, 3), round(law.explained, 3)
    (1.5, 1.0)
    """
    table = np.asarray(duplication, float)
    pairs = ~np.eye(len(table), dtype=bool)
    found, expected = table[pairs], np.broadcast_to(np.asarray(reached, float), table.shape)[pairs]
    coefficient = ratio(found @ expected, expected @ expected)
    residual, spread = np.sum((found - coefficient * expected) ** 2), np.sum((found - found.mean()) ** 2)
    return Duplication(float(coefficient), float(1 - ratio(residual, spread)))


def switching_matrix(panel: pd.DataFrame) -> pd.DataFrame:
    """Probability that the customer's next purchase is from the column's firm, the last being from the row's [1].

    A row is NaN where no purchase from the firm was followed by another.
    Source: Colombo & Morrison (1989), Marketing Science 8.

    >>> panel = pd.DataFrame({"customer": [0, 0, 0, 0], "period": [0, 1, 2, 3], "firm": ["a", "a", "b", "a"]})
    >>> switching_matrix(panel).to_numpy().tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    pairs = purchase_pairs(panel)
    firms = np.unique(panel["firm"])
    counts = pd.crosstab(pairs["firm"], pairs["next_firm"]).reindex(index=firms, columns=firms, fill_value=0)
    return pd.DataFrame(transition_matrix(counts), firms, firms)


def double_jeopardy(reached: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """w (1 - b) by firm [1]: about the same for all firms where small ones are bought by fewer and less often.

    reached : penetrations b. frequency : purchases per buyer w.
    Source: McPhee (1963); Ehrenberg, Goodhardt & Barwise (1990), J. Marketing 54.

    >>> double_jeopardy(np.array([0.5, 0.25]), np.array([3.0, 2.0])).tolist()
    [1.5, 1.5]
    """
    return frequency * (1 - reached)
