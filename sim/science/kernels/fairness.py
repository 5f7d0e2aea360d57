"""What customers mind when others get more: taken off the choice and off the service received."""

from sim.science.kernels import kernel


@kernel
def mind(missed, sensitivity, cell, out_appeal):
    """Take off the appeal of one firm what it does more for others; missed : (cells,) float32 shortfall [utils]."""
    for i in range(cell.size):
        out_appeal[i] -= sensitivity * missed[cell[i]]


@kernel
def mind_served(provider, missed, sensitivity, cell, out_quality):
    """The same on the service received; missed : (firms, cells)."""
    for i in range(cell.size):
        f = provider[i]
        if f >= 0:
            out_quality[i] -= sensitivity * missed[f, cell[i]]
