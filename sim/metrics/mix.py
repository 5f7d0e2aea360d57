"""How varied the strategies of a market are: between its firms and within each of them."""

from __future__ import annotations

import numpy as np


def shannon(parts: np.ndarray) -> np.ndarray:
    """Entropy -sum_k x_k ln x_k along the last axis [nats]; 0 for a pure strategy, ln 4 for four kinds alike.

    Source: Shannon (1948), Bell System Technical J. 27.

    >>> shannon(np.array([[1.0, 0.0], [0.5, 0.5]])).round(4).tolist()
    [0.0, 0.6931]
    """
    parts = np.asarray(parts, float)
    return 0.0 - np.sum(parts * np.log(np.where(parts > 0, parts, 1.0)), axis=-1)


def strategy_mix_entropy(mixes: np.ndarray) -> float:
    """Entropy of the market's mean mix, each firm counted once: how varied the market is as a whole [nats].

    mixes : (firms, kinds), parts of each firm's spending. NaN without firms. Two pure and different firms have the same
    as two firms that each do both: see `entropy_within` for the difference.

    >>> round(strategy_mix_entropy(np.array([[1.0, 0.0], [0.0, 1.0]])), 4)
    0.6931
    """
    mixes = np.asarray(mixes, float)
    return float(shannon(mixes.mean(axis=0))) if len(mixes) else float("nan")


def entropy_within(mixes: np.ndarray) -> float:
    """Mean entropy of the firms' own mixes: how varied a firm is in itself [nats]; NaN without firms.

    What `strategy_mix_entropy` exceeds it by is the variety between firms (Jensen-Shannon divergence, Lin 1991,
    IEEE Transactions on Information Theory 37).

    >>> entropy_within(np.array([[1.0, 0.0], [0.0, 1.0]]))
    0.0
    """
    mixes = np.asarray(mixes, float)
    return float(np.mean(shannon(mixes))) if len(mixes) else float("nan")
