"""The offer board: everything that customers may see of firms in a period, as plain arrays."""

from __future__ import annotations

import numpy as np


class Board:
    """All that customers may see of firms in a period.

    fare : (firms, cells) float32, fare of a standard journey [¤]; cents : the same, int32 [cents].
    price : (firms,) float32, mean fare over the cells [¤].
    level : (firms, attributes, cells) float32, service over the mode's standard service [attribute's unit].
    cue : the same shape, the part of level that anybody can judge before purchase, whatever the evidence.
    position : (firms, needs, cells) float32, place on the service dimensions [scale points].
    need_weight, need_standard : utility of a full-scale squared misfit with the needs [utils], and the place of the standard
        service on every dimension [scale points]; 0 where offers meet no needs.
    offered : for each firm, the attributes in which it differs from the standard service.
    """

    def __init__(self, firms: int, attributes: int, needs: int, cells: int) -> None:
        self.fare, self.cents = np.zeros((firms, cells), np.float32), np.zeros((firms, cells), np.int32)
        self.price = np.zeros(firms, np.float32)
        self.level = np.zeros((firms, attributes, cells), np.float32)
        self.cue = np.zeros_like(self.level)
        self.position = np.zeros((firms, needs, cells), np.float32)
        self.need_weight, self.need_standard = 0.0, 0.0
        self.offered: list[list[int]] = [[] for _ in range(firms)]
