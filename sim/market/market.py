"""The market owns the state and plays the phases; it contains no economics."""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import mesa
import numpy as np

from sim.ground import draws
from sim.ground.grid import GRID, WINDOW
from sim.ground.params import ConfigError, nearest
from sim.market import given, phases
from sim.market.agents import Customer, CustomerSet, Firm, institutions_of
from sim.science.rules.philox import uniform_at
from sim.state.board import Board
from sim.state.customers import CUSTOMER, TALLIES, WRITTEN
from sim.state.features import Feature
from sim.state.table import Rows, Table
from sim.world import limits
from sim.world.memory import check_memory, too_large
from sim.world.order import acting
from sim.world.scenario import Scenario

BLOCK = 8192
FIRM_STATE = (
    "stock", "memory", "revision_memory", "pricing_memory", "mix", "trading", "campaign", "brand", "owner", "asked",
    "decision",
    "unit_cost", "bills", "pilot_cost", "other_income", "noise", "zeal", "billed", "needs", "complaints", "posted", "sold",
    "cash_cents", "books",
)  # fmt: skip


class Market(mesa.Model):
    """A market of one scenario, ready to play.

    Parameters
    ----------
    scenario : the checked description of the world.
    rng : replaces the scenario's seed (Mesa's name for it, used by its batch runner).
    identity : (customers,) numbers that address the customers' draws, in row order; by default 0, 1, 2, ...

    Attributes
    ----------
    firms : list of `Firm`, in the order of their names. customers : `CustomerSet` of handles on the population.
    institutions : list of `Institution`, the buyers by tender.
    period : number of the present period, from 0. table : the population's columns. features : innovations so far.

    Examples
    --------
    >>> import sim
    >>> market = sim.Market(sim.compose("population.customers=500"))
    >>> market.run_for(2)
    >>> market.period, len(market.customers)
    (2, 500)
    """

    def __init__(self, scenario: Scenario, rng: int | None = None, identity: np.ndarray | None = None) -> None:
        self.world = given.seeded(scenario, rng)
        super().__init__(rng=self.world.seed)
        population = self.world.population
        self.seed, self.threads, self.heads = self.world.seed, self.world.threads, population.customers
        self.modes, self.attributes, self.needs = dict(population.modes), tuple(population.tastes), population.needs
        self.segments, self.contexts, self.mix = tuple(population.segments), population.contexts, population.mix
        self.cumulative_mix = np.cumsum(self.mix, axis=1).astype(np.float32)
        self.cells = len(self.segments) * len(self.contexts)
        self.mechanisms = sorted(self.world.mechanism.values(), key=lambda mechanism: mechanism.called)
        self.key = cache(lambda decision, name="": draws.key(self.seed, decision, name))
        self.heard: tuple[int, ...] | None = None
        self.period, self.memory, self.features, self.opened, self.published = 0, {}, list[Feature](), -1, {}
        self.firms = [Firm(self, name, spec, i) for i, (name, spec) in enumerate(self.world.firms.items())]
        self._by_name = {firm.name: firm for firm in self.firms}
        self.mode_of = np.array([firm.mode_index for firm in self.firms], np.int32)
        self.presence = np.log([firm.spec.presence for firm in self.firms]).astype(np.float32)
        self.board = Board(len(self.firms), len(self.attributes), len(self.needs), self.cells)
        self.year, self.witness = np.zeros((WINDOW, len(self.firms)), np.int64), None
        self.people = population.people()
        check_memory(self.world)
        try:
            self._open_table()
        except MemoryError:
            raise too_large(self.world) from None
        self.table["identity"][:] = given.identities(identity, self.heads)
        self._open_tallies()
        self._open_kept()
        self.institutions = institutions_of(self)
        self.listen()
        for mechanism in self.acting["on_begin"]:
            mechanism.on_begin(self)
        self.settle(self.block(0, self.heads))
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "purchases": lambda m: int(m.total("purchases").sum()),
                "features": lambda m: len(m.features),
            },
            agenttype_reporters={
                Firm: {"name": "name", "price": "price", "purchases": "purchases", "profit": "profit"}
            },
        )

    def _open_table(self) -> None:
        columns = dict(CUSTOMER)
        self.written = {*WRITTEN}
        for mechanism in self.mechanisms:
            columns |= mechanism.columns
            self.written |= mechanism.written()
        self.axes = limits.axes(self.world)
        self.table = Table(self.heads, columns, self.axes)
        self.first_customer_id = self.agent_id_counter
        self.agent_id_counter += self.heads
        self.customers = CustomerSet(np.arange(self.heads), self.random, self)
        self._agents_by_type[Customer] = self.customers

    def _open_tallies(self) -> None:
        axes = dict(TALLIES)
        for mechanism in self.mechanisms:
            axes |= mechanism.tallies
        blocks = -(-self.heads // BLOCK)
        self.tally = {
            name: np.zeros((blocks, *(self.axes.get(axis, axis) for axis in shape)), np.int64)
            for name, shape in axes.items()
        }
        self.blocks = [self.block(start, min(start + BLOCK, self.heads)) for start in range(0, self.heads, BLOCK)]

    def _open_kept(self) -> None:
        columns = {name: column for mechanism in self.mechanisms for name, column in mechanism.keeps.items()}
        self.kept = {name: column.allocated(self.axes) for name, column in columns.items()}

    def settle(self, rows: Rows) -> None:
        """Let customers enter the market: who they are, then what mechanisms give them."""
        self.people.populate(self.seed, rows)
        for mechanism in self.acting["on_arrive"]:
            mechanism.on_arrive(rows)

    def __reduce__(self):
        """Copy and pickle by what was configured and what has happened; handles and windows are made anew."""
        return _resume, (self.world, self.snapshot())

    def snapshot(self) -> dict[str, object]:
        """Everything that has happened, as copies of arrays and values: enough to go on from here, bit for bit."""
        state = {
            "period": self.period,
            "names": given.names(self),
            "table": {name: self.table[name] for name in self.table.columns},
            "tally": self.tally,
            "kept": self.kept,
            "year": self.year,
            "board": vars(self.board),
            "firms": [{name: getattr(firm, name) for name in FIRM_STATE} for firm in self.firms],
            "memory": self.memory,
            "features": self.features,
            "opened": self.opened,
            "published": self.published,
        }
        return copy.deepcopy(state)

    def restore(self, state: dict[str, object]) -> None:
        """Go back, or forward, to a snapshot of a market of the same scenario; raises `ConfigError` for another one's."""
        given.check_snapshot(self, state)
        state = copy.deepcopy(state)
        self.period, self.memory, self.features = state["period"], state["memory"], state["features"]
        for name, column in state["table"].items():
            self.table[name][:] = column
        self.year[:] = state["year"]
        for name, counts in state["tally"].items():
            self.tally[name][:] = counts
        vars(self.board).update(state["board"])
        for name, values in state["kept"].items():
            self.kept[name][...] = values
        for firm, values in zip(self.firms, state["firms"], strict=True):
            vars(firm).update(values)
        self.running = self.period < self.world.periods
        self.opened, self.published = state["opened"], state["published"]
        self.listen()

    def listen(self) -> None:
        """Note which mechanisms have something to do at each hook, in the order that follows from what they declare."""
        there = tuple(map(id, self.mechanisms))
        if self.heard != there:
            self.heard, self.acting = there, acting(self.mechanisms)

    def choose(self, rows: Rows) -> None:
        """Let these customers choose (again): for mechanisms that send them away first."""
        phases.choose(rows)

    def block(self, start: int, stop: int) -> Rows:
        """Window on customers [start, stop), with the counts of the block they belong to."""
        rows = self.table.rows(self, start, stop)
        rows.tally = {name: counts[start // BLOCK] for name, counts in self.tally.items()}
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

    def firm(self, name: str) -> Firm:
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

    def rivals_of(self, name: str) -> list[Firm]:
        """The other firms of the same mode."""
        mode = self.firm(name).mode_index
        return [firm for firm in self.trading if firm.mode_index == mode and firm.name != name]

    @property
    def trading(self) -> list[Firm]:
        """The firms that are in the market at present, in the order of their names."""
        return [firm for firm in self.firms if firm.trading]

    def rows_of(self, identities: np.ndarray) -> np.ndarray:
        """Rows of the customers with these identities, however customers are numbered."""
        order = np.argsort(self.table["identity"])
        return order[np.searchsorted(self.table["identity"], identities, sorter=order)]

    def open(self) -> None:
        """Begin a period: firms decide and post their offers; the counts start at zero."""
        limits.check_month(self.period)
        phases.begin(self)
        phases.decide(self, phases.look(self))
        phases.offer(self)

    def play(self, start: int, stop: int) -> None:
        """Let customers [start, stop) live through the present period, on the scenario's threads."""
        whole = start == 0 and stop == self.heads
        blocks = self.blocks if whole else [self.block(start, stop)]
        if self.threads > 1 and len(blocks) > 1:
            with ThreadPoolExecutor(self.threads) as pool:
                self._play(blocks, lambda phase, items: list(pool.map(phase, items)))
        else:
            self._play(blocks, lambda phase, items: [phase(item) for item in items])

    def _play(self, blocks: list[Rows], each: Callable) -> None:
        """Block by block where everybody buys at most once and nobody waits; else occasion by occasion.

        Later occasions concern few customers; they are taken from spans of many blocks, so that every call has work.
        """
        rationing = [mechanism for mechanism in self.mechanisms if mechanism.rations]
        if not rationing and "occasions" not in self.written:
            each(phases.live, blocks)
            return
        each(phases.hear, blocks)
        count = min(self.threads, len(blocks))
        shares = [blocks[len(blocks) * k // count : len(blocks) * (k + 1) // count] for k in range(count)]
        spans = [self.block(share[0].start, share[-1].stop) for share in shares]
        for number in range(max(int(span.occasions.max()) for span in spans)):
            shares = [phases.occasion(span, number, BLOCK) for span in spans]
            if rationing:
                each(phases.choose_all, shares)
                for mechanism in rationing:
                    mechanism.on_ration(self, [rows for share in shares for rows in share])
                each(phases.consume, shares)
            else:
                each(phases.buy, shares)
        each(phases.turn, blocks)

    def close(self) -> None:
        """End a period: books are closed and the market moves on."""
        phases.settle(self)
        self.datacollector.collect(self)
        self.period += 1
        self.running = self.period < self.world.periods

    def step(self) -> None:
        """Play one period."""
        self.open()
        self.customers.do("step")
        self.close()


def _resume(world: Scenario, state: dict[str, object]) -> Market:
    market = Market(world)
    market.restore(state)
    return market
