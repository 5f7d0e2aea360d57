"""Weigh the firms one by one and let them race: the first to arrive is bought, by a draw named after the firm.

Every step is a loop of its own over a scratch column, because a loop that draws, takes logarithms and compares at once
does not vectorise as a whole.
"""

import numpy as np

from sim.ground.grid import NOBODY
from sim.science.kernels import kernel
from sim.science.kernels.draw import uniforms
from sim.science.kernels.gather import take
from sim.science.rules.choice import FAR, arrival, attribute_worth, fare_disutility, log_arrival
from sim.science.rules.numeric import exp32, log32

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
def race(appeal, draw, firm, out_provider, out_time, out_inclusive):
    """Keep the firm where it arrives before the first so far; draw : uniform numbers, then scratch."""
    for i in range(appeal.size):
        odds = exp32(appeal[i])
        out_inclusive[i] += odds
        draw[i] = arrival(draw[i], odds)
    for i in range(appeal.size):
        sooner = draw[i] < out_time[i]
        out_time[i] = draw[i] if sooner else out_time[i]
        out_provider[i] = firm if sooner else out_provider[i]


@kernel
def race_far(appeal, draw, firm, out_provider, out_time, out_inclusive):
    """The same in logarithms; times of appeals over FAR are kept as their logarithms, which are negative."""
    for i in range(appeal.size):
        out_inclusive[i] += exp32(appeal[i])
    for i in range(appeal.size):
        mine = log_arrival(draw[i], appeal[i])
        if mine < (out_time[i] if out_time[i] < 0 else log32(out_time[i])):
            out_time[i] = mine if appeal[i] > FAR else arrival(draw[i], exp32(appeal[i]))
            out_provider[i] = firm


@kernel
def consider(identity, period, k0, k1, appeal, firm, draw, out_provider, out_time, out_inclusive):
    """Draw when the firm arrives and keep it if that is before the first so far; add exp(appeal) to the inclusive value.

    Of two who arrive at the same time the first in order is kept, the outside option before all. draw : scratch;
    out_time : when the first so far arrives, or the logarithm of it where its appeal is over FAR.
    """
    uniforms(identity, period, k0, k1, draw)
    far = False
    for i in range(identity.size):
        far |= (appeal[i] > FAR) | (out_time[i] < 0)
    if far:
        race_far(appeal, draw, firm, out_provider, out_time, out_inclusive)
    else:
        race(appeal, draw, firm, out_provider, out_time, out_inclusive)
