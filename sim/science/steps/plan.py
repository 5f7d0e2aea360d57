"""A recorded plan: what steps there are, in their order, each a kernel with the arrays and numbers that it is called with."""

from __future__ import annotations

import inspect
import math
import struct
from array import array as packed
from collections.abc import Callable, Collection
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from sim.ground.params import ConfigError
from sim.science.kernels import Kernel
from sim.science.steps import entry
from sim.science.steps.reference import ROWS, NotRecorded, Now, Reference, kind_of

LINE = 64  # bytes; scratch begins with the address of the occasion's draws, and every column at a line of its own
SINGLE, DOUBLE, WORD = struct.Struct("<fi"), struct.Struct("<d"), struct.Struct("<q")
Argument = tuple[tuple, tuple[int, ...]]


class Step(NamedTuple):
    """One step of a plan.

    mechanism, hook : on whose behalf; no mechanism for the market's own. kernel, kinds, passed : what is called, the
    kinds of its arguments, and the arguments.
    """

    mechanism: str
    hook: str
    kernel: Kernel
    kinds: tuple[tuple, ...]
    passed: tuple[Any, ...]

    def columns(self, written: bool) -> list[str]:
        """Names of the columns that it changes, or of those that it only looks at."""
        outputs = _outputs(self.kernel)[1]
        passed = [value for place, value in enumerate(self.passed) if (place in outputs) == written]
        return sorted({value.name for value in passed if isinstance(value, Reference) and value.name})

    @property
    def bytes(self) -> int:
        """Memory that it sees, a row [bytes]."""
        return sum(value.bytes_a_row for value in self.passed if isinstance(value, Reference))

    @property
    def told(self) -> str:
        """Whose step it is, and which kernel, for messages."""
        return f"{f'mechanism.{self.mechanism}: ' if self.mechanism else ''}{self.kernel.__name__} (at {self.hook})"


@cache
def _outputs(kernel: Kernel) -> tuple[int, frozenset[int]]:
    """How many arguments a kernel takes, and which of them it changes: `out_...` last, or any if none is called so."""
    names = list(inspect.signature(kernel.py_func).parameters)
    changed = [place for place, name in enumerate(names) if name == "out" or name.startswith("out_")]
    return len(names), frozenset(changed or range(len(names)))


def _of_reference(value: Reference) -> Argument:
    if value.need is not None:
        value.need(None)
    return value.kind, value.words


def _of_array(value: np.ndarray) -> Argument:
    if not value.flags.aligned or not value.dtype.isnative or value.dtype.kind not in "biuf":
        raise NotRecorded(f"an array of {value.dtype}")
    kind, rest = kind_of("fixed", value.shape, value.strides, value.dtype)
    return kind, (value.ctypes.data, *rest)


def _of_number(dtype: Any) -> Callable[[Any], Argument]:
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        if dtype.itemsize == 4:
            return lambda value: (("number", dtype), WORD.unpack(SINGLE.pack(value, 0)))
        return lambda value: (("number", dtype), WORD.unpack(DOUBLE.pack(value)))
    if dtype == np.uint64:
        return lambda value: (("number", dtype), (int(value) - 2**64 if value >= 2**63 else int(value),))
    return lambda value: (("number", dtype), (int(value),))


NUMBERS = (
    np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.float32, np.float64,
)  # fmt: skip
ARGUMENT: dict[type, Callable[[Any], Argument]] = {
    Reference: _of_reference,
    np.ndarray: _of_array,
    Now: lambda value: (("now",), ()),
    int: _of_number(np.int64),
    float: _of_number(np.float64),
    bool: _of_number(np.bool_),
    **{kind: _of_number(kind) for kind in NUMBERS},
}


class _Slot:
    """A step with where its words lie in the table: those of argument j begin at `at[j]`."""

    __slots__ = ("step", "at")

    def __init__(self, step: Step, at: list[int]) -> None:
        self.step, self.at = step, at


