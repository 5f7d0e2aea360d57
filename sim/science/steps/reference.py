"""What a recorded step is told of an array: where it lies, before anybody knows for which rows it will be played."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from numba.core import types
from numba.np.numpy_support import from_dtype

ROWS = -1  # stands for a length that is the number of rows


class NotRecorded(TypeError):
    """What a hook asks of a column needs its values, which nobody has before the steps are played."""


class Now:
    """The address of the occasion's draws, which the driver knows."""


NOW = Now()


@cache
def array_type(dtype: str, ndim: int, layout: str) -> types.Array:
    """The compiler's type of an array."""
    return types.Array(from_dtype(np.dtype(dtype)), ndim, layout)


def layout_of(shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int) -> str:
    """Whether the compiler may take the entries to lie side by side: "C", else "A".

    >>> layout_of((3, 4), (32, 8), 8), layout_of((3, ROWS), (800, 8), 8), layout_of((ROWS,), (8,), 8)
    ('C', 'A', 'C')
    """
    expected = itemsize
    for length, stride in zip(reversed(shape), reversed(strides), strict=True):
        if stride != expected:
            return "A"
        if length == ROWS:
            return "C" if len(shape) == 1 else "A"
        expected *= length
    return "C"


def kind_of(where: str, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype) -> tuple[tuple, tuple[int, ...]]:
    """The kind of an array argument, and the lengths and strides that do not follow from it."""
    layout = layout_of(shape, strides, dtype.itemsize)
    by_row = shape[-1:] == (ROWS,)
    beside = by_row and strides[-1] == dtype.itemsize
    steps = () if layout == "C" else strides[:-1] if beside else strides
    return ("array", where, dtype.str, len(shape), layout, by_row, beside), (*(shape[:-1] if by_row else shape), *steps)


class Reference:
    """An array that a step will see: where it lies follows from the rows that it is played for.

    Parameters
    ----------
    where : "fixed" if it is the same for all rows; "rows" if it begins at the first of them, an entry a row; "counts" if
        every share of the rows has its own, `apart` bytes after the last one's; "scratch" if it lies in scratch.
    base : its address, in scratch its place there [bytes]. shape, strides, dtype : as NumPy has them, with `ROWS` for the
        number of rows. name : of the column, empty for scratch. owner : array whose memory it is; kept as long as the
        reference. need : told which entry of the first axis is asked for, None for all.
    """

    __slots__ = (
        "where", "base", "shape", "strides", "dtype", "name", "owner", "need", "apart", "kind", "words", "parts",
    )  # fmt: skip
    __array_ufunc__ = None
    __hash__ = object.__hash__

    def __init__(
        self, where: str, base: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype, name: str = "",
        owner: object = None, need: Callable[[int | None], None] | None = None, apart: int = 0,
    ) -> None:  # fmt: skip
        self.where, self.base, self.shape, self.strides, self.dtype = where, base, shape, strides, dtype
        self.name, self.owner, self.need, self.apart = name, owner, need, apart
        self.kind, rest = kind_of(where, shape, strides, dtype)
        self.words = (base, *((apart,) if where == "counts" else ()), *rest)
        self.parts: dict[object, Reference] = {}

    @classmethod
    def fixed(cls, array: np.ndarray, name: str = "") -> Reference:
        """An array that is the same for all rows."""
        return cls("fixed", array.ctypes.data, array.shape, array.strides, array.dtype, name, array)

    def __getitem__(self, key: object) -> Reference:
        if isinstance(key, slice) and key == slice(None):
            return self
        known = key if not isinstance(key, slice) else ("slice", key.start, key.stop, key.step)
        found = self.parts.get(known)
        if found is None:
            found = self.parts[known] = self._part(key)
        if self.need is not None:
            self._tell(key)
        return found

    def _tell(self, key: object) -> None:
        first = key[0] if isinstance(key, tuple) else key
        if isinstance(first, slice):
            for place in range(*first.indices(self.shape[0])):
                self.need(place)
        else:
            self.need(self._place(first, self.shape[0]))

    def _part(self, key: object) -> Reference:
        base, shape, strides = self.base, list(self.shape), list(self.strides)
        if isinstance(key, slice):
            if shape[0] == ROWS or key.step not in (None, 1):
                raise NotRecorded(f"rows[{key.start}:{key.stop}] of a column")
            start, stop, _ = key.indices(shape[0])
            base, shape[0] = base + start * strides[0], max(stop - start, 0)
        else:
            for place in key if isinstance(key, tuple) else (key,):
                if not isinstance(place, int | np.integer) or not shape or shape[0] == ROWS:
                    raise NotRecorded("single rows of a column")
                base += self._place(place, shape.pop(0)) * strides.pop(0)
        return Reference(
            self.where, base, tuple(shape), tuple(strides), self.dtype, self.name, self.owner, apart=self.apart
        )

    @staticmethod
    def _place(place: int, length: int) -> int:
        if not -length <= place < length:
            raise IndexError(f"{place} is out of bounds for an axis of {length}")
        return int(place) % length

    def __setitem__(self, key: object, value: object) -> None:
        raise NotRecorded("a column that Python fills")

    def __len__(self) -> int:
        if self.shape[0] == ROWS:
            raise NotRecorded("the number of rows")
        return self.shape[0]

    def __iter__(self) -> Iterator[Reference]:
        return (self[k] for k in range(len(self)))

    def __eq__(self, other: object) -> bool:
        raise NotRecorded("how a column compares")

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise NotRecorded("the values of a column")

    def __bool__(self) -> bool:
        raise NotRecorded("whether a column holds anything")

    @property
    def bytes_a_row(self) -> int:
        """Memory that a step sees of it for every row [bytes]; 0 of what is the same for all."""
        return math.prod(abs(length) for length in self.shape) * self.dtype.itemsize if ROWS in self.shape else 0
