"""How many come, how often, and who leaves."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.philox import uniform_at
from sim.science.rules.purchase_incidence import FEW, few, poisson

MOST = 254  # leaves room for one occasion that another mechanism brings


@kernel
def arise_occasions(identity, period, k0, k1, rate, season, out_occasions):
    """Purchase occasions of each customer this period: Poisson with the customer's own rate times the season's factor."""
    draw, count = np.empty(identity.size, np.float32), np.empty(identity.size, np.float32)
    for i in range(identity.size):
        draw[i] = uniform_at(identity[i], period, k0, k1)
    for i in range(identity.size):
        count[i] = few(draw[i], rate[i] * season)
    for i in range(identity.size):
        out_occasions[i] = count[i] if count[i] < FEW else poisson(draw[i], rate[i] * season, MOST)


