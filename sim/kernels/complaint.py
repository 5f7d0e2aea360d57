"""Who complains, of what, and who is put right at once."""

import numpy as np

from sim.kernels import kernel
from sim.rules.choice import attribute_worth
from sim.rules.complaint import COMPLAINED, RECOVERED, TALKS, reaction, redressed
from sim.rules.numeric import from_grid, to_grid
from sim.rules.philox import philox, uniform

ZERO = np.uint32(0)


@kernel
def fault_of(i, f, taste, level, cell, quality):
    """Attribute whose worth fell lowest, or the number of attributes if it was the rest: delivery, fit, crowd."""
    lowest, fault, rest = np.float32(0), taste.shape[0], quality[i]
    for k in range(taste.shape[0]):
        worth = attribute_worth(taste[k, i], level[f, k, cell[i]])
        rest -= worth
        if worth < lowest:
            lowest, fault = worth, k
    return taste.shape[0] if rest < lowest else fault


@kernel
def react(
    identity, period, k0, k1, provider, place, cell, taste, level, gap, quality, threshold, voice, through, talk, empowerment,
    redress, loss_aversion, smoothing, out_mood, out_satisfaction, out_complaints, out_recovered, out_failures, out_talked,
):  # fmt: skip
    """Let those whom a firm failed complain, talk or fall silent, and let its front line put things right.

    empowerment : (firms,) chance that a complaint is put right at once; out_satisfaction : the whole column, in place;
    out_complaints : (firms, faults) int64; out_recovered, out_failures, out_talked : (firms,) int64, added to.
    """
    for i in range(provider.size):
        f = provider[i]
        out_mood[i] = 0
        if f < 0 or gap[i] >= -threshold:
            continue
        first, second, _, _ = philox(identity[i], period, ZERO, ZERO, k0, k1)
        mood = reaction(gap[i], threshold, uniform(first), voice, through, talk)
        out_failures[f] += 1
        out_talked[f] += mood == TALKS
        if mood == COMPLAINED:
            out_complaints[f, fault_of(i, f, taste, level, cell, quality)] += 1
            if uniform(second) < empowerment[f]:
                mood = RECOVERED
                out_recovered[f] += 1
                better = redressed(gap[i], redress, loss_aversion, smoothing)
                out_satisfaction[f, place[i]] = to_grid(from_grid(out_satisfaction[f, place[i]]) + better)
        out_mood[i] = mood
