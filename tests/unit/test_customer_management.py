"""Customer management: who is contacted, what vouchers do, and that no voucher and no cent is lost."""

import dataclasses
import pickle

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.market.records import Records
from sim.science.kernels.customer_management import hand_out, redeem_vouchers, run_out, value_customers
from sim.science.rules.customer_management import (
    CODES,
    JOBS,
    KEEPING,
    LETTING_GO,
    WINNING,
    WINNING_BACK,
    voucher_code,
)
from sim.science.rules.life_cycle import ENDED, NONE, STABILITY

NAME = "customer_management"
ALL_JOBS = "split:{winning:0.3,growing:0.2,keeping:0.2,winning_back:0.2,letting_go:0.1}"
BUSY = [
    f"firms.{firm}.policy.{NAME}={{budget:{budget},{ALL_JOBS},account_managers:{managers}}}"
    for firm, budget, managers in (("mosaic", 0.05, 0.5), ("thrift", 0.1, 0.0), ("echo", 0.1, 0.2))
]
u1, u4 = np.uint8, np.uint32


def scenario(*overrides, customers=3000, months=14):
    return sim.compose(f"population.customers={customers}", f"periods={months}", "replications=1", *overrides)


def step(market, months):
    for _ in range(months):
        market.step()
    return market


@pytest.fixture(scope="module")
def played():
    """Fourteen months of three programmes, with what each month left behind."""
    market = sim.Market(scenario(*BUSY, "mechanism.life_events.departure=0.01"))
    records, months = Records(market), []
    for _ in range(14):
        paid = np.zeros(2, np.int64)

        def note(rows, paid=paid):
            paid += [rows.paid[rows.provider >= 0].sum(), (rows.provider >= 0).sum()]

        market.witness = note
        before = [firm.cash_cents for firm in market.firms]
        market.step()
        records.note()
        held = market.table["voucher_with"]
        months.append({
            "paid": int(paid[0]), "revenue": sum(round(f.books["revenue"] * 100) for f in market.firms),
            "change": [f.cash_cents - b for f, b in zip(market.firms, before, strict=True)],
            "books": [round((f.books["revenue"] - f.books["cost"]) * 100) for f in market.firms],
            "held": np.bincount(held[held >= 0], minlength=len(market.firms)),
        })  # fmt: skip
    return market, records.frame("records"), months


def test_vouchers_given_are_redeemed_expired_replaced_or_live(played):
    market, frame, months = played
    live = np.zeros(len(market.firms), int)
    redeemed = [f"redeemed_{job}" for job in JOBS]
    for period, month in enumerate(months):
        rows = frame[frame["period"] == period].set_index("firm").loc[[f.name for f in market.firms]]
        gone = rows[["vouchers_expired", "vouchers_replaced", *redeemed]].sum(axis=1)
        live = live + rows["vouchers_issued"].to_numpy() - gone.to_numpy()
        assert live.tolist() == month["held"].tolist() == rows["vouchers_live"].tolist()
    total = frame.groupby("firm").sum(numeric_only=True).loc[["mosaic", "thrift", "echo"]]
    assert (total[["vouchers_expired", "vouchers_replaced", *redeemed[:-1]]].sum() > 0).all(), "every way out was taken"


def test_money_balances_and_the_programme_is_in_the_cost(played):
    market, frame, months = played
    for month in months:
        assert month["paid"] == month["revenue"]
        assert month["change"] == month["books"]
    spent = frame[[f"spent_{job}" for job in JOBS]].sum(axis=1)
    assert np.allclose(spent, frame["programme_cost"] + frame["voucher_value"])
    own = frame[[f"spent_on_{c}" for c in "abc"]].sum(axis=1)
    assert (own <= frame["programme_cost"] + 1e-9).all()
    assert (frame["programme_cost"] <= 0.1 * 3000 + 1e-9).all(), "never over the budget"
    thrift = market.firm("thrift")
    cost = thrift.fixed_cost
    market.memory[NAME]["spent"][thrift.index, 1] += 7
    assert thrift.fixed_cost == cost, "billed once, in the month in which it is spent"


def test_what_is_spent_is_billed_to_the_cent():
    free = {job: 0 for job in JOBS}
    silent = [f"mechanism.{NAME}.voucher.{job}={amount}" for job, amount in free.items()]
    common = ["mechanism=[customer_management,customer_value,life_cycle,cost_accounting]", *silent]
    a, b = (step(sim.Market(scenario(*common, *more, months=1)), 1) for more in ([], BUSY))
    for name, most in (("mosaic", 0.05), ("thrift", 0.1), ("echo", 0.1)):
        bill = b.firm(name).books["cost"] - a.firm(name).books["cost"]
        assert bill == pytest.approx(int(0.3 * most * 3000 / 1.5 + 1e-9) * 1.5, abs=0.011), "strangers only, at first"
    assert (a.table["provider"] == b.table["provider"]).all(), "without vouchers and awareness a letter changes nothing"


