"""What the way to a firm costs each customer."""

from sim.science.kernels import kernel
from sim.science.rules.transport_cost import way


@kernel
def subtract_way(cost, ideal, position, out_appeal):
    """Take the way from each customer's ideal point to a firm's position off the firm's appeal."""
    for i in range(ideal.size):
        out_appeal[i] -= way(cost, ideal[i], position)
