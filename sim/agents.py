"""Mesa's agents: firms are real objects, customers are handles on rows of the market's table."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from mesa.agentset import AbstractAgentSet

from sim import draws
from sim.params import ConfigError
from sim.rules.firm import level
from sim.state import CENTS, DEAREST, NOBODY
from sim.strategies import KINDS, Decision, PublicFacts, Seen

if TYPE_CHECKING:
    from sim.market import Market
    from sim.scenario import FirmSpec


class Firm(mesa.Agent):
    """A service company: looks, decides, builds capabilities, posts an offer, keeps books.

    Attributes
    ----------
    name, spec : identity and configuration. index : row of the firm in every array. mode, mode_index : how it serves.
    flexibility, depth, skill, efficiency : service levels in [0, 1) that its capabilities sustain.
    sold : (cells,) journeys sold so far, one of each before the first. unit_cost : (cells,) of a standard journey [AUD].
    fixed_cost : this period's other costs [AUD]. complaints : what customers complained of this period, by fault.
    cash_cents : money held [cents]; all money is booked in whole cents.
    """

    def __init__(self, market: Market, name: str, spec: FirmSpec, index: int) -> None:
        super().__init__(market)
        self.name, self.spec, self.index = name, spec, index
        self.mode, self.mode_index = market.modes[spec.mode], list(market.modes).index(spec.mode)
        self.stock = dict.fromkeys(KINDS, 0.0)
        self.memory, self.decision = spec.strategy.begin(), Decision()
        self.unit_cost = np.zeros(market.cells)
        self.fixed_cost, self.billed, self.needs = 0.0, False, None
        self.complaints: dict[str, int] = {}
        self.posted = {"flexibility": 0.0, "depth": 0.0}
        self.sold = np.ones(market.cells)
        self.cash_cents = round(spec.opening_cash * market.heads * CENTS)
        self.books = {"purchases": 0.0, "revenue": 0.0, "cost": 0.0, "profit": 0.0, "cash": self.cash_cents / CENTS}

    flexibility = property(lambda self: level(self.stock["flexibility"]))
    depth = property(lambda self: level(self.stock["diversification"]))
    skill = property(lambda self: level(self.stock["distinctiveness"]))
    efficiency = property(lambda self: level(self.stock["price"]))
    price = property(lambda self: float(self.model.board.fare[self.index].mean()))
    purchases = property(lambda self: self.books["purchases"])
    profit = property(lambda self: self.books["profit"])
    strategy = property(lambda self: type(self.spec.strategy).__name__.lower())

    def public_facts(self) -> PublicFacts:
        """What anybody can see of the firm after a period."""
        board = self.model.board
        comfort = (
            board.level[self.index, self.model.attributes.index("comfort")].mean()
            if "comfort" in self.model.attributes
            else 0.0
        )
        return PublicFacts(
            price=self.price,
            **self.posted,
            comfort=float(comfort),
            seats=self.decision.seats,
            programme=self.decision.programme,
            profit=self.books["profit"],
        )

    def post(self) -> None:
        """Remember the levels of the offer just posted: what the public sees until the next."""
        self.posted = {"flexibility": self.flexibility, "depth": self.depth}

    def look(self, published: Mapping[str, PublicFacts]) -> Seen:
        """Everything the firm may know before it decides; published : public facts of all firms."""
        market = self.model
        rivals = {r.name: published[r.name] for r in market.rivals_of(self.name)} if market.period else {}
        needs = None if self.needs is None else self.needs.copy()
        told = dict(self.complaints)
        return Seen(market.period, market.heads, published[self.name], rivals, dict(self.books), needs, told)

    def decide(self, seen: Seen) -> None:
        """Let the strategy decide on the coming period."""
        market = self.model
        rng = draws.generator(market.seed, "strategy", self.name, market.period)
        strategy = self.spec.strategy
        where = f"firms.{self.name}.strategy ({type(strategy).__name__}.decide, month {market.period}"
        try:
            self.decision, self.memory = strategy.decide(seen, self.memory, rng)
        except Exception as error:  # a strategy may be anybody's: say which one failed, where and when, in one line
            place = traceback.extract_tb(error.__traceback__)[-1]
            said = f"{type(error).__name__}: {error}"
            raise ConfigError(f"{where}, {Path(place.filename).name} line {place.lineno}): {said}") from error
        try:
            self.decision.check()
        except (ConfigError, AttributeError, TypeError) as error:
            raise ConfigError(f"{where}): {error}") from error

    def fares(self) -> np.ndarray:
        """(cells,) fares of a standard journey that the pricing rule asks, in whole cents."""
        contexts = len(self.model.contexts)
        sold = self.sold.reshape(-1, contexts)
        cost = self.unit_cost.reshape(-1, contexts) if self.billed else np.zeros(sold.shape)
        unit_cost = (cost * sold).sum(axis=1) / sold.sum(axis=1)
        fares = self.spec.pricing.price(unit_cost, sold.sum(axis=1), self.spec.list_price)
        if not np.isfinite(fares).all() or fares.max() > DEAREST:
            raise ConfigError(
                f"firms.{self.name}: its pricing rule asks {fares.max():g} AUD; expected fares <= {DEAREST} AUD"
            )
        return np.repeat(np.rint(np.maximum(fares, 0.0) * CENTS), contexts).astype(np.int32)

    def account(self, purchases: int, journeys: np.ndarray, revenue_cents: int) -> None:
        """Close the period's books: journeys (cells,) in units of the standard journey, money in whole cents."""
        cost_cents = round((float(journeys @ self.unit_cost) + self.fixed_cost) * CENTS) if self.billed else 0
        self.cash_cents += revenue_cents - cost_cents
        self.sold += journeys
        self.books = {
            "purchases": float(purchases),
            "revenue": revenue_cents / CENTS,
            "cost": cost_cents / CENTS,
            "profit": (revenue_cents - cost_cents) / CENTS,
            "cash": self.cash_cents / CENTS,
        }


