"""Awareness and the funnel (G4, F5): nobody buys from a firm he has not heard of (Bass 1969; Strong 1925)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, param
from sim.science.kernels.awareness import (
    become_buyers,
    hear_of,
    leave_out,
    pick_considered,
    settle_funnel,
    take_interest,
)
from sim.science.kernels.draw import uniforms
from sim.science.rules.awareness import hearing_chance
from sim.world.mechanisms import ByHook, Mechanism, at

f4, u4 = np.float32, np.uint32
STAGES = ("unaware", "aware", "interested", "buyer", "loyal")


@dataclass(frozen=True, kw_only=True)
class Awareness(Mechanism):
    """unaware -> aware (advertising, talk) -> interested (would rather buy there than stay out) -> buyer -> loyal.

    Only firms a customer knows are considered; with a consideration size, only so many of them, drawn each month with
    odds `pull` by stage. A customer who is aware but never took an interest forgets; an interested one does not, and
    nobody forgets what everybody knew on the first day (known = 1).
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "funnel": Column("uint8", "stage", "0 unaware, 1 aware, 2 interested, 3 buyer, 4 loyal", "", ("firm",)),
        "considered": Column("uint32", "1", "bit f is set if firm f is kept in mind this month"),
    }
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {"stages": ("firm", len(STAGES))}
    records: ClassVar[Mapping[str, Column]] = {
        f"funnel_{stage}": Column("int64", "customers", f"customers at the stage {stage} of the firm's funnel")
        for stage in STAGES
    }
    reads: ClassVar[ByHook] = at(on_hear="advertising_weight")
    writes: ClassVar[ByHook] = at(
        on_arrive="funnel", on_hear="funnel", on_consider="funnel", on_bond="funnel", on_turn="funnel"
    )
    neutral: ClassVar[Mapping[str, object]] = {}

    response: float = param(
        "reach of advertising: chance is 1 - exp(-response * spend)", "head*month/¤", low=0,
        source="Little 1979; register R85",
    )  # fmt: skip
    contagion: float = param(
        "chance per month of hearing from others when everybody knows", "1/month", low=0,
        source="Bass 1969; register R86",
    )  # fmt: skip
    forgetting: float = param(
        "chance per month that one who took no interest forgets", "1", low=0, high=1, source="register R87"
    )
    loyal_months: int = param(
        "months of the last 12 with a purchase that make a customer loyal", "months", low=1, high=12,
        source="G4; register R88",
    )  # fmt: skip
    consideration: int = param(
        "firms that a customer keeps in mind in a month, 0 for no limit", "firms", low=0,
        source="Hauser & Wernerfelt 1990, J. Consumer Research 16; register R89",
    )  # fmt: skip
    pull: tuple[float, ...] = param(
        "odds of being kept in mind at the stages from aware to loyal", "1", low=0,
        source="Efraimidis & Spirakis 2006; register R90",
    )  # fmt: skip

    def check(self):
        """One weight a stage."""
        if len(self.pull) != len(STAGES) - 1:
            raise ConfigError(f"pull = {list(self.pull)}: expected four odds, for {', '.join(STAGES[1:])}")

    def check_scenario(self, scenario):
        """Firms kept in mind are bits of a 32-bit number."""
        if self.consideration and len(scenario.firms) > 32:
            raise ConfigError(
                f"mechanism.awareness.consideration = {self.consideration}: expected 0 in a market of more than 32 firms"
            )

    def unforeseen(self):
        """Who is kept in mind is drawn after fares are set."""
        return "customers choose among the few firms that they keep in mind" if self.consideration else ""

    def on_begin(self, market):
        """How many know each firm on the first day."""
        market.memory["awareness"] = {"known": np.array([firm.spec.known for firm in market.firms])}

    def on_arrive(self, rows):
        """Let newcomers know what firms say is known of them."""
        draw = np.empty(len(rows), np.float32)
        for firm in rows.market.firms:
            uniforms(rows.identity, rows.now, *rows.market.key("known", firm.name), draw)
            rows.funnel[firm.index] = draw < firm.spec.known

    def on_offer(self, market):
        """Bill the advertising."""
        for firm in market.trading:
            firm.bill("advertising", firm.advertising * market.heads)

    def on_hear(self, block):
        """Let customers hear of firms, forget them, and keep some in mind."""
        market = block.market
        memory = market.memory["awareness"]
        draw, hearing = block.scratch(f4), block.scratch(f4)
        for firm in market.trading:
            known = float(memory["known"][firm.index])
            forgetting = self.forgetting if firm.spec.known < 1 else 0.0
            key, weight = market.key("hears of", firm.name), self._weight(market, firm)
            chance = np.array(
                [hearing_chance(firm.advertising * w, self.response, self.contagion, known) for w in weight], f4
            )
            if chance.any() or forgetting > 0:
                hear_of(
                    block.identity, block.now, *key, block.segment, chance, f4(forgetting), draw, hearing,
                    block.funnel[firm.index],
                )  # fmt: skip
        if self.consideration:
            there = market.by_firm("trading")  # who is not in the market takes nobody's place in mind
            pull = np.outer(there, [0.0, *self.pull]).astype(f4)
            keys = market.keys("consideration")
            pick_considered(block.identity, block.now, keys, block.funnel, pull, self.consideration, block.considered)

    def _weight(self, market, firm) -> np.ndarray:
        """(segments,) advertising a head relative to the mean: 1 each unless the firm's research plans otherwise."""
        weights = market.kept.get("advertising_weight")
        return np.ones(len(market.segments)) if weights is None else weights[firm.index]

    def on_consider(self, rows, firm, out_appeal):
        """Leave out whom nobody thinks of."""
        if self.consideration:
            leave_out(rows.considered, firm.index, out_appeal)
        take_interest(rows.funnel[firm.index], out_appeal)

    def on_bond(self, rows):
        """Whoever bought is a buyer."""
        become_buyers(rows.provider, rows.funnel[:])

    def on_turn(self, block):
        """Settle where everybody stands."""
        for firm in block.market.firms:
            f = firm.index
            settle_funnel(
                block.bought[f], block.alive, u4(self.loyal_months), block.funnel[f], block.tally["stages"][f]
            )

    def on_settle(self, market):
        """Remember how many know each firm: what next month's talk can draw on."""
        stages, memory = market.total("stages"), market.memory["awareness"]
        there = stages.sum(axis=1)
        memory["known"] = np.where(there > 0, 1 - stages[:, 0] / np.maximum(there, 1), memory["known"])

    def on_record(self, market):
        """Customers at every stage."""
        return {f"funnel_{stage}": market.total("stages")[:, s] for s, stage in enumerate(STAGES)}
