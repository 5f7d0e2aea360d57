"""What a firm does with each of its customers: jobs by class and stage, and vouchers, which are money off for a time.

A customer's value to the firm is what the firm has booked in this accounting year, and for the months of the last
twelve that lie before it the mean of a month with a purchase (C3)::

    value = contribution + mean * months before,   mean = contributions of the year / months with a purchase of the year

Customers are ranked by value; the first part is class A, the last class C (D3). A voucher is worth its amount, but no
more than the fare; a fee is a voucher of negative amount. It is kept as one number: job * 16 + months it still runs.
Sources: Blattberg, Getz & Thomas (2001), Customer Equity, Harvard Business School Press, for the budget over winning,
keeping and adding; Reinartz, Thomas & Kumar (2005), Balancing acquisition and retention resources, J. Marketing 69(1),
63-79. Implements C2, C3, D2, D3.
"""

import math

import numpy as np

from sim.science.rules import rule
from sim.science.rules.life_cycle import STAGES

JOBS = ("winning", "growing", "keeping", "winning_back", "letting_go")
WINNING, GROWING, KEEPING, WINNING_BACK, LETTING_GO = range(len(JOBS))
CLASSES = ("a", "b", "c")
OWN = STAGES[1:-1]
LONGEST, CODES = 15, 16 * len(JOBS)
FOUR, LEFT = np.uint8(4), np.uint8(15)


@rule
def rolling_value(contribution, months_before, mean):
    """Value of a customer over the last twelve months, in grains.

    >>> float(rolling_value(np.int16(120), np.uint32(3), np.float64(50.0)))
    270.0
    """
    return np.float64(contribution) + mean * np.float64(months_before)


@rule
def voucher_code(job, left):
    """A voucher in one number; left : months that it still runs, 1 to 15.

    >>> int(voucher_code(3, 2)), int(job_of(np.uint8(50))), int(months_left(np.uint8(50)))
    (50, 3, 2)
    """
    return np.uint8(job * 16 + left)


@rule
def job_of(code):
    """Job that the voucher was given for."""
    return np.uint8(code >> FOUR)


@rule
def months_left(code):
    """Months that the voucher still runs, this one included."""
    return np.uint8(code & LEFT)


@rule
def money_off(amount, due):
    """What a voucher takes off the money due; a negative amount is a fee.

    >>> money_off(500, 3345), money_off(5000, 3345), money_off(-200, 3345)
    (500, 3345, -200)
    """
    return min(amount, due)


def affordable(money: float, price: float) -> int:
    """Contacts or accounts that a budget line pays for.

    >>> affordable(10.0, 3.0), affordable(0.3, 0.1)
    (3, 3)
    """
    return math.floor(money / price + 1e-9)


def class_sizes(customers: int, part_a: float, part_c: float) -> tuple[int, int, int]:
    """Customers in the classes A, B and C; A is rounded up, so that a firm's only customer is its best.

    >>> class_sizes(10, 0.2, 0.1), class_sizes(1, 0.2, 0.1)
    ((2, 7, 1), (1, 0, 0))
    """
    a = math.ceil(customers * part_a - 1e-9)
    c = min(math.floor(customers * part_c + 1e-9), customers - a)
    return a, customers - a - c, c
