"""Customer management (C1, C2, C3, D2, D3, D4, D7, E3): winning, growing, keeping, winning back, letting go (Blattberg et al. 2001)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import CENTS, NOBODY, WINDOW
from sim.ground.params import ConfigError, param
from sim.science.kernels import customer_management as kernels
from sim.science.kernels.occasions import fill
from sim.science.rules.awareness import AWARE, UNAWARE
from sim.science.rules.customer_management import (
    CLASSES,
    CODES,
    JOBS,
    KEEPING,
    LONGEST,
    OWN,
    WINNING,
    affordable,
    class_sizes,
    voucher_code,
)  # fmt: skip
from sim.science.rules.life_cycle import ENDED, NONE, STABILITY
from sim.world.checks import check_parts, check_programme
from sim.world.mechanisms import ByHook, Mechanism, at

f4, u4 = np.float32, np.uint32
NAME = "customer_management"


@dataclass(frozen=True, kw_only=True)
class CustomerManagement(Mechanism):
    """Each month a firm spends a budget over five jobs on contacts, vouchers and account managers.

    It chooses among its own customers by class of value and stage of the relation, the most valuable first; to win
    others it reaches people at random. A contact makes the firm known and may bring a voucher: money off the next
    journey there, or for those to be let go a fee on it. A customer keeps one voucher at a time. Only firms of modes
    whose accounts are modelled run a programme.
    Source: Blattberg, Getz & Thomas (2001), Customer Equity; Reinartz, Thomas & Kumar (2005), J. Marketing 69(1).
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "voucher_with": Column("int8", "firm", "firm whose voucher is held, -1 for none", "", (), NOBODY, place_of="firm"),
        "voucher": Column("uint8", "1", "that voucher: 16 times the job it was given for + months it still runs"),
    }
    needs: ClassVar[Mapping[str, str]] = {
        "customer_value": "which books what a customer contributed", "life_cycle": "which knows the stage of a relation",
    }  # fmt: skip
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {
        "vouchers_redeemed": ("firm", len(JOBS)), "voucher_cents": ("firm", len(JOBS)),
        "vouchers_expired": ("firm",), "vouchers_live": ("firm",),
    }  # fmt: skip
    records: ClassVar[Mapping[str, Column]] = {
        "programme_cost": Column("float64", "¤", "contacts and account managers paid this month"),
        "voucher_value": Column("float64", "¤", "fares forgone to vouchers this month, less fees asked"),
        **{f"spent_{job}": Column("float64", "¤", f"programme cost and voucher value of {job} this month") for job in JOBS},
        **{f"spent_on_{c}": Column("float64", "¤", f"programme cost of the firm's customers of class {c}") for c in CLASSES},
        **{f"redeemed_{job}": Column("int64", "vouchers", f"vouchers of {job} redeemed this month") for job in JOBS},
        "vouchers_issued": Column("int64", "vouchers", "vouchers given this month"),
        "vouchers_expired": Column("int64", "vouchers", "vouchers that ran out this month or lost their firm or customer"),
        "vouchers_replaced": Column("int64", "vouchers", "vouchers given up this month for another one"),
        "vouchers_live": Column("int64", "vouchers", "vouchers that customers hold at the end of the month"),
        "key_accounts": Column("int64", "customers", "customers with an account manager this month"),
    }  # fmt: skip
    reads: ClassVar[ByHook] = at(on_offer="contribution relation", on_weigh="points", on_experience="free")
    writes: ClassVar[ByHook] = at(on_offer="funnel", on_serve="quality", on_experience="paid")
    neutral: ClassVar[Mapping[str, object]] = {"budget": 0.0}
    policies: ClassVar[frozenset[str]] = frozenset({
        "budget", "split", "class_split", "by_value", "jobs", "voucher", "account_managers",
    })  # fmt: skip

    budget: float = param(
        "spending on contacts and account managers", "¤/head/month", low=0, source="C2; register R340"
    )
    split: Mapping[str, float] = param(
        "part of the budget for each job", "1", low=0, high=1, source="Reinartz, Thomas & Kumar 2005; register R341"
    )
    class_split: Mapping[str, float] = param(
        "part of a job's money for each class; empty to take the most valuable first", "1", low=0, high=1,
        source="E3; register R342",
    )  # fmt: skip
    by_value: bool = param("whether classes get money in proportion to their value", "1", source="E3; register R342")
    jobs: Mapping[str, Mapping[str, str]] = param("job for each stage and class", "1", source="D2")
    voucher: Mapping[str, float] = param(
        "money that a job's voucher takes off a journey; negative for a fee", "¤", low=-1e5, high=1e5,
        source="Neslin 2002; register R343",
    )  # fmt: skip
    account_managers: float = param(
        "part of the money for keeping that goes to account managers", "1", low=0, high=1, source="D7; register R344"
    )
    contact_cost: Mapping[str, float] = param(
        "cost of a contact by job", "¤", low=0.01, high=1e5, source="register R345"
    )
    validity: int = param("months that a voucher runs", "months", low=1, high=LONGEST, source="register R346")
    class_a: float = param(
        "part of a firm's customers in class A, the best", "1", low=0, high=1, source="D3; register R347"
    )
    class_c: float = param(
        "part of a firm's customers in class C, the last", "1", low=0, high=1, source="D3; register R347"
    )
    account_cost: float = param("cost of an account manager", "¤/account/month", low=0.01, source="D7; register R348")
    account_quality: float = param(
        "functional quality of being looked after in person", "utils", low=0, source="D7; register R349"
    )

    def check(self):
        """The programme of firms that set none of their own is one; every job has its price."""
        check_programme(vars(self))
        check_parts(dict.fromkeys(self.contact_cost, 1 / max(len(self.contact_cost), 1)), JOBS, "job", "contact_cost")
        for job in JOBS:
            if job not in self.contact_cost:
                raise ConfigError(f"contact_cost.{job}: missing; every job needs the cost of a contact")
        if self.class_a + self.class_c > 1:
            raise ConfigError(f"class_a = {self.class_a}: expected class_a + class_c <= 1, class_c = {self.class_c}")

    def check_scenario(self, scenario):
        """Every firm's own policies must make a programme together with those it leaves alone."""
        for name, firm in scenario.firms.items():
            terms = {key: firm.policy.get(NAME, {}).get(key, getattr(self, key)) for key in self.policies}
            check_programme(terms, f"firms.{name}.policy.{NAME}.")

    def unforeseen(self):
        """Vouchers are money off some customers' fares."""
        return "vouchers take money off some customers' fares" if self.budget else ""

    def on_begin(self, market):
        """Nobody holds a voucher."""
        firms = len(market.firms)
        market.memory[NAME] = {
            "cents": np.zeros((firms, CODES), np.int64), "accounts": [np.empty(0, u4)] * firms,
            "issued": np.zeros((firms, len(JOBS)), np.int64), "replaced": np.zeros(firms, np.int64),
            "spent": np.zeros((firms, len(JOBS))), "spent_on": np.zeros((firms, len(CLASSES))),
            "left": np.zeros(firms, np.int64), "void": np.zeros(firms, np.int64),
        }  # fmt: skip

    def on_leave(self, market, firm):
        """Nobody honours the vouchers of a firm that is gone."""
        held = market.table["voucher_with"] == firm.index
        market.table["voucher"][held], market.table["voucher_with"][held] = 0, NOBODY
        market.memory[NAME]["left"][firm.index] += held.sum()

    def on_report(self, market, firm):
        """What came of last month's programme, by job."""
        memory, f = market.memory[NAME], firm.index
        numbers = {
            "spent": memory["spent"][f] + market.total("voucher_cents")[f] / CENTS,
            "issued": memory["issued"][f], "redeemed": market.total("vouchers_redeemed")[f],
        }  # fmt: skip
        return {what: dict(zip(JOBS, values.tolist(), strict=True)) for what, values in numbers.items()}

    def on_offer(self, market):
        """Let every firm choose whom to contact, then contact them all: nobody sees a rival's move of the same month."""
        memory = market.memory[NAME]
        for name in ("issued", "replaced", "spent", "spent_on"):
            memory[name][:] = 0
        memory["void"], memory["left"] = memory["left"].copy(), np.zeros_like(memory["left"])
        cents = memory["cents"].reshape(-1, len(JOBS), LONGEST + 1)
        cents[:, :, :-1] = cents[:, :, 1:].copy()
        cents[:, :, -1] = 0
        memory["accounts"] = [np.empty(0, u4)] * len(market.firms)
        plans = []
        for firm in market.trading:
            if firm.mode.accounts:
                terms = {name: firm.policy(NAME, name) for name in self.policies}
                if NAME in firm.decision.policy:
                    check_programme(terms, f"firms.{firm.name}.strategy (month {market.period}): policy.{NAME}.")
                if terms["budget"] > 0:
                    plans += [(firm, job, rows) for job, rows in self._choose(market, firm, terms)]
        for firm, job, rows in plans:
            self._contact(market, firm, job, rows)

    def _choose(self, market, firm, terms):
        """Yield whom a firm contacts for which job; its best customers get account managers before that."""
        memory, f, table = market.memory[NAME], firm.index, market.table
        for job, name in enumerate(JOBS):
            memory["cents"][f, voucher_code(job, self.validity)] = round(terms["voucher"].get(name, 0.0) * CENTS)
        money = [terms["budget"] * market.heads * terms["split"].get(job, 0.0) for job in JOBS]
        rows, rank, worth = self._file(market, f)
        stage, free = table["relation"][f][rows], table["voucher_with"][rows] != f
        best = np.flatnonzero((rank == 0) & (stage == STABILITY))
        best = best[: affordable(money[KEEPING] * terms["account_managers"], self.account_cost)]
        memory["accounts"][f], free[best] = np.sort(table["identity"][rows[best]]), False
        cost = len(best) * self.account_cost
        firm.bill("customer_management", cost)
        money[KEEPING] -= cost
        memory["spent"][f, KEEPING] += cost
        memory["spent_on"][f, 0] += cost
        jobs = np.array([[JOBS.index(terms["jobs"][s][c]) for c in CLASSES] for s in OWN], np.int8)[stage - 1, rank]
        parts = worth if terms["by_value"] else np.array([terms["class_split"].get(c, 0.0) for c in CLASSES])
        members = [rank == c for c in range(len(CLASSES))]
        if not parts.any():
            parts, members = [1.0], [True]
        for job in range(WINNING + 1, len(JOBS)):
            price, group, chosen = self.contact_cost[JOBS[job]], free & (jobs == job), []
            for part, member in zip(parts, members, strict=True):
                chosen.append(np.flatnonzero(group & member)[: affordable(money[job] * part, price)])
            chosen = np.concatenate(chosen)
            memory["spent_on"][f] += np.bincount(rank[chosen], minlength=len(CLASSES)) * price
            yield job, rows[chosen]
        yield WINNING, self._strangers(market, firm, affordable(money[WINNING], self.contact_cost[JOBS[WINNING]]))

    def _file(self, market, f):
        """The firm's customers, best first: rows, classes as 0, 1, 2, and each class's part of their value."""
        table = market.table
        relation = table["relation"][f]
        rows = np.flatnonzero((relation > NONE) & (relation < ENDED))
        value, months = np.empty(len(rows)), market.period % WINDOW or WINDOW
        kernels.value_customers(rows, table["contribution"][f], table["bought"][f], u4(2**months - 1), value)
        order = np.lexsort((table["identity"][rows], -value))
        sizes = class_sizes(len(rows), self.class_a, self.class_c)
        rank = np.repeat(np.arange(len(CLASSES)), sizes)
        worth = np.maximum(np.bincount(rank, np.rint(value[order]), minlength=len(CLASSES)), 0)
        return rows[order], rank, worth / max(worth.sum(), 1)

    def _strangers(self, market, firm, number):
        """Rows of so many people who are no customers of the firm, drawn by lot."""
        table, relation = market.table, market.table["relation"][firm.index]
        unknown = (relation == NONE) | (relation == ENDED)
        rows = np.flatnonzero(unknown & table["alive"] & (table["voucher_with"] != firm.index))
        lot = np.empty(len(rows), np.uint64)
        kernels.lots(rows, table["identity"], market.now, *market.key("stranger", firm.name), lot)
        return rows[np.argpartition(lot, number)[:number]] if number < len(rows) else rows

    def _contact(self, market, firm, job, rows):
        """Pay for contacts; whoever is reached knows the firm and may get a voucher."""
        memory, table, f = market.memory[NAME], market.table, firm.index
        bill = len(rows) * self.contact_cost[JOBS[job]]
        memory["spent"][f, job] += bill
        firm.bill("customer_management", bill)
        rows = rows[table["alive"][rows]]
        if "funnel" in table:
            funnel = table["funnel"][f]
            funnel[rows] = np.where(funnel[rows] == UNAWARE, AWARE, funnel[rows])
        if memory["cents"][f, voucher_code(job, self.validity)]:
            memory["issued"][f, job] += len(rows)
            kernels.hand_out(
                rows, table["identity"], market.now, market.keys("voucher"), f, np.uint8(job), np.uint8(self.validity),
                table["voucher_with"], table["voucher"], memory["replaced"],
            )  # fmt: skip

    def on_weigh(self, rows, firm, out_appeal):
        """Add the utility of the money that a voucher saves, unless the journey is free anyway."""
        market, f, cents = rows.market, firm.index, rows.market.memory[NAME]["cents"][firm.index]
        if cents.any():
            spared = _nobody(rows)
            if "points" in market.table and firm.policy("loyalty_programme", "run"):
                kernels.spare(rows.points[f], np.int16(market.world.mechanism["loyalty_programme"].threshold), spared)
            kernels.add_voucher(
                rows.voucher_with, rows.voucher, np.int8(f), (cents / CENTS).astype(f4), spared,
                rows.price_sensitivity, rows.journey[firm.mode_index], market.board.fare[f], rows.cell, out_appeal,
            )  # fmt: skip

    def on_serve(self, rows):
        """Look after key accounts in person."""
        for f, accounts in enumerate(rows.market.memory[NAME]["accounts"]):
            if len(accounts):
                terms = np.int8(f), rows.identity, accounts, f4(self.account_quality)
                kernels.attend_accounts(rows.provider, *terms, rows.quality)

    def on_experience(self, rows):
        """Take vouchers off what is paid, when it is known who travels free."""
        cents = rows.market.memory[NAME]["cents"]
        if cents.any():
            free = rows.free if "free" in rows.market.table else _nobody(rows)
            held, tally = (rows.voucher_with, rows.voucher), ("vouchers_redeemed", "voucher_cents")
            kernels.redeem_vouchers(rows.provider, free, cents, *held, rows.paid, *(rows.tally[n] for n in tally))

    def on_turn(self, block):
        """Vouchers run out."""
        if block.market.memory[NAME]["cents"].any():
            tally = block.tally["vouchers_expired"], block.tally["vouchers_live"]
            kernels.run_out(block.alive, block.voucher_with, block.voucher, *tally)

    def on_record(self, market):
        """What was spent on whom, and what became of the vouchers."""
        memory, cents, redeemed = market.memory[NAME], market.total("voucher_cents"), market.total("vouchers_redeemed")
        spent = memory["spent"] + cents / CENTS
        return {
            "programme_cost": memory["spent"].sum(axis=1),
            "voucher_value": cents.sum(axis=1) / CENTS,
            **{f"spent_{job}": spent[:, j] for j, job in enumerate(JOBS)},
            **{f"spent_on_{c}": memory["spent_on"][:, k].copy() for k, c in enumerate(CLASSES)},
            **{f"redeemed_{job}": redeemed[:, j] for j, job in enumerate(JOBS)},
            "vouchers_issued": memory["issued"].sum(axis=1),
            "vouchers_expired": market.total("vouchers_expired") + memory["void"],
            "vouchers_replaced": memory["replaced"].copy(),
            "vouchers_live": market.total("vouchers_live"),
            "key_accounts": np.array([len(accounts) for accounts in memory["accounts"]]),
        }


def _nobody(rows):
    fill(np.bool_(False), none := rows.scratch(np.bool_))
    return none
