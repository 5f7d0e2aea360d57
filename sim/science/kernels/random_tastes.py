"""What makes one customer differ from the next of the same segment."""

from sim.science.kernels import kernel
from sim.science.rules.numeric import normal_quantile
from sim.science.rules.philox import uniform_at


@kernel
def add_normals(identity, period, k0, k1, scale, out):
    """Add scale times one standard normal number a customer."""
    for i in range(identity.size):
        out[i] += scale * normal_quantile(uniform_at(identity[i], period, k0, k1))


@kernel
def add_by_segment(shift, segment, out):
    """Add what the segment adds; shift : (segments,) float32."""
    for i in range(segment.size):
        out[i] += shift[segment[i]]
