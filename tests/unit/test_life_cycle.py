"""The stages of a relation against the rule table written out by hand, and against customers whose fate is known."""

import itertools

import numpy as np
import pytest

import sim
from sim.market.records import Records
from sim.science.kernels.life_cycle import age_relations
from sim.science.rules.life_cycle import STAGES
from sim.science.rules.window import frequency, recency
from sim.world.mechanisms.life_cycle import COUNTED

NONE, EXPLORATION, FORMATION, STABILITY, DEGENERATION, ENDED = range(6)
u4, f4 = np.uint32, np.float32
LIMITS = dict(formation=2, stability=4, idle=6, decline=0.5, dissatisfied=-0.5, end=12)


def by_hand(stage, months, satisfaction):
    """The rules in the words of docs/mechanisms/life_cycle.md; months : list of booleans, the present month first."""
    if stage in (NONE, ENDED):
        return EXPLORATION if months[0] else stage
    since = months.index(True) if True in months else 32
    year, before = sum(months[:12]), sum(months[12:24])
    if since >= 12:
        return ENDED
    level = STABILITY if year >= 4 else FORMATION if year >= 2 else EXPLORATION
    if since >= 6 or year < 0.5 * before or satisfaction < -0.5:
        return EXPLORATION if stage == EXPLORATION else DEGENERATION
    if stage == DEGENERATION:
        return level if months[0] else DEGENERATION
    return max(stage, level)


def step(bought, relation, age, satisfaction=None):
    """One month of the compiled rule at the shipped values; satisfaction in 1/1024 utils."""
    move = np.empty(len(bought), np.uint8)
    satisfaction = np.zeros(len(bought), np.int16) if satisfaction is None else satisfaction
    age_relations(
        bought, satisfaction, u4(2), u4(4), u4(6), f4(0.5), f4(-0.5), u4(12), relation, age, move
    )  # fmt: skip
    return move


def bitmap(months):
    return u4(sum(1 << b for b, bought in enumerate(months) if bought))


def test_the_compiled_rule_is_the_table():
    rng = np.random.default_rng(3)
    maps = [list(rng.random(24) < p) for p in rng.random(3000) ** 2]
    satisfaction = rng.normal(-0.2 * 1024, 0.4 * 1024, len(maps)).astype(np.int16)
    stage = rng.integers(0, 6, len(maps)).astype(np.uint8)
    expected = [by_hand(s, m, x / 1024) for s, m, x in zip(stage, maps, satisfaction, strict=True)]
    after = stage.copy()
    move = step(np.array([bitmap(m) for m in maps]), after, np.zeros(len(maps), np.uint8), satisfaction)
    assert after.tolist() == expected
    assert move.tolist() == [6 * s + e for s, e in zip(stage.tolist(), expected, strict=True)]
    assert set(itertools.product(range(1, 5), range(1, 6))) - {(2, 1), (3, 1), (3, 2)} - {(1, 4)} <= set(
        zip(stage.tolist(), expected, strict=True)
    )


def history(purchases):
    """Stage and months in it after every month of one customer who buys in the given months."""
    bought, relation, age, told = np.zeros(1, u4), np.zeros(1, np.uint8), np.zeros(1, np.uint8), []
    for buys in purchases:
        bought[0] = (bought[0] << u4(1)) & u4(2**24 - 1) | u4(buys)
        step(bought, relation, age)
        told.append((int(relation[0]), int(age[0])))
    return told


def test_who_buys_every_month_forms_in_the_second_and_is_stable_from_the_fourth():
    told = history([1] * 300)
    assert told[:5] == [(EXPLORATION, 1), (FORMATION, 1), (FORMATION, 2), (STABILITY, 1), (STABILITY, 2)]
    assert told == [
        (EXPLORATION, 1),
        (FORMATION, 1),
        (FORMATION, 2),
        *((STABILITY, min(t - 2, 255)) for t in range(3, 300)),
    ]


def test_who_stops_degenerates_after_six_months_ends_after_twelve_and_starts_anew():
    told = history([1] * 4 + [0] * 14 + [1, 1])
    assert told[8] == (STABILITY, 6)
    assert told[9:15] == [(DEGENERATION, n) for n in range(1, 7)]
    assert told[15:18] == [(ENDED, 1), (ENDED, 2), (ENDED, 3)]
    assert told[18:] == [(EXPLORATION, 1), (FORMATION, 1)]


def test_who_comes_back_in_time_is_won_back():
    told = history([1] * 4 + [0] * 7 + [1])
    assert told[10] == (DEGENERATION, 2)
    assert told[11] == (STABILITY, 1)


def test_who_tries_once_ends_without_degenerating():
    assert [s for s, _ in history([1] + [0] * 13)] == [EXPLORATION] * 12 + [ENDED] * 2


