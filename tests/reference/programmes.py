"""Markets in which firms manage their customers."""

import numpy as np

import sim

NAME = "customer_management"
ALL_JOBS = "split:{winning:0.3,growing:0.2,keeping:0.2,winning_back:0.2,letting_go:0.1}"
BUSY = [
    f"firms.{firm}.policy.{NAME}={{budget:{budget},{ALL_JOBS},account_managers:{managers}}}"
    for firm, budget, managers in (("mosaic", 0.05, 0.5), ("thrift", 0.1, 0.0), ("echo", 0.1, 0.2))
]
u1, u4 = np.uint8, np.uint32


def scenario(*overrides, customers=3000, months=14):
    """A small market, played once."""
    return sim.compose(f"population.customers={customers}", f"periods={months}", "replications=1", *overrides)


def step(market, months):
    """Play on; returns the market."""
    for _ in range(months):
        market.step()
    return market
