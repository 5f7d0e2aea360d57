"""Weigh the firms one by one and keep the best: appeal plus a shock named after the firm.

Every step is a loop of its own over a scratch column, because a loop that draws, takes logarithms and compares at once
does not vectorise as a whole.
"""

import numpy as np

from sim.ground.grid import NOBODY
from sim.science.kernels import kernel
from sim.science.kernels.draw import uniforms
from sim.science.kernels.gather import take
from sim.science.rules.choice import attribute_worth, fare_disutility, gumbel
from sim.science.rules.numeric import exp32

NONE = np.int8(NOBODY)


@kernel
def open_choice(identity, period, k0, k1, out_provider, out_before, out_best, out_inclusive):
    """Start a purchase occasion with the outside option: appeal 0 and its own shock; remember the last provider."""
    uniforms(identity, period, k0, k1, out_best)
    for i in range(identity.size):
        out_best[i] = gumbel(out_best[i])
    for i in range(identity.size):
        out_inclusive[i] = 1.0
    for i in range(identity.size):
        out_before[i] = out_provider[i] if out_provider[i] >= 0 else out_before[i]
    for i in range(identity.size):
        out_provider[i] = NONE


@kernel
def weigh(standard_appeal, presence, price_sensitivity, journey, fare, cell, asked, out_appeal):
    """Appeal of a firm's service as posted: its mode's standard service, its presence, its fare.

    presence : ln of the firm's part of its mode's departures [utils]; fare : (cells,) float32 [¤]; asked : scratch.
    """
    take(fare, cell, asked)
    for i in range(cell.size):
        out_appeal[i] = standard_appeal[i] + presence - fare_disutility(price_sensitivity[i], journey[i], asked[i])


@kernel
def add_attribute(taste, level, cell, posted, out_appeal):
    """Add one attribute of the offer: taste of the customer times level posted for his cell; posted : scratch."""
    take(level, cell, posted)
    for i in range(cell.size):
        out_appeal[i] += attribute_worth(taste[i], posted[i])


@kernel
def consider(identity, period, k0, k1, appeal, firm, shock, out_provider, out_best, out_inclusive):
    """Draw the firm's shock and keep the firm if it beats the best so far; add its exp(appeal) to the inclusive value.

    shock : scratch.
    """
    uniforms(identity, period, k0, k1, shock)
    for i in range(identity.size):
        shock[i] = appeal[i] + gumbel(shock[i])
    for i in range(identity.size):
        out_inclusive[i] += exp32(appeal[i])
    for i in range(identity.size):
        better = shock[i] > out_best[i]
        out_best[i] = shock[i] if better else out_best[i]
        out_provider[i] = firm if better else out_provider[i]
