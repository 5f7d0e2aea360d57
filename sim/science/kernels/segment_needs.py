"""Fit of an offer with the ideal points of customers."""

from sim.science.kernels import kernel
from sim.science.kernels.gather import take
from sim.science.rules.choice import fit_gained


@kernel
def add_fit(weight, position, standard, ideal, cell, out_posted, out_appeal):
    """Add what an offer gains over the standard one by lying nearer the customer's ideal point.

    position : (cells,); out_posted : float32, room for the position posted for each customer.
    """
    take(position, cell, out_posted)
    for i in range(cell.size):
        out_appeal[i] += fit_gained(weight, out_posted[i], standard, ideal[i])


@kernel
def add_fit_delivered(provider, weight, position, standard, ideal, cell, out_quality):
    """The same on the service received, on all dimensions; position : (firms, needs, cells); ideal : (needs, rows)."""
    for d in range(ideal.shape[0]):
        for i in range(cell.size):
            if provider[i] >= 0:
                out_quality[i] += fit_gained(weight, position[provider[i], d, cell[i]], standard, ideal[d, i])
