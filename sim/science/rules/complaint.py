"""Exit, voice, and what a firm can still do about it.

A customer whose service falls short of the expectation by more than a threshold may say so to the firm. Wanting to is
not enough: a long way through menus and queues makes some give up, with exponential patience::

    P(complaint reaches the firm) = voice exp(-friction / patience)

The others tell their acquaintances or keep quiet, and show it by what they buy next. A complaint that is put right at
once is felt as if the gap had been smaller by the redress::

    S <- S + a_S (v(d + redress) - v(d))

so that satisfaction ends above where a faultless service would have left it only if the redress is larger than the loss
(the service-recovery paradox).
Sources: Hirschman (1970), Exit, Voice, and Loyalty; Singh (1988), Consumer complaint intentions and behavior, J.
Marketing 52(1), 93-107, for voice, private and silent responses; Smith, Bolton & Wagner (1999), A model of customer
satisfaction with service encounters involving failure and recovery, J. Marketing Research 36, 356-372; McCollough, Berry
& Yadav (2000), J. Service Research 3, 121-137. Implements C4, F9 and G7.
"""

import math

import numpy as np

from sim.science.rules import rule
from sim.science.rules.satisfaction import felt_gap

MOODS = ("content", "complained", "recovered", "tells", "silent")
CONTENT, COMPLAINED, RECOVERED, TELLS, SILENT = (np.uint8(k) for k in range(len(MOODS)))


def heard(voice: float, friction: float, patience: float) -> float:
    """Chance that a disappointed customer wants to complain and gets through; friction and patience in minutes.

    >>> heard(0.5, 0.0, 10.0), round(heard(0.5, 10.0, 10.0), 4)
    (0.5, 0.1839)
    """
    return voice * math.exp(-friction / patience)


@rule
def reaction(wish, luck, heard, empowerment, talk):
    """What a disappointed customer does, from two uniform numbers.

    >>> int(reaction(0.1, 0.9, 0.3, 0.5, 0.5)), int(reaction(0.1, 0.2, 0.3, 0.5, 0.5))
    (1, 2)
    >>> int(reaction(0.4, 0.2, 0.3, 0.5, 0.5)), int(reaction(0.4, 0.9, 0.3, 0.5, 0.5))
    (3, 4)
    """
    if wish < heard:
        return RECOVERED if luck < empowerment else COMPLAINED
    return TELLS if luck < talk else SILENT


@rule
def made_good(gap, redress, loss_aversion):
    """How much better a gap feels after redress [utils].

    >>> made_good(-1.0, 0.5, 2.0), made_good(-1.0, 1.5, 2.0)
    (1.0, 2.5)
    """
    return felt_gap(gap + redress, loss_aversion) - felt_gap(gap, loss_aversion)
