"""Habit: what past purchases add to the appeal of a firm."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.numeric import exp32
from sim.science.rules.state_dependence import carry_on

WHOLE, HALF = np.float32(65535), np.float32(0.5)


@kernel
def add_habit(habit, usual, weight, out_appeal):
    """Add weight * (habit - usual): how far a customer's record of one firm is from what is usual for this customer."""
    for i in range(habit.size):
        out_appeal[i] += weight * (np.float32(habit[i]) - np.float32(usual[i]))


@kernel
def expect_purchases(appeal, out_odds, out_total):
    """Odds exp(appeal) of one firm, and their sum over the firms so far."""
    for i in range(appeal.size):
        out_odds[i] = exp32(appeal[i])
        out_total[i] += out_odds[i]


@kernel
def form_habit(provider, firm, carry_over, out_habit):
    """Update the Guadagni-Little variable of one firm, in 1/65535, for the customers who bought something."""
    for i in range(provider.size):
        bought = WHOLE if provider[i] == firm else np.float32(0.0)
        after = carry_on(np.float32(out_habit[i]), bought, carry_over)
        out_habit[i] = np.uint16(after + HALF) if provider[i] >= 0 else out_habit[i]
