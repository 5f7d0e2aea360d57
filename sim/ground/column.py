"""What one column holds: the data dictionary's entry and the recipe to allocate it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Column:
    """What one column holds: the data dictionary's entry and the recipe to allocate it.

    `axes` names the dimensions. Of a column of customers the customer comes last and is not named: () for one number a
    customer, ("firm",) for one a customer and firm, stored firm-major so that a kernel sees contiguous rows. `by_purchase` says
    of a column by firm that on an occasion only the entry of the firm bought from can change; rules write such entries
    in place, through `Rows.in_place` and `Rows.place`. `place_of` names the axis whose places the numbers are, "" for
    none: how long that axis may be is what the type holds (`sim.world.limits`).
    """

    dtype: str
    unit: str
    meaning: str
    symbol: str = ""
    axes: tuple[str, ...] = ()
    initial: float = 0
    by_purchase: bool = False
    place_of: str = ""

    def allocated(self, lengths: Mapping[str, int], *more: int) -> np.ndarray:
        """An array of the initial value: the named axes, then any further ones; lengths : of the axes by name.

        >>> Column("int8", "1", "a count by firm", axes=("firm",), initial=-1).allocated({"firm": 2}, 3).tolist()
        [[-1, -1, -1], [-1, -1, -1]]
        """
        return np.full((*(lengths[axis] for axis in self.axes), *more), self.initial, self.dtype)
