"""Complaint and recovery (C4, F9, G7; Hirschman 1970, Singh 1988): the disappointed speak up, give up, talk or go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, param
from sim.science.kernels.complaint import make_good, name_fault, react, tally_moods
from sim.science.rules.complaint import COMPLAINED, MOODS, RECOVERED, SILENT, TELLS, heard
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32
DELIVERY = "delivery"


@dataclass(frozen=True, kw_only=True)
class Complaint(Mechanism):
    """A service that falls short of the expectation by more than a threshold makes customers complain, talk or keep quiet.

    Some who want to complain give up on the way. The front line puts a complaint right at once with the firm's own
    chance (`empowerment`), which makes the gap feel smaller by the redress. The firm learns what was worst in the eyes
    of those who complained, and of nobody else. Leaving is no rule of its own: it shows in what is bought next.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "mood": Column(
            "uint8", "1", "after the last purchase: 0 content, 1 complained, 2 recovered, 3 tells others, 4 silent"
        )
    }
    needs: ClassVar[Mapping[str, str]] = {"satisfaction": "which tells who is disappointed"}
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {
        "moods": (len(MOODS), "firm"), "gave_up": ("firm",), "complaints": ("firm", "fault"),
    }  # fmt: skip
    records: ClassVar[Mapping[str, Column]] = {
        "complaints": Column("int64", "purchases", "purchases that were complained of this month"),
        "recovered": Column("int64", "purchases", "complaints put right at once"),
        "gave_up": Column("int64", "purchases", "disappointing purchases whose buyer tried to complain and gave up"),
        "telling": Column("int64", "purchases", "disappointing purchases not complained of, whose buyer tells others"),
        "silent": Column("int64", "purchases", "disappointing purchases of which nobody hears"),
    }
    writes: ClassVar[ByHook] = at(on_bond="mood satisfaction", on_settle="complaints")
    neutral: ClassVar[Mapping[str, object]] = {"voice": 0.0, "talk": 1.0, "handling_cost": 0.0, "redress_cost": 0.0}

    threshold: float = param("shortfall above which a customer is disappointed", "utils", low=0, source="register R123")
    voice: float = param(
        "chance that a disappointed customer wants to complain", "1", low=0, high=1, source="Singh 1988; register R124"
    )
    friction: float = param("time that it takes to reach somebody", "min", low=0, source="C4; register R125")
    patience: float = param("mean time after which one gives up", "min", low=1e-3, source="C4; register R125")
    talk: float = param(
        "chance that a disappointed customer who did not complain tells others", "1", low=0, high=1,
        source="Singh 1988; register R126",
    )  # fmt: skip
    redress: float = param(
        "worth of what the customer gets when a complaint is put right", "utils", low=0,
        source="Smith, Bolton & Wagner 1999; register R127",
    )  # fmt: skip
    redress_cost: float = param("what that costs the firm", "¤", low=0, high=1e5, source="C4; register R128")
    handling_cost: float = param("what handling a complaint costs", "¤", low=0, high=1e5, source="C4; register R129")

    def check_scenario(self, scenario):
        """No attribute may bear the name of what is left."""
        if DELIVERY in scenario.population.tastes:
            raise ConfigError(
                f"population.tastes.{DELIVERY}: mechanism.complaint calls so what no attribute accounts for; rename it"
            )

    def on_begin(self, market):
        """Work out how much each fault counts."""
        counts = market.world.mechanism["satisfaction"].counts(market.attributes)
        market.memory["complaint"] = counts

    def on_bond(self, rows):
        """Let the disappointed react, put right what is put right, and tell the firm."""
        market, tally, judge = rows.market, rows.tally, rows.market.world.mechanism["satisfaction"]
        counts = market.memory["complaint"]
        wish, luck = market.keys("wish"), market.keys("luck")
        recovery = market.by_firm("recovery").astype(f4)
        chance = f4(heard(self.voice, self.friction, self.patience))
        react(
            rows.identity, rows.now, wish, luck, rows.provider, rows.gap, f4(self.threshold), chance, recovery,
            f4(self.talk), rows.mood,
        )  # fmt: skip
        counted = rows.mood, f4(self.voice), chance, tally["moods"], tally["gave_up"]
        tally_moods(rows.identity, rows.now, wish, rows.provider, *counted)
        terms = f4(self.redress), f4(judge.loss_aversion), f4(judge.smoothing)
        make_good(rows.mood, rows.provider, rows.place, rows.gap, *terms, rows.in_place("satisfaction"))
        level = market.board.level
        name_fault(rows.mood, rows.provider, rows.cell, rows.taste, level, counts, rows.quality, tally["complaints"])

    def on_settle(self, market):
        """Tell the firms what was complained of, and bill them."""
        complaints, recovered = market.total("complaints"), market.total("moods")[RECOVERED]
        faults = (*market.attributes, DELIVERY)
        for firm in market.firms:
            counts = complaints[firm.index]
            firm.complaints = dict(zip(faults, counts.tolist(), strict=True))
            if firm.mode.accounts:  # the accounts of the other modes are outside the question
                made_good = self.redress_cost * int(recovered[firm.index])
                firm.bill("recovery", self.handling_cost * int(counts.sum()) + made_good)

    def on_record(self, market):
        """Who complained, who gave up, and who said nothing to the firm."""
        moods = market.total("moods")
        return {
            "complaints": moods[COMPLAINED] + moods[RECOVERED],
            "recovered": moods[RECOVERED],
            "gave_up": market.total("gave_up"),
            "telling": moods[TELLS],
            "silent": moods[SILENT],
        }
