"""How many come, how often, and who leaves."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.philox import uniform_at
from sim.science.rules.purchase_incidence import FEW, few, poisson

MOST = 254  # leaves room for one occasion that another mechanism brings
ONE = np.uint8(1)


@kernel
def arise_occasions(identity, period, k0, k1, rate, season, out_draw, out_count, out_occasions):
    """Purchase occasions of each customer this period: Poisson with the customer's own rate times the season's factor.

    They come in the place of the one that everybody has; others may have added theirs. out_draw, out_count : float32,
    room for the draws and for what most of them come to.
    """
    for i in range(identity.size):
        out_draw[i] = uniform_at(identity[i], period, k0, k1)
    for i in range(identity.size):
        out_count[i] = few(out_draw[i], rate[i] * season)
    for i in range(identity.size):
        drawn = out_count[i] if out_count[i] < FEW else poisson(out_draw[i], rate[i] * season, MOST)
        out_occasions[i] += np.uint8(drawn) - ONE
