"""Further processes of this computer, by loky: how many there may be, how they start, and that none is left behind.

Each computes on one thread, because there is one for each core. Ctrl-C reaches none of them: the process that started
them decides what becomes of them. When that one has ended, in whatever way, they end, too.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from multiprocessing import resource_tracker

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
GLANCE = 1.0  # s


def cores() -> int:
    """How many cores this process may use: what the machine, the process's affinity and its container leave it."""
    from loky import cpu_count

    return cpu_count()


def is_worker() -> bool:
    """Whether this process is one of somebody's workers, who counts the cores himself."""
    return multiprocessing.parent_process() is not None


def threads_here() -> int:
    """How many threads this process may keep busy: OMP_NUM_THREADS, which workers are given, else a thread a core."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    return max(int(given), 1) if given.isdecimal() else cores()


def started(workers: int, reads: str) -> Executor:
    """Start processes that make themselves ready by importing the module `reads`; `ended` ends them."""
    from loky import ProcessPoolExecutor
    from loky.backend import resource_tracker as lokys

    made = ProcessPoolExecutor(workers, initializer=_prepare, initargs=(os.getpid(), reads), env=ONE_THREAD)
    lokys.ensure_running()  # for the reason that `sheltered` gives
    with sheltered():
        made.submit(os.getpid)
    return made


def ended(executor: Executor, now: bool) -> None:
    """Let processes go, after what they are at unless `now`."""
    executor.shutdown(wait=True, kill_workers=now)


def _prepare(parent: int, reads: str) -> None:
    """Make a worker ready: it imports, and ends when the process that started it has ended in any way."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    importlib.import_module(reads)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(GLANCE)
    os._exit(1)


@contextmanager
def sheltered() -> Iterator[None]:
    """Start processes that Ctrl-C does not reach: it is this process that decides what becomes of them.

    A blocked signal stays blocked in every process that is started meanwhile, and waits for this one.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # of the processes' locks: its own start would unblock the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
