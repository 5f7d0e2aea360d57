"""Some customers of a window, side by side, so that kernels see contiguous columns whoever takes part."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import numpy as np

from sim.state.table import Rows


def some(rows: Rows, index: np.ndarray) -> Gathered:
    """Some rows of any window as a window of their own; index : (rows,) places in it, ascending."""
    return rows.some(index) if isinstance(rows, Gathered) else Gathered(rows, index)


class ByFirm:
    """A column by firm of gathered rows: a firm's entries are copied when first asked for, all of them by a slice."""

    def __init__(self, column: np.ndarray, index: np.ndarray) -> None:
        self.column, self.index = column, index
        self.copy = np.empty((len(column), len(index)), column.dtype)
        self.here = [False] * len(column)

    def __getitem__(self, key: int | slice) -> np.ndarray:
        for f in [key] if not isinstance(key, slice) else range(len(self.column)):
            if not self.here[f]:
                self.copy[f] = self.column[f][self.index]
                self.here[f] = True
        return self.copy[key]

    def __setitem__(self, key: int | slice, values: np.ndarray) -> None:
        self[key][...] = values

    def put_back(self) -> None:
        """Write back what was copied."""
        for f, here in enumerate(self.here):
            if here:
                self.column[f][self.index] = self.copy[f]


class Gathered(Rows):
    """Rows of a window: each column is copied when first asked for, and put back when told.

    Parameters
    ----------
    window : the window they belong to. index : (rows,) their places in it, ascending.
    """

    def __init__(self, window: Rows, index: np.ndarray) -> None:
        self.window, self.index = window, index.astype(np.uint32, copy=False)
        self.market, self.tally, self.now, self.passing = window.market, window.tally, window.now, {}

    def __len__(self) -> int:
        return len(self.index)

    @cached_property
    def place(self) -> np.ndarray:
        """(rows,) uint32 place of each row in the columns that `in_place` gives."""
        return self.window.place[self.index]

    def of(self, column: np.ndarray) -> np.ndarray:
        """A copy of these rows of a column of all rows of the table."""
        return np.take(self.window.of(column), self.index, axis=-1)

    def in_place(self, name: str) -> np.ndarray:
        """The column itself, not a copy of these rows: entry [firm, place[i]] belongs to row i."""
        return self.window.in_place(name)

    def __getattr__(self, name: str) -> np.ndarray | ByFirm:
        if name not in self.market.table:
            raise AttributeError(name)
        column = getattr(self.window, name)
        if self.market.table.columns[name].axes == ("firm",):
            copy = ByFirm(column, self.index)
        else:
            copy = np.take(column, self.index, axis=-1)  # side by side in memory, too
        setattr(self, name, copy)
        return copy

    def some(self, index: np.ndarray) -> Gathered:
        """Some of these rows as a window of their own; what was changed so far is put back first."""
        self.put_back(self.market.written)
        return Gathered(self.window, self.index[index])

    def put_back(self, names: Collection[str], whole: bool = False) -> None:
        """Write the named columns back into the window, as far as they were asked for, and forget all copies.

        Columns marked `by_purchase` are written in place by those who change them; whole : write them all the same.
        """
        columns = self.market.table.columns
        for name in vars(self).keys() & columns.keys():
            copy = vars(self)[name]
            if name in names and (whole or not columns[name].by_purchase):
                if isinstance(copy, ByFirm):
                    copy.put_back()
                else:
                    column = getattr(self.window, name)
                    column[..., self.index] = copy
            delattr(self, name)
