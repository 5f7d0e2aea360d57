"""What a customer contributes to a firm: money paid less what the customer's journeys cost (C3).

A journey costs its length times the cost of a standard journey of that kind, as in the firm's books, and whatever else
a purchase is known to cost::

    contribution = paid - unit_cost * journey - service_cost

It is kept in whole grains; beyond what the column can hold it stays at the limit instead of turning over.
Source: Mulhern (1999), Customer profitability analysis: measurement, concentration, and research directions,
J. Interactive Marketing 13, 25-40.
"""

import numpy as np

from sim.ground.grid import CENTS
from sim.science.rules import rule

CENT, LEAST, MOST = np.float32(1 / CENTS), np.float32(-32768), np.float32(32767)


@rule
def contribution(paid, unit_cost, journey, service_cost):
    """Money that one purchase leaves [¤]; paid : cents; unit_cost : of a standard journey [¤].

    >>> round(float(contribution(3345, 26.0, 1.0, 0.5)), 3)
    6.95
    """
    return np.float32(paid) * CENT - unit_cost * journey - service_cost


@rule
def book(held, amount, grain):
    """Grains held after one more amount, rounded to the nearest, within the limits of 16 bits.

    >>> int(book(np.int16(10), np.float32(6.96), np.float32(0.1))), int(book(np.int16(32760), np.float32(99.0), np.float32(0.1)))
    (80, 32767)
    """
    sum_ = np.float32(held) + np.rint(amount / grain)
    return np.int16(min(max(sum_, LEAST), MOST))
