"""Sums of whole numbers that never turn over: a sum that would leave the range stays at its end for good.

Money is added up in cents, utility and distance on a grid of 2^-20, so that totals depend on no order. 64 bits hold
4.6e18 of either; `sim.world.limits` refuses a month in which that was not enough.
"""

import numpy as np

from sim.ground.grid import FULL, GRID
from sim.science.rules import rule

MOST = np.float64(FULL)


@rule
def add_up(held, amount):
    """held + amount, both within [-FULL, FULL]; at an end it stays there, whatever comes after.

    >>> add_up(3, 4), add_up(FULL - 1, 5) == FULL, add_up(FULL, -5) == FULL
    (7, True, True)
    """
    return held if held >= FULL or held <= -FULL else min(max(held + amount, -FULL), FULL)


@rule
def whole(value):
    """The nearest whole number, FULL where there is none within the range.

    >>> whole(2.6), whole(-2.6), whole(1e30) == FULL, whole(float("nan")) == FULL
    (3, -3, True, True)
    """
    return np.int64(np.rint(value)) if abs(value) < MOST else np.int64(FULL)


@rule
def on_grid(value):
    """A number on the grid of 2^-20.

    >>> on_grid(0.5), on_grid(1e30) == FULL
    (524288, True)
    """
    return whole(np.float64(value) * GRID)
