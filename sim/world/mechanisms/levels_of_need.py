"""Levels of need (A2): higher needs count as far as the lower ones are met; Maslow 1943."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.levels_of_need import (
    add_short_attribute,
    add_short_fit,
    deliver_attributes,
    deliver_fit,
    fall_short,
    meet_needs,
)
from sim.science.rules.levels_of_need import LEVELS
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32
WHOLE = 65535
NONE = -1


@dataclass(frozen=True, kw_only=True)
class LevelsOfNeed(Mechanism):
    """What a firm offers on a level is worth the product of how far all lower levels are met.

    A level is met fully at first and by every service that is no worse than the standard one, so that the surveyed
    market stays where it was. What falls short of the standard on a level closes the levels above it.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "met": Column("uint16", "1/65535", "how far a level of need is met", "", ("level",), WHOLE)
    }
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {"needs_met": ("firm",)}
    records: ClassVar[Mapping[str, Column]] = {
        "needs_met": Column(
            "float64", "1", "mean over this month's buyers of the product of how far their needs were met"
        )
    }
    writes: ClassVar[ByHook] = at(on_serve="quality")
    passing: ClassVar[Mapping[str, Column]] = {
        "short": Column("float32", "1", "how far the levels below one fall short, by level")
    }
    neutral: ClassVar[Mapping[str, object]] = {"sensitivity": 0.0}

    levels: Mapping[str, str] = param(
        "level of need that an attribute or a service dimension serves", "1", source="Maslow 1943; register R114"
    )
    sensitivity: float = param(
        "unmet part of a need per util below the standard", "1/utils", low=0, source="register R115"
    )
    smoothing: float = param("part of the way to what the last service met", "1", low=0, high=1, source="register R116")

    def check(self):
        """Only Maslow's levels."""
        for name, level in self.levels.items():
            if level not in LEVELS:
                raise ConfigError(f"levels.{name} = '{level}': unknown level of need; {nearest(level, LEVELS)}")

    def check_scenario(self, scenario):
        """Only attributes and dimensions that exist."""
        known = [*scenario.population.tastes, *scenario.population.needs]
        for name in self.levels:
            if name not in known:
                raise ConfigError(
                    f"mechanism.levels_of_need.levels.{name}: unknown attribute or dimension; {nearest(name, known)}"
                )

    def _places(self, names):
        return np.array([LEVELS.index(self.levels[n]) if n in self.levels else NONE for n in names], np.int64)

    def axes(self):
        """How many levels of need there are."""
        return {"level": len(LEVELS)}

    def on_begin(self, market):
        """Find the level of every attribute and dimension, and the levels above the first that are served at all."""
        attributes, dimensions = self._places(market.attributes), self._places(market.needs)
        above = sorted({int(k) for k in (*attributes, *dimensions) if k > 0})
        market.memory["levels_of_need"] = attributes, dimensions, above

    def on_occasion(self, rows):
        """Work out what each level lacks, which is the same for all firms."""
        if self.sensitivity:
            short = rows.passing["short"] = {}
            for level in rows.market.memory["levels_of_need"][2]:
                short[level] = rows.scratch(f4)
                fall_short(rows.met[:level], short[level])

    def on_weigh(self, rows, firm, out_appeal):
        """Take off what does not count of each firm's offer."""
        market, board, f = rows.market, rows.market.board, firm.index
        attributes, dimensions, above = market.memory["levels_of_need"]
        if not self.sensitivity or not above:
            return
        short, posted = rows.passing["short"], rows.scratch(f4)
        for k in board.offered[f]:
            if attributes[k] in short:
                add_short_attribute(
                    short[attributes[k]], rows.taste[k], board.level[f, k], rows.cell, posted, out_appeal
                )
        for d in range(len(market.needs) if board.need_weight and firm.depth > 0 else 0):
            if dimensions[d] in short:
                add_short_fit(
                    short[dimensions[d]], f4(board.need_weight), board.position[f, d], f4(board.need_standard),
                    rows.ideal[d], rows.cell, posted, out_appeal,
                )  # fmt: skip

    def on_serve(self, rows):
        """Take off what does not count of the service received, then let it meet the needs."""
        if not self.sensitivity:
            return
        market, board, worth = rows.market, rows.market.board, rows.scratch(f4, (len(LEVELS),))
        attributes, dimensions, _ = market.memory["levels_of_need"]
        posted = rows.scratch(f4)
        deliver_attributes(rows.provider, rows.cell, rows.taste, board.level, attributes, posted, worth)
        deliver_fit(
            rows.provider, rows.cell, rows.ideal, board.position, dimensions, f4(board.need_weight),
            f4(board.need_standard), posted, worth,
        )  # fmt: skip
        terms = f4(self.sensitivity), f4(self.smoothing)
        whole, tally = rows.scratch(np.uint32), rows.tally["needs_met"]
        meet_needs(rows.provider, worth, *terms, posted, whole, rows.met, rows.quality, tally)

    def on_record(self, market):
        """How far the needs of each firm's buyers were met before they travelled."""
        met = market.total("needs_met") / WHOLE / np.maximum(market.total("purchases"), 1)
        return {"needs_met": met if self.sensitivity else np.ones(len(market.firms))}
