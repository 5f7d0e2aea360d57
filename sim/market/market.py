"""The market plays the phases on a state that it owns; it contains no economics."""

from __future__ import annotations

import mesa
import numpy as np

from sim.ground.params import ConfigError
from sim.ground.units import mistakes_told, words_of
from sim.market import given, phases
from sim.market.agents import Customer, CustomerSet, Firm, institutions_of
from sim.market.player import Player
from sim.state.state import State
from sim.state.table import Rows
from sim.world import limits
from sim.world.memory import check_memory, too_large
from sim.world.order import acting
from sim.world.scenario import Scenario


class Market(State, mesa.Model):
    """A market of one scenario, ready to play: a `sim.state.state.State` and who plays it.

    Parameters
    ----------
    scenario : the checked description of the world.
    rng : replaces the scenario's seed (Mesa's name for it, used by its batch runner).
    identity : (customers,) numbers that address the customers' draws, in row order; by default 0, 1, 2, ...

    Attributes
    ----------
    firms : list of `Firm`, in the order of their names. customers : `CustomerSet` of handles on the population.
    institutions : list of `Institution`, the buyers by tender. acting : mechanisms by hook, in the order in which they act.
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
        world = given.seeded(scenario, rng)
        mesa.Model.__init__(self, rng=world.seed)
        check_memory(world)
        try:
            State.__init__(self, world, limits.axes(world), Firm, given.identities(identity, world.population.customers))
        except MemoryError:
            raise too_large(world) from None
        self.people, self.heard, self.failed = world.population.people(), None, ""
        self.first_customer_id = self.agent_id_counter
        self.agent_id_counter += self.heads
        self.customers = CustomerSet(np.arange(self.heads), self.random, self)
        self._agents_by_type[Customer] = self.customers
        self.institutions = institutions_of(self)
        self.player = Player(self)
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

    def settle(self, rows: Rows) -> None:
        """Let customers enter the market: who they are, then what mechanisms give them."""
        self.people.populate(self.seed, rows)
        for mechanism in self.acting["on_arrive"]:
            mechanism.on_arrive(rows)

    def __reduce__(self):
        """Copy and pickle by what was configured and what has happened; handles and windows are made anew."""
        return _resume, (self.world, self.snapshot())

    def snapshot(self) -> dict[str, object]:
        """Everything that has happened, and of which firms and mechanisms: enough to go on from here, bit for bit."""
        return State.snapshot(self) | {"names": given.names(self)}

    def restore(self, state: dict[str, object]) -> None:
        """Go back, or forward, to a snapshot of a market of the same scenario; raises `ConfigError` for another one's."""
        given.check_snapshot(self, state)
        State.restore(self, state)
        self.failed = ""
        self.running = self.period < self.world.periods
        self.listen()

    def listen(self) -> None:
        """Note which mechanisms have something to do at each hook, in the order that follows from what they declare."""
        there = tuple(map(id, self.mechanisms))
        if self.heard != there:
            self.heard, self.acting = there, acting(self.mechanisms)

    def choose(self, rows: Rows) -> None:
        """Let these customers choose (again): for mechanisms that send them away first."""
        phases.choose(rows)

    def open(self) -> None:
        """Begin a period: firms decide and post their offers; the counts start at zero."""
        with mistakes_told(words_of(self.world)):
            limits.check_month(self.period)
            phases.begin(self)
            phases.decide(self, phases.look(self))
            phases.offer(self)

    def play(self, start: int, stop: int) -> None:
        """Let customers [start, stop) live through the present period, on the scenario's threads."""
        self.player.play(start, stop)

    def close(self) -> None:
        """End a period: books are closed and the market moves on."""
        with mistakes_told(words_of(self.world)):
            phases.settle(self)
        self.datacollector.collect(self)
        self.period += 1
        self.running = self.period < self.world.periods

    def step(self) -> None:
        """Play one period."""
        try:
            self._month()
        except BaseException:
            self.schedule_event(self._again, after=1.0)  # Mesa itself would play no further month, and say nothing
            raise

    def _month(self) -> None:
        self.failed = f"month {self.period} ended in an error"
        self.open()
        self.customers.do("step")
        self.close()
        self.failed = ""

    def _again(self) -> None:
        """The month after one that ended in an error: played if a snapshot was restored since, else refused."""
        self.schedule_event(self._again, after=1.0)
        if self.failed:
            raise ConfigError(f"market: {self.failed}; restore a snapshot of it, or build it anew")
        self._month()


def _resume(world: Scenario, state: dict[str, object]) -> Market:
    market = Market(world)
    market.restore(state)
    return market
