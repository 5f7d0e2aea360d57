"""What a market is given from outside, checked before it is used: a scenario, a seed, identities, a snapshot to go on from."""

from __future__ import annotations

import operator
from collections.abc import Mapping

import numpy as np

from sim.ground.params import ConfigError
from sim.ground.workers import threads_here
from sim.state.state import State
from sim.world.scenario import Scenario

LARGEST = 2**32 - 1  # identity of a customer
SHARE = 100_000  # customers a thread, from which on two are faster than one
MOST = 256  # threads


def seeded(scenario: object, rng: object) -> Scenario:
    """The scenario with the seed `rng` if one is given, and a number of threads.

    Raises
    ------
    ConfigError : no scenario, or no seed.
    """
    if not isinstance(scenario, Scenario):
        raise ConfigError(
            f"expected a Scenario, got {_short(scenario)}; write sim.Market(sim.compose('scenario=intercity'))"
        )
    changes = {} if scenario.threads != "auto" else {"threads": threads(scenario, threads_here())}
    if rng is not None:
        try:
            changes["seed"] = operator.index(rng)
        except TypeError:
            raise ConfigError(f"rng = {_short(rng)}: expected a seed, a whole number") from None
    return scenario.replace(**changes) if changes else scenario


def threads(scenario: Scenario, most: int) -> int:
    """On how many threads a market is fastest, of so many; those that share few customers wait for one another."""
    return max(1, min(most, scenario.population.customers // SHARE, MOST))


def identities(identity: object, heads: int) -> np.ndarray:
    """(heads,) uint32 numbers that address customers' draws; raises `ConfigError` unless there is another one for each."""
    if identity is None:
        return np.arange(heads, dtype=np.uint32)
    given = np.asarray(identity)
    if given.shape != (heads,) or given.dtype.kind not in "iu":
        raise ConfigError(
            f"identity: expected {heads} whole numbers, one a customer, got {given.dtype} of shape {given.shape}"
        )
    if given.min() < 0 or given.max() > LARGEST or len(np.unique(given)) < heads:
        raise ConfigError(f"identity: expected {heads} different numbers from 0 to {LARGEST}")
    return given.astype(np.uint32)


def names(market: State) -> dict[str, list[str]]:
    """The firms and the mechanisms of a market, by which a snapshot tells whether it is of the same scenario."""
    return {"firms": [firm.name for firm in market.firms], "mechanisms": list(market.world.mechanism)}


def check_snapshot(market: State, state: object) -> None:
    """Raise `ConfigError` unless this is a snapshot of a market of the same firms, mechanisms and customers."""
    said = "restore: expected a snapshot of a market of the same scenario"
    if not isinstance(state, Mapping) or not {"names", "table", "tally", "board"} <= state.keys():
        raise ConfigError(f"{said}, got {_short(state)}")
    for kind, here in names(market).items():
        if (there := state["names"][kind]) != here:
            raise ConfigError(f"{said}; its {kind} are {', '.join(there) or 'none'}, here they are {', '.join(here)}")
    table = {name: market.table[name] for name in market.table.columns}
    for here, there in ((table, state["table"]), (market.tally, state["tally"]), (vars(market.board), state["board"])):
        for name, array in here.items():
            shapes = [getattr(each, "shape", None) for each in (there.get(name), array)]
            if shapes[0] != shapes[1]:
                raise ConfigError(f"{said}; its {name} is of the shape {shapes[0]}, here it is {shapes[1]}")


def _short(value: object) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"a {type(value).__name__}"
