"""Book what every purchase contributes to its firm."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.customer_value import book, contribution

NOTHING = np.float32(0)


@kernel
def add_redress(provider, mood, pays, price, service_cost, out_cost):
    """What a purchase costs beside the journey: a cost of service, and that of hearing and redressing a complaint.

    mood : what the customer did about the service; pays : (firms,) bool, who bears it; price : (moods,) float32 [¤];
    out_cost : float32 [¤].
    """
    for i in range(provider.size):
        out_cost[i] = service_cost + (price[mood[i]] if pays[max(provider[i], 0)] else NOTHING)


@kernel
def book_contributions(provider, place, cell, mode, journey, paid, unit_cost, cost, grain, out_contribution):
    """Add each customer's purchase to what the customer contributed to the firm, in grains.

    mode : (firms,); journey : (modes, rows); unit_cost : (firms, cells) float32 of a standard journey [¤];
    cost : (rows,) float32 of a purchase beside the journey [¤]; out_contribution : int16, the whole column, in place.
    """
    for i in range(provider.size):
        f = provider[i]
        if f >= 0:
            amount = contribution(paid[i], unit_cost[f, cell[i]], journey[mode[f], i], cost[i])
            out_contribution[f, place[i]] = book(out_contribution[f, place[i]], amount, grain)
