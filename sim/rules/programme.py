"""Frequent-traveller programme: trips earn points, points earn a free trip (A5).

A trip's points bring the next free trip nearer; to a customer who looks ahead they are worth a fraction of a fare::

    value of one trip's points = foresight * fare * points / threshold

and once the threshold is reached the next trip costs nothing, but takes the points, whose foreseen value is then spent.
Over the whole cycle a reward of one fare is counted as one fare, whatever the foresight.
Source: Kivetz, Urminsky & Zheng (2006), J. Marketing Research 43, 39-58, for programmes of this kind; Lewis (2004),
J. Marketing Research 41, 281-292, for points as expected discounts.
"""

from sim.rules import rule


@rule
def money_saved(points, threshold, earned, foresight, fare):
    """Money that the programme takes off this trip's fare in the customer's eyes [as fare].

    A customer whose points have reached the threshold travels free and gives up what the points were worth; any other
    counts the foreseen part of the reward that the trip brings nearer.

    >>> money_saved(10, 10, 1, 0.5, 30.0), money_saved(3, 10, 1, 0.5, 30.0)
    (15.0, 1.5)
    """
    return fare - foresight * fare if points >= threshold else foresight * fare * earned / threshold