class Customer(mesa.Agent):
    """A handle on one row of the population; it holds no state of its own.

    Any column of the data dictionary reads as an attribute: a number, or an array over firms for a pair column.
    `provider` reads as the firm's name, or None for a customer who stayed out.
    """

    def __init__(self, market: Market, row: int) -> None:
        # customers are too many to be registered one by one: the market hands out handles on demand
        object.__setattr__(self, "model", market)
        object.__setattr__(self, "row", int(row))

    pos = None
    unique_id = property(lambda self: self.model.first_customer_id + self.row)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self.model.table:
            raise AttributeError(f"a customer has no {name!r}")
        value = self.model.table[name][..., self.row]
        return value.item() if value.ndim == 0 else value.copy()

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self.model.table:
            raise AttributeError(f"a customer has no {name!r}")
        self.model.table[name][..., self.row] = value

    @property
    def provider(self) -> str | None:
        """Name of the firm bought from this period, None if the customer stayed out."""
        index = int(self.model.table["provider"][self.row])
        return None if index == NOBODY else self.model.firms[index].name

    def step(self) -> None:
        """Live through the present period, from hearing to its turn; the same rules, on one row."""
        self.model.play(self.row, self.row + 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Customer) and other.model is self.model and other.row == self.row

    def __hash__(self) -> int:
        return hash((id(self.model), self.row))

    def __repr__(self) -> str:
        return f"Customer {self.row}: {self.provider or 'nobody'}"


