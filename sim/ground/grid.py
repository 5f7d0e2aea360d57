"""The integer grid that sums are kept on, whole cents, and the windows of time: numbers that everything agrees on."""

from __future__ import annotations

NOBODY = -1
ROUND = 16  # bits of a draw's address that hold the period; above them stands the number of the occasion
WINDOW = 12
CENTS = 100
DEAREST = 100_000
GRID = 2**20
FULL = 2**62  # of a sum of whole numbers: one that would be larger stays here, and the month is refused
