"""Perishability and crowding (G3, C8): seats cannot be stored; whoever finds none takes the second best (Talluri & van Ryzin 2004)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.perishability import count_demand, exclude_full, feel_crowd, queue
from sim.science.rules.perishability import seats_of
from sim.state.gathered import some
from sim.world.mechanisms import ByHook, Mechanism, at
from sim.world.population import check_weights
from sim.world.seating import seats_in_vehicle, seats_shown

f4 = np.float32
LAST = np.uint64(0xFFFFFFFFFFFFFFFF)
UNLIMITED = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Perishability(Mechanism):
    """Each month a firm has so many seats in each context; where more customers want one, a draw without favour decides.

    Who is turned away takes the best of what still has seats, or goes unserved. Above a comfortable load everybody on
    board loses quality. Seats follow the seats of the vehicle; flexibility moves them to last month's demand.
    """

    rations: ClassVar[bool] = True
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {
        "wanted": ("firm", "context"), "seated": ("firm", "context"), "second_choices": ("firm",), "unserved": ("firm",),
    }  # fmt: skip
    keeps: ClassVar[Mapping[str, Column]] = {
        "demand_followed": Column("float64", "1", "part of the firm's demand in each context, as of the last month that had any", "", ("firm", "context")),
        "seats": Column("int64", "seats", "seats of the month; the largest number where they are not counted", "", ("firm", "context")),
        "seats_left": Column("int64", "seats", "seats not yet taken", "", ("firm", "context")),
        "seat_load": Column("float32", "1", "part of the seats that is taken", "", ("firm", "context")),
        "seats_standard": Column("float64", "seats", "seats of the standard timetable in the firm's vehicles; NaN where they are not counted", "", ("firm",), np.nan),
        "seats_offered": Column("float64", "seats", "seats of the month over all contexts; NaN where they are not counted", "", ("firm",), np.nan),
        "timetable": Column("float64", "1", "part of the seats in each context by the standard timetable", "", ("context",)),
    }
    passing: ClassVar[Mapping[str, Column]] = {
        "full": Column("bool", "1", "of whom was turned away: where no seat is left", "", ("firm", "context"))
    }
    records: ClassVar[Mapping[str, Column]] = {
        "load": Column("float64", "1", "seats sold / seats offered this month; NaN where seats are not counted"),
        "wanted": Column("int64", "purchases", "customers whose first choice was the firm"),
        "second_choices": Column("int64", "purchases", "customers whom the firm turned away and another firm served"),
        "unserved": Column("int64", "purchases", "customers whom the firm turned away and nobody served"),
    }
    writes: ClassVar[ByHook] = at(
        on_offer="seats_offered seats_standard",
        on_ration="provider provider_before inclusive context cell funnel channel",
        on_serve="quality",
    )
    neutral: ClassVar[Mapping[str, object]] = {"seats": {}}

    seats: Mapping[str, float] = param(
        "seats of a whole mode per head of market and month; a mode not named has enough", "seats/head/month", low=0,
        source="G3; register R78",
    )  # fmt: skip
    split: Mapping[str, float] = param(
        "part of the seats in each context by the standard timetable", "1", low=0, high=1, source="register R79"
    )
    comfortable: float = param(
        "load above which a vehicle is crowded", "1", low=0, source="Wardman & Whelan 2011; register R160"
    )
    crowding: float = param(
        "quality lost when full over comfortable, per unit of load", "utils", low=0,
        source="Wardman & Whelan 2011; register R160",
    )  # fmt: skip

    def check(self):
        """The split is a distribution."""
        if self.seats or self.split:
            check_weights(self.split, "split")

    def check_scenario(self, scenario):
        """Modes and contexts must exist."""
        for field, known in (("seats", scenario.population.modes), ("split", scenario.population.contexts)):
            for name in getattr(self, field):
                if name not in known:
                    raise ConfigError(f"mechanism.perishability.{field}.{name}: unknown; {nearest(name, known)}")

    def unforeseen(self):
        """Seats run out."""
        return "seats run out, and whoever finds none goes elsewhere" if self.seats else ""

    def on_begin(self, market):
        """Before the first month demand is taken to follow the standard timetable."""
        market.kept["timetable"][:] = [self.split.get(context, 0.0) for context in market.contexts]
        market.kept["demand_followed"][:] = market.kept["timetable"]

    def on_offer(self, market):
        """Put on the month's seats: those of the standard timetable, times the fleet where firms decide on it."""
        kept, decided = market.kept, market.kept.get("fleet")
        kept["seats"][:], kept["seats_standard"][:], kept["seats_offered"][:] = UNLIMITED, np.nan, np.nan
        for firm in market.trading:
            if firm.spec.mode in self.seats:
                size = seats_in_vehicle(firm) / firm.mode.seats if firm.mode.seats else 1.0
                standard = self.seats[firm.spec.mode] * market.heads * firm.spec.presence * size
                total = standard if decided is None else standard * decided[firm.index]
                shares = zip(kept["timetable"], kept["demand_followed"][firm.index], strict=True)
                kept["seats"][firm.index] = [seats_of(total, a, b, firm.flexibility) for a, b in shares]
                kept["seats_standard"][firm.index] = standard
                kept["seats_offered"][firm.index] = kept["seats"][firm.index].sum()
        kept["seats_left"][:] = kept["seats"]
        kept["seat_load"][:] = 0

    def on_ration(self, market, windows):
        """Seat first choices as far as seats go, then second choices; who finds no seat stays out."""
        away = self._seat(market, windows, "wanted")
        if away:
            self._seek(market, windows, away)
        kept = market.kept
        counted = kept["seats"] != UNLIMITED
        kept["seat_load"][:] = np.where(counted, 1 - kept["seats_left"] / np.maximum(kept["seats"], 1), 0.0)

    def _seek(self, market, windows, away):
        """Let those who were turned away look for their second choice."""
        again = [(w, rows, firm) for w, (rows, firm) in away.items()]
        seekers = [some(windows[w], rows) for w, rows, _ in again]
        for rows in seekers:
            rows.passing["full"] = market.kept["seats_left"] <= 0
            market.choose(rows)
        self._seat(market, seekers, None)
        for rows, (_, _, firm) in zip(seekers, again, strict=True):
            served = rows.provider >= 0
            np.add.at(rows.tally["second_choices"], firm[served], 1)
            np.add.at(rows.tally["unserved"], firm[~served], 1)
            rows.put_back(market.written)

    def _seat(self, market, windows, wanted):
        """Seat those who chose a firm; returns {window: (rows turned away, their firms)} in ascending order of rows."""
        left, demand = market.kept["seats_left"], np.zeros_like(market.kept["seats_left"])
        for rows in windows:
            here = np.zeros_like(demand)
            count_demand(rows.provider, rows.context, here)
            demand += here
            if wanted:
                rows.tally[wanted] += here
        away = {}
        for f, c in np.argwhere(demand > left):
            for w, turned in self._turn_away(market, windows, f, c, left[f, c]).items():
                away.setdefault(w, []).append((turned, np.full(len(turned), f)))
        left -= np.where(left == UNLIMITED, 0, np.minimum(demand, left))
        for w, parts in away.items():
            rows, firms = (np.concatenate(part) for part in zip(*parts, strict=True))
            order = np.argsort(rows)
            away[w] = rows[order], firms[order]
            windows[w].provider[rows] = -1
        return dict(sorted(away.items()))

    def _turn_away(self, market, windows, firm, context, seats):
        """Rows by window that draw no seat: all but the `seats` smallest numbers of the queue."""
        numbers = [np.empty(len(rows), np.uint64) for rows in windows]
        key = market.key("queue", market.firms[firm].name)
        for rows, number in zip(windows, numbers, strict=True):
            queue(rows.identity, rows.now, *key, rows.provider, rows.context, firm, context, number)
        waiting = np.concatenate([number[number < LAST] for number in numbers])
        first_out = np.partition(waiting, seats)[seats]
        out = (np.flatnonzero((number >= first_out) & (number < LAST)) for number in numbers)
        return {w: rows for w, rows in enumerate(out) if len(rows)}

    def on_consider(self, rows, firm, out_appeal):
        """Whoever was turned away passes over what is full."""
        if "full" in rows.passing:
            exclude_full(rows.passing["full"][firm.index], rows.context, out_appeal)

    def on_serve(self, rows):
        """Count the seats taken and let everybody on board feel the crowd."""
        kept = rows.market.kept
        count_demand(rows.provider, rows.context, rows.tally["seated"])
        if self.crowding > 0:
            feel_crowd(
                rows.provider, rows.context, kept["seat_load"], f4(self.comfortable), f4(self.crowding), rows.quality
            )

    def on_settle(self, market):
        """Remember where the demand was."""
        wanted = market.total("wanted")
        total = wanted.sum(axis=1, keepdims=True)
        kept = market.kept
        kept["demand_followed"][:] = np.where(total > 0, wanted / np.maximum(total, 1), kept["demand_followed"])

    def on_publish(self, market, firm):
        """The seats that anybody can count."""
        return seats_shown(firm)

    def on_record(self, market):
        """Loads, and what became of those turned away."""
        offered = market.kept["seats_offered"]
        load = market.total("seated").sum(axis=1) / np.where(offered > 0, offered, np.nan)
        return {
            "load": load,
            "wanted": market.total("wanted").sum(axis=1),
            "second_choices": market.total("second_choices"),
            "unserved": market.total("unserved"),
        }
