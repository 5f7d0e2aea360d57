"""Seats sold, customers turned away, crowds felt."""

import numpy as np

from sim.ground.grid import NOBODY
from sim.science.kernels import kernel
from sim.science.rules.perishability import crowding_loss
from sim.science.rules.philox import philox

ZERO, HIGH = np.uint32(0), np.uint64(32)
NONE, FIRST, u4 = np.int8(NOBODY), np.int8(0), np.uint32


@kernel
def count_demand(provider, context, out_demand):
    """Customers who want each firm in each context; out_demand : (firms, contexts) int64, added to."""
    for i in range(provider.size):
        out_demand[u4(max(provider[i], FIRST)), context[i]] += provider[i] >= 0


@kernel
def queue(identity, period, k0, k1, provider, context, firm, place, out_number):
    """Place in the queue of everybody who wants a firm in a context: a random number that nobody else has.

    out_number : (rows,) uint64, the largest number for those who do not queue.
    """
    for i in range(identity.size):
        out_number[i] = np.uint64(0xFFFFFFFFFFFFFFFF)
        if provider[i] == firm and context[i] == place:
            bits, _, _, _ = philox(identity[i], period, ZERO, ZERO, k0, k1)
            out_number[i] = np.uint64(bits) << HIGH | np.uint64(identity[i])


@kernel
def exclude_full(full, context, out_appeal):
    """Take a firm out of the choice in the contexts in which it has no seat left; full : (contexts,) bool."""
    for i in range(context.size):
        if full[context[i]]:
            out_appeal[i] = -np.inf


@kernel
def feel_crowd(provider, context, load, comfortable, crowding, out_quality):
    """Take off the quality what crowding costs; load : (firms, contexts) float32, 0 where seats are not counted."""
    for i in range(provider.size):
        less = crowding_loss(load[u4(max(provider[i], FIRST)), context[i]], comfortable, crowding)
        out_quality[i] = out_quality[i] - less if provider[i] >= 0 else out_quality[i]
