"""What a firm knows of a customer: how it is used, how it grows, how it fades. Stored in 1/65535."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.learning_relationship import fit_learned, learned

WHOLE, PART, HALF = np.float32(65535), np.float32(1 / 65535), np.float32(0.5)


@kernel
def add_fit_learned(knowledge, weight, position, ideal, cell, out_appeal):
    """Add what knowing each customer gains on one service dimension; position : (cells,)."""
    for i in range(cell.size):
        out_appeal[i] += fit_learned(weight, position[cell[i]], ideal[i], np.float32(knowledge[i]) * PART)


@kernel
def add_learned_delivered(provider, place, knowledge, weight, position, ideal, cell, out_quality, out_used):
    """The same on the service received, over all dimensions; count the knowledge that was put to use.

    knowledge : uint16, the whole column, in place; position : (firms, needs, cells); ideal : (needs, rows);
    out_used : (firms,) int64 in 1/65535, added to.
    """
    for i in range(cell.size):
        f = provider[i]
        if f >= 0:
            known = np.float32(knowledge[f, place[i]]) * PART
            for d in range(ideal.shape[0]):
                out_quality[i] += fit_learned(weight, position[f, d, cell[i]], ideal[d, i], known)
            out_used[f] += knowledge[f, place[i]]


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
