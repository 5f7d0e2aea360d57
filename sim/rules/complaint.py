"""Exit, voice and silence: what a customer does about a failure, and what putting it right is worth.

A failure is a gap below -threshold. The customer wants to complain with chance `voice`, and gets through the phone menu
with chance exp(-friction / patience); of the others some tell their friends and the rest leave in silence. A failure put
right is felt as if the gap had been smaller by the redress::

    S <- S + a (v(d + redress) - v(d))

so that a redress larger than the loss leaves the customer more content than if nothing had happened (the
service-recovery paradox), and a smaller one does not. Sources: Hirschman (1970), Exit, Voice, and Loyalty; Singh (1988), J.
Marketing 52, 93-107; Smith, Bolton & Wagner (1999), J. Marketing Research 36, 356-372; McCollough, Berry & Yadav (2000), J.
Service Research 3, 121-137; giving up as exponential patience, Palm (1953). Implements C4, F9, G7.
"""

import math

from sim.rules import rule
from sim.rules.experience import felt_gap

CONTENT, COMPLAINED, RECOVERED, TALKS, SILENT = range(5)


def getting_through(friction: float, patience: float) -> float:
    """Chance that a complaint survives the phone menu: exp(-friction / patience), both in minutes.

    >>> getting_through(0.0, 5.0), round(getting_through(5.0, 5.0), 6)
    (1.0, 0.367879)
    """
    return math.exp(-friction / patience)


@rule
def reaction(gap, threshold, draw, voice, through, talk):
    """What a customer does, from one uniform number: nothing, complain, tell friends, or leave in silence.

    >>> [reaction(-1.0, 0.5, u, 0.5, 0.5, 0.5) for u in (0.1, 0.3, 0.9)], reaction(-0.4, 0.5, 0.1, 0.5, 0.5, 0.5)
    ([1, 3, 4], 0)
    """
    if gap >= -threshold:
        return CONTENT
    heard = voice * through
    if draw < heard:
        return COMPLAINED
    return TALKS if draw < heard + (1 - heard) * talk else SILENT


@rule
def redressed(gap, redress, loss_aversion, smoothing):
    """Change of satisfaction when a failure is put right.

    >>> redressed(-1.0, 1.0, 2.0, 0.5), redressed(-1.0, 2.0, 2.0, 0.5)
    (1.0, 1.5)
    """
    return smoothing * (felt_gap(gap + redress, loss_aversion) - felt_gap(gap, loss_aversion))
