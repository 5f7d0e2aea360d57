"""What a firm knows of a customer: how it is used, how it grows, how it fades. Stored in 1/65535."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.firms import add_small
from sim.science.kernels.gather import take
from sim.science.kernels.row import row_of
from sim.science.rules.learning_relationship import fit_learned, learned

WHOLE, PART, HALF = np.float32(65535), np.float32(1 / 65535), np.float32(0.5)
FIRST, u4 = np.int8(0), np.uint32


@kernel
def add_fit_learned(knowledge, weight, position, ideal, cell, posted, out_appeal):
    """Add what knowing each customer gains on one service dimension; position : (cells,); posted : scratch."""
    take(position, cell, posted)
    for i in range(cell.size):
        out_appeal[i] += fit_learned(weight, posted[i], ideal[i], np.float32(knowledge[i]) * PART)


@kernel
def add_learned_delivered(
    provider, place, knowledge, weight, position, ideal, cell, used, known, posted, out_quality, out_used
):
    """The same on the service received, over all dimensions; count the knowledge that was put to use.

    knowledge : uint16, the whole column, in place; position : (firms, needs, cells); ideal : (needs, rows);
    used : uint32 scratch; known, posted : scratch; out_used : (firms,) int64 in 1/65535, added to. Who bought nothing
    is looked up at the first firm and gains nothing.
    """
    for i in range(cell.size):
        used[i] = knowledge[u4(max(provider[i], FIRST)), place[i]]
    for i in range(cell.size):
        known[i] = np.float32(used[i]) * PART
    for d in range(ideal.shape[0]):
        own = row_of(ideal, d)
        for i in range(cell.size):
            posted[i] = position[u4(max(provider[i], FIRST)), d, cell[i]]
        for i in range(cell.size):
            better = np.float32(out_quality[i] + fit_learned(weight, posted[i], own[i], known[i]))
            out_quality[i] = better if provider[i] >= 0 else out_quality[i]
    add_small(provider, used, out_used)


@kernel
def learn(provider, place, steps, out_knowledge):
    """Let firms learn from those who bought; steps : (firms,) float32; out_knowledge : the whole column, in place."""
    for i in range(provider.size):
        f = provider[i]
        if f >= 0 and steps[f] > 0:
            known = out_knowledge[f, place[i]]
            out_knowledge[f, place[i]] = np.uint16(learned(np.float32(known), WHOLE, steps[f]) + HALF)


@kernel
def forget(kept, out_knowledge):
    """Let a month wear away what one firm knows, rounded down so that it is all gone in the end."""
    for i in range(out_knowledge.size):
        out_knowledge[i] = np.uint16(kept * np.float32(out_knowledge[i]))
