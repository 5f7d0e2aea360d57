"""Rows of customers while a plan is recorded: every column as a reference, for windows in place or brought side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.market.compiled.plan import Plan
from sim.market.compiled.reference import NOW, ROWS, NotRecorded, Reference


class InPlace:
    """Rows that follow each other in the table: what `sim.state.table.Rows` is when steps are not recorded.

    Parameters
    ----------
    market : whose rows. plan : where steps are recorded. kept : name -> (all rows) column of what lasts for the occasion
        and stays between two plans; empty if nothing does.
    """

    def __init__(self, market: Any, plan: Plan, kept: dict[str, np.ndarray] | None = None) -> None:
        self.market, self.plan, self.now = market, plan, NOW
        self.tally = {
            name: Reference(a.ctypes.data, 0, a.strides[0], 0, a.shape[1:], a.strides[1:], a.dtype, name, a)
            for name, a in market.tally.items()
        }
        self.passing: Any = {} if kept is None else Passing(self, kept)

    def acting(self, hook: str) -> Iterator[Any]:
        """Mechanisms that act at a hook, in their order; the plan notes who records."""
        for mechanism in self.market.acting[hook]:
            self.plan.acting = mechanism.called, hook
            yield mechanism
        self.plan.acting = "", hook

    def scratch(self, dtype: Any, axes: tuple[int, ...] = (), fixed: bool = False) -> Reference:
        """Room for a column of these rows, or (fixed) for an array of these axes; not cleared."""
        return self.plan.scratch(dtype, axes, fixed)

    def __getattr__(self, name: str) -> Reference:
        if name.startswith("_") or name not in self.market.table:
            raise AttributeError(name)
        found = self.column(name, self.market.table[name])
        setattr(self, name, found)
        return found

    def column(self, name: str, array: np.ndarray) -> Reference:
        """Reference to a column of all rows, for those at hand."""
        return Reference(
            array.ctypes.data, array.itemsize, 0, 0, (*array.shape[:-1], ROWS), array.strides, array.dtype, name, array
        )

    def in_place(self, name: str) -> Reference:
        """The column itself: entry [firm, place[i]] belongs to row i."""
        return getattr(self, name)

    @property
    def place(self) -> Reference:
        """(rows,) uint32 place of each row in what `in_place` gives."""
        places = np.arange(self.plan.window, dtype=np.uint32)
        return Reference(places.ctypes.data, 0, 0, 0, (ROWS,), places.strides, places.dtype, "place", places)

    def __len__(self) -> int:
        raise NotRecorded("the number of rows")


class SideBySide(InPlace):
    """Rows that were chosen one by one: every column that a step asks for is copied to scratch and put back."""

    def __init__(self, market: Any, plan: Plan, kept: dict[str, np.ndarray] | None = None) -> None:
        self._place = plan.scratch(np.uint32)
        super().__init__(market, plan, kept)

    place = property(lambda self: self._place)

    def column(self, name: str, array: np.ndarray) -> Reference:
        """Reference to a copy of these rows' entries; of a column by firm, only of the firms that are asked for."""
        columns = self.market.table.columns
        back = name in self.market.written and not columns[name].by_purchase if name in columns else True
        copy = self.plan.scratch(array.dtype, array.shape[:-1], name=name)
        if array.ndim == 1:
            self._move(array, copy, back)
        elif array.ndim == 2:
            there: set[int] = set()

            def need(place: int | None) -> None:
                for k in set(range(len(array)) if place is None else (place,)) - there:
                    there.add(k)
                    self._move(array[k], copy.parts.get(k) or copy._part(k), back)

            copy.need = need
        else:
            raise NotRecorded(f"column {name} of {array.ndim} axes")
        return copy

    def _move(self, array: np.ndarray, copy: Reference, back: bool) -> None:
        self.plan.moves.append((array.ctypes.data, array.itemsize, copy.base, back))

    def in_place(self, name: str) -> Reference:
        """The column itself, of all rows."""
        return Reference.fixed(self.market.table[name], name)


class Passing:
    """What lasts for an occasion, kept in columns of all rows because somebody acts between two plans."""

    def __init__(self, rows: InPlace, kept: dict[str, np.ndarray]) -> None:
        self.rows, self.kept, self.here = rows, kept, {}

    def __setitem__(self, name: str, value: Any) -> None:
        self.here[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self.here or name in self.kept

    def __getitem__(self, name: str) -> Any:
        if name not in self.here:
            self.here[name] = self.rows.column(name, self.kept[name])
        return self.here[name]
