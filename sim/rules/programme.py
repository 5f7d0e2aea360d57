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

from sim.rules import rule
from sim.rules.numeric import exp32


@rule
def nearer(points, threshold, earned, gradient):
    """Part of a reward that a trip's points bring, by the goal gradient [1].

    >>> nearer(3, 10, 1, 0.0)
    0.1
    >>> round(float(sum(nearer(p, 10, 1, 2.0) for p in range(10))), 5), bool(nearer(9, 10, 1, 2.0) > nearer(0, 10, 1, 2.0))
    (1.0, True)
    """
    if gradient == 0:
        return earned / threshold
    before, after = gradient * points / threshold, gradient * (points + earned) / threshold
    return (exp32(after) - exp32(before)) / (exp32(gradient) - 1)


@rule
def money_saved(points, threshold, earned, foresight, gradient, fare):
    """Money that the programme takes off this trip's fare in the customer's eyes [as fare].

    A customer whose points have reached the threshold travels free and gives up what the points were worth; any other
    counts the foreseen part of the reward that the trip brings nearer.

    >>> money_saved(10, 10, 1, 0.5, 0.0, 30.0), money_saved(3, 10, 1, 0.5, 0.0, 30.0)
    (15.0, 1.5)
    """
    return (
        fare - foresight * fare
        if points >= threshold
        else foresight * fare * nearer(points, threshold, earned, gradient)
    )


@rule
def points_of_trip(months, per_trip, tier_months, tier_points):
    """Points that a paid trip earns a member who travelled in so many of the last twelve months.

    tier_months : ascending months that reach each tier; tier_points : what each tier adds to per_trip.

    >>> points_of_trip(7, 10, (4, 8), (2, 5)), points_of_trip(9, 10, (4, 8), (2, 5))
    (12, 15)
    """
    earned = per_trip
    for t in range(len(tier_months)):
        if months >= tier_months[t]:
            earned = per_trip + tier_points[t]
    return earned
