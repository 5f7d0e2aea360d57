"""Addressed draws for whole columns."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.numeric import normal_quantile
from sim.science.rules.philox import uniform_at


@kernel
def uniforms(identity, period, k0, k1, out):
    """One uniform number a customer."""
    for i in range(identity.size):
        out[i] = uniform_at(identity[i], period, k0, k1)


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
