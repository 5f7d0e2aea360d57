"""Life events (G1, D8): customers leave the market for good and others move in; growth and saturation (Schmittlein, Morrison & Colombo 1987)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import WINDOW
from sim.ground.params import param
from sim.science.kernels.draw import uniforms
from sim.science.kernels.life_events import come_and_go
from sim.state.gathered import Gathered
from sim.world.mechanisms import ByHook, Mechanism, at

VACANCY = 2 * WINDOW


@dataclass(frozen=True, kw_only=True)
class LifeEvents(Mechanism):
    """Customers depart with a constant chance; after two years somebody new takes the place.

    The market has places for population.customers; by then the last trace of the old one has left the purchase windows.
    Places that are empty at the start fill evenly over `filled_by` months: growth, then saturation. The market keeps its
    size from the first month if empty = 24 departure / (1 + 24 departure) and filled_by = 24. A customer's draws are
    addressed by place and month, so that somebody's departure moves no other customer.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "vacant": Column("uint8", "months", "months until somebody moves in, 0 for a customer who is there")
    }
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {"departed": (1,), "arrived": (1,)}
    writes: ClassVar[ByHook] = at(on_arrive="alive", on_settle="*")
    neutral: ClassVar[Mapping[str, object]] = {"departure": 0.0, "empty": 0.0}

    departure: float = param(
        "chance per month that a customer leaves the market", "1", low=0, high=1,
        source="Schmittlein, Morrison & Colombo 1987, Management Science 33; register R161",
    )  # fmt: skip
    empty: float = param("part of the places that are empty at the start", "1", low=0, high=1, source="register R162")
    filled_by: int = param("months over which those places fill", "months", low=1, high=250, source="D8; register R162")

    def on_arrive(self, rows):
        """Leave some places empty at the start."""
        if rows.now or not self.empty:
            return
        draw = np.empty(len(rows), np.float32)
        uniforms(rows.identity, rows.now, *rows.market.key("empty"), draw)
        rows.alive[:] = draw >= self.empty
        wait = 1 + np.floor(draw / max(self.empty, 1e-9) * self.filled_by)
        rows.vacant[:] = np.where(rows.alive, 0, np.minimum(wait, self.filled_by))

    def on_settle(self, market):
        """At the end of a month let some depart and others move in, whose draws are addressed by the next month."""
        everybody = market.block(0, market.heads)
        everybody.now = np.uint32(market.period + 1)
        new, there = np.empty(market.heads, bool), int(everybody.alive.sum())
        come_and_go(
            everybody.identity, everybody.now, *market.key("life events"), np.float32(self.departure), VACANCY,
            everybody.alive, everybody.vacant, new,
        )  # fmt: skip
        everybody.tally["departed"] += there - int(everybody.alive.sum())
        everybody.tally["arrived"] += int(new.sum())
        if new.any():
            self._welcome(Gathered(everybody, np.flatnonzero(new)))

    @staticmethod
    def _welcome(rows):
        columns = rows.market.table.columns
        for name in columns.keys() - {"identity", "node"}:
            getattr(rows, name)[:] = columns[name].initial
        rows.market.settle(rows)
        rows.put_back(columns.keys(), whole=True)
