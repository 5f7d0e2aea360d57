"""Customer management: who is contacted, who is looked after, what it costs, and that no voucher and no cent is lost."""

import dataclasses
import pickle

import numpy as np
import pytest
from programmes import BUSY, NAME, scenario, step, u4

import sim
from sim.ground.params import ConfigError
from sim.market.records import Records
from sim.science.kernels.customer_management import value_customers
from sim.science.rules.customer_management import JOBS
from sim.science.rules.life_cycle import ENDED, NONE, STABILITY


def looked_after(market, f):
    """Identities of a firm's customers with an account manager: whose service would be better if all bought there."""
    market = pickle.loads(pickle.dumps(market))
    rows = market.block(0, market.heads)
    rows.provider[:], rows.quality[:] = f, 0
    market.world.mechanism[NAME].on_serve(rows)
    return set(rows.identity[rows.quality > 0].tolist())


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
    last = frame[frame["period"] == 13].set_index("firm")["programme_cost"]
    for firm in market.firms:
        assert firm.bills.get(NAME, 0.0) == pytest.approx(last[firm.name]), "billed once, in the month in which it is spent"


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
    relation = table["relation"][f]
    rows = [i for i in range(3000) if relation[i] not in (NONE, ENDED)]
    months = {i: [bool(table["bought"][f][i] >> u4(b) & u4(1)) for b in range(12)] for i in rows}
    done = market.period % 12
    mean = sum(int(table["contribution"][f][i]) for i in rows) / sum(sum(months[i][:done]) for i in rows)
    value = {i: int(table["contribution"][f][i]) + max(mean, 1) * sum(months[i][done:]) for i in rows}
    rows.sort(key=lambda i: (-value[i], table["identity"][i]))
    n, a = len(rows), -(-len(rows) // 5)
    rank = [0] * a + [1] * (n - a - n // 10) + [2] * (n // 10)
    held = table["voucher_with"][rows] == f
    market.open()
    given = (table["voucher_with"] == f) & ((table["voucher"] & 15) == 3)
    accounts = looked_after(market, f)
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


@pytest.mark.parametrize("how", ["renumbered", "threads", "pickled"])
def test_neither_numbers_nor_threads_nor_a_copy_in_mid_run_matter(how):
    plan = scenario(*BUSY, f"firms.mosaic.policy.{NAME}.budget=0.01", customers=9_000, months=5)  # too little for all
    straight = step(sim.Market(plan), 5)
    order = np.random.default_rng(4).permutation(9_000) if how == "renumbered" else np.arange(9_000)
    other = sim.Market(plan.replace(threads=2) if how == "threads" else plan, identity=order)
    other = step(other, 2)
    other = step(pickle.loads(pickle.dumps(other)) if how == "pickled" else other, 3)
    for name in ("provider", "voucher", "voucher_with", "satisfaction", "funnel"):
        assert (straight.table[name][..., order] == other.table[name]).all(), name
    assert [f.books for f in straight.firms] == [f.books for f in other.firms]
    for market in (straight, other):
        market.open()
    contacted = [(market.table["voucher"], market.table["voucher_with"]) for market in (straight, other)]
    for one, two in zip(*contacted, strict=True):
        assert (one[order] == two).all(), "of equals the smaller identity comes first, however customers are numbered"
    f = straight.firm("mosaic").index
    assert looked_after(straight, f) == looked_after(other, f) != set()


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
    accounts, recorded = looked_after(cared, f), plain.world.mechanism[NAME].on_record(plain)
    assert 0 < len(accounts) == recorded["key_accounts"][f] <= 0.05 * customers / 6
    gain = cared.table["quality"] - plain.table["quality"]
    theirs = np.isin(plain.table["identity"], list(accounts)) & (plain.table["provider"] == f)
    assert theirs.any()
    assert gain[theirs] == pytest.approx(0.5, abs=1e-5)
    assert not gain[~theirs].any()
    assert recorded["spent_keeping"][f] >= 6.0 * len(accounts)


def test_money_goes_where_the_split_or_the_value_says():
    misled = f"firms.mosaic.policy.{NAME}={{budget:0.005,split:{{growing:1}},class_split:{{a:0.2,b:0.7,c:0.1}}}}"
    wise = f"firms.mosaic.policy.{NAME}={{budget:0.005,split:{{growing:1}},by_value:true}}"
    parts = []
    for policy in (misled, wise):
        one_job = [f"mechanism.{NAME}.jobs.{s}.{c}=growing" for s in ("stability", "degeneration") for c in "abc"]
        market = step(sim.Market(scenario(policy, *one_job, "population.customers=8000", months=8)), 8)
        f = market.firm("mosaic").index
        recorded = market.world.mechanism[NAME].on_record(market)
        spent = np.array([recorded[f"spent_on_{c}"][f] for c in "abc"])
        assert spent.sum() == pytest.approx(40, abs=1.5), "all the money that pays for whole contacts"
        parts.append(spent / spent.sum())
    assert parts[0] == pytest.approx([0.2, 0.7, 0.1], abs=0.02)
    assert parts[1][0] > parts[0][0] + 0.1


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