class CustomerSet(AbstractAgentSet):
    """The population as Mesa sees it: an agent set whose columns are read whole and whose agents are handles."""

    def __init__(self, agents: Iterable[Customer] | np.ndarray, random: Any, market: Market | None = None) -> None:
        self.random = random
        if market is None:
            handles = list(agents)
            market = handles[0].model if handles else None
            agents = np.array([c.row for c in handles], int)
        self.market, self.rows = market, np.asarray(agents, int)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Customer]:
        return (Customer(self.market, row) for row in self.rows)

    def __contains__(self, agent: object) -> bool:
        return isinstance(agent, Customer) and agent.model is self.market and bool(np.isin(agent.row, self.rows))

    def __getitem__(self, item: int | slice) -> Customer | list[Customer]:
        if isinstance(item, slice):
            return [Customer(self.market, row) for row in self.rows[item]]
        return Customer(self.market, self.rows[item])

    def to_list(self) -> list[Customer]:
        """All customers as handles."""
        return list(self)

    def get(self, attr_names: str | list[str], handle_missing: str = "error", default_value: Any = None) -> Any:
        """Whole columns: an array over customers, (customers, firms) for a pair column; a list of them for several."""
        if not isinstance(attr_names, str):
            return [self.get(name, handle_missing, default_value) for name in attr_names]
        if attr_names not in self.market.table:
            if handle_missing == "default":
                return [default_value] * len(self)
            raise AttributeError(f"customers have no column {attr_names!r}")
        return self.market.table[attr_names][..., self.rows].T

    def do(self, method: str | Callable, *args: Any, **kwargs: Any) -> CustomerSet:
        """Call a method on every customer; `step` on the whole population runs compiled, block by block."""
        if method == "step" and len(self) == self.market.heads:
            self.market.play(0, self.market.heads)
            return self
        for customer in self:
            getattr(customer, method)(*args, **kwargs) if isinstance(method, str) else method(customer, *args, **kwargs)
        return self

    shuffle_do = do

    def map(self, method: str | Callable, *args: Any, **kwargs: Any) -> list[Any]:
        """Results of a method, by name or as a function, for every customer."""
        return [
            getattr(c, method)(*args, **kwargs) if isinstance(method, str) else method(c, *args, **kwargs) for c in self
        ]

    def select(
        self,
        filter_func: Callable | np.ndarray | None = None,
        at_most: float = float("inf"),
        inplace: bool = False,
        agent_type: type | None = None,
    ) -> CustomerSet:
        """Customers for which a function of a customer, or a boolean array over the set, is true; at most so many."""
        keep = np.ones(len(self), bool)
        if isinstance(filter_func, np.ndarray):
            keep = filter_func
        elif filter_func is not None:
            keep = np.array([bool(filter_func(c)) for c in self], bool)
        if agent_type is not None and not issubclass(Customer, agent_type):
            keep = np.zeros(len(self), bool)
        if isinstance(at_most, float) and at_most <= 1.0:
            at_most = int(len(self) * at_most)
        rows = self.rows[keep]
        return self._reordered(rows if at_most == float("inf") else rows[: int(at_most)], inplace)

    def shuffle(self, inplace: bool = False) -> CustomerSet:
        """The same customers in another order, by Mesa's own generator."""
        rows = self.rows.copy()
        self.random.shuffle(rows)
        return self._reordered(rows, inplace)

    def sort(self, key: str | Callable, ascending: bool = False, inplace: bool = False) -> CustomerSet:
        """Customers by a column's name or by a function of a customer."""
        values = self.get(key) if isinstance(key, str) else np.array([key(c) for c in self])
        return self._reordered(self.rows[np.argsort(values if ascending else -values, kind="stable")], inplace)

    def _reordered(self, rows: np.ndarray, inplace: bool) -> CustomerSet:
        if inplace:
            self.rows = rows
            return self
        return CustomerSet(rows, self.random, self.market)

    def _update(self, agents: Iterable[Customer]) -> CustomerSet:
        self.rows = np.array([c.row for c in agents], int)
        return self

    def add(self, agent: Customer) -> None:
        """Refused: the population is what the scenario says."""
        raise TypeError("customers come with the scenario: set population.customers instead")

    discard = remove = add
