"""What a purchase leaves behind: satisfaction, expectation, habit, points."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.row import row_of
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
    low, high = row_of(key, 0), row_of(key, 1)
    for i in range(provider.size):
        f = u4(max(provider[i], FIRST))
        low[i], high[i] = keys[f, 0], keys[f, 1]
    for i in range(provider.size):
        luck[i] = uniform_at(identity[i], period, low[i], high[i])
    for i in range(provider.size):
        luck[i] = normal_quantile(luck[i])
    spread = low.view(np.float32)
    for i in range(provider.size):
        spread[i] = noise[u4(max(provider[i], FIRST))]
    for i in range(provider.size):
        varied = out_quality[i] + spread[i] * luck[i]
        out_quality[i] = varied if provider[i] >= 0 else out_quality[i]


@kernel
def judge(
    provider, place, quality, loss_aversion, learning, smoothing, kept, out_gap, out_expectation, out_satisfaction
):
    """Compare the service with the expectation, move satisfaction and expectation.

    kept : (2, rows) int16 scratch; out_expectation, out_satisfaction : the whole columns, int16 as kept, in place. Who
    bought nothing is looked up at the first firm, and what stands there is put back.
    """
    expected, content = row_of(kept, 0), row_of(kept, 1)
    for i in range(provider.size):
        f, j = u4(max(provider[i], FIRST)), place[i]
        expected[i], content[i] = out_expectation[f, j], out_satisfaction[f, j]
    for i in range(provider.size):
        before = from_grid(expected[i])
        out_gap[i] = quality[i] - before if provider[i] >= 0 else NO_GAP
        learnt = to_grid(before + learning * out_gap[i])
        expected[i] = learnt if provider[i] >= 0 else expected[i]
    for i in range(provider.size):
        after = to_grid(smooth(from_grid(content[i]), felt_gap(out_gap[i], loss_aversion), smoothing))
        content[i] = after if provider[i] >= 0 else content[i]
    for i in range(provider.size):
        f, j = u4(max(provider[i], FIRST)), place[i]
        out_expectation[f, j], out_satisfaction[f, j] = expected[i], content[i]
