"""Complaint and recovery (C4, F9, G7): complain, tell friends or leave in silence; what the front line puts right (Hirschman 1970)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.complaint import react
from sim.mechanisms import Mechanism
from sim.params import param
from sim.rules.complaint import getting_through
from sim.table import Column

f4 = np.float32
COUNTS = ("failures", "recovered", "talked")


@dataclass(frozen=True, kw_only=True)
class Complaint(Mechanism):
    """A gap below -threshold is a failure. Some want to complain and get through the phone menu; of the others some talk.

    The firm's empowerment is the chance that its front line puts the failure right at once, which is worth `redress` utils
    to the customer. From complaints, and from nothing else, the firm learns which attribute failed.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "mood": Column("int8", "1", "after the last service: 0 content, 1 complained, 2 put right, 3 talks, 4 silent")
    }
    writes: ClassVar[frozenset[str]] = frozenset({"satisfaction"})
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {
        "complaints": ("firm", "fault"), **{name: ("firm",) for name in COUNTS},
    }  # fmt: skip
    needs: ClassVar[Mapping[str, str]] = {"satisfaction": "whose gaps are what customers complain of"}
    records: ClassVar[Mapping[str, Column]] = {
        "failures": Column(
            "int64", "purchases", "purchases whose service fell short by more than customers put up with"
        ),
        "complaints": Column("int64", "purchases", "failures that the firm was told of"),
        "recovered": Column("int64", "purchases", "complaints that the front line put right at once"),
        "talked": Column("int64", "purchases", "failures that customers told their friends of and not the firm"),
    }
    neutral: ClassVar[Mapping[str, object]] = {"voice": 0.0, "talk": 1.0}

    threshold: float = param(
        "shortfall that customers put up with",
        "utils",
        low=0,
        source="zone of tolerance, Zeithaml, Berry & Parasuraman 1993; register R122",
    )
    voice: float = param("chance of wanting to complain", "1", low=0, high=1, source="Singh 1988; register R123")
    friction: float = param("length of the phone menu", "min", low=0, source="C4; register R124")
    patience: float = param("mean time until a caller gives up", "min", low=0.01, source="Palm 1953; register R124")
    talk: float = param(
        "chance that one whom the firm did not hear tells friends; the others are silent", "1", low=0, high=1,
        source="Singh 1988; register R123",
    )  # fmt: skip
    redress: float = param(
        "worth of a failure put right at once", "utils", low=0, source="Smith, Bolton & Wagner 1999; register R125"
    )
    redress_cost: float = param("cost of putting a failure right", "AUD", low=0, source="register R125")
    handling_cost: float = param("cost of hearing a complaint", "AUD", low=0, source="C4; register R125")

    def on_begin(self, market):
        """Every front line's power to act, and how satisfaction takes a loss."""
        empowerment = np.array([firm.spec.empowerment for firm in market.firms], f4)
        judge = market.world.mechanism["satisfaction"]
        market.memory["complaint"] = (empowerment, f4(judge.loss_aversion), f4(judge.smoothing))

    def on_bond(self, rows):
        """React to the service."""
        market, tally = rows.market, rows.tally
        empowerment, loss_aversion, smoothing = market.memory["complaint"]
        react(
            rows.identity, rows.now, *market.key("complaint"), rows.provider, rows.place, rows.cell, rows.taste, market.board.level,
            rows.gap, rows.quality, f4(self.threshold), f4(self.voice), f4(getting_through(self.friction, self.patience)),
            f4(self.talk), empowerment, f4(self.redress), loss_aversion, smoothing, rows.mood, rows.in_place("satisfaction"),
            tally["complaints"], tally["recovered"], tally["failures"], tally["talked"],
        )  # fmt: skip

    def on_settle(self, market):
        """Bill complaints and tell every firm what they were about."""
        complaints, recovered = market.total("complaints"), market.total("recovered")
        faults = (*market.attributes, "delivery")
        for firm in market.firms:
            heard = complaints[firm.index]
            bill = firm.mode.seats > 0  # the accounts of the other modes are outside the question
            firm.fixed_cost += bill * self.handling_cost * float(heard.sum()) + self.redress_cost * float(
                recovered[firm.index]
            )
            firm.told = dict(zip(faults, heard.tolist(), strict=True))

    def on_record(self, market):
        """Failures and what came of them."""
        return {name: market.total(name) for name in COUNTS} | {"complaints": market.total("complaints").sum(axis=1)}
