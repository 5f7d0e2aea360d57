"""How much memory a market wants and how much there is, so that too large a one is refused before its first month.

Sources: the Linux manual pages proc(5) on meminfo and statm, cgroups(7) with the kernel's memory controllers (version 1
and 2), getrlimit(2). Where a system tells nothing of this, nothing is refused.
"""

from __future__ import annotations

import math
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.ground.params import ConfigError
from sim.world.limits import axes, columns

if TYPE_CHECKING:
    from sim.world.scenario import Scenario

PASSING = 150  # bytes a customer that come and go while a market is built and played
PROCESS = 3e8  # bytes of a further process that plays, before its first market
ROOT = Path("/")
KINDS = {  # limit, use, and the part of the use that the kernel gives back when asked
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    "": ("memory.max", "memory.current", "inactive_file"),
}


def wanted(scenario: Scenario) -> float:
    """Memory that a market of this scenario takes at its height, a customer [bytes]."""
    lengths = axes(scenario)
    held = [
        np.dtype(column.dtype).itemsize * math.prod(lengths[axis] for axis in column.axes)
        for column in columns(scenario).values()
    ]
    return sum(held) + sum(mechanism.footprint() for mechanism in scenario.mechanism.values()) + PASSING


def check_memory(scenario: Scenario, copies: int = 1) -> None:
    """Raise `ConfigError` if so many markets of this scenario at a time want more memory than there is."""
    free, customer, customers = available(), wanted(scenario), scenario.population.customers
    need = customers * customer
    if free is None:
        return
    if need > free:
        raise too_large(scenario, free)
    if copies > 1 and copies * (need + PROCESS) > free:
        fits = max(int(free / (need + PROCESS)), 1)
        raise ConfigError(
            f"engine.workers = {copies}: {copies} runs at a time of {customers:,} customers need about "
            f"{_size(copies * (need + PROCESS))}, {_size(free)} are free; engine.workers={fits} would fit"
        )


def too_large(scenario: Scenario, free: float | None = None) -> ConfigError:
    """What to say of a market for which the memory does not do; free : what there is [bytes], None if unknown."""
    customers, customer = scenario.population.customers, wanted(scenario)
    said = f"population.customers={customers}: needs about {_size(customers * customer)} of memory"
    if free is None:
        return ConfigError(f"{said}, more than there is; expected fewer customers")
    fits = int(free / customer)
    fits -= fits % 10 ** max(len(str(fits)) - 2, 0)
    return ConfigError(f"{said}, {_size(free)} are free; about {fits:,} customers would fit")


def _size(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.0f} MB"


def available(root: Path = ROOT) -> float | None:
    """Memory that this process may still take [bytes], the least that anybody grants; None where nobody tells.

    root : where the system's own files lie.
    """
    found = [_machine(root), _group(root), *_limits(root)]
    return min((free for free in found if free is not None), default=None)


def _machine(root: Path) -> float | None:
    """What the kernel could hand out without swapping."""
    return _entry(root / "proc/meminfo", "MemAvailable:", 1024)


def _group(root: Path) -> float | None:
    """What is left of the limits of the process's control groups, those around it included."""
    free = []
    with suppress(OSError, ValueError):
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            for kind in set(names.split(",")) & KINDS.keys():
                top = root / "sys/fs/cgroup" / kind
                inside = top / path.lstrip("/")
                while inside == top or top in inside.parents:
                    free.append(_left(inside, *KINDS[kind]))
                    inside = inside.parent
    return min((each for each in free if each is not None), default=None)


def _left(folder: Path, limit: str, use: str, cached: str) -> float | None:
    with suppress(OSError, ValueError):
        most, used = int((folder / limit).read_text()), int((folder / use).read_text())
        return max(most - used + (_entry(folder / "memory.stat", cached) or 0.0), 0.0)
    return None


def _limits(root: Path) -> list[float]:
    """What is left of the limits that the process was started under."""
    with suppress(ImportError, OSError, ValueError, IndexError):
        import resource

        taken = [int(pages) * resource.getpagesize() for pages in (root / "proc/self/statm").read_text().split()]
        limits = (resource.RLIMIT_AS, taken[0]), (resource.RLIMIT_DATA, taken[5])
        granted = [(resource.getrlimit(kind)[0], used) for kind, used in limits]
        return [max(most - used, 0) for most, used in granted if most != resource.RLIM_INFINITY]
    return []


def _entry(path: Path, name: str, unit: int = 1) -> float | None:
    """The number that stands after a name at the beginning of a line."""
    with suppress(OSError, ValueError, IndexError):
        for line in path.read_text().splitlines():
            if line.split()[:1] == [name]:
                return float(int(line.split()[1]) * unit)
    return None
