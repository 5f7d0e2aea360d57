"""What the front line adds to the quality of a service."""

import numpy as np

from sim.science.kernels import kernel


@kernel
def attend(provider, worth, out_quality):
    """Add to the quality what the firm's staff makes of it; worth : (firms,) float32 [utils]."""
    for i in range(provider.size):
        f = provider[i]
        out_quality[i] += worth[f] if f >= 0 else np.float32(0)
