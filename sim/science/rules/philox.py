"""Counter-based random bits: Philox4x32 with ten rounds.

A block cipher turned on a counter: four words of the address go in, four words of random bits come out, under a
64-bit key. Each round multiplies two words by constants, keeps the low halves and mixes the high halves with the
other words and the round's key::

    (c0, c1, c2, c3) <- (hi(M1 c2) ^ c1 ^ k0, lo(M1 c2), hi(M0 c0) ^ c3 ^ k1, lo(M0 c0))

A customer's number is one word of the call that four customers share, so that a column of numbers takes a quarter of
the calls where customers stand in order.
Source: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC'11, section 3.3.
"""

import numpy as np

from sim.science.rules import rule

M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint32(0x9E3779B9), np.uint32(0xBB67AE85)
HIGH = np.uint64(32)
NINE = np.uint32(9)
ZERO, ONE, THREE, SIX, EIGHT, LAST = np.uint32(0), np.uint32(1), np.uint32(3), np.uint32(6), np.uint32(8), np.uint32(63)
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
def four_uniforms(call, period, k0, k1):
    """Uniform numbers from the four words of one call of the cipher in one period under the stream's key."""
    one, two, three, four = philox(call, period, ZERO, ZERO, k0, k1)
    return uniform(one), uniform(two), uniform(three), uniform(four)


@rule
def call_of(identity):
    """Counter of the call of the cipher that holds the number of one customer: 64 (i // 256) + i % 64.

    Customers i, i + 64, i + 128 and i + 192 share a call where i % 256 < 64, so that the numbers of 256 customers, word
    by word, are four runs of 64: they are written side by side.

    >>> int(call_of(np.uint32(5))), int(call_of(np.uint32(5 + 192))), int(call_of(np.uint32(256)))
    (5, 5, 64)
    """
    return np.uint32(np.uint32(np.uint32(identity >> EIGHT) << SIX) | np.uint32(identity & LAST))


@rule
def word_of(identity):
    """Which of the four words of that call is the customer's, from 0: (i // 64) % 4.

    >>> int(word_of(np.uint32(5))), int(word_of(np.uint32(5 + 192))), int(word_of(np.uint32(256)))
    (0, 3, 0)
    """
    return np.uint32(np.uint32(identity >> SIX) & THREE)


@rule
def pick_word(word, one, two, three, four):
    """The word of that number, from 0; by masks, because a branch would stop the compiler from vectorising the loop.

    >>> [int(pick_word(np.uint32(w), *map(np.uint32, (11, 22, 33, 44)))) for w in range(4)]
    [11, 22, 33, 44]
    """
    odd, late = np.uint32(ZERO - np.uint32(word & ONE)), np.uint32(ZERO - np.uint32(word >> ONE))
    first = np.uint32(one ^ np.uint32(np.uint32(one ^ two) & odd))
    second = np.uint32(three ^ np.uint32(np.uint32(three ^ four) & odd))
    return np.uint32(first ^ np.uint32(np.uint32(first ^ second) & late))


@rule
def uniform_at(identity, period, k0, k1):
    """Uniform number of one customer in one period under the stream's key."""
    one, two, three, four = philox(call_of(identity), period, ZERO, ZERO, k0, k1)
    return uniform(pick_word(word_of(identity), one, two, three, four))
