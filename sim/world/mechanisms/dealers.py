"""Dealers (B3, B4, B5, C5): independent outlets sell for a margin and leave when it no longer feeds them (Coughlan et al. 2006)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import CENTS
from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels import dealers as kernels
from sim.science.kernels.dealers import BRANCH, DEALER
from sim.science.rules.dealers import coverage, joining, leaving, whole
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32
THIRD, OWN = "third_party", "branch"
THOUSAND = 1000
KEPT = {
    "dealers": "dealers", "dealers_joined": "joined", "dealers_left": "left", "outlet_coverage": "covered",
    "dealer_margin": "margin", "dealer_protection": "protection", "outlet_cost": "cost",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Dealers(Mechanism):
    """Some customers buy at an outlet only. Each firm with modelled vehicles has dealers, and branches if it pays for them.

    Such a customer considers a firm if one of its outlets is near him. Dealers keep a margin of every fare they sell;
    who earns less with the line than otherwise gives it up sooner or later, later if the firm guarantees him an income.
    """

    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {"outlet_sales": ("firm", 3), "outlet_cents": ("firm", 3)}
    passing: ClassVar[Mapping[str, Column]] = {
        "wants": Column("bool", "1", "whether the customer buys at an outlet only, this time"),
        "wanting": Column("uint32", "1", "rows and identities of those who do, and how many they are"),
        "outlet": Column("int8", "1", "kind of outlet bought at: none, a dealer, a branch"),
    }
    records: ClassVar[Mapping[str, Column]] = {
        "dealers": Column("int64", "dealers", "dealers that carry the firm at the end of the month"),
        "dealers_joined": Column("int64", "dealers", "dealers who took the firm's line up this month"),
        "dealers_left": Column("int64", "dealers", "dealers who gave the firm's line up this month"),
        "outlet_coverage": Column("float64", "1", "part of the market with one of the firm's outlets near, this month"),
        "dealer_sales": Column("int64", "purchases", "journeys sold by dealers this month"),
        "branch_sales": Column("int64", "purchases", "journeys sold at own branches this month"),
        "dealer_margin": Column("float64", "¤", "margin kept by dealers this month"),
        "dealer_protection": Column("float64", "¤", "paid to dealers this month to make up their guaranteed income"),
        "outlet_cost": Column("float64", "¤", "all that outlets cost this month, less what they saved"),
    }
    reads: ClassVar[ByHook] = at(on_occasion="channel", on_serve="channel")
    writes: ClassVar[ByHook] = at(on_serve="quality")
    neutral: ClassVar[Mapping[str, object]] = {
        "buyers": 0.0, "buyers_of": {}, "insist": 0.0, "protection": 0.0, "inspection": 0.0, "branches": 0.0,
    }  # fmt: skip
    policies: ClassVar[frozenset[str]] = frozenset({"margin", "protection", "inspection", "branches"})

    buyers: float = param(
        "part of the customers who buy at outlets only; not used where contact channels are", "1", low=0, high=1,
        source="B4; register R370",
    )  # fmt: skip
    buyers_of: Mapping[str, float] = param("the same for some segments", "1", low=0, high=1, source="user's choice")
    insist: float = param(
        "part of the customers who, when they prefer a third party, buy only what a dealer near them carries; needs "
        "contact channels", "1", low=0, high=1, source="B4; register R371",
    )  # fmt: skip
    opening: float = param("dealers of a firm on the first day", "1/1000 heads", low=0, source="register R372")
    opening_of: Mapping[str, float] = param("the same for some firms", "1/1000 heads", low=0, source="user's choice")
    pool: float = param(
        "shops that could carry a firm's line per 1,000 heads", "1/1000 heads", low=0, source="register R373"
    )
    reach: float = param(
        "coverage is 1 - exp(-reach * outlets per 1,000 heads)", "1000 heads", low=0,
        source="Stoyan, Kendall & Mecke 1995; register R374",
    )  # fmt: skip
    outside_income: float = param(
        "what a dealer would earn with the shelf and the time otherwise", "¤/dealer/month", low=0,
        source="register R375",
    )  # fmt: skip
    smoothing: float = param(
        "weight of the last month in the income that dealers expect", "1", low=0, high=1, source="register R376"
    )
    entry: float = param(
        "chance a month that a free shop joins when the income is beyond measure", "1/month", low=0, high=1,
        source="Jovanovic 1982; register R377",
    )  # fmt: skip
    exit: float = param(
        "chance a month that a dealer who earns nothing leaves", "1/month", low=0, high=1,
        source="Jovanovic 1982; register R377",
    )  # fmt: skip
    churn: float = param("chance that a dealer gives up anyway", "1/month", low=0, high=1, source="register R377")
    loyalty: float = param(
        "part of the disappointed dealers who stay with a firm that protects them", "1", low=0, high=1,
        source="B5; register R378",
    )  # fmt: skip
    margin: float = param(
        "part of the fare that a dealer keeps", "1", low=0, high=1, source="Coughlan et al. 2006; register R379"
    )
    protection: float = param(
        "income guaranteed to dealers, as a part of their outside income", "1", low=0, high=10,
        source="B3, B5; choice of the user",
    )  # fmt: skip
    control: float = param(
        "quality lost because a dealer explains badly; with contact channels, theirs", "utils", low=0,
        source="Coughlan et al. 2006; register R380",
    )  # fmt: skip
    inspection: float = param(
        "part of that loss that the firm's supervision avoids", "1", low=0, high=1, source="C5; choice of the user"
    )
    inspection_cost: float = param("cost of full supervision", "¤/dealer/month", low=0, source="register R381")
    branches: float = param("own branches per 1,000 heads", "1/1000 heads", low=0, source="B4; user's choice")
    branch_cost: float = param("cost of an own branch", "¤/branch/month", low=0, source="register R382")
    saved: float = param(
        "cost of selling that the firm need not bear when an outlet sells", "¤", low=0, source="register R383"
    )

    def check(self):
        """Nobody opens with more dealers than there are shops; protection needs somebody to protect."""
        if self.protection > 0 and not (self.opening or any(self.opening_of.values())):
            raise ConfigError(f"protection = {self.protection:g}: no dealers to protect; expected opening > 0")
        for where, number in [("opening", self.opening), *((f"opening_of.{f}", n) for f, n in self.opening_of.items())]:
            if number > self.pool:
                raise ConfigError(f"{where} = {number:g}: expected at most the pool of {self.pool:g} shops")

    def _number(self, name):
        return self.opening_of.get(name, self.opening)

    def check_scenario(self, scenario):
        """Firms and segments must exist, and a firm that protects dealers must have some."""
        where = "mechanism.dealers"
        for field, known in (("opening_of", scenario.firms), ("buyers_of", scenario.population.segments)):
            for name in getattr(self, field):
                if name not in known:
                    raise ConfigError(f"{where}.{field}.{name}: unknown; {nearest(name, known)}")
        for name, firm in scenario.firms.items():
            protects = firm.policy.get("dealers", {}).get("protection", 0.0)
            if protects > 0 and (self._number(name) == 0 or not _carried(scenario, name)):
                raise ConfigError(
                    f"firms.{name}.policy.dealers.protection = {protects:g}: it has no dealers to protect; "
                    f"expected {where}.opening_of.{name} > 0 and a mode with accounts"
                )

    def unforeseen(self):
        """Margins are a cost of a sale that is not in the unit cost."""
        return (
            "dealers keep a part of the fare" if self.margin and (self.opening or any(self.opening_of.values())) else ""
        )

    def on_begin(self, market):
        """Open the outlets of the first day; work out what a purchase there does to the service."""
        world, firms = market.world, market.firms
        carried = np.array([_carried(world, firm.name) for firm in firms])
        opening = [round(self._number(firm.name) * market.heads / THOUSAND) for firm in firms]
        contact = _contact(world)
        share = [self.insist if contact else self.buyers_of.get(s, self.buyers) for s in market.segments]
        size = len(firms)
        market.memory["dealers"] = {
            "carried": carried, "share": np.array(share, f4),
            "third": list(contact.friction).index(THIRD) if contact else None,
            "keys": market.keys("outlet near"),  # lasting, as `wanting`: both go along when the market is copied
            "wanting": market.key("buys at outlets"), "came": np.zeros(size, np.int64),
            "dealers": np.where(carried, opening, 0).astype(np.int64), "expected": np.full(size, float(self.outside_income)),
            "joined": np.zeros(size, np.int64), "left": np.zeros(size, np.int64), "gone": np.zeros(size, np.int64),
            "own": np.zeros(size, f4), "covered": np.zeros(size, f4), "change": np.zeros((3, size), f4),
            "margin": np.zeros(size), "protection": np.zeros(size), "cost": np.zeros(size),
        }  # fmt: skip

    def on_report(self, market, firm):
        """What the firm's sales department knows: dealers, what they earn and could earn, coverage, sales."""
        memory, f = market.memory["dealers"], firm.index
        if not memory["carried"][f]:
            return {}
        return {
            "dealers": int(memory["dealers"][f]), "income": float(memory["expected"][f]),
            "outside_income": self.outside_income, "coverage": float(memory["covered"][f]),
            "sales": int(market.total("outlet_sales")[f, DEALER]), "margin": float(memory["margin"][f]),
            "left": int(memory["left"][f]), "joined": int(memory["joined"][f]),
        }  # fmt: skip

    def on_leave(self, market, firm):
        """Dealers of a firm that is gone have nothing to sell."""
        memory, f = market.memory["dealers"], firm.index
        memory["gone"][f] += memory["dealers"][f]
        memory["dealers"][f], memory["covered"][f] = 0, 0.0

    @staticmethod
    def _come_in(market, memory):
        """Who is not in the market has no dealers yet; who comes in opens with its own."""
        there, dealers = market.by_firm("trading"), memory["dealers"]
        if not market.period:
            memory["waiting"], dealers[~there] = np.where(there, 0, dealers), 0
        new = np.where(there, memory["waiting"], 0)
        dealers += new
        memory["came"] += new
        memory["waiting"] -= new

    def on_offer(self, market):
        """Work out coverage and control of the month's outlets."""
        memory, contact = market.memory["dealers"], _contact(market.world)
        self._come_in(market, memory)
        loss = contact.control[THIRD] if contact else self.control
        for firm in market.trading:
            f, branches = firm.index, firm.policy("dealers", "branches")
            if memory["carried"][f]:
                number = memory["dealers"][f] * THOUSAND / market.heads
                memory["own"][f] = coverage(branches, self.reach)
                memory["covered"][f] = coverage(branches + number, self.reach)
                memory["change"][DEALER, f] = loss * (firm.policy("dealers", "inspection") - (contact is None))
                memory["change"][BRANCH, f] = loss - contact.control.get(OWN, 0.0) if contact else 0.0

    def on_occasion(self, rows):
        """Note who buys at outlets only."""
        memory, told = rows.market.memory["dealers"], rows.passing
        if memory["share"].any():
            wants, draw, part = rows.scratch(np.bool_), rows.scratch(f4), rows.scratch(f4)
            kernels.want_outlet(rows.identity, *memory["wanting"], rows.segment, memory["share"], draw, part, wants)
            if memory["third"] is not None:
                kernels.keep_to_channel(rows.channel, np.int8(memory["third"]), wants)
            listed = rows.scratch(np.uint32), rows.scratch(np.uint32), rows.scratch(np.uint32, (1,), fixed=True)
            kernels.list_wanting(rows.identity, wants, *listed)
            told["wants"], told["wanting"] = wants, listed

    def on_consider(self, rows, firm, out_appeal):
        """Who wants an outlet passes over firms that have none near him."""
        memory, f, told = rows.market.memory["dealers"], firm.index, rows.passing
        if firm.mode.accounts and memory["share"].any():
            kernels.pass_over(*memory["keys"][f], *told["wanting"], memory["covered"][f], rows.scratch(f4), out_appeal)

    def on_serve(self, rows):
        """Find the outlet of each purchase and let it tell on the service."""
        memory = rows.market.memory["dealers"]
        if memory["share"].any():
            who = rows.identity, memory["keys"], rows.provider, rows.passing["wants"]
            outlet = rows.passing["outlet"] = rows.scratch(np.int8)
            kernels.find_outlet(*who, memory["carried"], memory["own"], outlet)
            kernels.explain(rows.provider, outlet, memory["change"], rows.quality)

    def on_bond(self, rows):
        """Count what outlets sold, at the fares that were paid."""
        if rows.market.memory["dealers"]["share"].any():
            counts = (rows.tally[name] for name in self.tallies)
            kernels.tally_outlets(rows.provider, rows.passing["outlet"], rows.paid, *counts)

    def on_settle(self, market):
        """Pay the outlets; then dealers judge their income, and some leave or join."""
        memory, sales, cents = market.memory["dealers"], market.total("outlet_sales"), market.total("outlet_cents")
        memory["joined"][:], memory["left"][:] = memory["came"], memory["gone"]
        for name in ("came", "gone", "margin", "protection", "cost"):
            memory[name][:] = 0
        for firm in market.trading:
            if memory["carried"][firm.index]:
                self._pay(market, firm, sales[firm.index], int(cents[firm.index, DEALER]))
                self._move(market, firm)

    def _pay(self, market, firm, sales, cents):
        memory, f, dealers = market.memory["dealers"], firm.index, int(market.memory["dealers"]["dealers"][firm.index])
        margin = round(firm.policy("dealers", "margin") * cents) / CENTS
        promised = firm.policy("dealers", "protection") * self.outside_income * dealers
        protection = max(0.0, round((promised - margin) * CENTS) / CENTS)
        supervision = firm.policy("dealers", "inspection") * self.inspection_cost * dealers
        branches = firm.policy("dealers", "branches") * self.branch_cost * market.heads / THOUSAND
        saved = self.saved * int(sales[BRANCH] + sales[DEALER])
        memory["margin"][f], memory["protection"][f] = margin, protection
        memory["cost"][f] = margin + protection + supervision + branches - saved
        firm.bill("dealers", memory["cost"][f])
        income = (margin + protection) / dealers if dealers else self.outside_income
        memory["expected"][f] += self.smoothing * (income - memory["expected"][f])

    def _move(self, market, firm):
        memory, f = market.memory["dealers"], firm.index
        dealers, income = int(memory["dealers"][f]), float(memory["expected"][f])
        kept = self.loyalty if firm.policy("dealers", "protection") > 0 else 0.0
        free = max(0, round(self.pool * market.heads / THOUSAND) - dealers)
        leave = dealers * leaving(income, self.outside_income, self.churn, self.exit, kept)
        join = free * joining(income, self.outside_income, self.entry)
        left = min(dealers, whole(leave, market.uniform("dealers leave", firm.name)))
        joined = min(free, whole(join, market.uniform("dealers join", firm.name)))
        memory["left"][f] += left
        memory["joined"][f] += joined
        memory["dealers"][f] = dealers - left + joined

    def on_record(self, market):
        """Dealers, their moves, what they sold and what they cost."""
        memory, sales = market.memory["dealers"], market.total("outlet_sales")
        kept = {record: memory[name] for record, name in KEPT.items()}
        return kept | {"dealer_sales": sales[:, DEALER], "branch_sales": sales[:, BRANCH]}


def _contact(world):
    """The contact channels of a scenario, if customers prefer channels and a third party is among them."""
    contact = world.mechanism.get("contact_channels")
    return contact if contact is not None and contact.preference and THIRD in contact.friction else None


def _carried(world, name):
    """Whether outlets can carry the firm: its accounts are modelled and it runs the channel."""
    mode, contact = world.population.modes[world.firms[name].mode], _contact(world)
    return bool(mode.accounts and (not contact or THIRD in contact.offered.get(name, contact.friction)))
