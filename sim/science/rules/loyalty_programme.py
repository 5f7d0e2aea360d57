"""Frequent-traveller programme: trips earn points, points earn a free trip (A5), the status of a tier, or a partner's goods (C6).

A trip's points bring the next free trip nearer. To a customer who looks ahead they are worth a part of a fare, and the
part grows as the goal comes near, because a reward that is fewer trips away is discounted less::

    value of one trip's points = foresight * fare * (e^(g (x + d)) - e^(g x)) / (e^g - 1),   x = points / threshold

with d = points of the trip / threshold. The pieces of one whole way to the goal add up to foresight * fare for any
gradient g; g = 0 spreads them evenly. Once the threshold is reached the next trip costs nothing, but takes the points,
whose foreseen value is then spent: over a cycle a reward of one fare is counted as one fare, whatever the foresight.
Source: Kivetz, Urminsky & Zheng (2006), The goal-gradient hypothesis resurrected, J. Marketing Research 43, 39-58;
Lewis (2004), J. Marketing Research 41, 281-292, for points as expected discounts.
"""

import math

from sim.science.rules import rule
from sim.science.rules.numeric import exp32


def first_step(points: float, threshold: float, gradient: float) -> float:
    """Part of the whole way's value that a trip's points bring at the very start: (e^(g d) - 1) / (e^g - 1), d without g.

    >>> first_step(1, 10, 0.0), round(first_step(10, 10, 2.0), 6)
    (0.1, 1.0)
    """
    return points / threshold if gradient == 0 else math.expm1(gradient * points / threshold) / math.expm1(gradient)


@rule
def nearer(points, threshold, step, gradient):
    """Part of a reward that a trip brings nearer to a member who holds points: step e^(g x), step from `first_step` [1].

    >>> nearer(3, 10, 0.1, 0.0)
    0.1
    >>> round(float(sum(nearer(p, 10, first_step(1, 10, 2.0), 2.0) for p in range(10))), 5)
    1.0
    """
    return step * exp32(gradient * points / threshold)


@rule
def money_saved(points, threshold, step, foresight, gradient, fare):
    """Money that the programme takes off this trip's fare in the customer's eyes [as fare].

    A customer whose points have reached the threshold travels free and gives up what the points were worth; any other
    counts the foreseen part of the reward that the trip brings nearer.

    >>> money_saved(10, 10, 0.1, 0.5, 0.0, 30.0), money_saved(3, 10, 0.1, 0.5, 0.0, 30.0)
    (15.0, 1.5)
    """
    return (
        fare - foresight * fare if points >= threshold else foresight * fare * nearer(points, threshold, step, gradient)
    )


@rule
def tier_of(months, tier_months):
    """Tier of a member who travelled in so many of the last twelve months; tier_months : ascending, what reaches each tier.

    >>> tier_of(3, (4, 8)), tier_of(7, (4, 8)), tier_of(9, (4, 8))
    (0, 1, 2)
    """
    tier = 0
    for t in range(len(tier_months)):
        tier += months >= tier_months[t]
    return tier
