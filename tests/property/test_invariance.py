"""What must not matter does not: the order of firms, the numbering of customers, threads, blocks."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

import sim
from sim.market.records import Records
from sim.world.scenario import Scenario


def bits(market):
    """Every column and every book, as bytes and cents."""
    return {name: market.table[name].tobytes() for name in market.table.columns}, [f.cash_cents for f in market.firms]


def play(scenario, periods=4, **kwargs):
    market = sim.Market(scenario, **kwargs)
    for _ in range(periods):
        market.step()
    return market


def test_same_seed_same_bits_and_another_seed_others(world):
    assert bits(play(world())) == bits(play(world()))
    assert bits(play(world())) != bits(play(world("seed=2")))


def test_zero_is_a_seed(world):
    assert bits(play(world("seed=0"))) != bits(play(world("seed=1")))


def test_one_and_two_threads_give_the_same_bits():
    scenario = sim.compose("population.customers=30000", "periods=4")
    assert bits(play(scenario)) == bits(play(scenario.replace(threads=2)))


def test_order_of_firms_in_the_config_changes_nothing():
    from sim.world.composing.configuration import load, plain

    values = plain(load(["population.customers=2000"]))
    turned = values | {
        "firms": dict(reversed(values["firms"].items())),
        "mechanism": dict(reversed(values["mechanism"].items())),
    }
    assert list(turned["firms"]) != list(values["firms"])
    assert bits(play(Scenario.from_config(values))) == bits(play(Scenario.from_config(turned)))


def test_renumbering_customers_changes_nothing(world):
    scenario = world("population.customers=20000")
    order = np.random.default_rng(0).permutation(20000)
    straight, shuffled = play(scenario, 6), play(scenario, 6, identity=order)
    for name in straight.table.columns:
        assert (straight.table[name][..., order] == shuffled.table[name]).all(), name
    assert [f.books for f in straight.firms] == [f.books for f in shuffled.firms]
    for name in straight.tally:
        assert straight.total(name).tolist() == shuffled.total(name).tolist(), name


@pytest.mark.parametrize(
    "words",
    [
        ["scenario=intercity"], ["scenario=telecom", "periods=24"], ["mechanism=[random_tastes]"], ["mechanism=[]"],
        ["records=panel"], ["mechanism.word_of_mouth.kind=block"],
        ["firms.thrift.pricing=logit_bertrand", "mechanism=[satisfaction]"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_renumbering_customers_leaves_every_record_bit_for_bit(words):
    scenario = sim.compose("population.customers=3000", "periods=24", *words)
    orders = [None, *(np.random.default_rng(k).permutation(3000) for k in range(3)), np.arange(3000)[::-1]]
    told = []
    for identity in orders:
        market = sim.Market(scenario, identity=identity)
        records = Records(market)
        for _ in range(4):
            market.step()
            records.note()
        told.append({table: records.frame(table) for table in records.columns})
        if records.panel is not None:
            told[-1]["panel"] = records.panel.frame()
    for other in told[1:]:
        for table, frame in told[0].items():
            pd.testing.assert_frame_equal(frame, other[table], check_exact=True, obj=table)


def test_raising_one_price_moves_nobody_between_other_firms(world):
    common = ("mechanism=[]", "population.customers=50000", "periods=1")
    base, dearer = play(world(*common), 1), play(world(*common, "firms.thrift.list_price=45"), 1)
    before, after = base.table["provider"], dearer.table["provider"]
    thrift = next(f.index for f in base.firms if f.name == "thrift")
    assert ((before == thrift) & (after != thrift)).sum() > 20
    assert (before[before != thrift] == after[before != thrift]).all()


def test_a_firm_added_leaves_the_draws_of_the_others_alone(world):
    base, more = play(world("mechanism=[]"), 1), play(world("mechanism=[]", "experiment=speed"), 1)
    names = [np.array([*[f.name for f in m.firms], "nobody"])[m.table["provider"]] for m in (base, more)]
    stayed = ~np.isin(names[1], ["comet", "nova"])
    assert (names[0][stayed] == names[1][stayed]).all()


@pytest.mark.parametrize("table", ["firms", "market", "features", "replications"])
def test_runs_give_the_same_tables(world, table):
    one, two = (getattr(sim.run(world("replications=2", "periods=6")), table) for _ in range(2))
    assert one.equals(two)


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda market: pickle.loads(pickle.dumps(market))], ids=["deepcopy", "pickle"]
)
def test_a_market_copied_in_mid_run_goes_on_bit_for_bit(world, duplicate):
    market = play(world("periods=20", "mechanism.innovation.productivity=3"), 8)
    other = duplicate(market)
    for _ in range(8):
        market.step()
        other.step()
    assert bits(market) == bits(other)
    assert [f.fidelity for f in market.features] == [f.fidelity for f in other.features]
    assert other.period == 16


def test_a_market_can_go_back_to_a_snapshot(world):
    market = play(world("periods=20"), 5)
    there = copy.deepcopy(market.snapshot())
    market.run_for(3)
    later = bits(market)
    market.restore(there)
    assert market.period == 5
    market.run_for(3)
    assert bits(market) == later
