"""A recorded plan: what steps there are, in their order, each a kernel with the arrays and numbers that it is called with."""

from __future__ import annotations

import inspect
import math
import struct
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.ground.params import ConfigError
from sim.market.compiled import entry
from sim.market.compiled.reference import NOW, NotRecorded, Now, Reference
from sim.science.kernels import Kernel

LINE = 64  # bytes; scratch begins with the address of the occasion's draws, and every column at a line of its own
SCALARS = {int: np.dtype(np.int64), float: np.dtype(np.float64), bool: np.dtype(np.bool_)}
REAL = {4: struct.Struct("<fi"), 8: struct.Struct("<d")}


@dataclass(frozen=True)
class Step:
    """One step of a plan.

    mechanism, hook : on whose behalf; empty for the market's own. kernel, kinds, passed : what is called, the kinds of
    its arguments, and the arguments.
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
    """How many arguments a kernel takes, and which of them it changes."""
    names = list(inspect.signature(kernel.py_func).parameters)
    return len(names), frozenset(place for place, name in enumerate(names) if name.startswith("out_"))


class Plan:
    """Steps as they are recorded, then as tables for the driver.

    Attributes
    ----------
    steps : in their order. acting : (mechanism, hook) that records at present. bytes : of scratch a thread needs.
    moves : (columns, 4) of `sim.market.compiled.driver.play_some`. entries, words : (steps,) addresses for the driver.
    """

    def __init__(self, window: int) -> None:
        self.window, self.bytes, self.acting = window, LINE, ("", "")
        self.steps: list[Step] = []
        self.moves: list[tuple[int, int, int, bool]] = []

    def scratch(self, dtype: Any, axes: tuple[int, ...] = (), fixed: bool = False, name: str = "") -> Reference:
        """Room for a window's rows of a column, or (fixed) for an array of these axes; not cleared."""
        dtype, at = np.dtype(dtype), self.bytes
        last = dtype.itemsize if fixed else self.window * dtype.itemsize
        self.bytes += -(-math.prod(axes) * last // LINE) * LINE
        shape = tuple(axes) if fixed else (*axes, -1)
        strides = tuple(math.prod(axes[k + 1 :]) * last for k in range(len(axes)))
        return Reference(at, 0, 0, 1, shape, strides if fixed else (*strides, dtype.itemsize), dtype, name)

    def add(self, kernel: Kernel, passed: tuple[Any, ...]) -> None:
        """Record a call of a kernel instead of making it.

        Raises
        ------
        NotRecorded : an argument is nothing that a step can hold. ConfigError : the kernel cannot be called like that.
        """
        kinds = tuple([self._kind(value) for value in passed])
        step = Step(*self.acting, kernel, kinds, passed)
        count, outputs = _outputs(kernel)
        if len(passed) != count:
            raise ConfigError(f"{step.told} takes {count} arguments, got {len(passed)}")
        for place in outputs:
            value = passed[place]
            if isinstance(value, np.ndarray) and not value.flags.writeable:
                raise ConfigError(f"{step.told}: argument {place + 1} is to be changed and may only be read")
        self.steps.append(step)

    @staticmethod
    def _kind(value: Any) -> tuple:
        if isinstance(value, Reference):
            if value.need is not None:
                value[:]
                value.need(None)
            return value.kind
        if isinstance(value, np.ndarray):
            if not value.flags.aligned or not value.dtype.isnative or value.dtype.kind not in "biuf":
                raise NotRecorded(f"an array of {value.dtype}")
            return "array", value.dtype.str, value.ndim, "C" if value.flags.c_contiguous else "A"
        if isinstance(value, Now):
            return ("now",)
        dtype = SCALARS.get(type(value)) or getattr(value, "dtype", None)
        if dtype is None:
            raise NotRecorded(f"a {type(value).__name__}")
        return "number", dtype

    def finish(self) -> Plan:
        """Compile what is not compiled yet and lay the tables out; raises `ConfigError` if a kernel cannot be compiled."""
        wanted = {(step.kernel, step.kinds) for step in self.steps}
        for step in self.steps if not wanted <= entry.CODE.keys() else ():
            try:
                entry.make({(step.kernel, step.kinds)} - entry.CODE.keys())
            except Exception as problem:  # whatever the compiler says
                first = next((line for line in str(problem).splitlines()[1:] if line.strip()), str(problem))
                raise ConfigError(f"{step.told} cannot be compiled for what it is called with: {first.strip()}") from None
        words, begins = [], []
        for step in self.steps:
            begins.append(len(words))
            words.append(entry.CODE[step.kernel, step.kinds])
            for value in step.passed:
                words += _words(value)
        self.table = np.array(words or [0], np.int64)
        self.entries = np.array([entry.ENTRIES[step.kinds] for step in self.steps], np.int64)
        self.words = self.table.ctypes.data + 8 * np.array(begins, np.int64)
        self.moved = np.array(self.moves, np.int64).reshape(-1, 4)
        return self


def _words(value: Any) -> tuple[int, ...]:
    """What the table holds of one argument."""
    if isinstance(value, Reference):
        return value.words
    if isinstance(value, np.ndarray):
        return value.ctypes.data, 0, 0, 0, *value.shape, *value.strides
    if value is NOW:
        return ()
    if isinstance(value, float | np.floating):
        size = getattr(value, "itemsize", 8) if isinstance(value, np.floating) else 8
        packed = REAL[size].pack(value, 0) if size == 4 else REAL[size].pack(value)
        return (int.from_bytes(packed, "little", signed=True),)
    word = int(value)
    return (word - 2**64 if word >= 2**63 else word,)
