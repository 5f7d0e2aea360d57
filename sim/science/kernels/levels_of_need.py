"""How far customers' needs are met, level by level, and what that leaves of the offers on higher levels."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.gather import take
from sim.science.rules.choice import attribute_worth, fit_gained
from sim.science.rules.levels_of_need import fulfilled
from sim.science.rules.satisfaction import smooth

WHOLE, ONE, UP = np.float32(65535), np.float32(1), np.float32(0.99)


@kernel
def fall_short(met, out_short):
    """What a level's offers lack for each customer: product of met over the levels below, minus 1.

    met : (levels below, rows) uint16 in 1/65535.
    """
    for i in range(out_short.size):
        counts = ONE
        for k in range(met.shape[0]):
            counts *= np.float32(met[k, i]) / WHOLE
        out_short[i] = counts - ONE


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
def deliver_attributes(provider, cell, taste, level, attribute_level, out_worth):
    """What the attributes of the service received are worth on each level of need; nothing to who stayed out.

    attribute_level : place of the level that each attribute serves, negative for none; out_worth : (levels, rows).
    """
    for k in range(out_worth.shape[0]):
        for i in range(provider.size):
            out_worth[k, i] = 0
    for k in range(taste.shape[0]):
        if attribute_level[k] >= 0:
            for i in range(provider.size):
                f = provider[i]
                if f >= 0:
                    out_worth[attribute_level[k], i] += attribute_worth(taste[k, i], level[f, k, cell[i]])


@kernel
def deliver_fit(provider, cell, ideal, position, dimension_level, weight, standard, out_worth):
    """Add what the fit of the service received is worth on each level of need; dimension_level : as attribute_level."""
    for d in range(ideal.shape[0]):
        if dimension_level[d] >= 0:
            for i in range(provider.size):
                f = provider[i]
                if f >= 0:
                    gained = fit_gained(weight, position[f, d, cell[i]], standard, ideal[d, i])
                    out_worth[dimension_level[d], i] += gained


@kernel
def meet_needs(provider, worth, sensitivity, smoothing, out_met, out_quality, out_total):
    """Take off what does not count of the service received, then let the service meet the needs.

    worth : (levels, rows) float32, what was delivered on each level; out_met : (levels, rows) uint16 in 1/65535;
    out_total : (firms,) int64, adds up the product of all levels. Rounding goes the way of the movement, so that a need
    can be met fully again.
    """
    for i in range(provider.size):
        f = provider[i]
        if f >= 0:
            counts = ONE
            for k in range(worth.shape[0]):
                out_quality[i] += (counts - ONE) * worth[k, i]
                before = np.float32(out_met[k, i])
                counts *= before / WHOLE
                after = smooth(before, WHOLE * np.float32(fulfilled(worth[k, i], sensitivity)), smoothing)
                out_met[k, i] = np.uint16(after + UP) if after > before else np.uint16(after)
            out_total[f] += np.int64(counts * WHOLE)
