"""Deliver what was bought: the fare to pay and the value of the service received."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.choice import attribute_worth

HALF, NOTHING, NO_WORTH = np.float64(0.5), np.int32(0), np.float32(0)
FIRST, u4 = np.int8(0), np.uint32


@kernel
def serve(provider, cell, mode, journey, cents, taste, level, spot, out_paid, out_quality):
    """Money due and quality delivered by the chosen firm; both zero for a customer who stayed out.

    mode : (firms,); journey : (modes, rows); cents : (firms, cells) int32 fare of a standard journey;
    taste : (attributes, rows); level : (firms, attributes, cells); spot : uint32 scratch. Who stayed out is looked up
    at the first firm and gets nothing of it: a step that everybody takes needs no guess who will take it.
    """
    cells, kinds = u4(level.shape[2]), u4(level.shape[1])
    for i in range(provider.size):
        spot[i] = u4(max(provider[i], FIRST))
    for i in range(provider.size):
        due = np.int32(cents[spot[i], cell[i]] * np.float64(journey[u4(mode[spot[i]]), i]) + HALF)
        out_paid[i] = due if provider[i] >= 0 else NOTHING
    for i in range(provider.size):
        spot[i] = u4(u4(spot[i] * u4(kinds * cells)) + u4(cell[i]))
    for i in range(provider.size):
        out_quality[i] = 0.0
    flat = level.ravel()
    for k in range(taste.shape[0]):
        posted, liking = flat[k * level.shape[2] :], taste[k]
        for i in range(provider.size):
            out_quality[i] += attribute_worth(liking[i], posted[spot[i]])
    for i in range(provider.size):
        out_quality[i] = out_quality[i] if provider[i] >= 0 else NO_WORTH
