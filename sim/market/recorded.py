"""Rows of customers while a plan is recorded: every column as a reference, for windows in place or brought side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.science.steps.plan import Plan
from sim.science.steps.reference import NOW, ROWS, NotRecorded, Reference


class InPlace:
    """Rows that follow each other in the table: what `sim.state.table.Rows` is when steps are not recorded.

    Parameters
    ----------
    market : whose rows. plan : where steps are recorded. kept : name -> (all rows) column of what lasts for the occasion
        and stays between two plans; None where nothing is kept yet.
    """

    def __init__(self, market: Any, plan: Plan, kept: dict[str, np.ndarray] | None = None) -> None:
        self.market, self.plan, self.now, self.kept, self.passing = market, plan, NOW, kept, {}
        self.asked: dict[str, Reference] = {}
        self.tally = {
            name: Reference("counts", a.ctypes.data, a.shape[1:], a.strides[1:], a.dtype, name, a, apart=a.strides[0])
            for name, a in market.tally.items()
        }
        places = np.arange(plan.window, dtype=np.uint32)
        self.place = Reference("fixed", places.ctypes.data, (ROWS,), places.strides, places.dtype, "", places)

    def begin(self) -> Plan:
        """Forget what was recorded and begin anew; where columns lie stays as it is."""
        self.passing = {} if self.kept is None else Passing(self)
        return self.plan.begin()

    def acting(self, hook: str) -> Iterator[Any]:
        """Mechanisms that act at a hook, in their order; the plan notes who records.

        What one took of scratch, and does not pass on within the occasion, the next one may take.
        """
        before, plan = self.plan.acting, self.plan
        for mechanism in self.market.acting[hook]:
            plan.acting, first = (mechanism.called, hook), len(plan.taken)
            yield mechanism
            if len(plan.taken) > first:
                plan.give_back(first, {id(value) for passed in self._passed() for value in passed})
        plan.acting = before

    def _passed(self) -> Iterator[tuple[Any, ...]]:
        """What lasts for the occasion; of a mapping all values."""
        held = self.passing if isinstance(self.passing, dict) else self.passing.here
        for value in held.values():
            yield tuple(value.values()) if isinstance(value, dict) else (value,)

    def scratch(self, dtype: Any, axes: tuple[int, ...] = (), fixed: bool = False) -> Reference:
        """Room for a column of these rows, or (fixed) for an array of these axes; not cleared."""
        return self.plan.scratch(np.dtype(dtype), axes, fixed)

    def __getattr__(self, name: str) -> Reference:
        if name.startswith("_") or name not in self.market.table:
            raise AttributeError(name)
        found = self.column(name, self.market.table[name])
        setattr(self, name, found)
        return found

    def column(self, name: str, array: np.ndarray) -> Reference:
        """Reference to a column of all rows, for those at hand."""
        return Reference("rows", array.ctypes.data, (*array.shape[:-1], ROWS), array.strides, array.dtype, name, array)

    def lasting(self, name: str, column: np.ndarray) -> Reference:
        """Reference to a column that is not the table's, of what lasts for an occasion."""
        if name not in self.asked:
            self.asked[name] = self.column(name, column)
        return self.asked[name]

    def in_place(self, name: str) -> Reference:
        """The column itself: entry [firm, place[i]] belongs to row i."""
        return getattr(self, name)

    def __len__(self) -> int:
        raise NotRecorded("the number of rows")


class SideBySide(InPlace):
    """Rows that were chosen one by one: every column that a step asks for is copied to scratch and put back."""

    def __init__(self, market: Any, plan: Plan, kept: dict[str, np.ndarray] | None = None) -> None:
        super().__init__(market, plan, kept)
        self.place, self._whole = plan.room(np.dtype(np.uint32)), {}

    def column(self, name: str, array: np.ndarray) -> Reference:
        """Reference to a copy of these rows' entries; of a column by firm, only of the firms that are asked for."""
        columns = self.market.table.columns
        back = name in self.market.written and not columns[name].by_purchase if name in columns else True
        copy = self.plan.room(array.dtype, array.shape[:-1], name=name)
        if array.ndim == 1:
            self._move(name, array, copy.base, back)
        elif array.ndim == 2:
            there: set[int] = set()

            def need(place: int | None) -> None:
                """Have the entries of one firm, or of all, copied too."""
                for k in range(len(array)) if place is None else (place,):
                    if k not in there:
                        there.add(k)
                        self._move(name, array[k], copy.base + k * copy.strides[0], back)

            copy.need = need
        else:
            raise NotRecorded(f"column {name} of {array.ndim} axes")
        return copy

    def _move(self, name: str, array: np.ndarray, place: int, back: bool) -> None:
        self.plan.moves.append((name, array.ctypes.data, array.itemsize, place, back))

    def in_place(self, name: str) -> Reference:
        """The column itself, of all rows."""
        if name not in self._whole:
            self._whole[name] = Reference.fixed(self.market.table[name], name)
        return self._whole[name]


class Passing:
    """What lasts for an occasion, kept in columns of all rows because somebody acts between two plans."""

    def __init__(self, rows: InPlace) -> None:
        self.rows, self.here = rows, {}

    def __setitem__(self, name: str, value: Any) -> None:
        self.here[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self.here or name in self.rows.kept

    def __getitem__(self, name: str) -> Any:
        if name not in self.here:
            self.here[name] = self.rows.lasting(name, self.rows.kept[name])
        return self.here[name]
