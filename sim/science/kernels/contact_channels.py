"""How customers reach firms: the channel they prefer, the one they use, what it takes off the service."""

import numpy as np

from sim.ground.grid import NOBODY
from sim.science.kernels import kernel

NONE = np.int8(NOBODY)


@kernel
def add_reach(reach, way, out_appeal):
    """Add the effort of reaching one firm; reach : (segments * channels,) float32."""
    for i in range(way.size):
        out_appeal[i] += reach[way[i]]


@kernel
def contact(provider, segment, route, loss, cents, third, out_channel, out_quality, out_cents, out_third):
    """Replace the preferred channel by the one that was used, and let it tell on the service.

    route : (firms, channels) int8, NOBODY where the firm needs no contact; loss : (segments, channels) float32 [utils];
    cents : (segments, channels) int64; third : place of the third party, NOBODY if there is none;
    out_cents, out_third : (firms,) int64, added to.
    """
    for i in range(provider.size):
        f = provider[i]
        c = route[f, out_channel[i]] if f >= 0 else NONE
        out_channel[i] = c
        if c >= 0:
            out_quality[i] -= loss[segment[i], c]
            out_cents[f] += cents[segment[i], c]
            out_third[f] += c == third
