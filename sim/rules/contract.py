"""What it costs to change the provider: an effort once, and a penalty for leaving a contract early.

    V_if <- V_if - c [f is not the last provider] - alpha_i penalty [bound to another firm]

Sources: Klemperer (1987), Markets with consumer switching costs, Quarterly J. of Economics 102, 375-394; Klemperer (1995),
Review of Economic Studies 62, 515-539. Implements D5, F2, D7.
"""

from sim.rules import rule


@rule
def switching_loss(last, firm, cost):
    """Utils lost by buying from a firm that is not the last provider; nothing for a first purchase (last < 0).

    >>> switching_loss(1, 2, 0.3), switching_loss(2, 2, 0.3), switching_loss(-1, 2, 0.3)
    (0.3, 0.0, 0.0)
    """
    return cost if last >= 0 and last != firm else 0.0


@rule
def is_breach(bound_to, months_left, firm):
    """Whether buying from a firm breaks a contract with another.

    >>> is_breach(1, 3, 2), is_breach(1, 0, 2), is_breach(2, 3, 2)
    (True, False, False)
    """
    return months_left > 0 and bound_to != firm
