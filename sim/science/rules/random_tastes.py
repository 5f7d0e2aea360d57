"""Tastes that differ between people: normal around the segment's mean, correlated over attributes.

The taste of customer i for attribute k is a mean, what the segment adds, and what the person adds::

    theta_ik = theta_k + shift_sk + sd_k (L z_i)_k,   z_i independent standard normal,   L L' = correlation

Sources: McFadden & Train (2000), Mixed MNL models for discrete response, J. Applied Econometrics 15, 447-470; the
correlation by a Cholesky root after Train (2009), Discrete Choice Methods with Simulation, 2nd ed., section 9.2.5.
Implements A6 and C3.
"""

import math

import numpy as np

TINY = 1e-9


def correlation_root(correlation: np.ndarray) -> np.ndarray | None:
    """Lower triangular L with L L' = correlation, None if no random numbers can be correlated like that.

    Unlike the usual Cholesky root it exists for a correlation of exactly 1, too.

    >>> correlation_root(np.array([[1.0, 0.6], [0.6, 1.0]])).round(3).tolist()
    [[1.0, 0.0], [0.6, 0.8]]
    >>> correlation_root(np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])) is None
    True
    """
    root = np.zeros_like(correlation, dtype=float)
    for k in range(len(root)):
        for j in range(k):
            rest = correlation[k, j] - root[k, :j] @ root[j, :j]
            if root[j, j] == 0 and abs(rest) > TINY:
                return None
            root[k, j] = rest / root[j, j] if root[j, j] else 0.0
        left = correlation[k, k] - root[k, :k] @ root[k, :k]
        if left < -TINY:
            return None
        root[k, k] = math.sqrt(left) if left > TINY else 0.0
    return root
