"""What one hears about a firm from others: an opinion that moves with every report, and more with a bad one.

    h_if <- h_if + a (v - h_if),   v = S_jf if S_jf >= 0 else w S_jf

where S_jf is the teller's satisfaction with the firm he last used. A bad report also travels further: it is told with a
higher chance. Sources: Anderson (1998), Customer satisfaction and word of mouth, J. Service Research 1, 5-17; Arndt
(1967), J. Marketing Research 4, 291-295, on the weight of unfavourable reports; East, Hammond & Lomax (2008), Int. J.
Research in Marketing 25, 215-224, who find that it need not be heavier. Implements D6, A3.
"""

from sim.science.rules import rule


@rule
def told(satisfaction, bad_weight):
    """Value of a report: the teller's satisfaction, weighed more if it is bad [utils].

    >>> told(0.5, 2.0), told(-0.5, 2.0)
    (0.5, -1.0)
    """
    return satisfaction if satisfaction >= 0 else bad_weight * satisfaction


@rule
def telling_chance(satisfaction, talk, bad_reach):
    """Chance that a contact tells of it this month: talk, times bad_reach if the experience was bad, at most 1.

    >>> telling_chance(0.5, 0.2, 2.0), telling_chance(-0.5, 0.2, 2.0)
    (0.2, 0.4)
    """
    return talk if satisfaction >= 0 else min(talk * bad_reach, 1.0)
