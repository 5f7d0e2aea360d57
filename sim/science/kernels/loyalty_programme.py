"""What a frequent-traveller programme means to a trip, and what a trip means to the programme."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.draw import uniforms
from sim.science.kernels.gather import take
from sim.science.rules.loyalty_programme import money_saved, tier_of
from sim.science.rules.window import YEAR, frequency

EARNED, REDEEMED, EXPIRED, PARTNER = range(4)
LATEST, NOTHING = np.uint32(1), np.int16(0)


@kernel
def add_programme(
    points,
    bought,
    tier_months,
    steps,
    threshold,
    foresight,
    gradient,
    price_sensitivity,
    journey,
    fare,
    cell,
    out_appeal,
):
    """Add the utility of the money that a programme saves the customer on this trip; steps : `first_step` of each tier."""
    months, step = np.empty(points.size, np.float32), np.empty(points.size, np.float32)
    asked = np.empty(points.size, np.float32)
    for i in range(points.size):
        months[i], step[i] = frequency(bought[i] & YEAR), steps[0]
    for t in range(tier_months.size):
        for i in range(points.size):
            step[i] = steps[t + 1] if months[i] >= tier_months[t] else step[i]
    take(fare, cell, asked)
    for i in range(points.size):
        saved = money_saved(np.float32(points[i]), threshold, step[i], foresight, gradient, asked[i])
        out_appeal[i] += price_sensitivity[i] * journey[i] * saved


@kernel
def redeem(provider, points, firm, threshold, out_free, out_paid):
    """Let customers who have the points travel free."""
    for i in range(provider.size):
        free = provider[i] == firm and points[i] >= threshold
        out_free[i] = out_free[i] or free
        out_paid[i] = np.int32(0) if free else out_paid[i]


@kernel
def keep_points(provider, place, free, bought, firm, tier_months, tier_points, threshold, out_points, out_flow):
    """Book the points of one firm's programme: earned by paid trips, redeemed by free ones.

    tier_points : points of a trip at each tier; bought, out_points : the whole columns, in place; out_flow : (4,) int64, points earned, redeemed, expired and turned in at partners, added to.
    """
    for i in range(provider.size):
        if provider[i] == firm:
            if free[i]:
                out_points[place[i]] -= threshold
                out_flow[REDEEMED] += threshold
            else:
                earned = tier_points[tier_of(frequency(bought[place[i]] & YEAR), tier_months)]
                out_points[place[i]] += earned
                out_flow[EARNED] += earned


@kernel
def let_go(identity, period, k0, k1, bought, alive, active, partner_points, partner_rate, out_points, out_flow):
    """Let points of idle members expire, and let members who stayed away this month turn theirs in at a partner.

    active : uint32, the months of the bitmap in which a trip keeps points alive.
    """
    draw = np.empty(bought.size, np.float32)
    uniforms(identity, period, k0, k1, draw)
    expired, turned_in = 0, 0
    for i in range(bought.size):
        held, idle, away = out_points[i], bought[i] & active == 0, bought[i] & LATEST == 0
        turns = alive[i] & away & (not idle) & (held >= partner_points) & (draw[i] < partner_rate)
        gone = held if idle else partner_points if turns else NOTHING
        expired += held if idle else NOTHING
        turned_in += gone if turns else NOTHING
        out_points[i] = held - gone
    out_flow[EXPIRED] += expired
    out_flow[PARTNER] += turned_in
