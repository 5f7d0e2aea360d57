"""Contracts (F2, D7; Klemperer 1995, Farrell & Klemperer 2007): who signs is bound for a term, or pays to get out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import CENTS, NOBODY
from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.contract import add_penalty, run_down, sign
from sim.world.mechanisms import ByHook, Mechanism, at


@dataclass(frozen=True, kw_only=True)
class Contract(Mechanism):
    """Whoever buys from a firm of a mode with contracts, and is not bound, is bound for so many months, this one included.

    Buying elsewhere while bound costs the penalty, weighed as the money that it is, and ends the contract; the firm that
    is left receives it as revenue. Staying out costs nothing. A contract ends with its term and is signed again only by
    another purchase. A firm cannot give up what was signed.
    Source: Klemperer (1995), Review of Economic Studies 62, 515-539; Farrell & Klemperer (2007), Coordination and
    lock-in, Handbook of Industrial Organization 3, ch. 31.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "contract_with": Column(
            "int8", "firm", "firm that the customer is bound to, -1 for none", "", (), NOBODY, place_of="firm"
        ),
        "contract_left": Column("uint8", "months", "months that the contract still runs, this one included"),
    }
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {
        "signed": ("firm",), "broken": ("firm",), "penalties": ("firm",), "bound": ("firm",),
    }  # fmt: skip
    records: ClassVar[Mapping[str, Column]] = {
        "contracts_signed": Column("int64", "contracts", "contracts signed this month"),
        "contracts_broken": Column("int64", "contracts", "contracts left for another firm before their end this month"),
        "under_contract": Column("int64", "customers", "customers bound to the firm next month"),
        "penalties": Column("float64", "¤", "penalties received this month, part of revenue"),
    }
    writes: ClassVar[ByHook] = at(on_bond="revenue")
    neutral: ClassVar[Mapping[str, object]] = {"months": {}, "penalty": {}}

    months: Mapping[str, int] = param(
        "length of a contract with a firm of the mode; 0, or a mode not named, for none", "months", low=0, high=255,
        source="D7; register R121",
    )  # fmt: skip
    penalty: Mapping[str, float] = param(
        "what buying elsewhere costs who is bound to a firm of the mode", "¤", low=0, high=1e5,
        source="Klemperer 1995; register R122",
    )  # fmt: skip

    def check(self):
        """A penalty needs a contract."""
        for mode, penalty in self.penalty.items():
            if penalty > 0 and not self.months.get(mode):
                raise ConfigError(f"penalty.{mode} = {penalty} ¤: expected months.{mode} >= 1 to go with it")

    def check_scenario(self, scenario):
        """Modes must exist, and a contract must be able to end."""
        where, modes = "mechanism.contract", scenario.population.modes
        for field in ("months", "penalty"):
            for mode in getattr(self, field):
                if mode not in modes:
                    raise ConfigError(f"{where}.{field}.{mode}: unknown mode; {nearest(mode, modes)}")
        for mode, months in self.months.items():
            if months > scenario.periods:
                raise ConfigError(
                    f"{where}.months.{mode} = {months} months: expected months.{mode} <= periods = {scenario.periods}"
                )

    def unforeseen(self):
        """Penalties are revenue that is not in the fare."""
        return "a firm's income hangs on penalties, and on whom a contract binds" if any(self.penalty.values()) else ""

    def on_begin(self, market):
        """Each firm's terms are those of its mode."""
        modes = [firm.spec.mode for firm in market.firms]
        penalty = [round(self.penalty.get(mode, 0.0) * CENTS) for mode in modes]
        market.memory["contract"] = (
            np.array([self.months.get(mode, 0) for mode in modes], np.uint8), np.array(penalty, np.int64),
            (np.array(penalty) / CENTS).astype(np.float32),
        )  # fmt: skip

    def on_weigh(self, rows, firm, out_appeal):
        """Take the worth of the penalty off every firm but the one that the customer is bound to."""
        if any(self.penalty.values()):
            _, _, penalty = rows.market.memory["contract"]
            add_penalty(rows.contract_with, np.int8(firm.index), penalty, rows.price_sensitivity, out_appeal)

    def on_bond(self, rows):
        """Collect penalties, sign contracts."""
        if any(self.months.values()):
            (months, cents, _), t = rows.market.memory["contract"], rows.tally
            counts = t["signed"], t["broken"], t["penalties"], t["revenue"]
            sign(rows.provider, months, cents, rows.contract_with, rows.contract_left, *counts)

    def on_turn(self, block):
        """Contracts run down."""
        if any(self.months.values()):
            run_down(block.alive, block.contract_with, block.contract_left, block.tally["bound"])

    def on_leave(self, market, firm):
        """Whoever is bound to a firm that leaves is free, and owes it nothing."""
        table = market.table
        bound = table["contract_with"] == firm.index
        table["contract_with"][bound], table["contract_left"][bound] = NOBODY, 0

    def on_record(self, market):
        """What was signed, broken, paid and still runs."""
        return {
            "contracts_signed": market.total("signed"),
            "contracts_broken": market.total("broken"),
            "under_contract": market.total("bound"),
            "penalties": market.total("penalties") / CENTS,
        }
