"""What ties customers to the firm they bought from: the trouble of changing, and contracts."""

import numpy as np

from sim.ground.grid import NOBODY
from sim.science.kernels import kernel
from sim.science.rules.switching_cost import cost_of_leaving

NONE, ONE = np.int8(NOBODY), np.uint8(1)


@kernel
def add_penalty(contract_with, firm, penalty, price_sensitivity, out_appeal):
    """Take the worth of the penalty off the appeal of one firm, for who is bound to another.

    penalty : (firms,) float32, what leaving each of them costs [¤].
    """
    for i in range(contract_with.size):
        tie = contract_with[i]
        out_appeal[i] -= price_sensitivity[i] * cost_of_leaving(tie, firm, penalty[max(tie, 0)])


@kernel
def sign(provider, months, cents, out_with, out_left, out_signed, out_broken, out_penalties, out_revenue):
    """Collect the penalty from who bought elsewhere while bound, and bind who bought and is free.

    months : (firms,) uint8 length of a contract, 0 for none; cents : (firms,) int64 penalty;
    out_signed, out_broken, out_penalties, out_revenue : (firms,) int64, added to.
    """
    for i in range(provider.size):
        f, tie = provider[i], out_with[i]
        if f >= 0 and tie >= 0 and tie != f:
            out_broken[tie] += 1
            out_penalties[tie] += cents[tie]
            out_revenue[tie] += cents[tie]
            out_with[i] = NONE
        if f >= 0 and out_with[i] < 0 and months[f] > 0:
            out_with[i], out_left[i] = f, months[f]
            out_signed[f] += 1


@kernel
def run_down(alive, out_with, out_left, out_bound):
    """End a month: contracts run down, those of customers who left the market lapse; out_bound counts the others."""
    for i in range(out_with.size):
        if out_with[i] >= 0:
            out_left[i] -= ONE
            if out_left[i] == 0 or not alive[i]:
                out_with[i], out_left[i] = NONE, 0
            else:
                out_bound[out_with[i]] += 1
