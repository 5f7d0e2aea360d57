"""What the steps of a month's plan cost: each kernel by mechanism and hook, with the columns that it reads and changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Column, Table

from sim.ground.units import told


@dataclass(frozen=True)
class Cost:
    """One kernel at one hook, over the months that were played.

    mechanism, hook : on whose behalf, and when; no mechanism for the market's own. kernel : its name. calls : a month.
    reads, writes : names of the customers' columns and counts that it looks at and changes. bytes : seen a customer and
    month. seconds : time in it.
    """

    mechanism: str
    hook: str
    kernel: str
    calls: float
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    bytes: float
    seconds: float


def costs(timed: Iterable[tuple[Any, int]], months: int) -> list[Cost]:
    """Costs by mechanism, hook and kernel, in the order of the plan; timed : steps with their time [ns] over all months."""
    groups: dict[tuple[str, str, str], list[tuple[Any, int]]] = {}
    for step, nanoseconds in timed:
        groups.setdefault((step.mechanism, step.hook, step.kernel.__name__), []).append((step, nanoseconds))
    return [
        Cost(
            *key,
            len(group) / months,
            *(tuple(sorted({name for step, _ in group for name in step.columns(written)})) for written in (False, True)),
            sum(step.bytes for step, _ in group) / months,
            sum(nanoseconds for _, nanoseconds in group) / 1e9,
        )
        for key, group in groups.items()
    ]


def listed(found: list[Cost], customers: int, months: int, words: Any, columns: bool = False) -> Table:
    """The costs as a table for a screen; columns : with the names of what is read and changed, for a wide one."""
    number = [Column(told("calls a month", words), justify="right"), Column("bytes", justify="right"), Column("ns", justify="right")]
    drawn = Table("hook", "whose", "kernel", *(("reads", "changes") if columns else ()), *number, box=box.SIMPLE)
    for cost in found:
        names = (" ".join(cost.reads), " ".join(cost.writes)) if columns else ()
        spent = cost.seconds * 1e9 / customers / months
        drawn.add_row(
            cost.hook, cost.mechanism or "the market", cost.kernel, *names, f"{cost.calls:.3g}", f"{cost.bytes:,.0f}",
            f"{spent:.2f}",
        )  # fmt: skip
    return drawn
