"""Add up what happened in a block. Every sum is an integer (money in cents, utility and distance on a grid of 2^-20),
so that totals do not depend on the order of customers, blocks or threads."""

import numpy as np

from sim.kernels import kernel
from sim.rules.choice import money_utility
from sim.state import GRID, WINDOW


@kernel
def tally_purchases(
    provider,
    before,
    cell,
    mode,
    journey,
    paid,
    quality,
    gap,
    out_purchases,
    out_units,
    out_revenue,
    out_quality,
    out_gap,
    out_returning,
    out_repeated,
):
    """Count purchases, money, quality and repeat purchases by firm.

    out_units : (firms, cells) journeys sold in units of the standard journey; all out arrays int64, added to.
    out_returning, out_repeated : buyers of this period whose last purchase was from the firm, and those who stayed.
    """
    for i in range(provider.size):
        f = provider[i]
        if f >= 0:
            out_purchases[f] += 1
            out_units[f, cell[i]] += np.int64(np.rint(np.float64(journey[mode[f], i]) * GRID))
            out_revenue[f] += paid[i]
            out_quality[f] += np.int64(np.rint(np.float64(quality[i]) * GRID))
            out_gap[f] += np.int64(np.rint(np.float64(gap[i]) * GRID))
            if before[i] >= 0:
                out_returning[before[i]] += 1
                out_repeated[f] += before[i] == f


@kernel
def tally_surplus(inclusive, price_sensitivity, out_surplus):
    """Add up the expected consumer surplus of the occasions (logsum in money)."""
    total = np.int64(0)
    for i in range(inclusive.size):
        total += np.int64(np.rint(np.float64(money_utility(inclusive[i], price_sensitivity[i])) * GRID))
    out_surplus[0] += total


@kernel
def turn_window(provider, period, history, bought, bought_before):
    """Move the two 12-period windows on by one period: today's purchase in, the oldest ones over and out."""
    slots = 2 * WINDOW
    today, year_ago = period % slots, (period + WINDOW) % slots
    for i in range(provider.size):
        leaves, ages = history[today, i], history[year_ago, i]
        if leaves >= 0:
            bought_before[leaves, i] -= 1
        if ages >= 0:
            bought[ages, i] -= 1
            bought_before[ages, i] += 1
        if provider[i] >= 0:
            bought[provider[i], i] += 1
        history[today, i] = provider[i]


@kernel
def tally_window(bought, bought_before, out_buyers, out_own, out_wallet, out_held, out_kept, out_market):
    """Breadth, depth and retention counts over the last 12 periods.

    Per firm: buyers, their purchases from the firm (own) and from anybody (wallet), buyers of the 12 periods before
    (held) and those of them who bought again (kept). out_market : (2,) buyers and purchases of the whole market.
    """
    firms, rows = bought.shape
    total = np.zeros(rows, np.int32)
    for f in range(firms):
        for i in range(rows):
            total[i] += bought[f, i]
    for f in range(firms):
        buyers, own, wallet, held, kept = 0, 0, 0, 0, 0
        for i in range(rows):
            is_buyer, was_buyer = bought[f, i] > 0, bought_before[f, i] > 0
            buyers += is_buyer
            own += bought[f, i]
            wallet += total[i] if is_buyer else 0
            held += was_buyer
            kept += was_buyer and is_buyer
        out_buyers[f] += buyers
        out_own[f] += own
        out_wallet[f] += wallet
        out_held[f] += held
        out_kept[f] += kept
    for i in range(rows):
        out_market[0] += total[i] > 0
        out_market[1] += total[i]
