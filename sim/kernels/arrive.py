"""How many come, how often, and who leaves."""

import numpy as np

from sim.kernels import kernel
from sim.rules.incidence import FEW, few, poisson
from sim.rules.philox import uniform_at

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


@kernel
def come_and_go(identity, period, k0, k1, departure, vacancy, out_alive, out_vacant, out_new):
    """Let customers depart by chance, and let somebody new move in where a place has been empty long enough."""
    for i in range(identity.size):
        draw = uniform_at(identity[i], period, k0, k1)
        out_new[i] = False
        if out_alive[i]:
            if draw < departure:
                out_alive[i], out_vacant[i] = False, vacancy
        else:
            out_vacant[i] -= np.uint8(1)
            out_new[i] = out_vacant[i] == 0
