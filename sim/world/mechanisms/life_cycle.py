"""Life cycle of a relationship (D1, D2): exploration, formation, stability, degeneration, end, for each customer and firm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, param
from sim.science.kernels.life_cycle import age_relations, tally_relations
from sim.science.kernels.occasions import fill
from sim.science.rules.life_cycle import DEGENERATION, ENDED, EXPLORATION, FORMATION, NONE, STABILITY, STAGES
from sim.world.mechanisms import ByHook, Mechanism, at

f4, u4 = np.float32, np.uint32
COUNTED = {"exploring": EXPLORATION, "forming": FORMATION, "stable": STABILITY, "degenerating": DEGENERATION}


@dataclass(frozen=True, kw_only=True)
class LifeCycle(Mechanism):
    """Each customer's relation with a firm moves once a month through stages, by recency, frequency and satisfaction.

    It only measures: nothing that it keeps is read by another rule but `customer_management`. Without the mechanism satisfaction, satisfaction
    counts as zero. `market.total("transitions")` holds, by firm, how many relations went from which stage to which.
    Source: Dwyer, Schurr & Oh (1987), Developing buyer-seller relationships, J. Marketing 51(2), 11-27.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "relation": Column(
            "uint8", "stage", f"stage of the relation with a firm: {', '.join(f'{i} {s}' for i, s in enumerate(STAGES))}",
            "", ("firm",),
        ),
        "relation_age": Column(
            "uint8", "months", "months in that stage, the present one included, at most 255", "", ("firm",)
        ),
    }  # fmt: skip
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {
        "transitions": ("firm", len(STAGES), len(STAGES)),
        "stable_months": ("firm", 1),
    }
    records: ClassVar[Mapping[str, Column]] = {
        **{name: Column("int64", "customers", f"customers in {STAGES[s]} with the firm") for name, s in COUNTED.items()},
        "relations_begun": Column("int64", "customers", "customers who began to explore the firm this month, anew or again"),
        "relations_ended": Column("int64", "customers", "customers whose relation with the firm ended this month"),
        "mean_stability": Column("float64", "months", "mean time that the customers in stability have been in it"),
    }  # fmt: skip

    reads: ClassVar[ByHook] = at(on_turn="satisfaction")
    writes: ClassVar[ByHook] = at(on_turn="relation")
    formation_months: int = param(
        "months of the last 12 with a purchase from which a relation forms", "months", low=1, high=12,
        source="D1; register R140",
    )  # fmt: skip
    stability_months: int = param(
        "months of the last 12 with a purchase from which a relation is stable", "months", low=1, high=12,
        source="D1; register R140",
    )  # fmt: skip
    idle_after: int = param(
        "months without a purchase from which a relation degenerates",
        "months",
        low=1,
        high=24,
        source="D2; register R141",
    )
    decline: float = param(
        "part of the purchase months of the year before below which a relation degenerates", "1", low=0, high=12,
        source="D2; register R142",
    )  # fmt: skip
    dissatisfied: float = param(
        "satisfaction below which a relation degenerates", "utils", source="Dwyer, Schurr & Oh 1987; register R143"
    )
    end_after: int = param(
        "months without a purchase after which a relation has ended",
        "months",
        low=1,
        high=24,
        source="D2; register R141",
    )

    def check(self):
        """Stages come in order."""
        if self.formation_months > self.stability_months:
            raise ConfigError(
                f"formation_months = {self.formation_months} months: expected formation_months <= "
                f"stability_months = {self.stability_months}"
            )
        if self.idle_after > self.end_after:
            raise ConfigError(
                f"idle_after = {self.idle_after} months: expected idle_after <= end_after = {self.end_after}"
            )

    def on_arrive(self, rows):
        """Who enters the market has no relation with anybody."""
        rows.relation[:], rows.relation_age[:] = NONE, 0

    def on_turn(self, block):
        """Move every relation on by a month and count the moves."""
        move, neutral = block.scratch(np.uint8), block.scratch(np.int16)
        fill(np.int16(0), neutral)
        terms = u4(self.formation_months), u4(self.stability_months), u4(self.idle_after)
        limits = f4(self.decline), f4(self.dissatisfied), u4(self.end_after)
        known = "satisfaction" in block.market.table
        for f in range(len(block.market.firms)):
            satisfaction = block.satisfaction[f] if known else neutral
            relation, age = block.relation[f], block.relation_age[f]
            age_relations(block.bought[f], satisfaction, *terms, *limits, relation, age, move)
            tally = block.tally["transitions"][f], block.tally["stable_months"][f]
            tally_relations(move, relation, age, block.alive, *tally)

    def on_record(self, market):
        """Customers in each stage, who came, who went, and how long the stable ones have been so."""
        moves, months = market.total("transitions"), market.total("stable_months")[:, 0]
        stock = moves.sum(axis=1)
        stable = stock[:, STABILITY]
        return {name: stock[:, stage] for name, stage in COUNTED.items()} | {
            "relations_begun": moves[:, [NONE, ENDED], EXPLORATION].sum(axis=1),
            "relations_ended": moves[:, EXPLORATION:ENDED, ENDED].sum(axis=1),
            "mean_stability": np.divide(months, stable, out=np.full(len(stable), np.nan), where=stable > 0),
        }
