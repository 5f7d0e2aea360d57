"""The offer board: everything that customers may see of firms in a period, as plain arrays."""

from __future__ import annotations

from collections.abc import Sequence

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
    offered : for each firm, places of the attributes in which it differs from the standard service.
    attributes : names of the attributes, in the order of their places.
    """

    def __init__(self, firms: int, attributes: Sequence[str], needs: int, cells: int) -> None:
        self.fare, self.cents = np.zeros((firms, cells), np.float32), np.zeros((firms, cells), np.int32)
        self.price = np.zeros(firms, np.float32)
        self.level = np.zeros((firms, len(attributes), cells), np.float32)
        self.cue = np.zeros_like(self.level)
        self.position = np.zeros((firms, needs, cells), np.float32)
        self.need_weight, self.need_standard = 0.0, 0.0
        self.offered: list[list[int]] = [[] for _ in range(firms)]
        self.attributes = tuple(attributes)

    def place(self, attribute: str | None) -> int | None:
        """Place of an attribute in `level` and `cue`; None if customers mind none of this name.

        >>> board = Board(2, ["comfort", "delay"], 0, 1)
        >>> board.place("delay"), board.place("speed")
        (1, None)
        """
        return self.attributes.index(attribute) if attribute in self.attributes else None
