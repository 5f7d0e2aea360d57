"""What customers without experience of a firm see and hear of it."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.choice import attribute_worth
from sim.science.rules.numeric import from_grid, to_grid
from sim.science.rules.satisfaction import smooth


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
        own, said = taste[attributes[n]], promised[n]
        for i in range(segment.size):
            out_worth[i] += attribute_worth(own[i], said[np.uint16(segment[i])])
    for i in range(segment.size):
        moved = to_grid(smooth(from_grid(out_expectation[i]), out_worth[i], rate))
        out_expectation[i] = moved if bought[i] == 0 else out_expectation[i]


@kernel
def count_first(provider, place, bought, out_first):
    """Count the purchases of customers without experience of the firm; bought : the whole column, out_first : (firms,)."""
    for i in range(provider.size):
        if provider[i] >= 0:
            out_first[provider[i]] += bought[provider[i], place[i]] == 0
