"""A recorded plan: what steps there are, in their order, each a kernel with the arrays and numbers that it is called with."""

from __future__ import annotations

import inspect
import math
import struct
from array import array as packed
from collections.abc import Callable
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


class Plan:
    """Steps as they are recorded, then as tables for the driver.

    Attributes
    ----------
    steps : in their order. acting : (mechanism, hook) that records at present. bytes : of scratch a thread needs.
    moves : name, address, bytes an entry and place in scratch of the columns that are brought side by side, and whether
        they may be put back; they are if a step changes them. entries, words, moved : tables for the driver.
    """

    def __init__(self, window: int) -> None:
        self.window, self.bytes = window, LINE
        self.moves: list[tuple[str, int, int, int, bool]] = []
        self._rooms: list[tuple[tuple, Reference]] = []
        self.begin()

    def begin(self) -> Plan:
        """Forget the steps; what was asked for of scratch before is given again, in the same order."""
        self.acting, self._asked = ("", ""), 0
        self.steps: list[Step] = []
        self._table, self._begins = packed("q"), packed("q")
        return self

    def scratch(self, dtype: np.dtype, axes: tuple[int, ...] = (), fixed: bool = False) -> Reference:
        """Room for a window's rows of a column, or (fixed) for an array of these axes, until the next `begin`."""
        key, place = (dtype, axes, fixed), self._asked
        self._asked += 1
        if place < len(self._rooms) and self._rooms[place][0] == key:
            return self._rooms[place][1]
        del self._rooms[place:]
        self._rooms.append((key, self.room(dtype, axes, fixed)))
        return self._rooms[place][1]

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
        kinds, table = [], self._table
        self._begins.append(len(table))
        table.append(0)
        for value in passed:
            how = ARGUMENT.get(type(value))
            if how is None:
                raise NotRecorded(f"a {type(value).__name__}")
            kind, words = how(value)
            kinds.append(kind)
            table.extend(words)
        step = Step(*self.acting, kernel, tuple(kinds), passed)
        count, outputs = _outputs(kernel)
        if len(passed) != count:
            raise ConfigError(f"{step.told} takes {count} arguments, got {len(passed)}")
        for place in outputs:
            if type(passed[place]) is np.ndarray and not passed[place].flags.writeable and len(outputs) < count:
                raise ConfigError(f"{step.told}: argument {place + 1} is to be changed and may only be read")
        self.steps.append(step)

    def finish(self) -> Plan:
        """Compile what is not compiled yet and lay the tables out; raises `ConfigError` if a kernel cannot be compiled."""
        self.table, begins = np.array(self._table, np.int64), np.array(self._begins, np.int64)
        made = [entry.made(step.kernel, step.kinds, step.told) for step in self.steps]
        self.entries = np.array([way for way, _ in made], np.int64)
        self.table[begins] = [code for _, code in made]
        self.words = self.table.ctypes.data + 8 * begins
        changed = {name for step in self.steps for name in step.columns(written=True)}
        moved = [(at, item, place, back and name in changed) for name, at, item, place, back in self.moves]
        self.moved = np.array(moved, np.int64).reshape(-1, 4)
        return self
