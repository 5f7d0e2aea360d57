"""The plan of a period: what happens, in this order and no other. No economics here: phases call mechanisms and kernels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sim.ground.grid import CENTS, ROUND, WINDOW
from sim.market.appeal import weigh_firm
from sim.market.demand import study
from sim.market.pilot import hold
from sim.science.kernels.choose import consider, open_choice
from sim.science.kernels.draw import pick_by_segment
from sim.science.kernels.occasions import fill, keep_alive, tally_occasions
from sim.science.kernels.serve import serve
from sim.science.kernels.tally import (
    move_on,
    remember,
    tally_experience,
    tally_market,
    tally_returning,
    tally_sales,
    tally_surplus,
    tally_window,
    turn_month,
)
from sim.state.gathered import Gathered
from sim.world.limits import check_fares, check_sums

if TYPE_CHECKING:
    from sim.state.state import State
    from sim.state.table import Rows
    from sim.world.strategies import Seen


def begin(market: State) -> None:
    """Begin a period: what is public is what was there last period; then who enters and leaves, once a period."""
    market.listen()
    if market.opened == market.period:
        return
    market.opened = market.period
    market.published = {firm.name: firm.public_facts() for firm in market.trading}
    before = market.trading
    for mechanism in market.acting["on_open"]:
        mechanism.on_open(market)
    for firm in before:
        if not firm.trading:
            for mechanism in market.acting["on_leave"]:
                mechanism.on_leave(market, firm)


def look(market: State) -> dict[str, Seen]:
    """What each firm of the market sees, by name; test markets that it ordered are held before anybody decides."""
    return {firm.name: hold(market, firm, firm.look(market.published)) for firm in market.trading}


def decide(market: State, seen: Mapping[str, Seen]) -> None:
    """All firms have looked; now all decide."""
    for firm in market.trading:
        firm.decide(seen[firm.name])


def offer(market: State) -> None:
    """Clear the board, let mechanisms shape and bill the offers, then post fares; the counts start at zero."""
    board = market.board
    board.level[:] = 0
    board.cue[:] = 0
    for firm in market.firms:
        firm.clear()
    for mechanism in market.acting["on_offer"]:
        mechanism.on_offer(market)
    board.offered = [
        [k for k in range(len(market.attributes)) if board.level[f, k].any()] for f in range(len(market.firms))
    ]
    studied = cache(lambda customers: study(market, customers))  # all who order the same study share it
    asked = [firm.fares(market.published, studied) for firm in market.trading]
    board.cents[:] = 0
    for firm, fares in zip(market.trading, asked, strict=True):
        board.cents[firm.index] = fares
        firm.post()
    for mechanism in market.acting["on_post"]:
        mechanism.on_post(market)
    check_fares(market)
    np.divide(board.cents, CENTS, out=board.fare, casting="unsafe")
    board.fare.mean(axis=1, out=board.price)
    for mechanism in market.acting["on_show"]:
        mechanism.on_show(market)
    for counts in market.tally.values():
        counts[:] = 0


def hear(block: Rows) -> None:
    """Begin the month: one occasion for everybody unless a mechanism says otherwise, none for who is not there."""
    market = block.market
    for bought in block.bought:
        move_on(bought)
    turn_month(
        market.period % WINDOW,
        block.recent,
        block.wallet,
        block.provider,
        block.provider_before,
        block.paid,
        block.quality,
        block.gap,
    )
    fill(np.uint8(1), block.occasions)
    for mechanism in block.acting("on_hear"):
        mechanism.on_hear(block)
    keep_alive(block.alive, block.occasions)
    tally_occasions(block.alive, block.occasions, block.tally["present"], block.tally["occasions"])


def occasion(span: Rows, number: int, most: int) -> list[Rows]:
    """Customers of a span who have an occasion of this number (from 0), at most so many a window, with its draws' address."""
    span.now = np.uint32(span.market.period | number << ROUND)
    index = np.flatnonzero(span.occasions > number).astype(np.uint32)
    if len(index) == len(span) <= most:
        return [span]
    return [Gathered(span, index[k : k + most]) for k in range(0, len(index), most)]


