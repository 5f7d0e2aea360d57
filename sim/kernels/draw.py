"""Addressed draws for whole columns."""

import numpy as np

from sim.kernels import kernel
from sim.rules.numeric import normal_quantile
from sim.rules.philox import uniform_at


@kernel
def uniforms(identity, period, k0, k1, out):
    """One uniform number a customer."""
    for i in range(identity.size):
        out[i] = uniform_at(identity[i], period, k0, k1)


@kernel
def normals(identity, period, k0, k1, out):
    """One standard normal number a customer."""
    for i in range(identity.size):
        out[i] = normal_quantile(uniform_at(identity[i], period, k0, k1))


@kernel
def arise(identity, period, k0, k1, segment, cumulative, out_context, out_cell):
    """Draw the usage context of each customer's occasion from its segment's mix.

    cumulative : (segments, contexts) float32, cumulative probabilities of the contexts, last column 1.
    """
    contexts = cumulative.shape[1]
    for i in range(identity.size):
        u = uniform_at(identity[i], period, k0, k1)
        c = 0
        for k in range(contexts - 1):
            c += u > cumulative[segment[i], k]
        out_context[i] = np.int8(c)
        out_cell[i] = np.uint16(segment[i] * contexts + c)
