"""Vouchers and contacts of firms that look after their customers, and the staff that does."""

import numpy as np

from sim.ground.grid import NOBODY
from sim.science.kernels import kernel
from sim.science.rules.choice import fare_disutility
from sim.science.rules.customer_management import job_of, money_off, months_left, rolling_value, voucher_code
from sim.science.rules.philox import philox
from sim.science.rules.window import YEAR, frequency

ZERO, HIGH, ONE = np.uint32(0), np.uint64(32), np.uint8(1)
NONE = np.int8(NOBODY)


@kernel
def value_customers(index, contribution, bought, this_year, out_value):
    """Value of some customers of one firm, in grains; index : (n,) rows; this_year : uint32 bits of the months of the accounting year so far.

    The mean month is taken over whole numbers, so that it does not depend on the order of rows.
    """
    total, months = np.int64(0), np.int64(0)
    for j in range(index.size):
        total += np.int64(contribution[index[j]])
        months += np.int64(frequency(bought[index[j]] & this_year))
    mean = np.float64(total) / np.float64(months) if months > 0 else np.float64(1)
    mean = max(mean, np.float64(1))
    for j in range(index.size):
        earlier = frequency(bought[index[j]] & YEAR & ~this_year)
        out_value[j] = rolling_value(contribution[index[j]], earlier, mean)


@kernel
def lots(index, identity, period, k0, k1, out_lot):
    """A random number for each of some customers that nobody else has; out_lot : (n,) uint64."""
    for j in range(index.size):
        who = identity[index[j]]
        bits, _, _, _ = philox(who, period, ZERO, ZERO, k0, k1)
        out_lot[j] = np.uint64(bits) << HIGH | np.uint64(who)


@kernel
def hand_out(index, identity, period, keys, firm, job, validity, out_with, out_voucher, out_replaced):
    """Give some customers a voucher; of several given in a month a draw keeps one, of an older one the newer.

    index : (n,) rows, all of customers who are there; keys : (firms, 2) uint32; out_replaced : (firms,) int64, added to.
    """
    code = voucher_code(job, validity)
    for j in range(index.size):
        i = index[j]
        g = out_with[i]
        lost = firm
        mine, _, _, _ = philox(identity[i], period, ZERO, ZERO, keys[firm, 0], keys[firm, 1])
        theirs = ZERO
        if g >= 0 and months_left(out_voucher[i]) == validity:
            theirs, _, _, _ = philox(identity[i], period, ZERO, ZERO, keys[g, 0], keys[g, 1])
        if mine >= theirs:
            lost = g
            out_with[i], out_voucher[i] = np.int8(firm), code
        if lost >= 0:
            out_replaced[lost] += 1


@kernel
def spare(points, threshold, out_spared):
    """Who has the points of one firm for a free journey."""
    for i in range(points.size):
        out_spared[i] = points[i] >= threshold


@kernel
def add_voucher(with_firm, voucher, firm, worth, spared, price_sensitivity, journey, fare, cell, out_appeal):
    """Add the utility of the money that a voucher takes off the fare.

    worth : (codes,) float32 [¤]; spared : (rows,) bool, who travels free anyway; fare : (cells,) float32 [¤].
    """
    for i in range(with_firm.size):
        if with_firm[i] == firm and not spared[i]:
            off = money_off(worth[voucher[i]], fare[cell[i]] * journey[i])
            out_appeal[i] += fare_disutility(price_sensitivity[i], np.float32(1), off)


@kernel
def attend_accounts(provider, firm, identity, accounts, worth, out_quality):
    """Add to the quality what being looked after in person adds; accounts : identities of the firm's, ascending."""
    for i in range(provider.size):
        if provider[i] == firm:
            k = np.searchsorted(accounts, identity[i])
            if k < accounts.size and accounts[k] == identity[i]:
                out_quality[i] += worth


@kernel
def redeem_vouchers(provider, free, cents, out_with, out_voucher, out_paid, out_count, out_cents):
    """Take vouchers off what is paid; who travels free keeps his.

    cents : (firms, codes) int64; out_count, out_cents : (firms, jobs) int64, added to.
    """
    for i in range(provider.size):
        f = provider[i]
        if f >= 0 and out_with[i] == f and not free[i]:
            off = money_off(cents[f, out_voucher[i]], np.int64(out_paid[i]))
            out_paid[i] -= np.int32(off)
            job = job_of(out_voucher[i])
            out_count[f, job] += 1
            out_cents[f, job] += off
            out_with[i], out_voucher[i] = NONE, np.uint8(0)


@kernel
def run_out(alive, out_with, out_voucher, out_expired, out_live):
    """Bring vouchers a month nearer their end; who has left the market needs none; out_expired, out_live : (firms,) int64, added to."""
    for i in range(alive.size):
        f = out_with[i]
        if f >= 0:
            out_voucher[i] -= ONE
            if months_left(out_voucher[i]) == 0 or not alive[i]:
                out_expired[f] += 1
                out_with[i], out_voucher[i] = NONE, np.uint8(0)
            else:
                out_live[f] += 1
