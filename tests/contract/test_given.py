"""What a market is given from outside: anything but what it can use is one line, and nothing has changed."""

import pickle

import numpy as np
import pytest

import sim
from sim.market.agents import Customer

HEADS = 60


def world(*words):
    return sim.compose(f"population.customers={HEADS}", "periods=24", "replications=1", *words)


@pytest.fixture(scope="module")
def market():
    market = sim.Market(world())
    market.step()
    return market


@pytest.mark.parametrize("scenario", ["intercity", None, 5, {"seed": 1}, ["x" * 999], sim.Scenario])
def test_a_market_is_made_of_a_scenario(scenario):
    with pytest.raises(sim.ConfigError, match="^expected a Scenario, got") as caught:
        sim.Market(scenario)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("rng", ["one", 1.5, [1], -1, np.float64(2), np.arange(2)])
def test_a_seed_is_a_whole_number(rng):
    with pytest.raises(sim.ConfigError, match="rng|seed"):
        sim.Market(world("mechanism=[]"), rng=rng)
    assert sim.Market(world("mechanism=[]"), rng=np.int64(3)).seed == 3


WRONG = {
    "too few": np.arange(HEADS - 1), "too many": np.arange(HEADS + 1), "twice": np.zeros(HEADS, int), "text": "abc",
    "below": np.arange(HEADS) - 1, "above": np.arange(HEADS) + 2**32, "parts": np.arange(HEADS) + 0.5, "number": 5,
    "table": np.arange(HEADS).reshape(2, -1), "true": np.ones(HEADS, bool),
}  # fmt: skip


@pytest.mark.parametrize("identity", WRONG.values(), ids=WRONG.keys())
def test_identities_are_as_many_different_numbers(identity):
    with pytest.raises(sim.ConfigError, match="^identity: expected 60 "):
        sim.Market(world("mechanism=[]"), identity=identity)
    sim.Market(world("mechanism=[]"), identity=np.arange(HEADS)[::-1] + 2**32 - HEADS)


OTHERS = {
    "a firm less": ["~firms.thrift"], "more customers": ["population.customers=61"], "fewer": ["population.customers=59"],
    "no mechanisms": ["mechanism=[]"], "one mechanism less": ["~mechanism.word_of_mouth"],
    "one without columns less": ["~mechanism.signature"], "another market": ["scenario=telecom"],
    "three blocks": ["population.customers=20000"], "other firms": ["scenario=two_leaders"],
}  # fmt: skip


@pytest.mark.parametrize("words", OTHERS.values(), ids=OTHERS.keys())
def test_a_snapshot_of_another_scenario_is_one_line_and_changes_nothing(market, words):
    before = pickle.dumps(market.snapshot())
    with pytest.raises(sim.ConfigError, match="^restore: expected a snapshot of a market of the same scenario; its ") as e:
        market.restore(sim.Market(world(*words)).snapshot())
    assert "\n" not in str(e.value)
    assert pickle.dumps(market.snapshot()) == before


@pytest.mark.parametrize("state", [None, 5, "now", {}, {"period": 3}, [1]])
def test_what_is_no_snapshot_is_one_line(market, state):
    with pytest.raises(sim.ConfigError, match="^restore: expected a snapshot of a market of the same scenario, got"):
        market.restore(state)


def test_a_snapshot_of_the_same_scenario_with_other_values_is_taken():
    one, other = sim.Market(world()), sim.Market(world("mechanism.imitation.lag=9", "firms.thrift.markup=0.3", "seed=4"))
    one.step()
    other.restore(one.snapshot())
    assert other.period == 1 and other.table["paid"].tolist() == one.table["paid"].tolist()


def test_a_firm_that_is_not_there_is_one_line(market):
    with pytest.raises(sim.ConfigError, match="firm 'thrif': unknown firm; nearest valid name: 'thrift'"):
        market.firm("thrif")


def wrong(column, axes):
    """Values that a column cannot hold, by its kind."""
    yield from ("text", None, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], np.zeros((2, 2)), 1j)
    if column.dtype[0] == "f":
        yield from (np.nan, np.inf, -np.inf, 1e300)
    elif column.dtype != "bool":
        info = np.iinfo(column.dtype)
        yield from (int(info.max) + 1, int(info.min) - 1, 0.5, np.nan, 1e300)
    if column.place_of:
        yield from (axes[column.place_of], column.initial - 1, axes[column.place_of] + 3)


def test_a_customer_cannot_be_given_what_a_column_does_not_hold(market):
    """Every column and every kind of wrong value; a place that is not there would be read outside of arrays."""
    tried = 0
    for name, column in market.table.columns.items():
        before = market.table[name].tobytes()
        for value in wrong(column, market.axes):
            with pytest.raises(sim.ConfigError, match=f"^customer 7: {name} = "):
                setattr(market.customers[7], name, value)
            tried += 1
        assert market.table[name].tobytes() == before, name
    assert tried > 300


def test_what_a_column_holds_is_taken(market):
    who = Customer(market, 3)
    who.price_sensitivity, who.alive, who.provider_before, who.taste = 0.5, True, 2, [0.1, 0.2, 0.3, 0.4]
    assert (who.price_sensitivity, who.alive, who.provider_before) == (0.5, True, 2)
    assert who.taste.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    with pytest.raises(AttributeError, match="a customer has no 'wealth'"):
        who.wealth = 5
