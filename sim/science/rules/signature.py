"""Room that customers can feel: how far fewer seats in the same vehicle make an offer stand out.

Log-linear in room a head, by definition one class at the luxury coach's 32 seats for 47. Implements A3, F7.
"""

import math


def room_classes(standard_seats: int, seats: int, luxury_seats: int) -> float:
    """Classes gained by taking seats out: log-linear in room a head, one class at luxury_seats (A3).

    >>> room_classes(47, 32, 32), room_classes(47, 47, 32)
    (1.0, 0.0)
    """
    return math.log(standard_seats / seats) / math.log(standard_seats / luxury_seats)
