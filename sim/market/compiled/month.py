"""The customers' part of a month, played as compiled plans on the scenario's threads; by the interpreter where it must be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sim.ground.grid import ROUND
from sim.ground.params import ConfigError
from sim.market import phases
from sim.market.compiled.driver import WINDOW, clock, play_rows, play_some
from sim.market.compiled.plan import LINE, Plan
from sim.market.compiled.reference import Reference
from sim.market.compiled.rows import InPlace, SideBySide
from sim.science.kernels import compiling, recorded
from sim.science.kernels.gather import copy
from sim.state.state import BLOCK
from sim.state.table import Rows

Phase = Callable[[Any], None]
CONSUME = (phases.experience, phases.bond)
WHOLE = (phases.hear, phases.choose, *CONSUME, phases.turn)


@dataclass(frozen=True)
class Share:
    """The customers [first, last) of one thread, with the row of the counts that only this thread adds to."""

    first: int
    last: int
    counts: int


class Month:
    """One month of customers [start, stop).

    market.interpreted says of each part of the month that the interpreter has to play why it has to.
    """

    def __init__(self, market: Any, start: int, stop: int) -> None:
        self.market, self.start, self.stop = market, start, stop
        self.plans: dict[str, Plan] = {}
        self.kept: dict[str, np.ndarray] = {}
        windows, rows = -(-(stop - start) // WINDOW), len(market.blocks)
        count = max(min(market.world.threads, windows, rows), 1)
        edges = [start + windows * k // count * WINDOW for k in range(count)] + [stop]
        self.shares = [Share(edges[k], edges[k + 1], rows * k // count) for k in range(count)]
        self._map: Callable[[Callable, Iterable], Iterable] = map

    def play(self) -> None:
        """Let the customers live through it, with the same result on any number of threads."""
        market = self.market
        rationing = [mechanism for mechanism in market.mechanisms if mechanism.rations]
        alone = not ({"occasions", "alive"} & market.written or rationing or market.witness)
        with ExitStack() as stack:
            if len(self.shares) > 1:
                self._map = stack.enter_context(ThreadPoolExecutor(len(self.shares))).map
            if alone and self._run("month", WHOLE):
                return
            if not self._run("hear", (phases.hear,)):
                self._each(phases.hear, self._blocks())
            for number in range(int(market.table["occasions"][self.start : self.stop].max(initial=0))):
                self._occasion(number, rationing)
            if not self._run("turn", (phases.turn,)):
                self._each(phases.turn, self._blocks())

    def _occasion(self, number: int, rationing: list[Any]) -> None:
        """One occasion of those who have it: they choose, wait where there is not enough, and live with what they got."""
        market, some = self.market, not (self.market.table["occasions"][self.start : self.stop] > number).all()
        run = partial(self._run, number=number, some=some)
        if not rationing and run("buy", (phases.choose, *CONSUME)):
            self._watch(number)
            return
        chosen = bool(rationing) and "consume" not in market.interpreted and run("choose", (phases.choose, self._keep))
        spans = [phases.occasion(span, number, BLOCK) for (span,) in self._blocks(market.heads)]
        windows = [rows for span in spans for rows in span]
        if not chosen:
            self._each(phases.choose, spans)
        for mechanism in rationing:
            mechanism.on_ration(market, windows)
        if chosen:
            for rows in windows:
                rows.put_back(market.written)
            if run("consume", CONSUME):
                self._watch(number)
                return
            for rows in windows:
                rows.passing = {name: rows.of(column) for name, column in self.kept.items()}
        self._each(phases.consume, spans)
        self._watch(number)

    def _blocks(self, most: int = BLOCK) -> list[list[Rows]]:
        """Windows on at most so many customers each, by share."""
        spans = []
        for share in self.shares:
            starts = range(share.first, share.last, most)
            spans.append([self.market.block(a, min(a + most, share.last), share.counts) for a in starts])
        return spans

    def _each(self, phase: Phase, spans: list[list[Rows]]) -> None:
        list(self._map(lambda span: [phase(rows) for rows in span], spans))

    def _watch(self, number: int) -> None:
        """Let whoever watches the market see an occasion that the interpreter has not played."""
        if self.market.witness is not None:
            for (span,) in self._blocks(self.market.heads):
                for rows in phases.occasion(span, number, BLOCK):
                    self.market.witness(rows)

    def _keep(self, rows: InPlace) -> None:
        """Put what lasts for the occasion where it outlasts this plan."""
        for name, value in rows.passing.items():
            if isinstance(value, Reference):
                shape = (*value.shape[:-1], self.market.heads)
                self.kept.setdefault(name, np.zeros(shape, value.dtype))
                copy(value, rows.column(name, self.kept[name])[:])

    def _run(self, name: str, parts: tuple[Phase, ...], number: int = 0, some: bool = False) -> bool:
        """Record a part of the month and play it; False, and nothing is changed, if the interpreter has to."""
        market = self.market
        if not compiling() or name in market.interpreted:
            return False
        plan = Plan(WINDOW)
        rows = (SideBySide if some else InPlace)(market, plan, {} if name == "choose" else self.kept)
        try:
            with recorded(plan):
                for part in parts:
                    part(rows)
        except ConfigError:
            raise
        except Exception as problem:  # whatever a hook does with columns that have no values yet
            whose = " ".join(filter(None, plan.acting)) or name
            market.interpreted[name] = f"{whose}: {type(problem).__name__}: {problem}"
            return False
        self.plans[name] = plan.finish()
        self._play(plan, np.uint32(market.period | number << ROUND), rows if some else None)
        return True

    def _play(self, plan: Plan, now: np.uint32, side: SideBySide | None) -> None:
        chosen, timed = self.market.table["occasions"], self.market.timed
        watch, spent = clock() if timed is not None else 0, np.zeros((len(self.shares), len(plan.steps)), np.int64)

        def play(share: Share) -> int:
            room = np.zeros(plan.bytes + LINE, np.uint8)
            scratch, taken = -(-room.ctypes.data // LINE) * LINE, spent[self.shares.index(share)]
            if side is None:
                return play_rows(
                    plan.entries, plan.words, share.first, share.last, WINDOW, share.counts, scratch, now, watch, taken
                )
            return play_some(
                plan.entries, plan.words, plan.moved, chosen, share.first, share.last, WINDOW, share.counts,
                side.place.base, scratch, now, watch, taken,
            )  # fmt: skip

        for failed in list(self._map(play, self.shares)):
            if failed:
                raise ConfigError(f"{plan.steps[failed - 1].told} failed; NUMBA_DISABLE_JIT=1 shows where")
        if timed is not None:
            for step, nanoseconds in zip(plan.steps, spent.sum(axis=0), strict=True):
                timed.append((step, int(nanoseconds)))
