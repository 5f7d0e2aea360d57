"""What disappointed customers do, what is put right, and what the firm is told."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.choice import attribute_worth
from sim.science.rules.complaint import COMPLAINED, CONTENT, RECOVERED, made_good, reaction
from sim.science.rules.numeric import from_grid, to_grid
from sim.science.rules.philox import uniform_at


@kernel
def react(identity, period, wish, luck, provider, gap, threshold, heard, empowerment, talk, out_mood):
    """Let customers whose gap is below -threshold complain, tell others or keep quiet; who was served well is content.

    wish, luck : (firms, 2) uint32 keys of the draws; empowerment : (firms,) float32.
    """
    for i in range(provider.size):
        f = provider[i]
        if f >= 0:
            out_mood[i] = CONTENT
        if f >= 0 and gap[i] < -threshold:
            u = uniform_at(identity[i], period, wish[f, 0], wish[f, 1])
            v = uniform_at(identity[i], period, luck[f, 0], luck[f, 1])
            out_mood[i] = reaction(u, v, heard, empowerment[f], talk)


@kernel
def tally_moods(identity, period, wish, provider, mood, voice, heard, out_moods, out_gave_up):
    """Count what the disappointed did, and those of them who wanted to complain and gave up.

    wish : (firms, 2) uint32 keys of the draws by which they reacted; out_moods : (moods, firms) int64 and out_gave_up :
    (firms,) int64, added to.
    """
    for i in range(provider.size):
        f = provider[i]
        if f >= 0 and mood[i] != CONTENT:
            u = uniform_at(identity[i], period, wish[f, 0], wish[f, 1])
            out_moods[mood[i], f] += 1
            out_gave_up[f] += (u >= heard) & (u < voice)


@kernel
def make_good(mood, provider, place, gap, redress, loss_aversion, smoothing, out_satisfaction):
    """Let those whose complaint was put right feel a smaller gap; out_satisfaction : the whole column, in place."""
    for i in range(mood.size):
        if mood[i] == RECOVERED:
            f, j = provider[i], place[i]
            better = smoothing * made_good(gap[i], redress, loss_aversion)
            out_satisfaction[f, j] = to_grid(from_grid(out_satisfaction[f, j]) + better)


@kernel
def name_fault(mood, provider, cell, taste, level, weight, quality, out_complaints):
    """Count complaints by what was worst: the attribute with the lowest worth, or whatever else came with the service.

    weight : (attributes,) float32, what an attribute counts in the quality perceived; out_complaints : (firms,
    attributes + 1) int64, the last place for the delivery.
    """
    for i in range(mood.size):
        if mood[i] == COMPLAINED or mood[i] == RECOVERED:
            f, last = provider[i], taste.shape[0]
            fault, lowest, rest = last, np.float32(np.inf), quality[i]
            for k in range(last):
                worth = weight[k] * attribute_worth(taste[k, i], level[f, k, cell[i]])
                rest -= worth
                if worth < lowest:
                    fault, lowest = k, worth
            out_complaints[f, fault if lowest <= rest else last] += 1
