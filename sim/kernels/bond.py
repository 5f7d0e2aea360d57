"""What a purchase leaves behind: satisfaction, expectation, habit, points."""

import numpy as np

from sim.kernels import kernel
from sim.rules.experience import felt_gap, smooth
from sim.rules.habit import carry_on
from sim.rules.numeric import exp32, normal_quantile
from sim.rules.philox import uniform_at
from sim.rules.programme import money_saved


@kernel
def add_opinion(opinion, weight, out_appeal):
    """Add weight * opinion: a customer's own record of one firm, in utils."""
    for i in range(opinion.size):
        out_appeal[i] += weight * opinion[i]


@kernel
def add_habit(habit, usual, weight, out_appeal):
    """Add weight * (habit - usual): how far a customer's record of one firm is from what is usual for this customer."""
    for i in range(habit.size):
        out_appeal[i] += weight * (habit[i] - usual[i])


@kernel
def expect_purchases(appeal, out_odds, out_total):
    """Odds exp(appeal) of one firm, and their sum over the firms so far."""
    for i in range(appeal.size):
        out_odds[i] = exp32(appeal[i])
        out_total[i] += out_odds[i]


@kernel
def live(
    identity,
    period,
    keys,
    provider,
    noise,
    loss_aversion,
    learning,
    smoothing,
    out_quality,
    out_gap,
    out_expectation,
    out_satisfaction,
):
    """Perceive the service with delivery noise, compare it with the expectation, move satisfaction and expectation.

    keys : (firms, 2) uint32 key of each firm's delivery draws; noise : (firms,) float32 standard deviation [utils];
    out_expectation, out_satisfaction : (firms, rows).
    """
    for i in range(provider.size):
        f = provider[i]
        out_gap[i] = 0.0
        if f >= 0:
            draw = normal_quantile(uniform_at(identity[i], period, keys[f, 0], keys[f, 1]))
            out_quality[i] += noise[f] * draw
            gap = out_quality[i] - out_expectation[f, i]
            out_gap[i] = gap
            out_satisfaction[f, i] = smooth(out_satisfaction[f, i], felt_gap(gap, loss_aversion), smoothing)
            out_expectation[f, i] += learning * gap


@kernel
def drift(norm, rate, out_expectation):
    """Move what every customer expects of one firm towards the norm of its market."""
    for i in range(out_expectation.size):
        out_expectation[i] = smooth(out_expectation[i], norm, rate)


@kernel
def form_habit(provider, firm, carry_over, out_habit):
    """Update the Guadagni-Little variable of one firm for the customers who bought something."""
    for i in range(provider.size):
        bought = np.float32(1.0) if provider[i] == firm else np.float32(0.0)
        after = carry_on(out_habit[i], bought, carry_over)
        out_habit[i] = after if provider[i] >= 0 else out_habit[i]


@kernel
def add_programme(points, threshold, earned, foresight, price_sensitivity, journey, fare, cell, out_appeal):
    """Add the utility of the money that a programme saves the customer on this trip."""
    for i in range(points.size):
        saved = money_saved(points[i], threshold, earned, foresight, fare[cell[i]])
        out_appeal[i] += price_sensitivity[i] * journey[i] * saved


@kernel
def redeem(provider, points, firm, threshold, out_free, out_paid):
    """Let customers who have the points travel free."""
    for i in range(provider.size):
        free = provider[i] == firm and points[i] >= threshold
        out_free[i] = out_free[i] or free
        out_paid[i] = np.int32(0) if free else out_paid[i]


@kernel
def keep_points(provider, free, period, firm, threshold, earned, expiry, out_points, out_earned_at, out_flow):
    """Book the points of one firm's programme: earned by paid trips, redeemed by free ones, expired when idle too long.

    out_flow : (3,) int64, points earned, redeemed and expired, added to.
    """
    for i in range(provider.size):
        if provider[i] == firm:
            if free[i]:
                out_points[i] -= threshold
                out_flow[1] += threshold
            else:
                out_points[i] += earned
                out_flow[0] += earned
            out_earned_at[i] = period
        elif out_points[i] > 0 and period - out_earned_at[i] >= expiry:
            out_flow[2] += out_points[i]
            out_points[i] = 0
