"""Who buys at outlets only, which firms are carried near him, and where he bought."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.draw import uniforms
from sim.science.kernels.gather import take
from sim.science.rules.philox import uniform_at

ALWAYS = np.uint32(0)
DIRECT, BRANCH, DEALER = 0, 1, 2


@kernel
def want_outlet(identity, k0, k1, segment, share, out_draw, out_part, out_wants):
    """Whether a customer is one of those who buy at outlets only, for good.

    share : (segments,) float32; out_draw, out_part : float32, room for the draws and for each one's share.
    """
    uniforms(identity, ALWAYS, k0, k1, out_draw)
    take(share, segment, out_part)
    for i in range(identity.size):
        out_wants[i] = out_draw[i] < out_part[i]


@kernel
def keep_to_channel(channel, third, out_wants):
    """Let only those want an outlet who come through the third party this time."""
    for i in range(channel.size):
        out_wants[i] = out_wants[i] & (channel[i] == third)


@kernel
def pass_over(identity, k0, k1, wants, covered, out_appeal):
    """Take a firm out of the choice of those who want an outlet and have none of its outlets near; the place does not move."""
    for i in range(identity.size):
        if wants[i] and uniform_at(identity[i], ALWAYS, k0, k1) >= covered:
            out_appeal[i] = -np.inf


@kernel
def find_outlet(identity, keys, provider, wants, carried, own, out_outlet):
    """Where each customer bought: directly, at a branch, or at a dealer.

    keys : (firms, 2) uint32; carried : (firms,) bool; own : (firms,) float32 part of the customers near an own branch.
    """
    for i in range(identity.size):
        f = provider[i]
        out_outlet[i] = DIRECT
        if f >= 0 and wants[i] and carried[f]:
            near = uniform_at(identity[i], ALWAYS, keys[f, 0], keys[f, 1])
            out_outlet[i] = BRANCH if near < own[f] else DEALER


@kernel
def explain(provider, outlet, change, out_quality):
    """Let the outlet tell on the service; change : (outlets, firms) float32 [utils]."""
    for i in range(provider.size):
        if provider[i] >= 0:
            out_quality[i] += change[outlet[i], provider[i]]


@kernel
def tally_outlets(provider, outlet, paid, out_sales, out_cents):
    """Count sales and money by firm and outlet; both (firms, outlets) int64, added to."""
    for i in range(provider.size):
        f = provider[i]
        if f >= 0 and outlet[i] != DIRECT:
            out_sales[f, outlet[i]] += 1
            out_cents[f, outlet[i]] += paid[i]
