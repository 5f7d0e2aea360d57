"""Add up what happened in a block. Every sum is an integer (money in cents, utility and distance on a grid of 2^-20),
so that totals do not depend on the order of customers, blocks or threads."""

import numpy as np

from sim.ground.grid import FULL, GRID, NOBODY
from sim.science.kernels import kernel
from sim.science.rules.choice import money_utility
from sim.science.rules.sums import MOST, add_up, on_grid
from sim.science.rules.window import TWO_YEARS, YEAR

NONE, OFTEN, SHIFT = np.int8(NOBODY), np.uint8(255), np.uint32(1)


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
            out_units[f, cell[i]] = add_up(out_units[f, cell[i]], on_grid(journey[mode[f], i]))
            out_revenue[f] = add_up(out_revenue[f], paid[i])
            out_quality[f] = add_up(out_quality[f], on_grid(quality[i]))
            out_gap[f] = add_up(out_gap[f], on_grid(gap[i]))
            if before[i] >= 0:
                out_returning[before[i]] += 1
                out_repeated[f] += before[i] == f


@kernel
def tally_surplus(inclusive, price_sensitivity, out_surplus):
    """Add up the expected consumer surplus of the occasions (logsum in money), of those to whom money means something."""
    total, large, most = np.int64(0), False, MOST / max(inclusive.size, 1)
    for i in range(inclusive.size):
        alpha = price_sensitivity[i]
        worth = np.float64(money_utility(inclusive[i], alpha)) * GRID if alpha > 0 else 0.0
        held = worth < most
        large |= not held
        total += np.int64(np.rint(worth if held else 0.0))
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
