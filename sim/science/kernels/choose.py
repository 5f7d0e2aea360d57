"""Weigh the firms one by one and let them race: the first to arrive is bought, by a draw named after the firm.

Every step is a loop of its own over a scratch column, because a loop that draws, takes logarithms and compares at once
does not vectorise as a whole.
"""

import numpy as np

from sim.ground.grid import NOBODY
from sim.science.kernels import kernel
from sim.science.kernels.draw import uniforms
from sim.science.kernels.gather import take
from sim.science.rules.choice import arrival, attribute_worth, fare_disutility
from sim.science.rules.numeric import exp32

NONE, OUTSIDE = np.int8(NOBODY), np.float32(1)


@kernel
def open_choice(identity, period, k0, k1, out_provider, out_before, out_time, out_inclusive):
    """Start a purchase occasion with the outside option: appeal 0 and its own draw; remember the last provider."""
    uniforms(identity, period, k0, k1, out_time)
    for i in range(identity.size):
        out_time[i] = arrival(out_time[i], OUTSIDE)
    for i in range(identity.size):
        out_inclusive[i] = OUTSIDE
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
def consider(identity, period, k0, k1, appeal, firm, time, out_provider, out_time, out_inclusive):
    """Draw when the firm arrives and keep the firm if it is before the first so far; add exp(appeal) to the inclusive value.

    Of two who arrive at the same time the first in order is kept, the outside option before all; time : scratch.
    """
    uniforms(identity, period, k0, k1, time)
    for i in range(identity.size):
        odds = exp32(appeal[i])
        out_inclusive[i] += odds
        time[i] = arrival(time[i], odds)
    for i in range(identity.size):
        sooner = time[i] < out_time[i]
        out_time[i] = time[i] if sooner else out_time[i]
        out_provider[i] = firm if sooner else out_provider[i]
