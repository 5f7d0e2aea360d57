"""Addressed draws for whole columns."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.numeric import normal_quantile
from sim.science.rules.philox import call_of, four_uniforms, uniform_at

GROUP, RUN = 256, 64  # customers who share calls of the cipher, and how many calls
MANY, STEP = 112, 32  # customers of a group for whom its calls pay, and how far to go on where they do not
u4, LAST, EIGHT = np.uint32, np.uint32(GROUP - 1), np.uint32(8)


@kernel
def draw_group(first, period, k0, k1, out):
    """Numbers of the 256 customers from `first` on, a multiple of 256: four customers a call of the cipher."""
    call, one, two, three, four = call_of(first), out[:RUN], out[RUN : 2 * RUN], out[2 * RUN : 3 * RUN], out[3 * RUN :]
    for i in range(RUN):
        one[i], two[i], three[i], four[i] = four_uniforms(u4(call + u4(i)), period, k0, k1)


@kernel
def draw_alone(identity, period, k0, k1, out):
    """One call of the cipher a customer."""
    for i in range(identity.size):
        out[i] = uniform_at(identity[i], period, k0, k1)


@kernel
def rows_of_group(identity):
    """How many rows, from the first on, are customers of the first one's group of 256; 0 where whole calls do not pay."""
    group, count, together = identity[0] >> EIGHT, 0, 0
    if identity.size < MANY or identity[MANY - 1] >> EIGHT != group:
        return 0
    for i in range(min(GROUP, identity.size)):
        count += identity[i] >> EIGHT == group
    for i in range(count):
        together += identity[i] >> EIGHT == group
    return count if together == count else 0


@kernel
def draw_scattered(identity, period, k0, k1, out):
    """Draw whole groups where many of a group are there, and pick; all others alone."""
    group, start, alone, last = np.empty(GROUP, np.float32), 0, 0, identity.size - 1
    if (identity[last] - identity[0]) // GROUP * MANY > identity.size:  # far apart: not worth a look
        start = identity.size
    while start < identity.size:
        count = rows_of_group(identity[start:])
        if count:
            draw_alone(identity[alone:start], period, k0, k1, out[alone:start])
            draw_group(u4(identity[start] & ~LAST), period, k0, k1, group)
            alone = start + count
            for i in range(start, alone):
                out[i] = group[identity[i] & LAST]
        start += count if count else STEP
    draw_alone(identity[alone:], period, k0, k1, out[alone:])


@kernel
def uniforms(identity, period, k0, k1, out):
    """One uniform number a customer, the same whoever else is drawn and in which order.

    Where 256 customers stand in the order of their identities, as they do in the table, four share a call of the cipher.
    """
    whole, others = identity.size // GROUP * GROUP, 0
    for i in range(whole):
        others += identity[i] != u4(identity[0] + u4(i))
    if others or (whole and identity[0] & LAST):
        whole = 0
    for start in range(0, whole, GROUP):
        draw_group(identity[start], period, k0, k1, out[start : start + GROUP])
    if whole < identity.size:
        draw_scattered(identity[whole:], period, k0, k1, out[whole:])


@kernel
def normals(identity, period, k0, k1, out):
    """One standard normal number a customer."""
    uniforms(identity, period, k0, k1, out)
    for i in range(identity.size):
        out[i] = normal_quantile(out[i])


@kernel
def pick_by_segment(identity, period, k0, k1, segment, cumulative, draw, bound, out_kind, out_cell):
    """Draw one of several kinds for each customer from its segment's mix: the context of an occasion, a channel.

    cumulative : (segments, kinds) float32, cumulative probabilities, last column 1; draw, bound : scratch;
    out_cell : segment * kinds + kind, of a type that holds it.
    """
    kinds = np.uint32(cumulative.shape[1])
    uniforms(identity, period, k0, k1, draw)
    out_kind[:] = 0
    for k in range(kinds - 1):
        for i in range(identity.size):
            bound[i] = cumulative[segment[i], k]
        for i in range(identity.size):
            out_kind[i] += np.int8(draw[i] > bound[i])
    for i in range(identity.size):
        out_cell[i] = np.uint32(segment[i]) * kinds + np.uint32(out_kind[i])
