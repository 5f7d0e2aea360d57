"""What the market is worth to its customers."""

from __future__ import annotations

import numpy as np

from sim.metrics import ratio


def consumer_surplus(appeal: np.ndarray, price_sensitivity: np.ndarray) -> np.ndarray:
    """Expected surplus of an occasion over staying out, whose appeal is 0: ln(1 + sum of e^V) / alpha [¤].

    appeal : (alternatives, rows), V [utils], -inf for an alternative not known. price_sensitivity : (rows,), alpha
    [utils/¤]; NaN where it is 0.
    Source: Small & Rosen (1981), Econometrica 49.

    >>> consumer_surplus(np.array([[0.0], [0.0]]), np.array([0.5])).round(3).tolist()  # 2 ln 3
    [2.197]
    """
    from scipy.special import logsumexp

    inside = logsumexp(appeal, axis=0)
    return ratio(np.logaddexp(0, inside), price_sensitivity)
