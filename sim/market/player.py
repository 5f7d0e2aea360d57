"""The customers' part of a month, played as compiled plans on the scenario's threads; by the interpreter where it must be."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from sim.ground.grid import ROUND
from sim.ground.params import ConfigError
from sim.market import phases
from sim.market.recorded import InPlace, SideBySide
from sim.science.kernels import compiling, recorded
from sim.science.kernels.gather import copy
from sim.science.steps.driver import WINDOW, clock, play_rows, play_some
from sim.science.steps.plan import LINE, Plan, Step
from sim.science.steps.reference import Reference
from sim.state.state import BLOCK
from sim.state.table import Rows

Phase = Callable[[Any], None]
CONSUME = (phases.experience, phases.bond)
PARTS: dict[str, tuple[Phase, ...]] = {  # of a month, each a plan of its own
    "month": (phases.hear, phases.choose, *CONSUME, phases.turn),
    "hear": (phases.hear,),
    "buy": (phases.choose, *CONSUME),
    "choose": (phases.choose,),
    "consume": CONSUME,
    "turn": (phases.turn,),
}
OCCASION = ("buy", "choose", "consume")  # parts that only those who have the occasion may take part in
APART = 24  # windows a thread, for which it pays to have several
WORTH = 800_000  # steps times customers, a nanosecond or so each, for which it pays to wake another thread


@dataclass(frozen=True)
class Share:
    """The customers [first, last) of one thread, with the row of the counts that only this thread adds to."""

    first: int
    last: int
    counts: int


@cache
def _threads(count: int) -> ThreadPoolExecutor:
    """Threads that wait for work, so that none has to find a core anew for every part of a month."""
    return ThreadPoolExecutor(count, "customers")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.cache_clear)  # threads do not come along


def side_by_side(task: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    """Results of a task for all items in their order: the first in this thread, each of the others in one of its own."""
    if len(items) == 1:
        return [task(items[0])]
    others = [_threads(len(items) - 1).submit(task, item) for item in items[1:]]
    try:
        return [task(items[0]), *(other.result() for other in others)]
    finally:
        wait(others)


class Player:
    """Plays the months of one market's customers; what it has recorded may be forgotten at any time.

    Attributes
    ----------
    interpreted : part of the month -> why the interpreter has to play it: whose hook it is, and what it asks for.
    timed : None, or a list of every step that was played with its time [ns].
    """

    def __init__(self, market: Any) -> None:
        self.market, self.interpreted, self.timed = market, {}, None
        self._rows: dict[str, InPlace] = {}
        self._kept: dict[str, np.ndarray] = {}
        self._recorded: set[str] = set()
        self._rooms: list[np.ndarray] = []

    def play(self, start: int, stop: int) -> None:
        """Let customers [start, stop) live through the present month, with the same result on any number of threads."""
        market = self.market
        windows, counts = -(-(stop - start) // WINDOW), len(market.blocks)
        several = max(min(market.world.threads, windows // APART, counts), 1)
        edges = [start + windows * k // several * WINDOW for k in range(several)] + [stop]
        self.shares = [Share(edges[k], edges[k + 1], counts * k // several) for k in range(several)]
        self._recorded.clear()
        self._month(market.table["occasions"][start:stop])

    def _month(self, occasions: np.ndarray) -> None:
        market = self.market
        rationing = [mechanism for mechanism in market.mechanisms if mechanism.rations]
        alone = not ({"occasions", "alive"} & market.written or rationing or market.witness)
        if alone and self._run("month"):
            return
        if not self._run("hear"):
            self._each(phases.hear, self._blocks())
        for number in range(int(occasions.max(initial=0))):
            self._occasion(number, rationing, int(np.count_nonzero(occasions > number)))
        if not self._run("turn"):
            self._each(phases.turn, self._blocks())

    def _occasion(self, number: int, rationing: list[Any], having: int) -> None:
        """One occasion of those who have it: they choose, wait where there is not enough, and live with what they got."""
        market, some = self.market, having < self.shares[-1].last - self.shares[0].first
        run = partial(self._run, number=number, having=having if some else None)
        if not rationing and run("buy"):
            self._watch(number)
            return
        chosen = bool(rationing) and "consume" not in self.interpreted and run("choose")
        spans = self._having(number, some)
        windows = [rows for span in spans for rows in span]
        if not chosen:
            self._each(phases.choose, spans)
        for mechanism in rationing:
            mechanism.on_ration(market, windows)
        if chosen:
            for rows in windows:
                rows.put_back(market.written)
            if run("consume"):
                self._watch(number)
                return
            for rows in windows:
                rows.passing = {name: rows.of(column) for name, column in self._kept.items()}
        self._each(phases.consume, spans)
        self._watch(number)

    def _blocks(self, most: int = BLOCK) -> list[list[Rows]]:
        """Windows on at most so many customers each, by share."""
        spans = []
        for share in self.shares:
            starts = range(share.first, share.last, most)
            spans.append([self.market.block(a, min(a + most, share.last), share.counts) for a in starts])
        return spans

    def _having(self, number: int, some: bool = True) -> list[list[Rows]]:
        """Windows on the customers who have an occasion of this number, by share; whole blocks if all have it."""
        if some:
            return [phases.occasion(span, number, BLOCK) for (span,) in self._blocks(self.market.heads)]
        spans = self._blocks()
        for rows in (rows for span in spans for rows in span):
            rows.now = np.uint32(self.market.period | number << ROUND)
        return spans

    @staticmethod
    def _each(phase: Phase, spans: list[list[Rows]]) -> None:
        side_by_side(lambda span: [phase(rows) for rows in span], spans)

    def _watch(self, number: int) -> None:
        """Let whoever watches the market see an occasion."""
        if self.market.witness is not None:
            for span in self._having(number):
                for rows in span:
                    self.market.witness(rows)

    def _keep(self, rows: InPlace) -> None:
        """Put what lasts for the occasion where it outlasts this plan; once known, only what is asked for later."""
        consuming = [self._rows[name].asked for name in ("consume", "consume of some") if name in self._rows]
        for name, value in rows.passing.items():
            if isinstance(value, Reference) and (not consuming or any(name in asked for asked in consuming)):
                shape = (*value.shape[:-1], self.market.heads)
                if name not in self._kept or self._kept[name].shape != shape:
                    self._kept[name] = np.zeros(shape, value.dtype)
                copy(value, rows.lasting(name, self._kept[name])[:])

    def _run(self, name: str, number: int = 0, having: int | None = None) -> bool:
        """Play a part of the month, recorded once a month; False, and nothing is changed, if the interpreter has to.

        having : how many customers take part, None for all.
        """
        rows = self._record(name, having is not None) if compiling() else None
        if rows is None:
            return False
        rows.plan.finish()
        self._play(rows, np.uint32(self.market.period | number << ROUND), having)
        return True

    def _record(self, name: str, some: bool) -> InPlace | None:
        """Record a part of the month, for all customers or for some; None if the interpreter has to play it."""
        known = f"{name} of some" if some else name
        if name in self.interpreted:
            return None
        if known not in self._rows:
            kept = None if name == "choose" else self._kept
            self._rows[known] = (SideBySide if some else InPlace)(self.market, Plan(WINDOW), kept)
        rows = self._rows[known]
        if known not in self._recorded:
            self._recorded.add(known)
            plan = rows.begin()
            try:
                with recorded(plan):
                    for phase in PARTS[name]:
                        plan.acting = "", phase.__name__
                        phase(rows)
                    if name == "choose":
                        self._keep(rows)
            except ConfigError:
                raise
            except Exception as problem:  # whatever a hook does with columns that have no values yet
                whose = " ".join(filter(None, plan.acting)) or name
                self.interpreted[name] = f"{whose}: {type(problem).__name__}: {problem}"
                return None
        return rows

    def steps(self) -> list[Step]:
        """The steps that months are made of, as they stand after `market.open`; nothing is played."""
        self._recorded.clear()
        found = [self._record(name, False) for name in PARTS] + [self._record(name, True) for name in OCCASION]
        return [step for rows in found if rows is not None for step in rows.plan.steps]

    def _play(self, rows: InPlace, now: np.uint32, having: int | None) -> None:
        plan, chosen, timed = rows.plan, self.market.table["occasions"], self.timed
        watch, spent = clock() if timed is not None else 0, np.zeros((len(self.shares), len(plan.steps)), np.int64)

        def play(place: int) -> int:
            """Play one thread's share."""
            share, scratch, taken = self.shares[place], self._scratch(place, plan.bytes), spent[place]
            if isinstance(rows, SideBySide):
                return play_some(
                    plan.entries, plan.words, plan.moved, chosen, share.first, share.last, WINDOW, share.counts,
                    rows.place.base, scratch, now, watch, taken,
                )  # fmt: skip
            return play_rows(
                plan.entries, plan.words, share.first, share.last, WINDOW, share.counts, scratch, now, watch, taken
            )

        for place in range(len(self.shares)):  # a list grows in one thread
            self._scratch(place, plan.bytes)
        places, heads = range(len(self.shares)), self.shares[-1].last - self.shares[0].first
        work = len(plan.steps) * (heads if having is None else having)
        for failed in side_by_side(play, places) if work >= WORTH else map(play, places):
            if failed:
                raise ConfigError(f"{plan.steps[failed - 1].told} failed; NUMBA_DISABLE_JIT=1 shows where")
        if timed is not None:
            timed.extend(zip(plan.steps, spent.sum(axis=0).tolist(), strict=True))

    def _scratch(self, place: int, size: int) -> int:
        """Address of a thread's scratch, at a line of the cache."""
        while len(self._rooms) <= place:
            self._rooms.append(np.zeros(0, np.uint8))
        if len(self._rooms[place]) < size + LINE:
            self._rooms[place] = np.zeros(size + size // 4 + LINE, np.uint8)
        return -(-self._rooms[place].ctypes.data // LINE) * LINE
