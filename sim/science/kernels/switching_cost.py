"""The trouble of changing from the firm bought from last."""

from sim.science.kernels import kernel
from sim.science.rules.switching_cost import cost_of_leaving


@kernel
def add_switching_cost(before, firm, cost, out_appeal):
    """Take the cost of switching off the appeal of one firm, for who bought from another one last."""
    for i in range(before.size):
        out_appeal[i] -= cost_of_leaving(before[i], firm, cost)
