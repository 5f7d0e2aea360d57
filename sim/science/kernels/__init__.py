"""Compiled loops over customers that call the rules: inputs first, ``out_*`` last, no science.

Every kernel takes arrays of the rows of one block and holds no lock, so that threads may take blocks side by side.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core import config
from numba.core.registry import CPUDispatcher

from sim.science.rules import compiled


class _Recording(threading.local):
    plan: Any = None


_RECORDING = _Recording()


class Kernel(CPUDispatcher):
    """A compiled loop over customers: a call runs it, or is noted as a step where a plan is recorded."""

    def __call__(self, *args: Any) -> Any:
        if _RECORDING.plan is not None:
            return _RECORDING.plan.add(self, args)
        return super().__call__(*args)


@contextmanager
def recorded(plan: Any) -> Iterator[None]:
    """While it lasts, calls of kernels in this thread are added to the plan and not made."""
    before, _RECORDING.plan = _RECORDING.plan, plan
    try:
        yield
    finally:
        _RECORDING.plan = before


def compiling() -> bool:
    """Whether kernels are compiled at all, and run without looking whether an index is out of bounds."""
    return not config.DISABLE_JIT and config.BOUNDSCHECK != 1


def kernel(function):
    """Compile a loop over customers, cached on disk, releasing the interpreter lock."""
    return compiled(function, Kernel, nogil=True)
