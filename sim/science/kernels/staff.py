"""What the front line adds to the quality of a service."""

import numpy as np

from sim.science.kernels import kernel

FIRST = np.int8(0)


@kernel
def attend(provider, worth, out_quality):
    """Add to the quality what the firm's staff makes of it; worth : (firms,) float32 [utils]."""
    for i in range(provider.size):
        more = worth[np.uint32(max(provider[i], FIRST))]
        out_quality[i] += more if provider[i] >= 0 else np.float32(0)
