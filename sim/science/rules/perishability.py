"""Seats that cannot be stored: how many there are in each context, and what a crowd costs those who found one.

    S_fc = floor(S_f ((1 - phi_f) split_c + phi_f demand_fc / demand_f)),   loss = c max(0, load - comfortable load)

Flexibility phi moves seats to where last month's customers wanted them (C8).
Sources: Talluri & van Ryzin (2004), The Theory and Practice of Revenue Management, ch. 1, on perishable capacity; Wardman &
Whelan (2011), Transport Reviews 31, 379-398, on the disutility of crowding growing from a threshold of the load.
Implements G3, C8.
"""

import math

from sim.science.rules import rule

ENOUGH = 2**53  # seats: nobody counts more

def seats_of(total: float, split: float, wanted: float, flexibility: float) -> int:
    """Seats in one context: a fixed part of the total, and a flexible one that follows last month's demand.

    >>> seats_of(100, 0.2, 0.5, 0.0), seats_of(100, 0.2, 0.5, 1.0)
    (20, 50)
    """
    return min(math.floor(total * ((1 - flexibility) * split + flexibility * wanted) + 1e-9), ENOUGH)


@rule
def crowding_loss(load, comfortable, crowding):
    """Quality lost in a vehicle that is fuller than comfortable [utils].

    >>> crowding_loss(0.6, 0.8, 1.0), round(crowding_loss(1.0, 0.8, 1.0), 6)
    (0.0, 0.2)
    """
    return crowding * max(load - comfortable, 0.0)
