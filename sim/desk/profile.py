"""How fast a scenario plays and what takes the time: the steps of its plan and the hooks of mechanisms are timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Column, Table

from sim.desk.steps import Cost, costs, listed
from sim.ground.units import told, words_of
from sim.market.market import Market
from sim.world.mechanisms import HOOKS, Mechanism
from sim.world.scenario import Scenario

WARM_UP, MONTHS, NANO = 3, 12, 1e9


class Timed:
    """A mechanism as the market sees it, with the wall time of the hooks that it overrides added up."""

    def __init__(self, mechanism: Mechanism) -> None:
        self.mechanism, self.seconds = mechanism, 0.0
        for hook in HOOKS:
            method = getattr(mechanism, hook)
            overridden = getattr(type(mechanism), hook) is not getattr(Mechanism, hook)
            setattr(self, hook, self._timed(method) if overridden else method)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.mechanism, name)

    def _timed(self, method: Callable) -> Callable:
        def call(*args):
            """Add the seconds that the call takes to the mechanism's."""
            began = time.perf_counter()
            result = method(*args)
            self.seconds += time.perf_counter() - began
            return result

        return call


def _kept(item: Any) -> int:
    """Bytes of all arrays inside of what mechanisms keep."""
    if isinstance(item, np.ndarray):
        return item.nbytes
    parts = item.values() if isinstance(item, dict) else item if isinstance(item, (list, tuple)) else ()
    return sum(_kept(part) for part in parts)


@dataclass(frozen=True)
class Profile:
    """What playing a scenario costs on one thread.

    Attributes
    ----------
    scenario : what was played. months : months measured. bytes : memory of the population's table and of what
    mechanisms keep beside it, such as a network [bytes/customer].
    seconds, bare : wall time of those months with the scenario's mechanisms, and of the same months without any.
    mechanisms : wall time in the hooks and the compiled steps of each mechanism [s]; what is left of `seconds` is the
    market's own. steps : the compiled steps, in their order. interpreted : what the interpreter plays, by part, and why.
    """

    scenario: Scenario
    months: int
    bytes: float
    seconds: float
    bare: float
    mechanisms: dict[str, float] = field(repr=False)
    steps: list[Cost] = field(repr=False)
    interpreted: dict[str, str]

    @property
    def core(self) -> float:
        """Wall time of the market's own phases [s]."""
        return self.seconds - sum(self.mechanisms.values())

    def cost(self, seconds: float) -> float:
        """Wall time as nanoseconds a customer and month."""
        return seconds * NANO / (self.scenario.population.customers * self.months)

    @property
    def rate(self) -> float:
        """Customer-months a second."""
        return NANO / self.cost(self.seconds)


def profile(scenario: Scenario, months: int = MONTHS) -> Profile:
    """Play a scenario on one thread, with and without its mechanisms in turn, and time the months after the warm-up.

    months : most months to measure; a scenario with fewer periods is measured over as many as it has.

    Examples
    --------
    >>> import sim
    >>> found = profile(sim.compose("population.customers=500", "mechanism=[must_have,satisfaction]"), months=2)
    >>> sorted(found.mechanisms), found.core > 0
    (['must_have', 'satisfaction'], True)
    """
    months = min(months, scenario.periods)
    alone = scenario.replace(threads=1, replications=1, periods=max(scenario.periods, WARM_UP + months))
    full, bare = Market(alone), Market(alone.replace(mechanism={}))
    full.mechanisms[:] = [Timed(mechanism) for mechanism in full.mechanisms]
    spent = {full: 0.0, bare: 0.0}
    for month in range(WARM_UP + months):
        if month == WARM_UP:
            spent = dict.fromkeys(spent, 0.0)
            full.player.timed = []
            for mechanism in full.mechanisms:
                mechanism.seconds = 0.0
        for market in spent:
            began = time.perf_counter()
            market.step()
            spent[market] += time.perf_counter() - began
    steps, timed = costs(full.player.timed, months), {m.called: m.seconds for m in full.mechanisms}
    for step in steps:
        if step.mechanism:
            timed[step.mechanism] += step.seconds
    size = full.table.bytes_per_row + _kept(full.memory) / full.heads
    return Profile(scenario, months, size, spent[full], spent[bare], timed, steps, dict(full.player.interpreted))


def show(found: Profile, console: Console) -> None:
    """Print a profile: the totals, a row a mechanism, the dearest first, and a row a step."""
    words = words_of(found.scenario)
    size = f"{found.scenario.population.customers:,} customers, {len(found.scenario.firms)} firms"
    shares = Table(
        "part of the market",
        Column(told("ns per customer-month", words), justify="right"),
        Column("% of the total", justify="right"),
        box=box.SIMPLE,
    )
    for name, seconds in sorted(found.mechanisms.items(), key=lambda item: -item[1]):
        shares.add_row(f"mechanism.{name}", f"{found.cost(seconds):.1f}", f"{100 * seconds / found.seconds:.1f}")
    shares.add_row("the market's own phases", f"{found.cost(found.core):.1f}", f"{100 * found.core / found.seconds:.1f}")
    shares.add_section()
    shares.add_row("all", f"{found.cost(found.seconds):.1f}", "100.0")
    shares.add_row("without mechanisms", f"{found.cost(found.bare):.1f}", f"{100 * found.bare / found.seconds:.1f}")
    months = told(f"{found.months} months after {WARM_UP} of warm-up, one thread", words)
    console.print(f"{found.scenario.name}: {size}, {months}", highlight=False)
    console.print(shares)
    console.print(
        told(f"{found.rate / 1e6:.2f} million customer-months a second, ", words)
        + f"{found.bytes:.0f} bytes a customer, {found.seconds / found.bare:.1f} times the time of the market without mechanisms",
        highlight=False,
    )
    console.print(listed(found.steps, found.scenario.population.customers, found.months, words))
    for part, why in found.interpreted.items():
        console.print(f"Played by the interpreter, several times slower: {part}, because of {why}", highlight=False)