def test_the_file_ranks_by_value_and_jobs_go_by_class_and_stage(played):
    """The next month's contacts, worked out by hand from the rules in the docs."""
    market, _, _ = played
    market = pickle.loads(pickle.dumps(market))
    f, table = market.firm("mosaic").index, market.table
    rule = market.world.mechanism[NAME]
    rows, rank, _ = rule._file(market, f)
    relation = table["relation"][f]
    assert sorted(rows) == [i for i in range(3000) if relation[i] not in (NONE, ENDED)]
    months = {i: [bool(table["bought"][f][i] >> u4(b) & u4(1)) for b in range(12)] for i in rows}
    done = market.period % 12
    mean = sum(int(table["contribution"][f][i]) for i in rows) / sum(sum(months[i][:done]) for i in rows)
    value = {i: int(table["contribution"][f][i]) + max(mean, 1) * sum(months[i][done:]) for i in rows}
    by_hand = sorted(rows, key=lambda i: (-value[i], table["identity"][i]))
    assert rows.tolist() == by_hand
    n, a = len(rows), -(-len(rows) // 5)
    assert rank.tolist() == [0] * a + [1] * (n - a - n // 10) + [2] * (n // 10)
    held = table["voucher_with"][rows] == f
    market.open()
    given = (table["voucher_with"] == f) & ((table["voucher"] & 15) == 3)
    accounts = set(market.memory[NAME]["accounts"][f].tolist())
    plan = {1: (1, 1, 1), 2: (1, 1, 1), 3: (2, 1, 2), 4: (3, 3, 4)}
    money = {1: 30.0, 2: 30.0 - 6.0 * len(accounts), 3: 30.0, 4: 15.0}
    assert accounts == {
        int(table["identity"][i])
        for i in [i for i, k in zip(rows, rank, strict=True) if k == 0 and relation[i] == STABILITY][:2]
    }
    for job, line in money.items():
        group = [
            i for i, k, old in zip(rows, rank, held, strict=True)
            if plan[int(relation[i])][k] == job and not old and int(table["identity"][i]) not in accounts
        ][: int(line / 0.5)]  # fmt: skip
        there = {i for i in group if table["alive"][i]}
        got = set(np.flatnonzero(given & (table["voucher"] >> 4 == job)).tolist())
        assert got <= there
        lost = there - got  # of two vouchers of one month a draw keeps one
        assert all(table["voucher_with"][i] != f and table["voucher"][i] & 15 == 3 for i in lost)


def test_the_mean_month_fills_in_what_the_books_do_not_hold():
    """Two months of the year played: 40 grains in 2 months make 20 a month; earlier months count 20 each."""
    contribution, bought = np.array([30, 10, 0], np.int16), np.array([0b101, 0b010, 0b1100], u4)
    value = np.empty(3)
    value_customers(np.arange(3), contribution, bought, u4(0b11), value)
    assert value.tolist() == [30 + 20, 10, 2 * 20]


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


@pytest.mark.parametrize("how", ["renumbered", "threads", "pickled"])
def test_neither_numbers_nor_threads_nor_a_copy_in_mid_run_matter(how):
    plan = scenario(*BUSY, customers=9_000, months=5)
    straight = step(sim.Market(plan), 5)
    order = np.random.default_rng(4).permutation(9_000) if how == "renumbered" else np.arange(9_000)
    other = sim.Market(plan.replace(threads=2) if how == "threads" else plan, identity=order)
    other = step(other, 2)
    other = step(pickle.loads(pickle.dumps(other)) if how == "pickled" else other, 3)
    for name in ("provider", "voucher", "voucher_with", "satisfaction", "funnel"):
        assert (straight.table[name][..., order] == other.table[name]).all(), name
    assert [f.books for f in straight.firms] == [f.books for f in other.firms]
    files = []
    for market in (straight, other):
        rows, rank, worth = market.world.mechanism[NAME]._file(market, market.firm("mosaic").index)
        files.append((market.table["identity"][rows].tolist(), rank.tolist(), worth.tolist()))
    assert files[0] == files[1], "of equals the smaller identity comes first, however customers are numbered"


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


def test_account_managers_are_felt_and_paid():
    managers = f"firms.mosaic.policy.{NAME}={{budget:0.05,split:{{keeping:1}},account_managers:1}}"
    quality, customers = f"mechanism.{NAME}.account_quality=0", 12000  # so many that somebody of so few buys
    plain = step(sim.Market(scenario(managers, quality, months=10, customers=customers)), 9)
    cared = pickle.loads(pickle.dumps(plain))
    cared.world = cared.world.replace(
        mechanism=cared.world.mechanism | {NAME: dataclasses.replace(cared.world.mechanism[NAME], account_quality=0.5)}
    )
    cared.mechanisms = list(cared.world.mechanism.values())
    plain.step(), cared.step()
    f = plain.firm("mosaic").index
    accounts = plain.memory[NAME]["accounts"][f]
    assert 0 < len(accounts) <= 0.05 * customers / 6
    gain = cared.table["quality"] - plain.table["quality"]
    theirs = np.isin(plain.table["identity"], accounts) & (plain.table["provider"] == f)
    assert theirs.any()
    assert gain[theirs] == pytest.approx(0.5, abs=1e-5)
    assert not gain[~theirs].any()
    assert plain.memory[NAME]["spent"][f, KEEPING] >= 6.0 * len(accounts)


def test_money_goes_where_the_split_or_the_value_says():
    misled = f"firms.mosaic.policy.{NAME}={{budget:0.005,split:{{growing:1}},class_split:{{a:0.2,b:0.7,c:0.1}}}}"
    wise = f"firms.mosaic.policy.{NAME}={{budget:0.005,split:{{growing:1}},by_value:true}}"
    parts = []
    for policy in (misled, wise):
        one_job = [f"mechanism.{NAME}.jobs.{s}.{c}=growing" for s in ("stability", "degeneration") for c in "abc"]
        market = step(sim.Market(scenario(policy, *one_job, "population.customers=8000", months=8)), 8)
        f = market.firm("mosaic").index
        spent = market.memory[NAME]["spent_on"][f]
        _, _, worth = market.world.mechanism[NAME]._file(market, f)
        parts.append((spent / spent.sum(), worth))
    assert parts[0][0] == pytest.approx([0.2, 0.7, 0.1], abs=0.02)
    assert parts[1][0][0] > parts[0][0][0] + 0.1
    assert parts[1][1].sum() == pytest.approx(1)


def test_vouchers_bring_customers_and_cost_fares():
    """Paired draws: winning brings first purchases; whoever holds a voucher is never less likely to come."""
    winning = f"firms.thrift.policy.{NAME}={{budget:1.5,split:{{winning:1}},voucher:{{winning:20}}}}"
    base, more = (step(sim.Market(scenario(*some, months=1)), 1) for some in ([], [winning]))
    f = base.firm("thrift").index
    came = [m.total("purchases")[f] for m in (base, more)]
    assert came[1] > came[0]
    assert more.total("voucher_cents")[f, WINNING] > 0
    assert more.table["voucher_with"].max() == f


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("budget:-1", "budget = -1 AUD/head/month: expected 0 <= budget"),
        ("split:{keping:1}", "split.keping: unknown job; nearest valid name: 'keeping'"),
        ("split:{keeping:0.5}", "split: expected parts that sum to 1, got 0.5"),
        ("budget:1,split:{}", "split: expected parts that sum to 1 for winning"),
        ("class_split:{d:1}", "class_split.d: unknown class; valid names: a, b, c"),
        ("class_split:{a:0.9,b:0.2}", "class_split: expected parts that sum to 1, got 1.1"),
        ("by_value:true,class_split:{a:1}", "by_value = True: expected no class_split"),
        ("voucher:{keeping:-2}", "voucher.keeping = -2 AUD: expected 0 <= keeping; only letting_go may ask a fee"),
        ("voucher:{wining:2}", "voucher.wining: unknown job; nearest valid name: 'winning'"),
        ("jobs:{stable:{a:keeping}}", "jobs.stable: unknown stage; nearest valid name: 'stability'"),
        ("jobs:{stability:{a:winning,b:keeping,c:keeping}}", "jobs.stability.a = 'winning': nearest"),
    ],
)
def test_a_programme_that_makes_no_sense_is_refused(policy, words):
    if policy.startswith("jobs:{stability"):
        policy = policy.replace(
            "jobs:{",
            "jobs:{exploration:{a:growing,b:growing,c:growing},formation:{a:growing,b:growing,c:growing},degeneration:{a:growing,b:growing,c:growing},",
        )
    with pytest.raises(ConfigError) as refused:
        scenario(f"firms.mosaic.policy.{NAME}={{{policy}}}")
    assert f"firms.mosaic.policy.{NAME}." in str(refused.value)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
