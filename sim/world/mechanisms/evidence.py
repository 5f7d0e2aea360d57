"""Evidence and promises (G3, F7, A3): what cannot be seen before purchase is judged by cues; Shostack 1977."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.evidence import add_unseen, count_first, hear_promise
from sim.science.rules.evidence import perceived, promised
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32


@dataclass(frozen=True, kw_only=True)
class Evidence(Mechanism):
    """Who has not bought from a firm in 24 months perceives evidence_f * (x + promise_f |x|) of an unseen attribute.

    What of it is visible as it is (`board.cue`: timetables, the visible part of features) is taken off x before and added after.

    Who has bought knows the true level. Where satisfaction is kept, promises are also heard once a month: the expectation
    of who has no experience moves towards the promised worth, so that a promise not kept disappoints. Promises are heard
    of what a firm offers over the standard service; a standard service promises nothing.
    """

    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {"first_purchases": ("firm",)}
    records: ClassVar[Mapping[str, Column]] = {
        "first_purchases": Column(
            "int64", "purchases", "journeys sold this month to customers who had not bought from the firm in 24 months"
        )
    }
    writes: ClassVar[ByHook] = at(on_hear="expectation")
    neutral: ClassVar[Mapping[str, object]] = {"unseen": (), "promise_learning": 0.0, "cost": 0.0}

    unseen: tuple[str, ...] = param(
        "attributes that only experience tells", "1", source="Nelson 1970; Shostack 1977; register R106"
    )
    promise_learning: float = param(
        "part of the way from expectation to promise per month", "1", low=0, high=1,
        source="Parasuraman, Zeithaml & Berry 1985; register R107",
    )  # fmt: skip
    cost: float = param("cost of full evidence", "¤/head/month", low=0, source="F7; register R108")

    def check(self):
        """No attribute is named twice."""
        if len(set(self.unseen)) != len(self.unseen):
            raise ConfigError(f"unseen = {list(self.unseen)}: expected each attribute once")

    def check_scenario(self, scenario):
        """Every unseen attribute must be one that customers mind."""
        tastes = scenario.population.tastes
        for name in self.unseen:
            if name not in tastes:
                raise ConfigError(f"mechanism.evidence.unseen = '{name}': unknown attribute; {nearest(name, tastes)}")

    def on_offer(self, market):
        """Bill premises, uniforms and brochures."""
        for firm in market.trading:
            if firm.mode.accounts:
                firm.bill("evidence", self.cost * firm.evidence * market.heads)

    def _unseen(self, market, firm):
        """Places of the unseen attributes in which the firm differs from the standard service."""
        names = market.attributes
        return [k for k in market.board.offered[firm.index] if names[k] in self.unseen]

    def on_weigh(self, rows, firm, out_appeal):
        """Take off what is not seen, add what is only promised."""
        market, f = rows.market, firm.index
        for k in self._unseen(market, firm):
            unseen = market.board.level[f, k] - market.board.cue[f, k]
            hidden = perceived(unseen, firm.evidence, firm.promise) - unseen
            if hidden.any():
                add_unseen(rows.bought[f], rows.taste[k], hidden.astype(f4), rows.cell, out_appeal)

    def on_hear(self, block):
        """Hear what firms promise, if anybody keeps an expectation."""
        market = block.market
        if not self.promise_learning or "expectation" not in market.table:
            return
        worth = block.scratch(f4)
        for firm in market.trading:
            unseen = self._unseen(market, firm)
            if unseen:
                level = market.board.level[firm.index, unseen].reshape(len(unseen), *market.mix.shape)
                said = promised((level * market.mix).sum(axis=2), firm.promise)
                hear_promise(
                    block.bought[firm.index], np.array(unseen), said.astype(f4), block.taste, block.segment,
                    f4(self.promise_learning), worth, block.expectation[firm.index],
                )  # fmt: skip

    def on_bond(self, rows):
        """Count who came for the first time in two years."""
        count_first(rows.provider, rows.place, rows.in_place("bought"), rows.tally["first_purchases"])

    def on_record(self, market):
        """Customers won."""
        return {"first_purchases": market.total("first_purchases")}
