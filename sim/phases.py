"""The plan of a period: what happens, in this order and no other. No economics here: phases call mechanisms and kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.kernels.choose import add_attribute, consider, open_choice, weigh
from sim.kernels.draw import arise
from sim.kernels.serve import serve
from sim.kernels.tally import tally_purchases, tally_surplus, tally_window, turn_window
from sim.state import CENTS

if TYPE_CHECKING:
    from sim.market import Market
    from sim.table import Rows

PLAN = (
    ("decide", "firms", "all look at last period, then all decide: nobody sees a rival's move of the same period"),
    ("offer", "firms", "the board is cleared; mechanisms post service levels and bill costs; pricing rules post fares"),
    (
        "hear",
        "customers",
        "a purchase occasion arises in a context; mechanisms tell customers what is commonly offered",
    ),
    ("choose", "customers", "appeal of every firm plus its keyed shock against the outside option; the best is bought"),
    ("experience", "customers", "service is delivered and paid; customers make something of it"),
    ("bond", "customers", "habits and points are updated; purchases are counted and remembered"),
    ("settle", "firms", "mechanisms close what they kept; every firm's books are closed"),
)


def decide(market: Market) -> None:
    """All firms look, then all decide."""
    published = {firm.name: firm.public_facts() for firm in market.firms}
    seen = [firm.look(published) for firm in market.firms]
    for firm, view in zip(market.firms, seen, strict=True):
        firm.decide(view)


def offer(market: Market) -> None:
    """Clear the board, let mechanisms shape and bill the offers, then post fares."""
    board = market.board
    board.level[:] = 0
    for firm in market.firms:
        firm.unit_cost[:] = 0
        firm.fixed_cost = 0.0
    for mechanism in market.mechanisms:
        mechanism.on_offer(market)
    for firm in market.firms:
        board.cents[firm.index] = firm.fares()
        firm.post()
    np.divide(board.cents, CENTS, out=board.fare, casting="unsafe")
    board.offered = [
        [k for k in range(len(market.attributes)) if board.level[f, k].any()] for f in range(len(market.firms))
    ]


def hear(block: Rows) -> None:
    """Let an occasion arise in a context and mechanisms be heard."""
    market = block.market
    arise(
        block.identity,
        market.now,
        *market.key("context"),
        block.segment,
        market.cumulative_mix,
        block.context,
        block.cell,
    )
    for mechanism in market.mechanisms:
        mechanism.on_hear(block)


def choose(block: Rows) -> None:
    """Weigh every firm and keep the best."""
    market, board = block.market, block.market.board
    open_choice(
        block.identity,
        market.now,
        *market.key("outside shock"),
        block.provider,
        block.provider_before,
        block.best,
        block.inclusive,
    )
    for firm in market.firms:
        f, m = firm.index, firm.mode_index
        weigh(
            block.standard_appeal[m],
            market.presence[f],
            block.price_sensitivity,
            block.journey[m],
            board.fare[f],
            block.cell,
            block.appeal,
        )
        for k in board.offered[f]:
            add_attribute(block.taste[k], board.level[f, k], block.cell, block.appeal)
        for mechanism in market.mechanisms:
            mechanism.on_weigh(block, firm, block.appeal)
        consider(
            block.identity,
            market.now,
            *market.key("shock", firm.name),
            block.appeal,
            np.int8(f),
            block.provider,
            block.best,
            block.inclusive,
        )


def experience(block: Rows) -> None:
    """Deliver, let customers pay and judge."""
    market, board = block.market, block.market.board
    serve(
        block.provider,
        block.cell,
        market.mode_of,
        block.journey,
        board.cents,
        block.taste,
        board.level,
        block.paid,
        block.quality,
    )
    for mechanism in market.mechanisms:
        mechanism.on_serve(block)
    for mechanism in market.mechanisms:
        mechanism.on_experience(block)


def bond(block: Rows) -> None:
    """Update what ties customers to firms; count and remember the purchases."""
    market, tally = block.market, block.tally
    for mechanism in market.mechanisms:
        mechanism.on_bond(block)
    tally_purchases(
        block.provider,
        block.provider_before,
        block.cell,
        market.mode_of,
        block.journey,
        block.paid,
        block.quality,
        block.gap,
        tally["purchases"],
        tally["journeys"],
        tally["revenue"],
        tally["quality"],
        tally["gap"],
        tally["returning"],
        tally["repeated"],
    )
    tally_surplus(block.inclusive, block.price_sensitivity, tally["surplus"])
    turn_window(block.provider, market.period, block.history, block.bought, block.bought_before)
    tally_window(
        block.bought,
        block.bought_before,
        tally["buyers"],
        tally["own"],
        tally["wallet"],
        tally["held"],
        tally["kept"],
        tally["market"],
    )


def settle(market: Market) -> None:
    """Close what mechanisms kept, then every firm's books."""
    for mechanism in market.mechanisms:
        mechanism.on_settle(market)
    purchases, revenue = market.total("purchases"), market.total("revenue")
    journeys = market.off_grid(market.total("journeys"))
    for firm in market.firms:
        firm.account(int(purchases[firm.index]), journeys[firm.index], int(revenue[firm.index]))
