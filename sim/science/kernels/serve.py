"""Deliver what was bought: the fare to pay and the value of the service received."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.choice import attribute_worth

HALF = np.float64(0.5)


@kernel
def serve(provider, cell, mode, journey, cents, taste, level, out_paid, out_quality):
    """Money due and quality delivered by the chosen firm; both zero for a customer who stayed out.

    mode : (firms,); journey : (modes, rows); cents : (firms, cells) int32 fare of a standard journey;
    taste : (attributes, rows); level : (firms, attributes, cells).
    """
    for i in range(provider.size):
        f = provider[i]
        paid, worth = np.int32(0), np.float32(0)
        if f >= 0:
            paid = np.int32(cents[f, cell[i]] * np.float64(journey[mode[f], i]) + HALF)
            for k in range(taste.shape[0]):
                worth += attribute_worth(taste[k, i], level[f, k, cell[i]])
        out_paid[i] = paid
        out_quality[i] = worth


