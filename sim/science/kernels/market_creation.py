"""Needs that no ordinary service fits: whom a month brings one, what place it has, and who cannot serve it."""

import numpy as np

from sim.ground.grid import ROUND
from sim.science.kernels import kernel
from sim.science.rules import rule
from sim.science.rules.philox import uniform_at

NEVER, NOWHERE = np.float32(-np.inf), np.float32(-1)
SHIFT, ONE = np.uint32(ROUND), np.uint32(1)


@rule
def is_unmet(unmet, occasions, period):
    """Whether the present occasion is the unmet need, which is the month's last one.

    >>> is_unmet(True, 2, np.uint32(7 | 1 << ROUND)), is_unmet(True, 2, np.uint32(7))
    (True, False)
    """
    return unmet & (np.uint32(occasions) == (period >> SHIFT) + ONE)


@kernel
def bring_needs(identity, period, k0, k1, alive, segment, opened, chance, out_draw, out_unmet, out_occasions):
    """Bring an unmet need to some customers of those segments for which somebody serves any, as one occasion more.

    opened : (segments,) bool; out_draw : float32, room for the draws.
    """
    for i in range(identity.size):
        out_draw[i] = uniform_at(identity[i], period, k0, k1)
    for i in range(identity.size):
        out_unmet[i] = (out_draw[i] < chance) & alive[i] & opened[segment[i]]
        out_occasions[i] += np.uint8(out_unmet[i])


@kernel
def place_needs(identity, period, k0, k1, unmet, occasions, out_place):
    """Place of the present need on [0, 1], below 0 where it is an ordinary one; out_place : float32."""
    for i in range(identity.size):
        out_place[i] = uniform_at(identity[i], period, k0, k1)
    for i in range(identity.size):
        out_place[i] = out_place[i] if is_unmet(unmet[i], occasions[i], period) else NOWHERE


@kernel
def leave_needs(place, opened, cell, out_appeal):
    """Take a firm out of the choice of those whose need it cannot serve; opened : (cells,) part that it can."""
    for i in range(cell.size):
        out_appeal[i] = NEVER if place[i] >= opened[cell[i]] else out_appeal[i]


@kernel
def count_created(period, unmet, occasions, provider, out_created):
    """Count the purchases for unmet needs; out_created : (firms,) int64, added to."""
    for i in range(provider.size):
        if provider[i] >= 0 and is_unmet(unmet[i], occasions[i], period):
            out_created[provider[i]] += 1
