"""Sums by the firm bought from, for amounts so small that they cannot turn over."""

import numpy as np

from sim.science.kernels import kernel

FEW, ROWS, NONE = 16, 65536, np.uint32(0)  # firms that are worth a sweep each; rows whose sum 32 bits hold


@kernel
def add_small(provider, amount, out_sum):
    """Add up amounts from 0 to 65,535: a sweep for each firm where firms are few, else one by one.

    amount : (rows,) uint32; out_sum : (firms,) int64, added to.
    """
    if out_sum.size > FEW:
        for i in range(provider.size):
            if provider[i] >= 0:
                out_sum[provider[i]] += amount[i]
    else:
        for start in range(0, provider.size, ROWS):
            some, what = provider[start : start + ROWS], amount[start : start + ROWS]
            for f in range(out_sum.size):
                firm, total = np.int8(f), NONE
                for i in range(some.size):
                    total = np.uint32(total + (what[i] if some[i] == firm else NONE))
                out_sum[f] += total
