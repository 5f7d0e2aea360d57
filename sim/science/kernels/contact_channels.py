"""How customers reach firms: the channel they prefer, the one they use, what it takes off the service."""

import numpy as np

from sim.ground.grid import NOBODY
from sim.science.kernels import kernel

NONE, FIRST, NOTHING, u4 = np.int8(NOBODY), np.int8(0), np.int64(0), np.uint32


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
        way = route[u4(max(provider[i], FIRST)), u4(out_channel[i])]
        out_channel[i] = way if provider[i] >= 0 else NONE
    for i in range(provider.size):
        less = out_quality[i] - loss[segment[i], u4(max(out_channel[i], FIRST))]
        out_quality[i] = less if out_channel[i] >= 0 else out_quality[i]
    for i in range(provider.size):
        f, c = u4(max(provider[i], FIRST)), out_channel[i]
        out_cents[f] += cents[segment[i], u4(max(c, FIRST))] if c >= 0 else NOTHING
        out_third[f] += c == third
