"""What customers are worth, and how unequally: from contributions (customers,) [¤], negative ones included."""

from __future__ import annotations

import numpy as np

from sim.metrics import ratio
from sim.metrics.share import share

ABC = (0.2, 0.9)


def gini(contribution: np.ndarray) -> float:
    """Mean absolute difference between two customers / twice the mean absolute contribution [1]; NaN if all are 0.

    Without negatives this is Gini's coefficient; with them, the absolute mean keeps it within 0 and 1.
    Source: Gini (1912); negatives: Raffinetti, Siletti & Vernizzi (2015), Statistical Methods & Applications 24.

    >>> gini(np.array([0.0, 0.0, 0.0, 8.0]))
    0.75
    """
    ordered = np.sort(np.asarray(contribution, float))
    weights = 2 * np.arange(1, len(ordered) + 1) - len(ordered) - 1
    return float(ratio(weights @ ordered, len(ordered) * np.abs(ordered).sum()))


def top_share(contribution: np.ndarray, part: float = 0.2) -> float:
    """Part of the total from the best part of the customers [1]; a customer on the border counts in proportion.

    Above 1 where the others cost money; NaN where the total is not positive.
    Source: concentration curve, Lorenz (1905), Publications of the American Statistical Association 9.

    >>> top_share(np.array([80.0, 10.0, 5.0, 5.0, 0.0]))
    0.8
    """
    running = np.concatenate([[0.0], np.cumsum(np.sort(np.asarray(contribution, float))[::-1])])
    if running[-1] <= 0:
        return float("nan")
    return float(np.interp(part, np.linspace(0, 1, len(running)), running) / running[-1])


def abc_classes(contribution: np.ndarray) -> np.ndarray:
    """Class of each customer by rank of contribution: 0 = A, the best 20 %; 1 = B, the next 70 %; 2 = C, the last 10 %.

    Of equals, who comes first ranks first.
    Source: domain D3; ABC analysis, Dickie (1951), Factory Management and Maintenance 109.

    >>> abc_classes(np.array([0, 9, 1, 1, 1, 1, 1, 1, 1, 5])).tolist()
    [2, 0, 1, 1, 1, 1, 1, 1, 1, 0]
    """
    rank = np.empty(len(contribution))
    rank[np.argsort(-np.asarray(contribution, float), kind="stable")] = np.arange(len(contribution)) + 0.5
    return np.searchsorted(ABC, rank / len(contribution))


def abc_shares(contribution: np.ndarray) -> np.ndarray:
    """Part of the total contribution from the classes A, B, C [1]; negative for a class that costs money.

    Source: domain D3.

    >>> abc_shares(np.array([0, 9, 1, 1, 1, 1, 1, 1, 1, 4])).tolist()
    [0.65, 0.35, 0.0]
    """
    return share(np.bincount(abc_classes(contribution), contribution, minlength=len(ABC) + 1))


def customer_lifetime_value(margin: np.ndarray, retention: np.ndarray, discount: float) -> np.ndarray:
    """Present value of a customer held now, from the next period on [¤]: m r / (1 + d - r).

    The sum of m r^t / (1 + d)^t over t = 1, 2, ...; margin : m [¤/period]. retention : r [1]. discount : d [1/period].
    Source: Gupta & Lehmann (2003), J. Interactive Marketing 17.

    >>> float(customer_lifetime_value(100.0, 0.75, 0.0))
    300.0
    """
    return ratio(np.multiply(margin, retention), np.subtract(1 + discount, retention))


def retention_elasticity(retention: np.ndarray, discount: float) -> np.ndarray:
    """Per cent more lifetime value for one per cent more retention: (1 + d) / (1 + d - r) [1].

    Source: Gupta, Lehmann & Stuart (2004), J. Marketing Research 41, for the value of Gupta & Lehmann (2003).

    >>> float(retention_elasticity(0.75, 0.0))
    4.0
    """
    return ratio(1 + discount, np.subtract(1 + discount, retention))


def retention_gain(retention: np.ndarray, discount: float, points: float = 0.05) -> np.ndarray:
    """Growth of lifetime value when so much less of the customers leave, five points as a rule (D4) [1].

    Retention rises to no more than 1.
    Source: Reichheld & Sasser (1990), Harvard Business Review 68.

    >>> round(float(retention_gain(0.75, 0.0)), 3)  # 4 margins instead of 3
    0.333
    """
    kept = np.minimum(np.add(retention, points), 1)
    now, then = (customer_lifetime_value(1.0, r, discount) for r in (retention, kept))
    return ratio(then, now) - 1
