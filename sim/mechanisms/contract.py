"""Contracts (F2, D7): who signs is bound for months and pays for leaving early, as in telecoms and electricity (Klemperer 1995)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.contract import add_penalty, count_down, sign
from sim.mechanisms import Mechanism
from sim.params import ConfigError, nearest, param
from sim.state import CENTS, NOBODY
from sim.table import Column


@dataclass(frozen=True, kw_only=True)
class Contract(Mechanism):
    """Whoever buys from a firm of a mode with contracts is bound to it for so many months, the first included.

    Buying from another firm meanwhile costs the penalty: customers weigh it, and pay it to the firm they leave.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "bound_to": Column("int8", "firm", "firm that the customer's last contract is with", "", (), NOBODY),
        "months_left": Column("uint8", "months", "months that the contract still runs, 0 for none"),
    }
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {"breaches": ("firm",)}
    records: ClassVar[Mapping[str, Column]] = {
        "bound": Column("int64", "customers", "customers under contract with the firm at the end of the month"),
        "breaches": Column("int64", "customers", "customers who left the firm's contract early and paid for it"),
    }
    neutral: ClassVar[Mapping[str, object]] = {"months": {}, "penalty": {}}

    months: Mapping[str, int] = param(
        "length of a contract by mode, 0 for none", "months", low=0, high=250, source="F2; register R121"
    )
    penalty: Mapping[str, float] = param(
        "price of leaving early by mode", "AUD", low=0, high=1e5, source="F2; register R121"
    )

    def check_scenario(self, scenario):
        """Modes must exist; a contract must fit into the run; a penalty needs a contract."""
        for field in ("months", "penalty"):
            for mode in getattr(self, field):
                if mode not in scenario.population.modes:
                    known = nearest(mode, scenario.population.modes)
                    raise ConfigError(f"mechanism.contract.{field}.{mode}: unknown mode; {known}")
        for mode, months in self.months.items():
            if months > scenario.periods:
                raise ConfigError(
                    f"mechanism.contract.months.{mode} = {months} months: expected months <= periods = {scenario.periods}"
                )
        for mode, penalty in self.penalty.items():
            if penalty and not self.months.get(mode):
                raise ConfigError(
                    f"mechanism.contract.penalty.{mode} = {penalty} AUD: expected months.{mode} > 0 for a contract to leave"
                )

    def on_begin(self, market):
        """Every firm's terms."""
        months = np.array([self.months.get(firm.spec.mode, 0) for firm in market.firms], np.uint8)
        penalty = np.array([self.penalty.get(firm.spec.mode, 0.0) for firm in market.firms], np.float32)
        market.memory["contract"] = (months, penalty, np.rint(penalty * CENTS).astype(np.int64))

    def on_weigh(self, rows, firm, out_appeal):
        """Weigh what leaving the present contract for this firm would cost."""
        months, penalty, _ = rows.market.memory["contract"]
        if months.any():
            add_penalty(rows.bound_to, rows.months_left, firm.index, penalty, rows.price_sensitivity, out_appeal)

    def on_bond(self, rows):
        """Pay for what was left, sign what was bought."""
        months, _, cents = rows.market.memory["contract"]
        if months.any():
            breaches, revenue = rows.tally["breaches"], rows.tally["revenue"]
            sign(rows.provider, months, cents, rows.bound_to, rows.months_left, breaches, revenue)

    def on_turn(self, block):
        """A month of every contract is over."""
        count_down(block.months_left)

    def on_record(self, market):
        """Customers under contract, and those who bought themselves out."""
        t = market.table
        under = t["bound_to"][(t["months_left"] > 0) & t["alive"]]
        return {"bound": np.bincount(under, minlength=len(market.firms)), "breaches": market.total("breaches")}
