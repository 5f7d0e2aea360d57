"""How far customers' needs are met, level by level, and what that leaves of the offers on higher levels."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.firms import add_small
from sim.science.kernels.gather import take
from sim.science.kernels.row import row_of
from sim.science.rules.choice import attribute_worth, fit_gained
from sim.science.rules.levels_of_need import fulfilled
from sim.science.rules.satisfaction import smooth

WHOLE, ONE, UP = np.float32(65535), np.float32(1), np.float32(0.99)
FIRST, u4 = np.int8(0), np.uint32


@kernel
def fall_short(met, out_short):
    """What a level's offers lack for each customer: product of met over the levels below, minus 1.

    met : (levels below, rows) uint16 in 1/65535.
    """
    for i in range(out_short.size):
        out_short[i] = ONE
    for k in range(met.shape[0]):
        kept = row_of(met, k)
        for i in range(out_short.size):
            out_short[i] *= np.float32(kept[i]) / WHOLE
    for i in range(out_short.size):
        out_short[i] = out_short[i] - ONE


@kernel
def add_short_attribute(short, taste, level, cell, out_posted, out_appeal):
    """Take off the part of an attribute's worth that does not count; out_posted : room for the level posted."""
    take(level, cell, out_posted)
    for i in range(cell.size):
        out_appeal[i] += short[i] * attribute_worth(taste[i], out_posted[i])


@kernel
def add_short_fit(short, weight, position, standard, ideal, cell, out_posted, out_appeal):
    """Take off the part of the fit on one service dimension that does not count; out_posted : room."""
    take(position, cell, out_posted)
    for i in range(cell.size):
        out_appeal[i] += short[i] * fit_gained(weight, out_posted[i], standard, ideal[i])


@kernel
def deliver_attributes(provider, cell, taste, level, attribute_level, posted, out_worth):
    """What the attributes of the service received are worth on each level of need; nothing to who stayed out.

    attribute_level : place of the level that each attribute serves, negative for none; posted : scratch; out_worth :
    (levels, rows). Who stayed out is looked up at the first firm.
    """
    for k in range(out_worth.shape[0]):
        worth = row_of(out_worth, k)
        for i in range(provider.size):
            worth[i] = 0
    for k in range(taste.shape[0]):
        if attribute_level[k] >= 0:
            liking, worth = row_of(taste, k), row_of(out_worth, attribute_level[k])
            for i in range(provider.size):
                posted[i] = level[u4(max(provider[i], FIRST)), k, cell[i]]
            for i in range(provider.size):
                more = worth[i] + attribute_worth(liking[i], posted[i])
                worth[i] = more if provider[i] >= 0 else worth[i]


@kernel
def deliver_fit(provider, cell, ideal, position, dimension_level, weight, standard, posted, out_worth):
    """Add what the fit of the service received is worth on each level of need; dimension_level : as attribute_level.

    posted : scratch.
    """
    for d in range(ideal.shape[0]):
        if dimension_level[d] >= 0:
            own, worth = row_of(ideal, d), row_of(out_worth, dimension_level[d])
            for i in range(provider.size):
                posted[i] = position[u4(max(provider[i], FIRST)), d, cell[i]]
            for i in range(provider.size):
                more = worth[i] + fit_gained(weight, posted[i], standard, own[i])
                worth[i] = more if provider[i] >= 0 else worth[i]


@kernel
def meet_needs(provider, worth, sensitivity, smoothing, counts, whole, out_met, out_quality, out_total):
    """Take off what does not count of the service received, then let the service meet the needs.

    worth : (levels, rows) float32, what was delivered on each level; counts : scratch; whole : uint32 scratch;
    out_met : (levels, rows) uint16 in 1/65535; out_total : (firms,) int64, adds up the product of all levels. Rounding goes the
    way of the movement, so that a need can be met fully again.
    """
    for i in range(provider.size):
        counts[i] = ONE
    for k in range(worth.shape[0]):
        served, met = row_of(worth, k), row_of(out_met, k)
        for i in range(provider.size):
            better = out_quality[i] + (counts[i] - ONE) * served[i]
            out_quality[i] = better if provider[i] >= 0 else out_quality[i]
        for i in range(provider.size):
            before = np.float32(met[i])
            counts[i] *= before / WHOLE
            after = smooth(before, WHOLE * np.float32(fulfilled(served[i], sensitivity)), smoothing)
            moved = np.uint16(np.int32(after + UP if after > before else after))
            met[i] = moved if provider[i] >= 0 else met[i]
    for i in range(provider.size):
        whole[i] = np.uint32(np.int32(counts[i] * WHOLE))
    add_small(provider, whole, out_total)
