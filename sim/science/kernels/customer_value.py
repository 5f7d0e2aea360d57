"""Book what every purchase contributes to its firm."""

from sim.science.kernels import kernel
from sim.science.rules.customer_value import book, contribution


@kernel
def book_contributions(
    provider, place, cell, mode, journey, paid, unit_cost, service_cost, made_good, grain, out_contribution
):
    """Add each customer's purchase to what the customer contributed to the firm, in grains.

    mode : (firms,); journey : (modes, rows); unit_cost : (firms, cells) float32 of a standard journey [¤];
    made_good : (rows,) float32, what hearing and redressing complaints cost [¤]; out_contribution : int16, the whole column, in place.
    """
    for i in range(provider.size):
        f = provider[i]
        if f >= 0:
            amount = contribution(paid[i], unit_cost[f, cell[i]], journey[mode[f], i], service_cost + made_good[i])
            out_contribution[f, place[i]] = book(out_contribution[f, place[i]], amount, grain)
