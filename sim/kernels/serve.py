"""Deliver what was bought: the fare to pay and the value of the service received."""

import numpy as np

from sim.kernels import kernel
from sim.kernels.gather import take
from sim.rules.choice import attribute_worth, fit_gained

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


@kernel
def add_fit(weight, position, standard, ideal, cell, out_appeal):
    """Add what an offer gains over the standard one by lying nearer the customer's ideal point; position : (cells,)."""
    posted = np.empty(cell.size, np.float32)
    take(position, cell, posted)
    for i in range(cell.size):
        out_appeal[i] += fit_gained(weight, posted[i], standard, ideal[i])


@kernel
def add_fit_delivered(provider, weight, position, standard, ideal, cell, out_quality):
    """The same on the service received; position : (firms, cells)."""
    for i in range(cell.size):
        if provider[i] >= 0:
            out_quality[i] += fit_gained(weight, position[provider[i], cell[i]], standard, ideal[i])
