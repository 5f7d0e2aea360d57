"""Some customers of a window, side by side, so that kernels see contiguous columns whoever takes part."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from sim.kernels.gather import put, put_own, take
from sim.table import Rows

BITS = {1: np.uint8, 2: np.uint16, 4: np.uint32}


def _plain(column: np.ndarray) -> np.ndarray:
    """A column as rows of unsigned integers of its size, without a copy: copying need not know what they mean."""
    return column.reshape(-1, column.shape[-1]).view(BITS[column.itemsize])


class Gathered(Rows):
    """Rows of a window: each column is copied when first asked for, and put back when told.

    Parameters
    ----------
    window : the window they belong to. index : (rows,) their places in it, ascending.
    """

    def __init__(self, window: Rows, index: np.ndarray) -> None:
        self.window, self.index = window, index.astype(np.uint32, copy=False)
        self.market, self.tally, self.now = window.market, window.tally, window.now

    def __len__(self) -> int:
        return len(self.index)

    def __getattr__(self, name: str) -> np.ndarray:
        if name not in self.market.table:
            raise AttributeError(name)
        column = getattr(self.window, name)
        copy = np.empty((*column.shape[:-1], len(self.index)), column.dtype)
        take(_plain(column), self.index, _plain(copy))
        setattr(self, name, copy)
        return copy

    def put_back(self, names: Collection[str], whole: bool = False) -> None:
        """Write the named columns back into the window, as far as they were asked for, and forget all copies.

        whole : write all entries of columns that are marked `by_purchase`, too.
        """
        columns, provider = self.market.table.columns, self.provider
        for name in vars(self).keys() & columns.keys():
            if name in names:
                source, target = _plain(vars(self)[name]), _plain(getattr(self.window, name))
                if columns[name].by_purchase and not whole:
                    put_own(source, self.index, provider, target)
                else:
                    put(source, self.index, target)
            delattr(self, name)
