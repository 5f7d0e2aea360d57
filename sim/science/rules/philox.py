"""Counter-based random bits: Philox4x32 with ten rounds.

A block cipher turned on a counter: four words of the address go in, four words of random bits come out, under a
64-bit key. Each round multiplies two words by constants, keeps the low halves and mixes the high halves with the
other words and the round's key::

    (c0, c1, c2, c3) <- (hi(M1 c2) ^ c1 ^ k0, lo(M1 c2), hi(M0 c0) ^ c3 ^ k1, lo(M0 c0))

Source: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC'11, section 3.3.
"""

import numpy as np

from sim.science.rules import rule

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint32(0x9E3779B9), np.uint32(0xBB67AE85)
HIGH = np.uint64(32)
NINE = np.uint32(9)
HALF, STEP = np.float32(0.5), np.float32(2.0**-23)


@rule
def _round(c0, c1, c2, c3, k0, k1):
    p0, p1 = M0 * np.uint64(c0), M1 * np.uint64(c2)
    return (
        np.uint32(np.uint32(p1 >> HIGH) ^ c1 ^ k0),
        np.uint32(p1),
        np.uint32(np.uint32(p0 >> HIGH) ^ c3 ^ k1),
        np.uint32(p0),
    )


@rule
def philox(c0, c1, c2, c3, k0, k1):
    """Random bits at counter (c0, c1, c2, c3) under key (k0, k1); all uint32, four uint32 out.

    The rounds are written out because an inner loop would stop the compiler from vectorising the caller's loop.

    Source: Salmon et al. (2011), table 2; known-answer vectors of the authors' Random123 library.
    """
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = np.uint32(k0 + W0), np.uint32(k1 + W1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = np.uint32(k0 + W0), np.uint32(k1 + W1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = np.uint32(k0 + W0), np.uint32(k1 + W1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = np.uint32(k0 + W0), np.uint32(k1 + W1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = np.uint32(k0 + W0), np.uint32(k1 + W1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = np.uint32(k0 + W0), np.uint32(k1 + W1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = np.uint32(k0 + W0), np.uint32(k1 + W1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = np.uint32(k0 + W0), np.uint32(k1 + W1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = np.uint32(k0 + W0), np.uint32(k1 + W1)
    return _round(c0, c1, c2, c3, k0, k1)


@rule
def uniform(bits):
    """Uniform number strictly inside (0, 1) from the top 23 of 32 random bits; float32, never 0 or 1.

    >>> float(uniform(np.uint32(0))) == 2.0 ** -24
    True
    """
    return (np.float32(np.int32(bits >> NINE)) + HALF) * STEP


@rule
def uniform_at(identity, period, k0, k1):
    """Uniform number of one customer in one period under the stream's key."""
    bits, _, _, _ = philox(identity, period, np.uint32(0), np.uint32(0), k0, k1)
    return uniform(bits)
