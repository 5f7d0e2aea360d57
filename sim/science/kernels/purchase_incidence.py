"""How many come, how often, and who leaves."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.kernels.draw import uniforms
from sim.science.rules.purchase_incidence import FEW, few, poisson

MOST = 254  # leaves room for one occasion that another mechanism brings
ONE = np.uint8(1)


@kernel
def arise_occasions(identity, period, k0, k1, rate, season, out_draw, out_count, out_occasions):
    """Purchase occasions of each customer this period: Poisson with the customer's own rate times the season's factor.

    They come in the place of the one that everybody has; others may have added theirs. out_draw, out_count : float32,
    room for the draws and for what most of them come to.
    """
    uniforms(identity, period, k0, k1, out_draw)
    for i in range(identity.size):
        out_count[i] = few(out_draw[i], rate[i] * season)
    for i in range(identity.size):
        out_occasions[i] += np.uint8(np.int32(out_count[i])) - ONE
    for i in range(identity.size):
        if out_count[i] == FEW:  # or more
            out_occasions[i] += np.uint8(poisson(out_draw[i], rate[i] * season, MOST)) - np.uint8(FEW)
