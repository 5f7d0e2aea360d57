"""In which order mechanisms act at a hook: whoever reads a column comes after whoever writes it.

The order follows from what mechanisms declare (`reads`, `writes`, `after`), never from the names of files or the order
of a list. Where nothing is declared between two mechanisms, the names of their classes decide.
"""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from sim.ground.params import ConfigError
from sim.state.customers import CUSTOMER
from sim.world.mechanisms import HOOKS, Mechanism, overrides

EVERYTHING = "*"  # in `writes`: every column of customers


def acting(mechanisms: Iterable[Mechanism]) -> dict[str, list[Mechanism]]:
    """Mechanisms that have something to do at each hook, in the order in which they act.

    Raises
    ------
    ConfigError : what they declare contradicts itself.
    """
    mechanisms = list(mechanisms)
    customers = frozenset(CUSTOMER).union(*(mechanism.columns for mechanism in mechanisms))
    return {hook: _ordered([m for m in mechanisms if overrides(m, hook)], hook, customers) for hook in HOOKS}


def _ordered(mechanisms: list[Mechanism], hook: str, customers: frozenset[str]) -> list[Mechanism]:
    by_name = {mechanism.called: mechanism for mechanism in mechanisms}
    arrows = nx.DiGraph()
    arrows.add_nodes_from(by_name)
    for first in by_name.values():
        for second in by_name.values():
            if why := _before(first, second, hook, customers):
                arrows.add_edge(first.called, second.called, why=why)
    if circle := _circle(arrows):
        told = "; ".join(f"{b} comes after {a}, {arrows.edges[a, b]['why']}" for a, b in circle)
        raise ConfigError(f"mechanism.{circle[0][0]}: no order at {hook}: {told}; say which is first by `after`")
    return [by_name[name] for name in nx.lexicographical_topological_sort(arrows)]


def _before(first: Mechanism, second: Mechanism, hook: str, customers: frozenset[str]) -> str:
    """Why one mechanism acts before another at a hook; empty if nothing says so."""
    if first.called in second.after:
        return "as it says"
    if first is second or second.called in first.after:
        return ""
    written, read = first.writes.get(hook, frozenset()), second.reads.get(hook, frozenset())
    shared = read & (written | customers if EVERYTHING in written else written)
    return f"whose {sorted(shared)[0]} it reads" if shared else ""


def _circle(arrows: nx.DiGraph) -> list[tuple[str, str]]:
    try:
        return nx.find_cycle(arrows)
    except nx.NetworkXNoCycle:
        return []
