"""Random numbers addressed, never consumed in sequence.

A stream is named by (seed, decision, firm name); inside it a number is addressed by (customer, period, round), so
that any row can be drawn alone, in any order, on any thread, and two scenarios share every draw (common random
numbers). Four customers have a word each of one call of the generator; that is part of a number's address, too. The compiled counter-based generator is `sim.science.rules.philox`; this module only makes its keys.
Source: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC'11.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.random.bit_generator import ISeedSequence


def key(seed: int, decision: str, name: str = "") -> tuple[np.uint32, np.uint32]:
    """Key of the stream (seed, decision, name) as the two 32-bit words that Philox4x32 takes.

    >>> key(7, "shock", "air") == key(7, "shock", "air"), key(7, "shock", "air") == key(8, "shock", "air")
    (True, False)
    """
    digest = hashlib.blake2b(f"{seed}\x1f{decision}\x1f{name}".encode(), digest_size=8).digest()
    low, high = np.frombuffer(digest, "<u4")
    return np.uint32(low), np.uint32(high)


class Words(ISeedSequence):
    """A digest as the two 64-bit words of a Philox key; given as a key, NumPy would ask the system for a seed all the same."""

    def __init__(self, digest: bytes) -> None:
        self.words = np.frombuffer(digest, "<u8")

    def generate_state(self, n_words: int, dtype: type = np.uint32) -> np.ndarray:
        """The words of the key: Philox asks for nothing else."""
        return self.words


def generator(seed: int, decision: str, name: str, period: int) -> np.random.Generator:
    """NumPy generator for the few draws that firms need, addressed by (seed, decision, firm name, period).

    >>> generator(7, "innovation", "echo", 3).random() == generator(7, "innovation", "echo", 3).random()
    True
    """
    digest = hashlib.blake2b(f"{seed}\x1f{decision}\x1f{name}\x1f{period}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(Words(digest)))
