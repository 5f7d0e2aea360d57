"""What customers without experience of a firm see and hear of it."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.firms import add_small
from sim.science.kernels.row import row_of
from sim.science.rules.choice import attribute_worth
from sim.science.rules.numeric import from_grid, to_grid
from sim.science.rules.satisfaction import smooth

FIRST, u4 = np.int8(0), np.uint32


@kernel
def add_unseen(bought, taste, hidden, cell, out_appeal):
    """For who has no experience of the firm, add what is perceived over what is there; hidden : (cells,) float32."""
    for i in range(cell.size):
        unseen = attribute_worth(taste[i], hidden[cell[i]])
        out_appeal[i] += unseen if bought[i] == 0 else 0.0


@kernel
def hear_promise(bought, attributes, promised, taste, segment, rate, out_worth, out_expectation):
    """Move the expectation of one firm towards the worth of its promise, for who has no experience of it.

    attributes : (n,) places of the unseen attributes; promised : (n, segments) float32 levels that are promised;
    taste : (attributes, rows); out_worth : float32, room for what the promise is worth to each.
    """
    for i in range(segment.size):
        out_worth[i] = 0
    for n in range(attributes.size):
        own, said = row_of(taste, attributes[n]), promised[n]
        for i in range(segment.size):
            out_worth[i] += attribute_worth(own[i], said[np.uint16(segment[i])])
    for i in range(segment.size):
        moved = to_grid(smooth(from_grid(out_expectation[i]), out_worth[i], rate))
        out_expectation[i] = moved if bought[i] == 0 else out_expectation[i]


@kernel
def count_first(provider, place, bought, first, out_first):
    """Count the purchases of customers without experience of the firm.

    bought : the whole column; first : uint32 scratch; out_first : (firms,), added to.
    """
    for i in range(provider.size):
        first[i] = bought[u4(max(provider[i], FIRST)), place[i]]
    for i in range(provider.size):
        first[i] = u4(first[i] == 0)
    add_small(provider, first, out_first)
