"""Ctrl-C, heard once: what is played stops at the end of the month or of the chunk; a second one stops at once.

Python raises KeyboardInterrupt wherever it happens to be. Where that is the end of an object that the compiler frees, the
exception is dropped, and the run would go on for ever. So the first signal only leaves a mark, which whoever plays looks at.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_heard, _told = threading.Event(), threading.Event()


def _hear(number: int, frame: FrameType | None) -> None:
    if _heard.is_set():
        raise KeyboardInterrupt
    _heard.set()


def check() -> None:
    """Raise KeyboardInterrupt, once, if Ctrl-C was heard; called at the end of every month and while chunks are awaited."""
    if _heard.is_set() and not _told.is_set():
        _told.set()
        raise KeyboardInterrupt


@contextmanager
def listening() -> Iterator[None]:
    """Hear Ctrl-C for `check` while a command plays; not where another than Python's own way of hearing it is at work.

    Raises
    ------
    KeyboardInterrupt : it was heard after the last check.
    """
    own = threading.current_thread() is threading.main_thread()
    if not own or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    _heard.clear()
    _told.clear()
    signal.signal(signal.SIGINT, _hear)
    try:
        yield
        check()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _heard.clear()
        _told.clear()
