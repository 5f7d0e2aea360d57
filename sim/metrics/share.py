"""Shares of a market: how much of it a firm has, how many of its customers (breadth), how much of theirs (depth)."""

from __future__ import annotations

import numpy as np

from sim.metrics import ratio


def share(amount: np.ndarray) -> np.ndarray:
    """Part of the total of each firm; of purchases the volume share, of revenue the value share [1].

    >>> share(np.array([3, 1])).tolist()
    [0.75, 0.25]
    """
    return ratio(amount, np.sum(amount))


def breadth(buyers: np.ndarray, market_buyers: int) -> np.ndarray:
    """Customers who bought from the firm in the window / customers who bought at all (A5) [1].

    Source: domain A5; Ehrenberg's penetration among category buyers, Ehrenberg (1988), Repeat-Buying.

    >>> breadth(np.array([30, 80]), 100).tolist()
    [0.3, 0.8]
    """
    return ratio(buyers, market_buyers)


def depth(own: np.ndarray, wallet: np.ndarray) -> np.ndarray:
    """Purchases of the firm's buyers from the firm / all their purchases in the window: share of wallet (A5) [1].

    Source: domain A5; share of category requirements, Ehrenberg (1988).

    >>> depth(np.array([60]), np.array([240])).tolist()
    [0.25]
    """
    return ratio(own, wallet)


def herfindahl(shares: np.ndarray) -> float:
    """Sum of squared shares, 1 for a monopoly [1].

    Source: Herfindahl (1950); Hirschman (1964), American Economic Review 54.

    >>> herfindahl(np.array([0.5, 0.5]))
    0.5
    """
    return float(np.sum(np.square(shares)))
