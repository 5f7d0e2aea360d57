"""What a purchase leaves behind: satisfaction, expectation, habit, points."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.choice import attribute_worth
from sim.science.rules.numeric import from_grid, normal_quantile, to_grid
from sim.science.rules.philox import uniform_at
from sim.science.rules.satisfaction import felt_gap, perceived, smooth

FIRST, NO_GAP, u4 = np.int8(0), np.float32(0), np.uint32


@kernel
def add_opinion(opinion, weight, out_appeal):
    """Add weight * opinion: what a customer thinks of one firm; opinion : int16, as kept."""
    for i in range(opinion.size):
        out_appeal[i] += weight * from_grid(opinion[i])


@kernel
def perceive(
    provider, cell, attributes, taste, level, technical_weight, functional_weight, chosen, technical, out_quality
):
    """Weigh what was delivered anew: the worth of the technical attributes, and everything else.

    attributes : (n,) places of the technical attributes; taste : (attributes, rows); level : (firms, attributes,
    cells); chosen : uint32 scratch; technical : scratch.
    """
    for i in range(provider.size):
        chosen[i] = u4(max(provider[i], FIRST))
    for i in range(provider.size):
        technical[i] = 0.0
    for k in attributes:
        for i in range(provider.size):
            technical[i] += attribute_worth(taste[k, i], level[chosen[i], k, cell[i]])
    for i in range(provider.size):
        weighed = perceived(out_quality[i], technical[i], technical_weight, functional_weight)
        out_quality[i] = weighed if provider[i] >= 0 else out_quality[i]


@kernel
def vary_quality(identity, period, keys, provider, noise, key, luck, out_quality):
    """Add the delivery noise of the firm that served.

    keys : (firms, 2) uint32 key of each firm's delivery draws; noise : (firms,) float32 standard deviation [utils];
    key : (2, rows) uint32 scratch; luck : scratch.
    """
    low, high = key[0], key[1]
    for i in range(provider.size):
        f = u4(max(provider[i], FIRST))
        low[i], high[i] = keys[f, 0], keys[f, 1]
    for i in range(provider.size):
        luck[i] = uniform_at(identity[i], period, low[i], high[i])
    for i in range(provider.size):
        luck[i] = normal_quantile(luck[i])
    for i in range(provider.size):
        varied = out_quality[i] + noise[u4(max(provider[i], FIRST))] * luck[i]
        out_quality[i] = varied if provider[i] >= 0 else out_quality[i]


@kernel
def judge(
    provider,
    place,
    quality,
    loss_aversion,
    learning,
    smoothing,
    expected,
    satisfied,
    kept,
    out_gap,
    out_expectation,
    out_satisfaction,
):
    """Compare the service with the expectation, move satisfaction and expectation.

    expected, satisfied : scratch; kept : (2, rows) int16 scratch; out_expectation, out_satisfaction : the whole
    columns, int16 as kept, in place.
    """
    for i in range(provider.size):
        expected[i] = from_grid(out_expectation[u4(max(provider[i], FIRST)), place[i]])
    for i in range(provider.size):
        satisfied[i] = from_grid(out_satisfaction[u4(max(provider[i], FIRST)), place[i]])
    for i in range(provider.size):
        out_gap[i] = quality[i] - expected[i] if provider[i] >= 0 else NO_GAP
    learnt, content = kept[0], kept[1]
    for i in range(provider.size):
        learnt[i] = to_grid(expected[i] + learning * out_gap[i])
    for i in range(provider.size):
        content[i] = to_grid(smooth(satisfied[i], felt_gap(out_gap[i], loss_aversion), smoothing))
    for i in range(provider.size):
        if provider[i] >= 0:
            f, j = u4(provider[i]), place[i]
            out_expectation[f, j], out_satisfaction[f, j] = learnt[i], content[i]
