"""What a firm's money buys: a stock of capability, and the level of service that it sustains.

Sources: model.md's capability stock after Nerlove & Arrow (1962), Economica 29, 129-142 (goodwill: spend in, decay
out); square-root response to spending as in Vidale & Wolfe's tradition, Little (1979), Operations Research 27,
629-667. Implements A1-A4, F1, F6.
"""

import math


def accumulate(stock: float, spend: float, gain: float, decay: float) -> float:
    """Capability after one period: (1 - decay) stock + gain sqrt(spend); spend in ¤ a head of market and period.

    >>> accumulate(1.0, 0.04, 0.2, 0.03)
    1.01
    """
    return (1 - decay) * stock + gain * math.sqrt(spend)


def level(stock: float) -> float:
    """Service level in [0, 1) that a capability stock sustains: 1 - exp(-stock).

    >>> level(0.0)
    0.0
    """
    return -math.expm1(-stock)


