"""Fit of an offer with the ideal points of customers."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.gather import take
from sim.science.rules.choice import fit_gained


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
