"""Expectations drift towards what the market commonly offers."""

from sim.science.kernels import kernel
from sim.science.rules.numeric import from_grid, to_grid
from sim.science.rules.satisfaction import smooth


@kernel
def drift(norm, rate, out_expectation):
    """Move what every customer expects of one firm towards the norm of its market."""
    for i in range(out_expectation.size):
        out_expectation[i] = to_grid(smooth(from_grid(out_expectation[i]), norm, rate))
