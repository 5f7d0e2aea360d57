"""Struct-of-arrays tables: columns declared once, allocated once, seen through windows on consecutive rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from sim.ground.column import Column


class Rows:
    """A window on consecutive customers: every column as an attribute, its rows only, without a copy.

    passing : what mechanisms say of these rows for the present occasion, by the names that they declare.
    """

    def __init__(self, market: object, start: int, stop: int) -> None:
        self.market, self.start, self.stop, self.passing = market, start, stop, {}

    def __len__(self) -> int:
        return self.stop - self.start

    def acting(self, hook: str) -> list[Any]:
        """Mechanisms that act at a hook, in their order."""
        return self.market.acting[hook]

    @cached_property
    def place(self) -> np.ndarray:
        """(rows,) uint32 place of each row in the columns that `in_place` gives."""
        return np.arange(len(self), dtype=np.uint32)

    def of(self, column: np.ndarray) -> np.ndarray:
        """These rows of a column of all rows of the table."""
        return column[..., self.start : self.stop]

    def scratch(self, dtype: type, axes: tuple[int, ...] = (), fixed: bool = False) -> np.ndarray:
        """Room for what is worked out about these rows, not filled yet: (*axes, rows), or just the axes if fixed."""
        return np.empty(axes if fixed else (*axes, len(self)), dtype)

    def in_place(self, name: str) -> np.ndarray:
        """The column itself, not a copy of these rows: entry [firm, place[i]] belongs to row i."""
        return getattr(self, name)

    def put_back(self, names: Collection[str]) -> None:
        """Nothing to do: the columns of a window are the table's own."""


class Table:
    """Columns of equal length, by name.

    Parameters
    ----------
    size : number of rows (customers).
    columns : name -> `Column`.
    lengths : length of each named axis, e.g. ``{"firm": 8}``.
    """

    def __init__(self, size: int, columns: Mapping[str, Column], lengths: Mapping[str, int]) -> None:
        self.size, self.columns = size, dict(columns)
        self._arrays = {name: column.allocated(lengths, size) for name, column in columns.items()}

    def __getitem__(self, name: str) -> np.ndarray:
        return self._arrays[name]

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    @property
    def bytes_per_row(self) -> float:
        """Memory of one row over all columns [bytes]."""
        return sum(a.nbytes for a in self._arrays.values()) / self.size

    def rows(self, market: object, start: int, stop: int) -> Rows:
        """Window on rows [start, stop); pair columns keep their first axes, so ``window.bought[firm]`` is 1-D."""
        window = Rows(market, start, stop)
        for name, array in self._arrays.items():
            setattr(window, name, array[..., start:stop])
        return window
