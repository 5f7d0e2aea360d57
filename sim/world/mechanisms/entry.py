"""Entry, exit, growth under a brand (G2, B3, D8; Bain 1956; Geroski 1995): who is in the market, and how newcomers arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import CENTS
from sim.ground.params import ConfigError, param
from sim.science.kernels.entry import know_brand, shut_out
from sim.science.rules.entry import invites, months_in_the_red, royalty_cents
from sim.world.checks import check_known, check_niche
from sim.world.mechanisms import ByHook, Mechanism, at

FOR_EVER = np.inf


@dataclass(frozen=True, kw_only=True)
class Entry(Mechanism):
    """Firms named in `opening` or `invited` are not in the market at the start; the first come at their month, the others
    when the rivals of their mode have earned more than the hurdle.

    Who enters advertises and sells cheaply for some months; the rivals it finds may answer with the same. A firm that owed
    money at the end of `patience` months in a row leaves for good, with its debts. Nobody enters a mode before it opens,
    and until then its fares are capped. A franchisee is known, and judged, by its brand and pays a part of its revenue for
    it. A firm with a niche serves nobody else.
    """

    records: ClassVar[Mapping[str, Column]] = {
        "trading": Column("bool", "1", "whether the firm was in the market this month"),
        "entered": Column("float64", "months", "month in which the firm entered, 0 if it was there; NaN before"),
        "left": Column("float64", "months", "month in which the firm had left; NaN before"),
        "campaign": Column("float64", "¤/head/month", "advertising on top of the standing one: launches and answers"),
        "cut": Column("float64", "1", "part of the fare given up in a launch or an answer"),
        "royalties": Column("float64", "¤", "royalties received this month less royalties paid"),
    }
    market_records: ClassVar[Mapping[str, Column]] = {
        "entries": Column("int64", "firms", "firms that entered this month"),
        "exits": Column("int64", "firms", "firms that had left by the beginning of this month"),
    }
    reads: ClassVar[ByHook] = at(on_open="owner", on_hear="funnel")
    writes: ClassVar[ByHook] = at(
        on_open="trading campaign brand", on_post="cents", on_hear="funnel", on_settle="other_income"
    )
    neutral: ClassVar[Mapping[str, object]] = {
        "patience": {}, "opening": {}, "invited": (), "opens": {}, "regulated_fare": {}, "franchise": {}, "niche": {},
    }  # fmt: skip
    policies: ClassVar[frozenset[str]] = frozenset(
        {"hurdle", "launch_advertising", "launch_discount", "answer_advertising", "answer_cut"}
    )

    patience: Mapping[str, int] = param(
        "months in a row with debts after which a firm of the mode must leave; 0, or a mode not named, for never", "months",
        low=0, source="register R390",
    )  # fmt: skip
    opening: Mapping[str, int] = param(
        "month in which a firm enters that is not there at the start", "months", low=1, source="G2; choice of the user"
    )
    invited: tuple[str, ...] = param(
        "firms that are not there at the start and enter when profit invites",
        "1",
        source="Bain 1956; choice of the user",
    )
    hurdle: float = param(
        "mean profit of the rivals above which a firm enters", "¤/head/month",
        source="Baumol, Panzar & Willig 1982; register R391",
    )  # fmt: skip
    watch: int = param("months over which that profit is watched", "months", low=1, source="register R392")
    chance: float = param(
        "chance per month that a firm that profit invites enters", "1", low=0, high=1, source="register R393"
    )
    launch_months: int = param("months that a launch lasts", "months", low=0, source="G2; register R394")
    launch_advertising: float = param(
        "advertising of a launch, on top of the standing one", "¤/head/month", low=0, high=1e5,
        source="G2; register R395",
    )  # fmt: skip
    launch_discount: float = param(
        "part of the fare given up in a launch", "1", low=0, high=1, source="G2; register R396"
    )
    answer_months: int = param("months that rivals answer an entry", "months", low=0, source="G2; register R397")
    answer_advertising: float = param(
        "advertising of an answer, on top of the standing one", "¤/head/month", low=0, high=1e5,
        source="G2; register R397",
    )  # fmt: skip
    answer_cut: float = param("part of the fare given up in an answer", "1", low=0, high=1, source="B5; register R397")
    opens: Mapping[str, int] = param(
        "month before which nobody enters a mode; beyond the run it stays closed", "months", low=0,
        source="D8; choice of the user",
    )  # fmt: skip
    regulated_fare: Mapping[str, float] = param(
        "highest fare of a standard journey while a mode is closed", "¤", low=0, high=1e5,
        source="Armstrong & Sappington 2007; choice of the user",
    )  # fmt: skip
    franchise: Mapping[str, str] = param(
        "firms that trade under the name of another", "1", source="B3; choice of the user"
    )
    royalty: float = param(
        "part of its revenue that a franchisee pays", "1", low=0, high=1, source="Lafontaine 1992; register R398"
    )
    niche: Mapping[str, tuple[str, ...]] = param(
        "segments and contexts that a firm serves, and no others", "1", source="Carroll 1985; choice of the user"
    )

    def check(self):
        """Nobody enters twice, and a cap needs a closed market."""
        for name in self.opening:
            if name in self.invited:
                raise ConfigError(f"invited = {list(self.invited)}: expected it without {name}, which opening names")
        for mode in self.regulated_fare:
            if mode not in self.opens:
                raise ConfigError(f"regulated_fare.{mode}: expected opens.{mode} to go with it")

    def check_scenario(self, scenario):
        """Firms, modes, segments and contexts must exist; somebody must be there; planned entries must be possible."""
        where, firms, modes = "mechanism.entry", scenario.firms, scenario.population.modes
        places = {"opening": self.opening, "invited": self.invited, "franchise": self.franchise, "niche": self.niche}
        for field, names in places.items():
            check_known(names, firms, f"{where}.{field}", "firm")
        for field in ("patience", "opens", "regulated_fare"):
            check_known(getattr(self, field), modes, f"{where}.{field}", "mode")
        if set(firms) <= {*self.opening, *self.invited}:
            raise ConfigError(f"{where}.opening, .invited: expected at least one firm to be there at the start")
        for name, month in self.opening.items():
            first, mode = self.opens.get(firms[name].mode, 0), firms[name].mode
            if month >= scenario.periods:
                raise ConfigError(
                    f"{where}.opening.{name} = {month} months: expected {name} < periods = {scenario.periods}"
                )
            if month < first:
                raise ConfigError(f"{where}.opening.{name} = {month} months: expected {name} >= opens.{mode} = {first}")
        for name, brand in self.franchise.items():
            self._check_brand(scenario, name, brand)
        for name, served in self.niche.items():
            check_niche(scenario.population, served, f"{where}.niche.{name}")

    def _check_brand(self, scenario, name, brand):
        where, firms = f"mechanism.entry.franchise.{name}", scenario.firms
        check_known([brand], firms, where, "firm")
        if brand == name or brand in self.franchise or firms[brand].mode != firms[name].mode:
            raise ConfigError(f"{where} = {brand}: expected another firm of the mode that is no franchisee itself")
        if "cost_accounting" not in scenario.mechanism:
            raise ConfigError(f"{where}: needs mechanism.cost_accounting, which books royalties as a cost; add it")

    def unforeseen(self):
        """Campaigns and caps change fares after they are asked."""
        moves = self.opening or self.invited or self.regulated_fare
        return "launches, answers and caps change fares after they are asked" if moves else ""

    def on_begin(self, market):
        """Send those who come later outside, and work out whom a niche leaves out."""
        waiting = {*self.opening, *self.invited}
        for firm in market.firms:
            firm.trading = firm.name not in waiting
        shut = {}
        for name, served in self.niche.items():
            segments, contexts = ([n in served for n in names] for names in (market.segments, market.contexts))
            there = [np.array(some) if any(some) else np.ones(len(some), bool) for some in (segments, contexts)]
            shut[market.firm(name).index] = ~np.outer(*there).ravel()
        size = len(market.firms)
        market.memory["entry"] = {
            "waiting": sorted(waiting), "red": dict.fromkeys((f.name for f in market.firms), 0), "profits": {},
            "entered": np.where(market.by_firm("trading"), 0.0, np.nan), "left": np.full(size, np.nan), "shut": shut,
            "launch": {}, "answer": {}, "cut": np.zeros(size), "royalties": np.zeros(size, np.int64),
        }  # fmt: skip

    def on_open(self, market):
        """Let firms leave, then enter, then say who campaigns."""
        memory = market.memory["entry"]
        self._watch(market, memory)
        if market.period:
            self._let_go(market, memory)
        incumbents = market.trading
        came = [market.firm(name) for name in memory["waiting"] if self._comes(market, market.firm(name))]
        for firm in came:
            firm.trading = True
            memory["waiting"].remove(firm.name)
            memory["entered"][firm.index] = market.period
            memory["launch"][firm.name] = market.period + self.launch_months
        for firm in incumbents:
            if any(self._opposes(firm, new) for new in came):
                memory["answer"][firm.name] = market.period + self.answer_months
        for firm in market.firms:
            kind = self._campaign(market, firm)
            firm.campaign = firm.policy("entry", f"{kind}_advertising") if kind else 0.0
            brand = self.franchise.get(firm.name, "")
            firm.brand = brand if brand and market.firm(brand).trading else ""

    def _opposes(self, firm, new):
        """Whether a firm has reason to answer a newcomer: of its mode, not of its owner, not under its name."""
        return (
            new.mode_index == firm.mode_index and new.owner != firm.owner and self.franchise.get(new.name) != firm.name
        )

    def _watch(self, market, memory):
        """Note what the firms of each mode earned a head, from their published accounts."""
        for m in range(len(market.modes)):
            members = [f.name for f in market.firms if f.mode_index == m and f.name in market.published]
            if market.period and members:
                earned = sum(market.published[name].profit for name in members) / len(members) / market.heads
                memory["profits"][m] = [*memory["profits"].get(m, []), earned][-self.watch :]

    def _let_go(self, market, memory):
        for firm in market.trading:
            red = memory["red"][firm.name] = months_in_the_red(memory["red"][firm.name], firm.cash_cents)
            if red >= (self.patience.get(firm.spec.mode) or FOR_EVER):
                firm.trading = False
                memory["left"][firm.index] = market.period

    def _comes(self, market, firm):
        if firm.name in self.opening:
            return market.period == self.opening[firm.name]
        if market.period < self.opens.get(firm.spec.mode, 0) or not market.rivals_of(firm.name):
            return False
        profits = market.memory["entry"]["profits"].get(firm.mode_index, [])
        attracted = invites(profits, self.watch, firm.policy("entry", "hurdle"))
        return attracted and market.uniform("entry", firm.name) < self.chance

    @staticmethod
    def _campaign(market, firm):
        """The campaign that a firm is in: its own launch, an answer to somebody else's, or none."""
        memory = market.memory["entry"]
        for kind in ("launch", "answer"):
            if firm.trading and market.period < memory[kind].get(firm.name, 0):
                return kind
        return ""

    def on_post(self, market):
        """Cut the fares of who campaigns and cap those of a closed mode."""
        cents, cut = market.board.cents, market.memory["entry"]["cut"]
        cut[:] = 0
        for firm in market.trading:
            kind, mode = self._campaign(market, firm), firm.spec.mode
            if kind:
                cut[firm.index] = firm.policy("entry", "launch_discount" if kind == "launch" else "answer_cut")
            if cut[firm.index] > 0:
                cents[firm.index] = np.rint(cents[firm.index] * (1 - cut[firm.index]))
            if mode in self.regulated_fare and market.period < self.opens[mode]:
                np.minimum(cents[firm.index], round(self.regulated_fare[mode] * CENTS), out=cents[firm.index])

    def on_hear(self, block):
        """Whoever knows the brand knows the franchisee."""
        for firm in block.market.trading:
            if firm.brand and "funnel" in block.market.table:
                know_brand(block.funnel[block.market.firm(firm.brand).index], block.funnel[firm.index])

    def on_weigh(self, rows, firm, out_appeal):
        """Nobody outside its niche can buy from a firm."""
        shut = rows.market.memory["entry"]["shut"].get(firm.index)
        if shut is not None:
            shut_out(shut, rows.cell, out_appeal)

    def on_settle(self, market):
        """Pay royalties out of what customers paid."""
        royalties = market.memory["entry"]["royalties"]
        royalties[:] = 0
        for firm in market.trading:
            if firm.brand:
                brand, paid = market.firm(firm.brand), int(market.total("revenue")[firm.index])
                owed = royalty_cents(paid, self.royalty)
                firm.bill("royalties", owed / CENTS)
                brand.other_income += owed / CENTS
                royalties[firm.index] -= owed
                royalties[brand.index] += owed

    def on_record(self, market):
        """Who was there, and what campaigns and brands cost."""
        memory = market.memory["entry"]
        return {
            "trading": market.by_firm("trading"),
            "entered": memory["entered"].copy(),
            "left": memory["left"].copy(),
            "campaign": market.by_firm("campaign"),
            "cut": memory["cut"].copy(),
            "royalties": memory["royalties"] / CENTS,
        }

    def on_record_market(self, market):
        """Who came and went; the period is over when it is written down."""
        memory, month = market.memory["entry"], market.period - 1
        came = (memory["entered"] == month) & (month > 0)
        return {"entries": int(came.sum()), "exits": int((memory["left"] == month).sum())}
