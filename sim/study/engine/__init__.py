"""Where runs are played: in this process, in several, or on a cluster, by libraries that exist for it.

Each kind is one file and one YAML in `configs/engine`. Whoever plays the runs hands tasks to a pool, takes back those
that ended, and asks the pool whether an error was the task's own or a worker's death.
"""

from __future__ import annotations

import importlib
import multiprocessing
import re
import socket
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import ModuleType
from typing import Any

from sim.ground.params import ConfigError, Params
from sim.ground.workers import cores as there
from sim.study.version import code

SCHEMES = ("tcp", "tls")  # of Dask's addresses
SPARE = 2  # tasks in flight per worker: one is played, one waits, so that no worker is idle between two

HEARD = 16  # bytes
MOST = 200  # characters of a foreign error
PLACE = re.compile(r"(?:(?P<scheme>[a-z]+)://)?(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})")


class Pool:
    """Open workers of one kind. A future's result is the task's; its exception says whether the worker was lost."""

    slots: int  # tasks worth having in flight at once

    def submit(self, task: Callable[..., Any], *args: Any) -> Future:
        """Hand over a task; arguments and result are pickled.

        Never raises for what happens to workers or tasks: that is in the future.
        """
        raise NotImplementedError

    def ended(self, pending: set[Future], timeout: float) -> set[Future]:
        """Those of the pending that have ended, waiting for the first at most `timeout` seconds."""
        return wait(pending, timeout, FIRST_COMPLETED).done

    def lost(self, error: BaseException) -> bool:
        """Whether an error means that a worker died, rather than that the task raised."""
        raise NotImplementedError

    def renew(self) -> None:
        """Get fresh workers after some were lost; all pending futures have ended or are given up.

        Raises
        ------
        ConfigError, OSError : there are none to be had any more.
        """

    def close(self, now: bool) -> None:
        """Let the workers go; `now` gives up what they are at."""


class Execution(Params):
    """Where runs are played; one file a kind, one YAML in `configs/engine`."""

    def ready(self) -> None:
        """Raise `ConfigError` if no workers could be had from here: a library is missing, or this process is a worker itself."""

    def open(self) -> Pool:
        """Start, or connect to, the workers.

        Raises
        ------
        ConfigError : the library is not installed, or the cluster cannot be reached; says what to do.
        """
        raise NotImplementedError


def cores(workers: int) -> int:
    """Number of workers that is meant: 0 is as many as this process may use cores.

    >>> cores(3)
    3
    """
    return workers or there()


def installed(library: str, word: str) -> ModuleType:
    """Import a library that the engine `word` needs.

    Raises
    ------
    ConfigError : it is not installed.
    """
    try:
        return importlib.import_module(library)
    except ImportError:
        raise ConfigError(f"engine={word}: not installed; pip install 'differentia[{word}]'") from None


def may_start(word: str) -> None:
    """Raise `ConfigError` if this process is a worker of a pool that may start no processes, as those of multiprocessing are."""
    if multiprocessing.current_process().daemon:
        raise ConfigError(f"engine={word}: this process is a worker itself and may start no others; expected engine=serial")


def place_of(address: str, schemes: tuple[str, ...] = ()) -> tuple[str, str, int]:
    """Scheme, host and port of a cluster's address, and nothing else: no user, path, query or white space.

    schemes : those that may stand before it; none must.

    >>> place_of("tcp://192.168.0.1:8786", ("tcp", "tls")), place_of("[::1]:6379")
    (('tcp', '192.168.0.1', 8786), ('', '::1', 6379))
    >>> place_of("tcp://nowhere", ("tcp", "tls"))
    Traceback (most recent call last):
    sim.ground.params.ConfigError: address = 'tcp://nowhere': expected host:port, as in 192.168.0.1:8786, after tcp:// or tls:// or alone
    """
    found = PLACE.fullmatch(address)
    if not found or not 0 < int(found["port"]) < 65536 or (found["scheme"] or "") not in ("", *schemes):
        before = f", after {' or '.join(f'{scheme}://' for scheme in schemes)} or alone" if schemes else ""
        raise ConfigError(f"address = {address!r}: expected host:port, as in 192.168.0.1:8786{before}")
    return found["scheme"] or "", found["host"].strip("[]"), int(found["port"])


def reach(address: str, timeout: float, what: str, known: Callable[[bytes], bool]) -> None:
    """Knock at a cluster's address, so that a wrong one is told in seconds.

    The libraries themselves would try for minutes to make a cluster of whatever is there. Schedulers of Dask and heads
    of Ray speak first when one connects, so a look at what they say is enough. An encrypted line (tls) is not looked at.

    Parameters
    ----------
    address : as `place_of` takes it. timeout : seconds.
    what : who is meant to be there. known : whether the first bytes heard are theirs.

    Raises
    ------
    ConfigError : nobody answers, or something else does.
    """
    scheme, *place = place_of(address, SCHEMES)
    try:
        with socket.create_connection(tuple(place), timeout) as line:
            right = scheme == "tls" or known(line.recv(HEARD))
    except (OSError, UnicodeError) as error:  # of a name that cannot be one, too
        reason = getattr(error, "strerror", "") or error
        raise ConfigError(
            f"engine.address = {address!r}: no cluster answers ({reason}); is it started, and the port open?"
        ) from None
    if not right:
        raise ConfigError(f"engine.address = {address!r}: what answers there is not {what}")


def version() -> dict[str, str]:
    """What computes where this is called: versions of the program, the model's code, and the libraries below it."""
    return code()


def same_version(pool: Pool, address: str, timeout: float) -> Pool:
    """Return the pool if a worker of it has the version that is here; else close it.

    Raises
    ------
    ConfigError : no worker answers within `timeout` seconds, it lacks the program, or has another version.
    """
    asked, reason = pool.submit(version), ""
    try:
        there = asked.result(timeout)
        if there != version():
            told = ", ".join(
                f"{name} {there.get(name)}, here {own}" for name, own in version().items() if own != there.get(name)
            )
            reason = f"the workers have {told}"
    except TimeoutError:
        asked.cancel()
        reason = f"no worker answers within {timeout:g} s"
    except Exception as error:
        reason = f"the workers cannot run differentia ({' '.join(str(error).split())[:MOST]})"
    if reason:
        pool.close(now=True)
        raise ConfigError(f"engine.address = {address!r}: {reason}")
    return pool
