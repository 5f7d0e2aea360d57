"""Fit of an offer with the ideal points of customers."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.gather import take
from sim.science.kernels.row import row_of
from sim.science.rules.choice import fit_gained

FIRST, u4 = np.int8(0), np.uint32


@kernel
def add_fit(weight, position, standard, ideal, cell, out_posted, out_appeal):
    """Add what an offer gains over the standard one by lying nearer the customer's ideal point.

    position : (cells,); out_posted : float32, room for the position posted for each customer.
    """
    take(position, cell, out_posted)
    for i in range(cell.size):
        out_appeal[i] += fit_gained(weight, out_posted[i], standard, ideal[i])


@kernel
def add_fit_delivered(provider, weight, position, standard, ideal, cell, posted, out_quality):
    """The same on the service received, on all dimensions; who stayed out is looked up at the first firm.

    position : (firms, needs, cells); ideal : (needs, rows); posted : scratch.
    """
    for d in range(ideal.shape[0]):
        own = row_of(ideal, d)
        for i in range(cell.size):
            posted[i] = position[u4(max(provider[i], FIRST)), d, cell[i]]
        for i in range(cell.size):
            better = out_quality[i] + fit_gained(weight, posted[i], standard, own[i])
            out_quality[i] = better if provider[i] >= 0 else out_quality[i]
