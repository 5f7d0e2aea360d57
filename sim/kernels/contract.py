"""Weigh the cost of changing, bind those who sign, let those pay who leave early."""

import numpy as np

from sim.kernels import kernel
from sim.rules.choice import fare_disutility
from sim.rules.contract import is_breach, switching_loss

NOW = np.float32(1)


@kernel
def add_switching(before, firm, cost, out_appeal):
    """Take off what changing to this firm costs."""
    for i in range(before.size):
        out_appeal[i] -= switching_loss(before[i], firm, cost)


@kernel
def add_penalty(bound_to, months_left, firm, penalty, price_sensitivity, out_appeal):
    """Take off the penalty that choosing this firm would cost; penalty : (firms,) AUD asked by each firm."""
    for i in range(bound_to.size):
        if is_breach(bound_to[i], months_left[i], firm):
            out_appeal[i] -= fare_disutility(price_sensitivity[i], NOW, penalty[bound_to[i]])


@kernel
def sign(provider, months, cents, out_bound_to, out_months_left, out_breaches, out_revenue):
    """Book breaches and bind the month's buyers.

    months : (firms,) length of each firm's contract, 0 for none; cents : (firms,) int64 penalty; out_breaches,
    out_revenue : (firms,) int64 by the firm that was left, added to.
    """
    for i in range(provider.size):
        f = provider[i]
        if f < 0:
            continue
        old = out_bound_to[i]
        if is_breach(old, out_months_left[i], f):
            out_breaches[old] += 1
            out_revenue[old] += cents[old]
            out_months_left[i] = 0
        if months[f] > 0 and out_months_left[i] == 0:
            out_bound_to[i], out_months_left[i] = f, months[f]


@kernel
def count_down(out_months_left):
    """One month less on every contract."""
    for i in range(out_months_left.size):
        out_months_left[i] -= out_months_left[i] > 0
