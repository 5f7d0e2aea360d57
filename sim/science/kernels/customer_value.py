"""Book what every purchase contributes to its firm."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.customer_value import book, contribution

NOTHING, FIRST, u4 = np.float32(0), np.int8(0), np.uint32


@kernel
def add_redress(provider, mood, pays, price, service_cost, out_cost):
    """What a purchase costs beside the journey: a cost of service, and that of hearing and redressing a complaint.

    mood : what the customer did about the service; pays : (firms,) bool, who bears it; price : (moods,) float32 [¤];
    out_cost : float32 [¤].
    """
    for i in range(provider.size):
        out_cost[i] = service_cost + (price[mood[i]] if pays[max(provider[i], 0)] else NOTHING)


@kernel
def book_contributions(
    provider, place, cell, mode, journey, paid, unit_cost, cost, grain, due, way, out_contribution
):
    """Add each customer's purchase to what the customer contributed to the firm, in grains.

    mode : (firms,); journey : (modes, rows); unit_cost : (firms, cells) float32 of a standard journey [¤];
    cost : (rows,) float32 of a purchase beside the journey [¤]; due, way : scratch; out_contribution : int16, the whole
    column, in place. Who bought nothing is looked up at the first firm, and what stands there is put back.
    """
    for i in range(provider.size):
        due[i] = unit_cost[u4(max(provider[i], FIRST)), cell[i]]
    for i in range(provider.size):
        way[i] = journey[u4(mode[u4(max(provider[i], FIRST))]), i]
    for i in range(provider.size):
        due[i] = contribution(paid[i], due[i], way[i], cost[i])
    for i in range(provider.size):
        way[i] = out_contribution[u4(max(provider[i], FIRST)), place[i]]
    for i in range(provider.size):
        way[i] = book(way[i], due[i], grain) if provider[i] >= 0 else way[i]
    for i in range(provider.size):
        out_contribution[u4(max(provider[i], FIRST)), place[i]] = np.int16(way[i])
