"""Reports between contacts of a network in compressed sparse rows."""

import numpy as np

from sim.kernels import kernel
from sim.rules.complaint import SILENT
from sim.rules.experience import smooth
from sim.rules.hearsay import telling_chance, told
from sim.rules.numeric import from_grid, to_grid
from sim.rules.philox import philox
from sim.state import NOBODY

HALF, CHANCES, ALL = np.float32(0.5), np.float32(65536), np.float32(65535)
ZERO, ONE, SIX, SEVEN = np.uint32(0), np.uint32(1), np.uint32(6), np.uint32(7)
LOW, SIXTEEN = np.uint32(0xFFFF), np.uint32(16)


@kernel
def note_reports(node, alive, provider, before, mood, satisfaction, out_firm, out_value):
    """Write down what each customer could tell: the firm last used and the satisfaction with it, in 1/1024 utils.

    mood : what customers did about the last service, who are silent tell nothing, or no rows; satisfaction : (firms, rows); out_firm, out_value : by node of the network.
    """
    for i in range(node.size):
        f = provider[i] if provider[i] >= 0 else before[i]
        n = node[i]
        quiet = mood.size > 0 and mood[i] == SILENT
        out_firm[n] = f if alive[i] and not quiet else NOBODY
        if f >= 0:
            out_value[n] = satisfaction[f, i]


@kernel
def hear_reports(
    identity,
    period,
    k0,
    k1,
    node,
    starts,
    contacts,
    firm,
    value,
    talk,
    bad_reach,
    bad_weight,
    rate,
    out_hearsay,
    out_told,
):
    """Let each customer hear what contacts tell, in the order of the network; sixteen bits of chance a contact.

    starts, contacts : rows of the network; firm, value : what each node has to tell; out_hearsay : (firms, rows) int16 in
    1/1024 utils; out_told : (firms, rows) bool, whether the firm was mentioned, or no rows to leave it out.
    """
    reach = np.uint32(np.ceil(min(max(talk, talk * bad_reach), ALL / CHANCES) * CHANCES))
    words = np.empty((4, identity.size), np.uint32)
    for i in range(identity.size):
        words[0, i], words[1, i], words[2, i], words[3, i] = philox(identity[i], period, ZERO, ZERO, k0, k1)
    for i in range(identity.size):
        n = node[i]
        four = (words[0, i], words[1, i], words[2, i], words[3, i])
        for c in range(starts[n], starts[n + 1]):
            k = np.uint32(c - starts[n])
            if k > 0 and k & SEVEN == 0:
                four = philox(identity[i], period, k, ZERO, k0, k1)
            word = four[0] if k & SIX == 0 else four[1] if k & SIX == 2 else four[2] if k & SIX == 4 else four[3]
            bits = word & LOW if k & ONE == 0 else word >> SIXTEEN
            if bits > reach:
                continue  # nobody tells with a chance as small as this
            j = contacts[c]
            f = firm[j]
            if f >= 0:
                satisfaction = from_grid(value[j])
                if (np.float32(bits) + HALF) / CHANCES < telling_chance(satisfaction, talk, bad_reach):
                    opinion = smooth(from_grid(out_hearsay[f, i]), told(satisfaction, bad_weight), rate)
                    out_hearsay[f, i] = to_grid(opinion)
                    if out_told.size:
                        out_told[f, i] = max(out_told[f, i], np.uint8(1))
