"""What a frequent-traveller programme means to a trip, and what a trip means to the programme."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.loyalty_programme import money_saved, tier_of
from sim.science.rules.window import YEAR, frequency

LATEST, NOTHING = np.uint32(1), np.int16(0)


@kernel
def reach_tiers(bought, tier_months, steps, out_months, out_step):
    """What the points of a trip bring at the tier that each customer has reached with one firm.

    steps : `first_step` of each tier, the lowest first; out_months : float32, room for the months with a trip.
    """
    for i in range(bought.size):
        out_months[i], out_step[i] = frequency(bought[i] & YEAR), steps[0]
    for t in range(tier_months.size):
        for i in range(bought.size):
            out_step[i] = steps[t + 1] if out_months[i] >= tier_months[t] else out_step[i]


@kernel
def add_programme(points, step, threshold, foresight, gradient, price_sensitivity, journey, fare, out_appeal):
    """Add the utility of the money that a programme saves the customer on this trip; fare : of each [¤]."""
    for i in range(points.size):
        saved = money_saved(np.float32(points[i]), threshold, step[i], foresight, gradient, fare[i])
        out_appeal[i] += price_sensitivity[i] * journey[i] * saved


@kernel
def redeem(provider, points, firm, threshold, out_free, out_paid):
    """Let customers who have the points travel free."""
    for i in range(provider.size):
        free = provider[i] == firm and points[i] >= threshold
        out_free[i] = out_free[i] or free
        out_paid[i] = np.int32(0) if free else out_paid[i]


@kernel
def earn(provider, place, free, bought, firm, tier_months, tier_points, out_points, out_earned):
    """Book the points that paid trips with one firm earn.

    tier_points : points of a trip at each tier; bought, out_points : the firm's whole columns, in place; out_earned :
    (firms,) int64, added to.
    """
    for i in range(provider.size):
        if provider[i] == firm and not free[i]:
            earned = tier_points[tier_of(frequency(bought[place[i]] & YEAR), tier_months)]
            out_points[place[i]] += earned
            out_earned[firm] += earned


@kernel
def spend(provider, place, free, firm, threshold, out_points, out_redeemed):
    """Take the points of free trips with one firm; out_points, out_redeemed : as in `earn`."""
    for i in range(provider.size):
        if provider[i] == firm and free[i]:
            out_points[place[i]] -= threshold
            out_redeemed[firm] += threshold


@kernel
def expire(bought, firm, active, out_points, out_expired):
    """Let points of idle members of one firm's programme expire; out_expired : (firms,) int64, added to.

    active : uint32, the months of the bitmap in which a trip keeps points alive.
    """
    expired = 0
    for i in range(bought.size):
        idle = bought[i] & active == 0
        expired += out_points[i] if idle else NOTHING
        out_points[i] = NOTHING if idle else out_points[i]
    out_expired[firm] += expired


@kernel
def turn_in(bought, alive, draw, firm, partner_points, partner_rate, out_points, out_turned_in):
    """Let members who are there, stayed away this month and have the points turn them in at a partner of one firm.

    draw : (rows,) float32, uniform; partner_points : int16, more than 0; out_turned_in : (firms,) int64, added to.
    """
    turned_in = 0
    for i in range(bought.size):
        held, away = out_points[i], bought[i] & LATEST == 0
        gone = partner_points if alive[i] & away & (held >= partner_points) & (draw[i] < partner_rate) else NOTHING
        turned_in += gone
        out_points[i] = held - gone
    out_turned_in[firm] += turned_in