def choose(rows: Rows) -> None:
    """Let the occasion arise in a context, weigh every firm and keep the best."""
    market, board = rows.market, rows.market.board
    appeal, first, time, bound = (rows.scratch(np.float32) for _ in range(4))
    pick_by_segment(
        rows.identity,
        rows.now,
        *market.key("context"),
        rows.segment,
        market.cumulative_mix,
        time,
        bound,
        rows.context,
        rows.cell,
    )
    open_choice(
        rows.identity, rows.now, *market.key("outside shock"), rows.provider, rows.provider_before, first, rows.inclusive
    )
    for mechanism in rows.acting("on_occasion"):
        mechanism.on_occasion(rows)
    for firm in market.trading:
        weigh_firm(rows, firm, board.fare[firm.index], appeal)
        consider(
            rows.identity,
            rows.now,
            *market.key("shock", firm.name),
            appeal,
            np.int8(firm.index),
            time,
            rows.provider,
            first,
            rows.inclusive,
        )


def experience(rows: Rows) -> None:
    """Deliver, let customers pay and judge."""
    market, board = rows.market, rows.market.board
    serve(
        rows.provider,
        rows.cell,
        market.mode_of,
        rows.journey,
        board.cents,
        rows.taste,
        board.level,
        rows.scratch(np.uint32),
        rows.paid,
        rows.quality,
    )
    for mechanism in rows.acting("on_serve"):
        mechanism.on_serve(rows)
    for mechanism in rows.acting("on_experience"):
        mechanism.on_experience(rows)


def bond(rows: Rows) -> None:
    """Update what ties customers to firms; count and remember the purchases."""
    market, tally = rows.market, rows.tally
    for mechanism in rows.acting("on_bond"):
        mechanism.on_bond(rows)
    way, amount = rows.scratch(np.float32), rows.scratch(np.int64)
    sold = (tally[name] for name in ("purchases", "journeys", "revenue"))
    tally_sales(rows.provider, rows.cell, market.mode_of, rows.journey, rows.paid, way, amount, *sold)
    tally_experience(rows.provider, rows.quality, rows.gap, amount, tally["quality"], tally["gap"])
    tally_returning(rows.provider, rows.provider_before, tally["returning"], tally["repeated"])
    tally_surplus(rows.inclusive, rows.price_sensitivity, way, tally["surplus"])
    windows = (rows.in_place(name) for name in ("bought", "recent", "wallet"))
    remember(rows.provider, rows.place, market.period % WINDOW, *windows)


def turn(block: Rows) -> None:
    """End the month for a block of customers."""
    tally = block.tally
    for mechanism in block.acting("on_turn"):
        mechanism.on_turn(block)
    counts = [tally[name] for name in ("buyers", "wallet", "held", "kept")]
    for firm, bought in enumerate(block.bought):
        tally_window(bought, block.wallet, firm, *counts)
    tally_market(block.wallet, tally["market"])


def settle(market: State) -> None:
    """Close what mechanisms kept, then every firm's books; raise `ConfigError` if a sum was beyond counting."""
    check_sums(market.tally, market.period)
    for mechanism in market.acting["on_settle"]:
        mechanism.on_settle(market)
    purchases, revenue = market.total("purchases"), market.total("revenue")
    market.year[market.period % WINDOW] = purchases
    market.tally["own"][0] = market.year.sum(axis=0)
    journeys = market.off_grid(market.total("journeys"))
    for firm in market.firms:
        firm.account(int(purchases[firm.index]), journeys[firm.index], int(revenue[firm.index]))


def consume(rows: Rows) -> None:
    """Let those who have chosen be served and remember it."""
    experience(rows)
    bond(rows)
    rows.put_back(rows.market.written)
