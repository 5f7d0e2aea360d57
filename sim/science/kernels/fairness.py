"""What customers mind when others get more: taken off the choice and off the service received."""

import numpy as np

from sim.science.kernels import kernel

FIRST = np.int8(0)


@kernel
def mind(missed, sensitivity, cell, out_appeal):
    """Take off the appeal of one firm what it does more for others; missed : (cells,) float32 shortfall [utils]."""
    for i in range(cell.size):
        out_appeal[i] -= sensitivity * missed[cell[i]]


@kernel
def mind_served(provider, missed, sensitivity, cell, out_quality):
    """The same on the service received; missed : (firms, cells)."""
    for i in range(cell.size):
        less = out_quality[i] - sensitivity * missed[np.uint32(max(provider[i], FIRST)), cell[i]]
        out_quality[i] = less if provider[i] >= 0 else out_quality[i]
