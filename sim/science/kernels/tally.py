"""Add up what happened in a block. Every sum is an integer (money in cents, utility and distance on a grid of 2^-20),
so that totals do not depend on the order of customers, blocks or threads."""

import numpy as np

from sim.ground.grid import FULL, GRID, NOBODY
from sim.science.kernels import kernel
from sim.science.rules.choice import money_utility
from sim.science.rules.sums import MOST, add_up, on_grid
from sim.science.rules.window import TWO_YEARS, YEAR

NONE, OFTEN, SHIFT, NOTHING = np.int8(NOBODY), np.uint8(255), np.uint32(1), np.float32(0)
FIRST, NIL, u4 = np.int8(0), np.int64(0), np.uint32


@kernel
def add_by_firm(provider, amount, out_sum):
    """Add up whole amounts by the firm bought from, one sweep a firm.

    amount : (rows,) int64; out_sum : (firms,) int64, added to. A sweep cannot turn over where every amount is small
    enough for all of them; else they are added one by one.
    """
    large, most = False, FULL // max(provider.size, 1)
    for i in range(provider.size):
        large |= abs(amount[i]) > most
    if large:
        for i in range(provider.size):
            if provider[i] >= 0:
                out_sum[provider[i]] = add_up(out_sum[provider[i]], amount[i])
    else:
        for f in range(out_sum.size):
            total = NIL
            for i in range(provider.size):
                total += amount[i] if provider[i] == f else NIL
            out_sum[f] = add_up(out_sum[f], total)


@kernel
def tally_sales(provider, cell, mode, journey, paid, way, amount, out_purchases, out_units, out_revenue):
    """Count purchases and money by firm, and journeys by firm and cell.

    way : scratch; amount : int64 scratch; out_units : (firms, cells) journeys sold in units of the standard journey;
    all out arrays int64, added to.
    """
    for f in range(out_purchases.size):
        purchases = NIL
        for i in range(provider.size):
            purchases += provider[i] == f
        out_purchases[f] += purchases
    for i in range(provider.size):
        amount[i] = paid[i]
    add_by_firm(provider, amount, out_revenue)
    for i in range(provider.size):
        way[i] = journey[u4(mode[u4(max(provider[i], FIRST))]), i]
    for i in range(provider.size):
        amount[i] = on_grid(way[i]) if provider[i] >= 0 else NIL
    for i in range(provider.size):
        f = u4(max(provider[i], FIRST))
        out_units[f, cell[i]] = add_up(out_units[f, cell[i]], amount[i])


@kernel
def tally_experience(provider, quality, gap, amount, out_quality, out_gap):
    """Add up the quality that each firm delivered, and what it was over the expectation.

    amount : int64 scratch; out_quality, out_gap : (firms,) int64 on the grid, added to.
    """
    for i in range(provider.size):
        amount[i] = on_grid(quality[i])
    add_by_firm(provider, amount, out_quality)
    for i in range(provider.size):
        amount[i] = on_grid(gap[i])
    add_by_firm(provider, amount, out_gap)


@kernel
def tally_returning(provider, before, out_returning, out_repeated):
    """Count, by firm, the buyers whose purchase before was from it, and those of them who stayed; int64, added to."""
    for f in range(out_returning.size):
        returning, repeated = NIL, NIL
        for i in range(provider.size):
            back = (before[i] == f) & (provider[i] >= 0)
            returning += back
            repeated += back & (provider[i] == f)
        out_returning[f] += returning
        out_repeated[f] += repeated


@kernel
def tally_surplus(inclusive, price_sensitivity, worth, out_surplus):
    """Add up the expected consumer surplus of the occasions (logsum in money), of those to whom money means something.

    worth : scratch.
    """
    total, large, most = np.int64(0), False, MOST / max(inclusive.size, 1)
    for i in range(inclusive.size):
        alpha = price_sensitivity[i]
        worth[i] = money_utility(inclusive[i], alpha) if alpha > 0 else NOTHING
    for i in range(inclusive.size):
        amount = np.float64(worth[i]) * GRID
        held = amount < most
        large |= not held
        total += np.int64(np.rint(amount if held else 0.0))
    out_surplus[0] = add_up(out_surplus[0], np.int64(FULL) if large else total)


@kernel
def move_on(out_bought):
    """Begin a month: the bitmap of the months in which each customer bought from one firm moves on by one."""
    for i in range(out_bought.size):
        out_bought[i] = (out_bought[i] << SHIFT) & TWO_YEARS


@kernel
def turn_month(today, out_recent, out_wallet, out_provider, out_before, out_paid, out_quality, out_gap):
    """Begin a month: the window of purchases moves on by one, last month's last provider becomes the one before."""
    for i in range(out_wallet.size):
        out_wallet[i] -= out_recent[today, i]
        out_recent[today, i] = 0
        out_before[i] = out_provider[i] if out_provider[i] >= 0 else out_before[i]
        out_provider[i] = NONE
        out_paid[i], out_quality[i], out_gap[i] = 0, 0.0, 0.0


@kernel
def remember(provider, place, today, out_bought, out_recent, out_wallet):
    """Enter this occasion's purchases into the windows: the whole columns, in place."""
    for i in range(provider.size):
        f, j = provider[i], place[i]
        if f >= 0:
            out_bought[f, j] |= SHIFT
            if out_recent[today, j] < OFTEN:
                out_recent[today, j] += 1
                out_wallet[j] += 1


@kernel
def tally_window(bought, wallet, firm, out_buyers, out_wallet, out_held, out_kept):
    """Breadth, depth and retention counts of one firm over the last 12 periods.

    Its buyers, their purchases from anybody (wallet), its buyers of the 12 periods before (held) and those of them who
    bought again (kept). bought : (rows,).
    """
    buyers, purchases, held, kept = 0, 0, 0, 0
    for i in range(wallet.size):
        now, before = (bought[i] & YEAR) != 0, (bought[i] & ~YEAR) != 0
        buyers += now
        purchases += wallet[i] if now else 0
        held += before
        kept += before and now
    out_buyers[firm] += buyers
    out_wallet[firm] += purchases
    out_held[firm] += held
    out_kept[firm] += kept


@kernel
def tally_market(wallet, out_market):
    """The same of the whole market; out_market : (2,) buyers and purchases."""
    for i in range(wallet.size):
        out_market[0] += wallet[i] > 0
        out_market[1] += wallet[i]
