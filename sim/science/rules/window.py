"""What a customer's bitmap of months tells: how often, how recently, in the last year and the year before.

Bit b of the map is set if the customer bought b months ago (bit 0 is the present month); 24 months are kept. Recency
and frequency are the two numbers that customer-base analysis starts from.
Source: Fader & Hardie (2009), Probability models for customer-base analysis, J. Interactive Marketing 23, 61-69; the
count of bits after Warren (2012), Hacker's Delight, 2nd ed., section 5-1.
"""

import numpy as np

from sim.ground.grid import WINDOW
from sim.science.rules import rule

u4 = np.uint32
YEAR, TWO_YEARS = u4(2**WINDOW - 1), u4(2 ** (2 * WINDOW) - 1)
PAIRS, FOURS, EIGHTS, ONES = u4(0x55555555), u4(0x33333333), u4(0x0F0F0F0F), u4(0x01010101)


@rule
def frequency(months):
    """Number of months with a purchase: the bits that are set.

    >>> int(frequency(np.uint32(0b1011)))
    3
    """
    x = u4(months - ((months >> u4(1)) & PAIRS))
    x = u4((x & FOURS) + ((x >> u4(2)) & FOURS))
    x = u4((x + (x >> u4(4))) & EIGHTS)
    return u4(x * ONES) >> u4(24)


@rule
def recency(months):
    """Months since the last purchase, 0 for this month; 32 if there was none: the trailing zeros.

    >>> int(recency(np.uint32(0b1000))), int(recency(np.uint32(0)))
    (3, 32)
    """
    return frequency(u4(~months & u4(months - u4(1))))
