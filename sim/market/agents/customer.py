"""Customers as Mesa's agents: handles on rows of the market's table, and the set of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from mesa.agentset import AbstractAgentSet

from sim.ground.grid import NOBODY
from sim.ground.params import ConfigError

if TYPE_CHECKING:
    from sim.market.market import Market


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
        self.model.table[name][..., self.row] = self._fitting(name, value)

    def _fitting(self, name: str, value: object) -> np.ndarray:
        """A value as the column holds it; raises `ConfigError` for one that it cannot hold, or a place that is not there."""
        column, axes, held = self.model.table.columns[name], self.model.axes, np.asarray(value)
        shape = self.model.table[name].shape[:-1]
        places = range(int(column.initial), axes[column.place_of]) if column.place_of else None
        if held.dtype.kind in "biuf" and held.shape in ((), shape):
            with np.errstate(invalid="ignore", over="ignore"):
                kept = held.astype(column.dtype)
            same = np.isfinite(kept) if kept.dtype.kind == "f" else kept == held
            if same.all() and (places is None or int(kept) in places):
                return kept
        expected = f"{column.dtype} of shape {shape}" if shape else column.dtype
        if places is not None:
            expected = f"a whole number from {places.start} to {places.stop - 1}"
        raise ConfigError(f"customer {self.row}: {name} = {value!r}: expected {expected}")

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
