"""What a firm's money buys, rule by rule: capability, levels of service, cost of a seat, price.

Sources: model.md's capability stock after Nerlove & Arrow (1962), Economica 29, 129-142 (goodwill: spend in, decay
out); square-root response to spending as in Vidale & Wolfe's tradition, Little (1979), Operations Research 27,
629-667. Implements A1-A4, F1, F6.
"""

import math


def room_classes(standard_seats: int, seats: int, luxury_seats: int) -> float:
    """Comfort classes gained by taking seats out: log-linear in room a head, one class at luxury_seats (A3).

    >>> room_classes(47, 32, 32), room_classes(47, 47, 32)
    (1.0, 0.0)
    """
    return math.log(standard_seats / seats) / math.log(standard_seats / luxury_seats)