class Plan:
    """Steps as they are recorded, then as tables for the driver.

    A month's steps are mostly those of the month before with a few other numbers: what is recorded at a place where the
    same kernel stood only changes the words of the arguments that are other ones.

    Attributes
    ----------
    acting : (mechanism, hook) that records at present. bytes : of scratch a thread needs.
    moves : name, address, bytes an entry and place in scratch of the columns that are brought side by side, and whether
        they may be put back; they are if a step changes them. entries, words, moved : tables for the driver.
    """

    def __init__(self, window: int) -> None:
        self.window, self.bytes = window, LINE
        self.moves: list[tuple[str, int, int, int, bool]] = []
        self._rooms: list[tuple[tuple, Reference]] = []  # of scratch, by the order in which they were first asked for
        self._slots: list[_Slot] = []
        self._table, self._laid = packed("q"), (-1, -1)
        self.table = self.words = None
        self.begin()

    def begin(self) -> Plan:
        """Forget the steps and give all scratch back; who asks in the same order gets the same."""
        self.acting, self._count = ("", ""), 0
        self._free: dict[tuple, list[Reference]] = {}
        for key, room in reversed(self._rooms):
            self._free.setdefault(key, []).append(room)
        self.taken: list[tuple[tuple, Reference]] = []
        return self

    @property
    def steps(self) -> list[Step]:
        """The steps that were recorded, in their order."""
        return [slot.step for slot in self._slots[: self._count]]

    def scratch(self, dtype: np.dtype, axes: tuple[int, ...] = (), fixed: bool = False) -> Reference:
        """Room for a window's rows of a column, or (fixed) for an array of these axes, until it is given back."""
        key = dtype, axes, fixed
        free = self._free.setdefault(key, [])
        if not free:
            self._rooms.append((key, self.room(dtype, axes, fixed)))
            free.append(self._rooms[-1][1])
        self.taken.append((key, free.pop()))
        return self.taken[-1][1]

    def give_back(self, first: int, kept: Collection[int]) -> None:
        """Let what was taken of scratch from the first-th time on be taken again, but for that with these identities."""
        for key, room in reversed(self.taken[first:]):
            if id(room) not in kept:
                self._free[key].append(room)
        self.taken[first:] = [pair for pair in self.taken[first:] if id(pair[1]) in kept]

    def room(self, dtype: np.dtype, axes: tuple[int, ...] = (), fixed: bool = False, name: str = "") -> Reference:
        """Room in scratch for good."""
        at, last = self.bytes, dtype.itemsize if fixed else self.window * dtype.itemsize
        self.bytes += -(-math.prod(axes) * last // LINE) * LINE
        strides = tuple(math.prod(axes[k + 1 :]) * last for k in range(len(axes)))
        if fixed:
            return Reference("scratch", at, tuple(axes), strides, dtype, name)
        return Reference("scratch", at, (*axes, ROWS), (*strides, dtype.itemsize), dtype, name)

    def add(self, kernel: Kernel, passed: tuple[Any, ...]) -> None:
        """Record a call of a kernel instead of making it.

        Raises
        ------
        NotRecorded : an argument is nothing that a step can hold. ConfigError : the kernel cannot be called like that.
        """
        place = self._count
        if place == len(self._slots) or not self._same(self._slots[place], kernel, passed):
            self._new(place, kernel, passed)
        self._count += 1

    def _same(self, slot: _Slot, kernel: Kernel, passed: tuple[Any, ...]) -> bool:
        """Whether a step is that of the month before but for some words, which are changed."""
        before = slot.step
        if before.kernel is not kernel or len(passed) != len(before.passed) or before[:2] != self.acting:
            return False
        for place, (value, old) in enumerate(zip(passed, before.passed, strict=True)):
            if value is old:
                if type(value) is Reference and value.need is not None:
                    value.need(None)
                continue
            kind, words = _argument(value)
            if kind != before.kinds[place] or not _may(value, place, kernel):
                return False
            at = slot.at[place]
            for word in words:
                self._table[at] = word
                at += 1
        slot.step = Step(*self.acting, kernel, before.kinds, passed)
        return True

    def _new(self, place: int, kernel: Kernel, passed: tuple[Any, ...]) -> None:
        """A step that was not there; whatever followed is recorded anew."""
        self.table = self.words = None  # they look into the table, which then could not grow
        if place < len(self._slots):
            del self._table[self._slots[place].at[-1] :]
            del self._slots[place:]
        begin, at, kinds = len(self._table), [], []
        self._table.append(0)
        for value in passed:
            kind, words = _argument(value)
            kinds.append(kind)
            at.append(len(self._table))
            self._table.extend(words)
        step = Step(*self.acting, kernel, tuple(kinds), passed)
        count = _outputs(kernel)[0]
        if len(passed) != count:
            raise ConfigError(f"{step.told} takes {count} arguments, got {len(passed)}")
        for number, value in enumerate(passed):
            if not _may(value, number, kernel):
                raise ConfigError(f"{step.told}: argument {number + 1} is to be changed and may only be read")
        self._slots.append(_Slot(step, [*at, begin]))

    def finish(self) -> Plan:
        """Compile what is not compiled yet and lay the tables out; raises `ConfigError` if a kernel cannot be compiled."""
        if self.table is None or self._laid != (self._count, len(self.moves)):
            steps, begins = self.steps, np.array([slot.at[-1] for slot in self._slots[: self._count]], np.int64)
            made = [entry.made(step.kernel, step.kinds, step.told) for step in steps]
            self.table = np.frombuffer(self._table, np.int64)
            self.table[begins] = [code for _, code in made]
            self.entries = np.array([way for way, _ in made], np.int64)
            self.words = self.table.ctypes.data + 8 * begins
            changed = {name for step in steps for name in step.columns(written=True)}
            moved = [(at, item, place, back and name in changed) for name, at, item, place, back in self.moves]
            self.moved = np.array(moved, np.int64).reshape(-1, 4)
            self._laid = self._count, len(self.moves)
        return self


def _argument(value: Any) -> Argument:
    """The kind of an argument, and the words that a step holds of it."""
    how = ARGUMENT.get(type(value))
    if how is None:
        raise NotRecorded(f"a {type(value).__name__}")
    return how(value)


def _may(value: Any, place: int, kernel: Kernel) -> bool:
    """Whether a kernel may do with an argument what its name says."""
    if type(value) is not np.ndarray or value.flags.writeable:
        return True
    count, outputs = _outputs(kernel)
    return place not in outputs or len(outputs) == count