@pytest.fixture(scope="module")
def months():
    """Stages, ages, purchase windows and counts of three years of a small market."""
    world = sim.compose("population.customers=3000", "periods=36", "replications=1", "~mechanism.life_events")
    market = sim.Market(world)
    records, told = Records(market), []
    for _ in range(36):
        market.step()
        records.note()
        told.append(
            {name: market.table[name].copy() for name in ("relation", "relation_age", "bought", "satisfaction")}
            | {"transitions": market.total("transitions")}
        )
    return market, records.frame("records"), told


def test_transitions_are_conserved(months):
    market, _, told = months
    before = np.zeros_like(told[0]["relation"])
    for month in told:
        moves = month["transitions"]
        for f in range(len(market.firms)):
            assert moves[f].sum(axis=1).tolist() == np.bincount(before[f], minlength=6).tolist()
            assert moves[f].sum(axis=0).tolist() == np.bincount(month["relation"][f], minlength=6).tolist()
        before = month["relation"]
    last = sum(month["transitions"].sum(axis=0) for month in told[12:])
    assert (last[NONE, 2:] == 0).all()
    assert (last[1:, NONE] == 0).all()
    assert last[DEGENERATION, STABILITY] > 0


def test_the_market_follows_the_table_and_the_dwell_times_add_up(months):
    _, _, told = months
    for earlier, later in itertools.pairwise(told):
        stayed = earlier["relation"] == later["relation"]
        assert (later["relation_age"] == np.where(stayed, earlier["relation_age"] + 1, 1)).all()
    earlier, later = told[-2], told[-1]
    for f, i in [(f, i) for f in range(len(later["relation"])) for i in range(0, 3000, 7)]:
        window = [bool(later["bought"][f, i] >> b & 1) for b in range(24)]
        assert later["relation"][f, i] == by_hand(earlier["relation"][f, i], window, later["satisfaction"][f, i] / 1024)
        assert sum(window[:12]) == frequency(later["bought"][f, i] & u4(0xFFF))
        assert recency(later["bought"][f, i]) == (window.index(True) if any(window) else 32)


def test_the_records_count_the_customers_of_each_stage(months):
    market, frame, told = months
    for period in (0, 11, 35):
        rows = frame[frame["period"] == period].set_index("firm")
        for firm in market.firms:
            stage, age = told[period]["relation"][firm.index], told[period]["relation_age"][firm.index]
            assert all(rows.loc[firm.name, name] == (stage == s).sum() for name, s in COUNTED.items())
            stable = age[stage == STABILITY]
            assert len(stable) == 0 or rows.loc[firm.name, "mean_stability"] == stable.mean()
    begun, ended = frame.groupby("firm")["relations_begun"].sum(), frame.groupby("firm")["relations_ended"].sum()
    under_way = frame[frame["period"] == 35].set_index("firm")[list(COUNTED)].sum(axis=1)
    assert (begun - ended).loc[under_way.index].tolist() == under_way.tolist()


def test_who_has_left_is_not_counted_and_who_moves_in_knows_nobody():
    world = sim.compose("population.customers=3000", "periods=40", "mechanism.life_events.departure=0.02")
    market, moved_in = sim.Market(world), 0
    there = market.table["alive"].copy()
    for _ in range(40):
        market.step()
        assert (market.total("transitions").sum(axis=(1, 2)) == there.sum()).all()
        new = market.table["alive"] & ~there
        assert (market.table["relation"][:, new] == NONE).all()
        moved_in += new.sum()
        there = market.table["alive"].copy()
    assert moved_in > 0


def test_it_changes_nothing_in_the_market(world):
    with_it = world("periods=6", "~mechanism.customer_management")
    without = with_it.replace(mechanism={n: m for n, m in with_it.mechanism.items() if n != "life_cycle"})
    books = []
    for scenario in (with_it, without):
        market = sim.Market(scenario)
        market.run_for(6)
        books.append((market.table["provider"].tobytes(), [firm.books for firm in market.firms]))
    assert books[0] == books[1]


def test_without_satisfaction_only_purchases_count():
    market = sim.Market(sim.compose("population.customers=500", "mechanism=[life_cycle]", "periods=5"))
    market.run_for(5)
    assert market.total("transitions").sum() == 500 * len(market.firms)
    assert len(STAGES) == 6
    assert (np.unique(market.table["relation"]) <= STABILITY).all()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("formation_months=5", "formation_months <= stability_months = 4"),
        ("idle_after=20", "idle_after <= end_after = 12"),
    ],
)
def test_stages_out_of_order_are_refused(world, word, said):
    with pytest.raises(sim.ConfigError, match=said):
        world(f"mechanism.life_cycle.{word}")
