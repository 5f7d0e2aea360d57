"""Mesa's own tools work on a market."""

import mesa
import numpy as np
import pytest

import sim
from sim.market.agents import Customer, Firm


@pytest.fixture(scope="module")
def market(played):
    return played(periods=4)


def test_the_market_is_a_mesa_model_and_firms_are_its_agents(market):
    assert isinstance(market, mesa.Model)
    assert sorted(f.name for f in market.agents_by_type[Firm]) == [f.name for f in market.firms]


def test_a_customer_is_a_handle_on_a_row(market):
    customer = market.customers[17]
    assert isinstance(customer, mesa.Agent)
    index = market.table["provider"][17]
    assert customer.provider == (None if index < 0 else market.firms[index].name)
    assert customer.satisfaction.tolist() == market.table["satisfaction"][:, 17].tolist()
    with pytest.raises(AttributeError, match="no 'whim'"):
        _ = customer.whim


def test_agent_set_select_agg_get(market):
    customers = market.agents_by_type[Customer]
    assert len(customers) == 2000
    sensitivity = customers.get("price_sensitivity")
    assert customers.agg("price_sensitivity", [np.min, np.max]) == [sensitivity.min(), sensitivity.max()]
    travellers = customers.select(lambda c: c.provider is not None)
    assert len(travellers) == (market.table["provider"] >= 0).sum() > 0
    assert len(customers.select(sensitivity > np.median(sensitivity))) == 1000
    assert len(customers.select(at_most=0.1)) == 200
    assert len(customers.groupby("segment").groups) == 3
    dearest = market.agents_by_type[Firm].agg("price", max)
    assert dearest == max(f.price for f in market.firms)


def test_customers_do_step_one_by_one_is_the_compiled_period(world):
    alone = world(
        "population.customers=150", "~mechanism.perishability", "~mechanism.capacity"
    )  # whose queue needs everybody at once
    whole, single = sim.Market(alone), sim.Market(alone)
    for _ in range(3):
        whole.step()
        single.open()
        for customer in single.customers:
            customer.step()
        single.close()
    for name in whole.table.columns:
        assert whole.table[name].tobytes() == single.table[name].tobytes(), name
    assert [f.cash_cents for f in whole.firms] == [f.cash_cents for f in single.firms]


def test_data_collector(market):
    frame = market.datacollector.get_agenttype_vars_dataframe(Firm)
    assert frame["purchases"].groupby("Step").sum().tolist() == market.datacollector.model_vars["purchases"]


def test_batch_run(world):
    rows = mesa.batch_run(
        sim.Market,
        {"scenario": world()},
        rng=[1, 2],
        number_processes=1,
        data_collection_period=-1,
        display_progress=False,
    )
    bought = {row["RunId"]: row["purchases"] for row in rows}
    assert len(set(bought.values())) == 2


def test_run_for_plays_periods(world):
    market = sim.Market(world())
    market.run_for(2)
    assert market.period == 2
    assert market.running
    market.run_for(1)
    assert not market.running


def test_a_market_whose_month_ended_in_an_error_says_so_until_it_is_restored(monkeypatch):
    """Mesa's schedule ends silently with the first error: later steps would play nothing, without a word."""
    market = sim.Market(sim.compose("population.customers=200", "periods=9"))
    market.step()
    before = market.snapshot()
    with monkeypatch.context() as patch:
        patch.setattr(market.firms[0], "decide", lambda seen: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            market.step()
    for _ in range(2):
        with pytest.raises(sim.ConfigError, match="market: month 1 ended in an error; restore a snapshot"):
            market.step()
    with pytest.raises(sim.ConfigError, match="month 1"):
        market.run_for(3)
    market.restore(before)
    market.step()
    market.run_for(2)
    straight = sim.Market(market.world)
    straight.run_for(4)
    assert market.period == straight.period == 4
    assert [f.books for f in market.firms] == [f.books for f in straight.firms]
