"""What one column holds: the data dictionary's entry and the recipe to allocate it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """What one column holds: the data dictionary's entry and the recipe to allocate it.

    `axes` names the dimensions before the last, which is always the customer: () for one number a customer,
    ("firm",) for one a customer and firm, stored firm-major so that a kernel sees contiguous rows. `by_purchase` says
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
