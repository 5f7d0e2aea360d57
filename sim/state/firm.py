"""What a firm holds: declared like what a customer holds, so that copying, saving and the data dictionary follow from it."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import CENTS
from sim.science.rules.capability import level

KINDS = ("flexibility", "diversification", "distinctiveness", "price")
VALUE = "object"  # a value of Python: a number by name, a text, what a rule remembers

FIRM: dict[str, Column] = {
    "cash_cents": Column("int64", "cents", "money held; all money is booked in whole cents"),
    "trading": Column("bool", "1", "whether it is in the market", initial=True),
    "billed": Column("bool", "1", "whether its costs are known"),
    "owner": Column(VALUE, "", "name of its owner, its own by default"),
    "brand": Column(VALUE, "", "the firm under whose name it trades, empty for its own"),
    "stock": Column(VALUE, "1", "stock of capability by kind"),
    "mix": Column(VALUE, "1", "strategy mix, as its revision rule has left it"),
    "memory": Column(VALUE, "", "what its strategy remembers"),
    "revision_memory": Column(VALUE, "", "what its revision rule remembers"),
    "pricing_memory": Column(VALUE, "", "what its pricing rule remembers"),
    "decision": Column(VALUE, "", "what it resolved to do this period"),
    "decided": Column("bool", "1", "whether it has decided before"),
    "needs": Column(VALUE, "scale points", "its estimate of the segments' ideal points, or nothing"),
    "asked": Column("float64", "¤", "fares that its pricing rule asked last, before cuts and caps", "", ("segment",)),
    "sold": Column("float64", "journeys", "journeys sold so far, one of each before the first", "", ("cell",), 1),
    "unit_cost": Column("float64", "¤", "cost of a standard journey this period", "", ("cell",)),
    "bills": Column(VALUE, "¤", "this period's other costs by line"),
    "pilot_cost": Column("float64", "¤", "of the test markets that its revision rule ordered for this period"),
    "other_income": Column("float64", "¤", "revenue that no customer of the table pays"),
    "noise": Column("float64", "utils", "standard deviation of this period's delivery"),
    "zeal": Column("float64", "1", "factor on the chance that the front line puts a failure right", initial=1),
    "campaign": Column("float64", "¤/head/month", "advertising on top of the standing one"),
    "complaints": Column(VALUE, "purchases", "what customers complained of this period, by fault"),
    "posted": Column(VALUE, "1", "levels of the offer last posted: what the public sees until the next"),
    "books": Column(VALUE, "¤", "its last accounts: purchases, revenue, cost, profit, cash"),
}


class FirmState:
    """One firm's part of what happened; every name of `FIRM` is an attribute.

    Attributes
    ----------
    model : the state that it is part of. name, spec : identity and configuration. index : row of the firm in every array. mode, mode_index : how it serves.
    flexibility, depth, skill, efficiency : service levels in [0, 1) that its capabilities sustain.
    recovery : chance that its front line puts a failure right, empowerment included.
    """

    def __init__(self, model: Any, name: str, spec: Any, index: int) -> None:
        self.model, self.name, self.spec, self.index = model, name, spec, index
        self.mode, self.mode_index = model.modes[spec.mode], list(model.modes).index(spec.mode)
        for column, held in FIRM.items():
            first = held.allocated(model.axes) if held.dtype != VALUE else None
            setattr(self, column, first if held.axes or first is None else first.item())
        self.owner, self.brand, self.stock = name, "", dict.fromkeys(KINDS, 0.0)
        self.bills, self.complaints, self.posted = {}, {}, {"flexibility": 0.0, "depth": 0.0}
        self.asked[:], self.noise = spec.list_price, spec.delivery_noise
        self.cash_cents = round(spec.opening_cash * model.heads * CENTS)
        self.books = {"purchases": 0.0, "revenue": 0.0, "cost": 0.0, "profit": 0.0, "cash": self.cash_cents / CENTS}

    flexibility = property(lambda self: level(self.stock["flexibility"]))
    depth = property(lambda self: level(self.stock["diversification"]))
    skill = property(lambda self: level(self.stock["distinctiveness"]))
    efficiency = property(lambda self: level(self.stock["price"]))
    price = property(lambda self: float(self.model.board.price[self.index]))
    purchases = property(lambda self: self.books["purchases"])
    profit = property(lambda self: self.books["profit"])
    strategy = property(lambda self: type(self.spec.strategy).__name__.lower())
    advertising = property(lambda self: self._as_decided("advertising") + self.campaign)
    evidence = property(lambda self: max(self._as_decided("evidence"), self._brand_evidence()))
    promise = property(lambda self: self._as_decided("promise"))
    empowerment = property(lambda self: self._as_decided("empowerment"))
    recovery = property(lambda self: min(1.0, self.empowerment * self.zeal))

    def held(self) -> dict[str, Any]:
        """All that it holds, by the names of `FIRM`."""
        return {name: getattr(self, name) for name in FIRM}

    def _as_decided(self, name: str) -> float:
        return self.decision.standing.get(name, getattr(self.spec, name))

    def _brand_evidence(self) -> float:
        return self.model.firm(self.brand).evidence if self.brand else 0.0

    def policy(self, mechanism: str, name: str, unsaid: Any = None) -> Any:
        """Value of a mechanism's policy for this firm: as decided this period, else its own, else everybody's.

        unsaid : what it is where nobody says any and the mechanism is off.
        """
        for policies in (self.decision.policy, self.spec.policy):
            if name in policies.get(mechanism, {}):
                return policies[mechanism][name]
        there = self.model.world.mechanism.get(mechanism)
        return unsaid if there is None else getattr(there, name)

    def clear(self) -> None:
        """Begin a period's bills."""
        self.unit_cost[:] = 0
        self.other_income, self.noise, self.zeal = 0.0, self.spec.delivery_noise, 1.0
        self.bills, self.pilot_cost = {"test_markets": self.pilot_cost} if self.pilot_cost else {}, 0.0

    def bill(self, line: str, amount: float) -> None:
        """Charge the period with a cost that does not depend on what is sold [¤], under a line of its own."""
        self.bills[line] = self.bills.get(line, 0.0) + amount

    @property
    def fixed_cost(self) -> float:
        """This period's bills together [¤]."""
        return sum(self.bills.values())

    def post(self) -> None:
        """Remember the levels of the offer just posted: what the public sees until the next."""
        self.posted = {"flexibility": self.flexibility, "depth": self.depth}

    def account(self, purchases: int, journeys: np.ndarray, revenue_cents: int) -> None:
        """Close the period's books: journeys (cells,) in units of the standard journey, money in whole cents."""
        revenue_cents += round(self.other_income * CENTS)
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
