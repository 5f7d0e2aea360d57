"""State dependence: the more, and the more recently, a customer bought from a firm, the more it appeals.

The loyalty variable is an exponentially smoothed record of purchases; it moves only when something is bought::

    G_if <- c G_if + (1 - c) [bought from f]

Source: Guadagni & Little (1983), A logit model of brand choice calibrated on scanner data, Marketing Science 2,
203-238, equation 5. Implements D5.
"""

from sim.science.rules import rule


@rule
def carry_on(habit, bought, carry_over):
    """Loyalty variable after a purchase; bought is 1 for the firm bought from, 0 for the others.

    >>> carry_on(0.5, 1.0, 0.8)
    0.6
    """
    return bought + carry_over * (habit - bought)
