"""Phases of a relationship: a customer tries a firm, comes back, becomes a regular, cools down, and is gone (D1, D2).

A month moves a relation by how recently and how often the customer bought, and by satisfaction. It is *cooling* when
nothing was bought for a while, when purchases fell well below those of the year before, or when the customer is
dissatisfied::

    cooling = recency >= idle_after  or  frequency < decline * frequency of the year before  or  satisfaction < dissatisfied

A new relation is an exploration; months with a purchase carry it to formation and stability, where it stays until it
cools; a cooling relation degenerates, is won back by a purchase that ends the cooling, or ends.
Source: Dwyer, Schurr & Oh (1987), Developing buyer-seller relationships, J. Marketing 51(2), 11-27: awareness,
exploration, expansion, commitment, dissolution. The numbers of the thresholds are ours.
"""

import numpy as np

from sim.science.rules import rule

STAGES = ("none", "exploration", "formation", "stability", "degeneration", "ended")
NONE, EXPLORATION, FORMATION, STABILITY, DEGENERATION, ENDED = (np.uint32(s) for s in range(len(STAGES)))
TODAY = np.uint32(0)


@rule
def cooling(recency, frequency, before, satisfaction, idle_after, decline, dissatisfied):
    """Whether a relation loses warmth; recency, frequency, before : months; satisfaction [utils].

    >>> bool(cooling(6, 4, 4, 0.0, 6, 0.5, -0.5)), bool(cooling(1, 2, 4, 0.0, 6, 0.5, -0.5))
    (True, False)
    >>> bool(cooling(1, 1, 4, 0.0, 6, 0.5, -0.5)), bool(cooling(1, 4, 4, -0.6, 6, 0.5, -0.5))
    (True, True)
    """
    return (
        (recency >= idle_after)
        | (np.float32(frequency) < decline * np.float32(before))
        | (satisfaction < dissatisfied)
    )  # fmt: skip


@rule
def next_stage(stage, cools, recency, frequency, formation_months, stability_months, end_after):
    """Stage of a relation after a month.

    formation_months, stability_months : months with a purchase among the last twelve that reach the stage;
    end_after : months without a purchase that end it.

    >>> [int(next_stage(s, False, 0, f, 2, 4, 12)) for s, f in ((0, 1), (1, 2), (2, 4), (1, 5), (3, 3), (5, 6))]
    [1, 2, 3, 3, 3, 1]
    >>> [int(next_stage(s, True, 7, 3, 2, 4, 12)) for s in range(6)]
    [0, 1, 4, 4, 4, 5]
    >>> [int(next_stage(s, True, 12, 0, 2, 4, 12)) for s in range(6)]
    [0, 5, 5, 5, 5, 5]
    >>> int(next_stage(4, False, 0, 3, 2, 4, 12)), int(next_stage(4, False, 1, 3, 2, 4, 12))
    (2, 4)
    """
    reached = (
        STABILITY if frequency >= stability_months else FORMATION if frequency >= formation_months else EXPLORATION
    )
    today = recency == TODAY
    grown = reached if reached > stage else stage
    won = reached if today else stage
    warm = won if stage == DEGENERATION else grown
    cold = EXPLORATION if stage == EXPLORATION else DEGENERATION
    under_way = ENDED if recency >= end_after else cold if cools else warm
    fresh = EXPLORATION if today else stage
    return fresh if (stage == NONE) | (stage == ENDED) else under_way
