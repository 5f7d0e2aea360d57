"""What customers would buy at which fares: a study of demand, and the appeal of a firm that it shares with the choice itself.

A study asks a panel of customers, in every usage context, how much each firm appeals to them before its fare. With
Gumbel shocks the chance that customer i buys from firm f at fares p is then the logit of `sim.science.rules.choice`::

    P_if(p) = exp(v_if - alpha_i l_if p_f) / (1 + sum_g exp(v_ig - alpha_i l_ig p_g))

and averages over the panel are a mixed logit (McFadden & Train 2000). Every term that phases.choose weighs is in v_if.
It is complete information, the benchmark of theory: no real firm knows its customers like that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.ground import draws
from sim.ground.grid import CENTS
from sim.market.appeal import weigh_firm
from sim.science.kernels.choose import open_choice
from sim.state.gathered import Gathered
from sim.world.demand import Demand

if TYPE_CHECKING:
    from sim.market.agents import Firm
    from sim.state.state import State

f4 = np.float32


def panel(market: State, customers: int) -> np.ndarray:
    """Rows of the customers who are asked, the same every month and for every firm, however customers are numbered."""
    kept = market.memory.setdefault("demand", {})
    if customers not in kept:
        asked, rng = np.arange(market.heads), draws.generator(market.seed, "demand study", "", 0)
        if customers < market.heads:
            asked = np.sort(rng.choice(market.heads, customers, replace=False))
        kept[customers] = market.rows_of(asked)
    return kept[customers]


def study(market: State, customers: int) -> Demand:
    """Demand of the month about to begin, for the services just posted; changes nothing in the market.

    customers : how many are asked. Each is asked in every usage context, with the segment's chance of the context.
    """
    contexts, asked = len(market.contexts), panel(market, customers)
    rows = Gathered(market.block(0, market.heads), np.repeat(asked, contexts))
    rows.tally = {name: np.zeros_like(counts[0]) for name, counts in market.tally.items()}
    rows.context[:] = np.tile(np.arange(contexts), len(asked))
    rows.cell[:] = rows.segment.astype(rows.cell.dtype) * contexts + rows.context
    first, out, free = np.empty(len(rows), f4), np.empty(len(rows), f4), np.zeros(market.cells, f4)
    outside = market.key("outside shock")
    open_choice(rows.identity, rows.now, *outside, rows.provider, rows.provider_before, first, rows.inclusive)
    for mechanism in market.acting["on_occasion"]:
        mechanism.on_occasion(rows)
    firms = market.trading
    appeal = np.empty((len(firms), len(rows)))
    for row, firm in zip(appeal, firms, strict=True):
        weigh_firm(rows, firm, free, out)
        row[:] = out
    # who buys at what rate is data of the customer, where a mechanism keeps it; else everybody has one occasion a month
    rate = rows.rate.astype(float) if "rate" in market.table else 1.0
    chance = market.mix[rows.segment, rows.context]
    demand = Demand(
        firms=tuple(firm.name for firm in firms),
        weight=rows.alive * rate * chance * (market.heads / len(asked)),
        segment=rows.segment.astype(int),
        sensitivity=rows.price_sensitivity.astype(float),
        journey=np.array([rows.journey[firm.mode_index] for firm in firms], float),
        appeal=appeal,
        fares=np.array([posted_fares(market, firm) for firm in firms]),
    )
    for array in vars(demand).values():
        if isinstance(array, np.ndarray):
            array.flags.writeable = False  # several firms read it
    return demand


def posted_fares(market: State, firm: Firm) -> np.ndarray:
    """(segments,) fares that a firm posted last period [¤]; its list price where it was not there."""
    if market.period == 0 or firm.name not in market.published:
        return np.full(len(market.segments), firm.spec.list_price)
    return market.board.cents[firm.index].reshape(len(market.segments), -1)[:, 0] / CENTS
