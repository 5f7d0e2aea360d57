"""Customers leave the market, and others take their places: loops over customers."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.philox import uniform_at


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
