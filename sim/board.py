"""The offer board: everything that customers may see of firms in a period, as plain arrays."""

from __future__ import annotations

import numpy as np


class Board:
    """All that customers may see of firms in a period.

    fare : (firms, cells) float32, fare of a standard journey [AUD]; cents : the same, int32 [cents].
    level : (firms, attributes, cells) float32, service over the mode's standard service [attribute's unit].
    position : (firms, needs, cells) float32, place on the service dimensions [scale points].
    offered : for each firm, the attributes in which it differs from the standard service.
    """

    def __init__(self, firms: int, attributes: int, needs: int, cells: int) -> None:
        self.fare, self.cents = np.zeros((firms, cells), np.float32), np.zeros((firms, cells), np.int32)
        self.level = np.zeros((firms, attributes, cells), np.float32)
        self.position = np.zeros((firms, needs, cells), np.float32)
        self.offered: list[list[int]] = [[] for _ in range(firms)]
