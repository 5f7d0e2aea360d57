"""Who knows a firm: told by its advertising, told by others, forgotten if never considered.

The chance that somebody who does not know the firm hears of it in a month::

    1 - exp(-(g a + q F)),   a = advertising a head and month,   F = part of the market that knows the firm

With small steps the part that knows follows dF/dt = (p + q F)(1 - F), p = g a: the Bass curve.
Sources: Bass (1969), A new product growth model for consumer durables, Management Science 15, 215-227; reach as
1 - exp(-response) after Little (1979), Operations Research 27; Strong (1925) for the ladder of effects. Implements G4, F5.
"""

import math

from sim.science.rules import rule

UNAWARE, AWARE, INTERESTED, BUYER, LOYAL = range(5)


def hearing_chance(advertising: float, response: float, contagion: float, known: float) -> float:
    """Chance per month that a customer who does not know the firm comes to know it.

    >>> hearing_chance(0.0, 1.0, 0.5, 0.0), round(hearing_chance(0.1, 1.0, 0.0, 0.0), 6)
    (0.0, 0.095163)
    """
    return -math.expm1(-(response * advertising + contagion * known))


@rule
def settle_stage(stage, months, loyal_months):
    """Stage at the end of a month, from the months with a purchase in the last year.

    A buyer who stopped is still interested; nobody becomes a buyer or loyal but by buying.

    >>> settle_stage(1, 2, 6), settle_stage(3, 7, 6), settle_stage(3, 0, 6), settle_stage(1, 0, 6)
    (3, 4, 2, 1)
    """
    if months >= loyal_months:
        return LOYAL
    if months > 0:
        return BUYER
    return min(stage, INTERESTED)
