"""What a purchase leaves behind: satisfaction, expectation, habit, points."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.choice import attribute_worth
from sim.science.rules.numeric import from_grid, normal_quantile, to_grid
from sim.science.rules.philox import uniform_at
from sim.science.rules.satisfaction import felt_gap, perceived, smooth

WHOLE, HALF = np.float32(65535), np.float32(0.5)


@kernel
def add_opinion(opinion, weight, out_appeal):
    """Add weight * opinion: what a customer thinks of one firm; opinion : int16, as kept."""
    for i in range(opinion.size):
        out_appeal[i] += weight * from_grid(opinion[i])


@kernel
def perceive(provider, cell, attributes, taste, level, technical_weight, functional_weight, out_quality):
    """Weigh what was delivered anew: the worth of the technical attributes, and everything else.

    attributes : (n,) places of the technical attributes; taste : (attributes, rows); level : (firms, attributes, cells).
    """
    for i in range(provider.size):
        f = provider[i]
        if f >= 0:
            technical = np.float32(0)
            for n in range(attributes.size):
                k = attributes[n]
                technical += attribute_worth(taste[k, i], level[f, k, cell[i]])
            out_quality[i] = perceived(out_quality[i], technical, technical_weight, functional_weight)


@kernel
def live(
    identity,
    period,
    keys,
    provider,
    place,
    noise,
    loss_aversion,
    learning,
    smoothing,
    out_quality,
    out_gap,
    out_expectation,
    out_satisfaction,
):
    """Perceive the service with delivery noise, compare it with the expectation, move satisfaction and expectation.

    keys : (firms, 2) uint32 key of each firm's delivery draws; noise : (firms,) float32 standard deviation [utils];
    out_expectation, out_satisfaction : the whole columns, int16 as kept, in place.
    """
    key = np.empty((2, provider.size), np.uint32)
    draw = np.empty(provider.size, np.float32)
    for i in range(provider.size):
        f = max(provider[i], 0)
        key[0, i], key[1, i] = keys[f, 0], keys[f, 1]
    for i in range(provider.size):
        draw[i] = normal_quantile(uniform_at(identity[i], period, key[0, i], key[1, i]))
    for i in range(provider.size):
        f, j = provider[i], place[i]
        out_gap[i] = 0.0
        if f >= 0:
            expected, satisfied = from_grid(out_expectation[f, j]), from_grid(out_satisfaction[f, j])
            out_quality[i] += noise[f] * draw[i]
            gap = out_quality[i] - expected
            out_gap[i] = gap
            out_satisfaction[f, j] = to_grid(smooth(satisfied, felt_gap(gap, loss_aversion), smoothing))
            out_expectation[f, j] = to_grid(expected + learning * gap)


