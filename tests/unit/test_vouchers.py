"""What vouchers do: who gets one of several, what it is worth, and where it ends."""

import numpy as np
from programmes import BUSY, NAME, scenario, step, u1, u4

import sim
from sim.science.kernels.customer_management import hand_out, redeem_vouchers, run_out
from sim.science.rules.customer_management import CODES, JOBS, KEEPING, LETTING_GO, WINNING, WINNING_BACK, voucher_code


def test_vouchers_in_one_month_do_not_depend_on_who_writes_first():
    identity, keys = np.arange(500, dtype=u4), np.arange(6, dtype=u4).reshape(3, 2) + u4(77)
    outcomes = []
    for order in ((0, 1, 2), (2, 0, 1)):
        holder, code, lost = np.full(500, -1, np.int8), np.zeros(500, u1), np.zeros(3, np.int64)
        for f in order:
            hand_out(np.arange(500)[f * 50 :], identity, u4(5), keys, f, u1(WINNING), u1(3), holder, code, lost)
        outcomes.append((holder.tolist(), code.tolist(), lost.tolist()))
        assert 500 + 450 + 400 - lost.sum() == (holder >= 0).sum()
    assert outcomes[0] == outcomes[1]
    share = np.bincount(outcomes[0][0][100:]) / 400
    assert np.abs(share - 1 / 3).max() < 4 * np.sqrt(2 / 9 / 400)
    holder = np.array(outcomes[0][0], np.int8)
    before, lost = holder.copy(), np.zeros(3, np.int64)
    old = np.full(500, voucher_code(WINNING, 2), u1)
    hand_out(np.arange(500), identity, u4(6), keys, 1, u1(KEEPING), u1(3), holder, old, lost)
    assert (holder == 1).all(), "a newer voucher takes the place of any older one"
    assert lost.tolist() == np.bincount(before).tolist()


def test_a_voucher_pays_up_to_the_fare_a_fee_is_added_and_who_travels_free_keeps_his():
    cents = np.zeros((2, CODES), np.int64)
    cents[0, voucher_code(WINNING_BACK, 2)], cents[0, voucher_code(LETTING_GO, 1)] = 500, -200
    holder = np.array([0, 0, 0, 0, 1], np.int8)
    code = np.array([voucher_code(3, 2), voucher_code(3, 2), voucher_code(4, 1), voucher_code(3, 2), 0], u1)
    paid, free = np.array([3345, 300, 3345, 0, 3345], np.int32), np.array([0, 0, 0, 1, 0], bool)
    count, money = np.zeros((2, 5), np.int64), np.zeros((2, 5), np.int64)
    redeem_vouchers(np.zeros(5, np.int8), free, cents, holder, code, paid, count, money)
    assert paid.tolist() == [2845, 0, 3545, 0, 3345]
    assert holder.tolist() == [-1, -1, -1, 0, 1]
    assert count.tolist() == [[0, 0, 0, 2, 1], [0] * 5]
    assert money.tolist() == [[0, 0, 0, 800, -200], [0] * 5]
    expired, live = np.zeros(2, np.int64), np.zeros(2, np.int64)
    code[4] = voucher_code(0, 1)
    run_out(np.ones(5, bool), holder, code, expired, live)
    assert (expired.tolist(), live.tolist()) == ([0, 1], [1, 0])
    assert code[3] == voucher_code(3, 1)


def test_another_firms_programme_leaves_the_draws_of_strangers_alone():
    one, two = (sim.Market(scenario(*some, months=1)) for some in (BUSY[:1], BUSY))
    for market in (one, two):
        market.open()
    f = one.firm("mosaic").index
    a, b = ((market.table["voucher_with"] == f) for market in (one, two))
    assert (b <= a).all(), "the others' vouchers may take its place, but nobody else is drawn"


def test_a_firm_that_leaves_takes_its_vouchers_with_it():
    market = step(sim.Market(scenario(*BUSY)), 2)
    thrift, rule = market.firm("thrift"), market.world.mechanism[NAME]
    held = int((market.table["voucher_with"] == thrift.index).sum())
    rule.on_leave(market, thrift)
    thrift.trading = False
    market.step()
    assert held > 0
    assert not (market.table["voucher_with"] == thrift.index).any()
    assert rule.on_record(market)["vouchers_expired"][thrift.index] == held
    assert rule.on_report(market, market.firm("mosaic"))["spent"].keys() == set(JOBS)


def test_vouchers_bring_customers_and_cost_fares():
    """Paired draws: winning brings first purchases; whoever holds a voucher is never less likely to come."""
    winning = f"firms.thrift.policy.{NAME}={{budget:1.5,split:{{winning:1}},voucher:{{winning:20}}}}"
    base, more = (step(sim.Market(scenario(*some, months=1)), 1) for some in ([], [winning]))
    f = base.firm("thrift").index
    came = [m.total("purchases")[f] for m in (base, more)]
    assert came[1] > came[0]
    assert more.total("voucher_cents")[f, WINNING] > 0
    assert more.table["voucher_with"].max() == f
