"""Who buys at outlets only, which firms are carried near him, and where he bought."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.draw import draw_alone, uniforms
from sim.science.kernels.gather import take
from sim.science.rules.philox import uniform_at

ALWAYS, FIRST, NOWHERE, NEVER = np.uint32(0), np.int8(0), np.float32(0), np.float32(-np.inf)
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
def list_wanting(identity, wants, out_row, out_who, out_count):
    """List those who want an outlet: their rows and who they are; out_count : (1,) how many; the rest is not used."""
    count = ALWAYS
    for i in range(identity.size):
        out_row[count], out_who[count] = i, identity[i]
        count = np.uint32(count + np.uint32(wants[i]))
    out_count[0] = count


@kernel
def pass_over(k0, k1, row, who, count, covered, draw, out_appeal):
    """Take a firm out of the choice of those who want an outlet and have none of its outlets near; the place does not move.

    row, who, count : of `list_wanting`; draw : scratch.
    """
    listed = count[0]
    for c in range(listed):
        draw[c] = NOWHERE
    if covered > 0:
        draw_alone(who[:listed], ALWAYS, k0, k1, draw)
    for c in range(listed):
        out_appeal[row[c]] = NEVER if draw[c] >= covered else out_appeal[row[c]]


@kernel
def find_outlet(identity, keys, provider, wants, carried, own, out_outlet):
    """Where each customer bought: directly, at a branch, or at a dealer.

    keys : (firms, 2) uint32; carried : (firms,) bool; own : (firms,) float32 part of the customers near an own branch.
    """
    branches = False
    for f in range(own.size):
        branches |= own[f] > 0
    for i in range(identity.size):
        there = (provider[i] >= 0) & wants[i] & carried[np.uint32(max(provider[i], FIRST))]
        out_outlet[i] = DEALER if there else DIRECT
    for i in range(identity.size if branches else 0):
        if out_outlet[i] == DEALER:
            f = provider[i]
            near = uniform_at(identity[i], ALWAYS, keys[f, 0], keys[f, 1])
            out_outlet[i] = BRANCH if near < own[f] else DEALER


@kernel
def explain(provider, outlet, change, out_quality):
    """Let the outlet tell on the service; change : (outlets, firms) float32 [utils]."""
    for i in range(provider.size):
        told = out_quality[i] + change[np.uint32(outlet[i]), np.uint32(max(provider[i], FIRST))]
        out_quality[i] = told if provider[i] >= 0 else out_quality[i]


@kernel
def tally_outlets(provider, outlet, paid, out_sales, out_cents):
    """Count sales and money by firm and outlet; both (firms, outlets) int64, added to."""
    for i in range(provider.size):
        f = provider[i]
        if f >= 0 and outlet[i] != DIRECT:
            out_sales[f, outlet[i]] += 1
            out_cents[f, outlet[i]] += paid[i]
