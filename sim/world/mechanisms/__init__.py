"""Rules of the market that can be switched on and off: the second of the two doors to extend it.

A mechanism overrides only the hooks it needs. It declares the customer columns it adds, those it writes, the counts
it keeps and the columns it adds to the records. Hooks on a block see a window on consecutive customers and never
assume that it is the whole population; what needs the whole is gathered between blocks. Those of this package that act
on customers' rows from hearing to the turn of the month only hand columns to kernels: they branch on what the market
and its firms do, take room from `rows.scratch`, and look at no customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.names import snake
from sim.ground.params import Params
from sim.state.firm import FirmState
from sim.state.state import State
from sim.state.table import Rows

ByHook = Mapping[str, frozenset[str]]


def at(**columns: str) -> ByHook:
    """Names of columns by hook, as `reads` and `writes` take them.

    >>> at(on_bond="paid mood")["on_bond"] == {"mood", "paid"}
    True
    """
    return {hook: frozenset(names.split()) for hook, names in columns.items()}


class Mechanism(Params):
    """One switchable rule. Subclasses are frozen dataclasses of `param` fields.

    Class attributes
    ----------------
    called : its name in the market, whatever its file is called: that of its class, in small letters.
    columns : customer columns it adds.
    keeps : columns of firms or of the market that it keeps from month to month, with all their axes, as `market.kept[name]`;
        others may read them. What nobody else reads may lie in `market.memory[its own name]`.
    tables : tables of its own that every run writes, by name; a row is noted when it happens, by `on_table`.
    writes, reads : by hook, the columns (of customers, firms, offers, features or mechanisms) that it writes there and that
        others may read, and those that it reads there as others leave them; the order at a hook follows from them.
    after : names of mechanisms that act before it at every hook, where columns do not say.
    tallies : integer counts, reset each period, with their axes (names such as "firm", or lengths).
    passing : columns of customers that last for one occasion, as `rows.passing[name]`; there only once it has set them.
    records : columns it adds to the firms' records. market_records : columns it adds to the market's.
    needs : other mechanisms that it cannot do without, each with the reason.
    rations : whether all customers must have chosen before any is served, for `on_ration`.
    neutral : parameter values at which the mechanism changes nothing.
    policies : parameters that a firm may set for itself (`firms.<firm>.policy.<mechanism>.<name>`, or its strategy's
        `Decision.policy`); read them with `firm.policy(mechanism, name)`. The mechanism's own value is everybody else's.
    once : of the policies, what a firm buys once; their values in a test market, where rivals only repeat what they do.
    """

    called: ClassVar[str] = ""
    columns: ClassVar[Mapping[str, Column]] = {}
    keeps: ClassVar[Mapping[str, Column]] = {}
    tables: ClassVar[Mapping[str, Mapping[str, Column]]] = {}
    writes: ClassVar[ByHook] = {}
    reads: ClassVar[ByHook] = {}
    after: ClassVar[frozenset[str]] = frozenset()
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {}
    passing: ClassVar[Mapping[str, Column]] = {}
    records: ClassVar[Mapping[str, Column]] = {}
    market_records: ClassVar[Mapping[str, Column]] = {}
    needs: ClassVar[Mapping[str, str]] = {}
    rations: ClassVar[bool] = False
    neutral: ClassVar[Mapping[str, object]] = {}
    policies: ClassVar[frozenset[str]] = frozenset()
    once: ClassVar[Mapping[str, object]] = {}

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.called = snake(cls.__name__)

    @classmethod
    def written(cls) -> frozenset[str]:
        """Columns that it writes at any hook, its own among them."""
        return frozenset(cls.columns).union(*cls.writes.values())

    def check_scenario(self, scenario: Any) -> None:
        """Raise `ConfigError` if the scenario has no place for this mechanism."""

    def axes(self) -> Mapping[str, int]:
        """Lengths of axes of its own, by the name that its columns and counts, or a column's `place_of`, give."""
        return {}

    def footprint(self) -> float:
        """Memory that it takes at its height beside its columns, a customer [bytes]."""
        return 0.0

    def unforeseen(self) -> str:
        """Why a study of demand (`sim.market.demand`) cannot foresee what it does to choices; empty if it can."""
        return ""

    def on_begin(self, market: State) -> None:
        """Once, when the market opens."""

    def on_arrive(self, rows: Rows) -> None:
        """Customers enter the market: all of them before the first period, newcomers later; rows.now addresses draws."""

    def on_open(self, market: State) -> None:
        """Before firms look: who enters, leaves or changes hands (`firm.trading`)."""

    def on_report(self, market: State, firm: FirmState) -> Mapping[str, object]:
        """Before a firm decides: what the mechanism tells it about itself (`Seen.reports`); plain numbers and arrays."""
        return {}

    def on_publish(self, market: State, firm: FirmState) -> Mapping[str, float]:
        """After a period: what anybody can see of a firm because of it (`PublicFacts.shown`), by name."""
        return {}

    def on_leave(self, market: State, firm: FirmState) -> None:
        """When a firm leaves the market: let its customers go from whatever bound them to it."""

    def on_offer(self, market: State) -> None:
        """After every firm has decided: shape the offer board and what the offers cost."""

    def on_post(self, market: State) -> None:
        """After all firms asked their fares and before anybody sees them: cut or cap `market.board.cents`."""

    def on_show(self, market: State) -> None:
        """When offers and fares stand, before anybody hears: what is the same for all customers who look at the board."""

    def on_hear(self, block: Rows) -> None:
        """Once a period: what a block of customers hears, and how often it will buy, before it chooses."""

    def on_occasion(self, rows: Rows) -> None:
        """Once per occasion, before any firm is weighed: what is the same whichever firm it is."""

    def on_weigh(self, rows: Rows, firm: FirmState, out_appeal: np.ndarray) -> None:
        """Once per firm and occasion: add utils to out_appeal, shape (rows,)."""

    def on_consider(self, rows: Rows, firm: FirmState, out_appeal: np.ndarray) -> None:
        """When the appeal is complete: look at it, or set it to -inf where the firm is not considered."""

    def on_ration(self, market: State, windows: list[Rows]) -> None:
        """After all customers chose and before any is served; windows : the rows that had this occasion."""

    def on_serve(self, rows: Rows) -> None:
        """Change what is delivered and paid."""

    def on_experience(self, rows: Rows) -> None:
        """What customers make of the service they received."""

    def on_bond(self, rows: Rows) -> None:
        """What ties customers to firms afterwards."""

    def on_turn(self, block: Rows) -> None:
        """Once a period, after the last occasion: what time does to customers."""

    def on_settle(self, market: State) -> None:
        """After all customers: what firms owe, learn and copy; runs before the books are closed."""

    def on_record(self, market: State) -> Mapping[str, np.ndarray]:
        """Values of the declared `records` columns, each of shape (firms,)."""
        return {}

    def on_record_market(self, market: State) -> Mapping[str, float]:
        """Values of the declared `market_records` columns, one number each."""
        return {}

    def on_table(self, market: State) -> Mapping[str, list[Mapping[str, object]]]:
        """Rows of the declared `tables` since the market opened, the oldest first, each with a value for every column."""
        return {}


HOOKS = tuple(name for name in vars(Mechanism) if name.startswith("on_"))


def overrides(mechanism: object, hook: str) -> bool:
    """Whether a mechanism, or whatever stands in for one, has a hook of its own."""
    return getattr(type(mechanism), hook, None) is not getattr(Mechanism, hook)
