"""What happened in one market so far, as declared data; mechanisms and pricing see this, never who plays it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from sim.ground import draws
from sim.ground.grid import GRID, WINDOW
from sim.ground.params import ConfigError, nearest
from sim.science.rules.philox import uniform_at
from sim.state.board import Board
from sim.state.customers import CUSTOMER, TALLIES, WRITTEN
from sim.state.features import Feature
from sim.state.firm import FirmState
from sim.state.table import Rows, Table

BLOCK = 8192


class State:
    """Customers, firms, offers, counts and features of one market.

    Parameters
    ----------
    world : the scenario. axes : length of every named axis of its columns and counts.
    new_firm : makes a firm from (state, name, its configuration, its index).
    identity : (customers,) uint32 numbers that address the customers' draws, in row order.

    Attributes
    ----------
    period : number of the present period, from 0. heads : places for customers. table : the customers' columns.
    firms : in the order of their names. board : what customers may see of firms. features : innovations so far.
    tally : counts of the period, a row a block of customers. kept : what mechanisms keep and others may read, by name.
    memory : what a mechanism keeps for itself, by its name. published : public facts of last period, by firm.
    axes : length of every axis by name. year : purchases of each of the last 12 periods, (12, firms).
    acting : lent by who plays: mechanisms by hook, in the order in which they act. choose, settle : likewise: let rows
        choose again; let rows enter the market.
    """

    acting: dict[str, list[Any]]
    choose: Callable[[Rows], None]
    settle: Callable[[Rows], None]

    def __init__(
        self, world: Any, axes: dict[str, int], new_firm: Callable[[Any, str, Any, int], FirmState], identity: np.ndarray
    ) -> None:
        population = world.population
        self.world, self.seed, self.heads = world, world.seed, population.customers
        self.modes, self.attributes, self.needs = dict(population.modes), tuple(population.tastes), population.needs
        self.segments, self.contexts, self.mix = tuple(population.segments), population.contexts, population.mix
        self.cumulative_mix = np.cumsum(self.mix, axis=1).astype(np.float32)
        self.cells = len(self.segments) * len(self.contexts)
        self.mechanisms = sorted(world.mechanism.values(), key=lambda mechanism: mechanism.called)
        self.key = cache(lambda decision, name="": draws.key(self.seed, decision, name))
        self.period, self.opened, self.published = 0, -1, {}
        self.memory: dict[str, Any] = {}
        self.features: list[Feature] = []
        self.axes = axes
        self.firms = [new_firm(self, name, spec, i) for i, (name, spec) in enumerate(world.firms.items())]
        self._by_name = {firm.name: firm for firm in self.firms}
        self.mode_of = np.array([firm.mode_index for firm in self.firms], np.int32)
        self.presence = np.log([firm.spec.presence for firm in self.firms]).astype(np.float32)
        self.board = Board(len(self.firms), self.attributes, len(self.needs), self.cells)
        self.year, self.witness = np.zeros((WINDOW, len(self.firms)), np.int64), None
        self._open(identity)

    def _open(self, identity: np.ndarray) -> None:
        """Allocate every declared column: of customers, counts, and what mechanisms keep."""
        columns, axes, kept = dict(CUSTOMER), dict(TALLIES), {}
        for mechanism in self.mechanisms:
            columns |= mechanism.columns
            axes |= mechanism.tallies
            kept |= mechanism.keeps
        self.written = {*WRITTEN}.union(*(mechanism.written() for mechanism in self.mechanisms))
        self.table = Table(self.heads, columns, self.axes)
        self.table["identity"][:] = identity
        blocks = -(-self.heads // BLOCK)
        self.tally = {
            name: np.zeros((blocks, *(self.axes.get(axis, axis) for axis in shape)), np.int64)
            for name, shape in axes.items()
        }
        self.kept = {name: column.allocated(self.axes) for name, column in kept.items()}
        self.blocks = [self.block(start, min(start + BLOCK, self.heads)) for start in range(0, self.heads, BLOCK)]

    def snapshot(self) -> dict[str, object]:
        """Everything that has happened, as copies of arrays and values: enough to go on from here, bit for bit."""
        state = {
            "period": self.period,
            "table": {name: self.table[name] for name in self.table.columns},
            "tally": self.tally,
            "kept": self.kept,
            "year": self.year,
            "board": vars(self.board),
            "firms": [firm.held() for firm in self.firms],
            "memory": self.memory,
            "features": self.features,
            "opened": self.opened,
            "published": self.published,
        }
        return copy.deepcopy(state)

    def restore(self, state: dict[str, object]) -> None:
        """Go back, or forward, to a snapshot of a market of the same scenario."""
        state = copy.deepcopy(state)
        self.period, self.memory, self.features = state["period"], state["memory"], state["features"]
        self.opened, self.published = state["opened"], state["published"]
        self.year[:] = state["year"]
        for name, column in state["table"].items():
            self.table[name][:] = column
        for arrays, then in ((self.tally, state["tally"]), (self.kept, state["kept"])):
            for name, values in then.items():
                arrays[name][...] = values
        vars(self.board).update(state["board"])
        for firm, values in zip(self.firms, state["firms"], strict=True):
            vars(firm).update(values)

    def block(self, start: int, stop: int, counts: int | None = None) -> Rows:
        """Window on customers [start, stop), with a row of the counts: by default that of the block they belong to."""
        rows, row = self.table.rows(self, start, stop), start // BLOCK if counts is None else counts
        rows.tally = {name: counted[row] for name, counted in self.tally.items()}
        rows.now = self.now
        return rows

    @property
    def now(self) -> np.uint32:
        """The present period as the address of draws."""
        return np.uint32(self.period)

    @property
    def mean_ideal(self) -> np.ndarray:
        """(segments, needs) true mean ideal points, for records and tests; no firm sees it."""
        segments = self.world.population.segments.values()
        return np.array([[s.ideal[d] for d in self.needs] for s in segments])

    def keys(self, decision: str) -> np.ndarray:
        """(firms, 2) uint32 keys of a decision's draws, one a firm."""
        return np.array([self.key(decision, firm.name) for firm in self.firms], np.uint32)

    def uniform(self, decision: str, name: str) -> float:
        """One uniform number addressed by (seed, decision, firm name, period), for what happens once a firm."""
        return float(uniform_at(np.uint32(0), self.now, *self.key(decision, name)))

    def firm(self, name: str) -> FirmState:
        """Firm by name; raises `ConfigError` where there is none."""
        if name not in self._by_name:
            raise ConfigError(f"firm {name!r}: unknown firm; {nearest(str(name), self._by_name)}")
        return self._by_name[name]

    def total(self, name: str) -> np.ndarray:
        """A tally summed over blocks, int64; blocks are added in order and integers forget it anyway."""
        return self.tally[name].sum(axis=0)

    @staticmethod
    def off_grid(total: np.ndarray) -> np.ndarray:
        """A sum kept on the integer grid as a float in its own unit."""
        return np.asarray(total) / GRID

    def by_firm(self, attribute: str) -> np.ndarray:
        """An attribute of every firm as an array."""
        return np.array([getattr(firm, attribute) for firm in self.firms])

    def rivals_of(self, name: str) -> list[FirmState]:
        """The other firms of the same mode."""
        mode = self.firm(name).mode_index
        return [firm for firm in self.trading if firm.mode_index == mode and firm.name != name]

    @property
    def trading(self) -> list[FirmState]:
        """The firms that are in the market at present, in the order of their names."""
        return [firm for firm in self.firms if firm.trading]

    def rows_of(self, identities: np.ndarray) -> np.ndarray:
        """Rows of the customers with these identities, however customers are numbered."""
        order = np.argsort(self.table["identity"])
        return order[np.searchsorted(self.table["identity"], identities, sorter=order)]
