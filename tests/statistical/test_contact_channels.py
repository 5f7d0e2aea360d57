"""Channels are preferred as often as asked, shift shares as the logit says, and are paid for to the cent."""

import dataclasses

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError

N = 100_000
NAMES = ["hotline", "branch", "online", "account_manager", "third_party"]
ONLY = "+mechanism.contact_channels.offered.thrift=[third_party,branch]"
STRONG = "mechanism.contact_channels.friction={hotline:0.3,branch:2.0,online:0.1,account_manager:0.1,third_party:0.8}"


def market_of(*overrides, mechanisms="contact_channels", customers=N):
    scenario = sim.compose(
        f"population.customers={customers}", "periods=1", "seed=12", f"mechanism=[{mechanisms}]", *overrides
    )
    market = sim.Market(scenario)
    market.step()
    return market


@pytest.fixture(scope="module")
def market():
    return market_of(ONLY, STRONG)


def preference(market):
    rows = market.world.mechanism["contact_channels"].preference
    return np.array([[rows[s][c] for c in NAMES] for s in market.segments])


def effort(market, firm):
    """(segments, channels) friction and detour over the segment's mean, written out."""
    spec = market.world.mechanism["contact_channels"]
    friction = np.array([spec.friction[c] for c in NAMES])
    reached = friction.copy()
    if firm.name == "thrift":
        reached[[0, 2, 3]] = friction[4] + spec.detour
    return (reached[None, :] - (preference(market) @ friction)[:, None]) * firm.mode.timetabled


def test_shares_are_the_logit_over_preferred_channels(market):
    table, p = market.table, preference(market)[market.table["segment"]]
    probability = np.zeros((len(market.firms), N))
    for c in range(len(NAMES)):
        rows = []
        for firm in market.firms:
            m = firm.mode_index
            fare = table["price_sensitivity"].astype(float) * table["journey"][m] * firm.spec.list_price
            lost = effort(market, firm)[table["segment"], c]
            rows.append(table["standard_appeal"][m] + np.log(firm.spec.presence) - fare - lost)
        odds = np.exp(np.array(rows))
        probability += p[:, c] * odds / (1 + odds.sum(axis=0))
    error = np.sqrt((probability * (1 - probability)).sum(axis=1))
    z = (market.total("purchases") - probability.sum(axis=1)) / error
    assert np.abs(z).max() < 4, z


def test_the_firm_whose_channels_nobody_likes_loses():
    thrift = market_of(STRONG).firm("thrift").index
    before, after = market_of(STRONG).total("purchases")[thrift], market_of(ONLY, STRONG).total("purchases")[thrift]
    assert before - after > 4 * np.sqrt(before + after)


def test_only_channels_that_the_firm_runs_are_used_and_no_one_calls_his_own_car(market):
    channel, provider = market.table["channel"], market.table["provider"]
    thrift, car, train = (market.firm(name).index for name in ("thrift", "car", "train"))
    assert set(channel[provider == thrift]) == {1, 4}
    assert set(channel[provider == car]) == {-1}
    assert set(channel[provider == -1]) == {-1}
    assert set(channel[provider == train]) == {0, 1, 2, 3, 4}
    assert (market.total("third_party")[thrift]) == (channel[provider == thrift] == 4).sum()


def test_without_friction_every_channel_is_used_as_often_as_it_is_preferred():
    none = "mechanism.contact_channels.friction={hotline:0,branch:0,online:0,account_manager:0,third_party:0}"
    market = market_of(none, "mechanism.contact_channels.detour=0")
    used = market.table["channel"] >= 0
    for s, row in enumerate(preference(market)):
        own = market.table["channel"][used & (market.table["segment"] == s)]
        share = np.bincount(own, minlength=len(NAMES)) / len(own)
        assert (np.abs(share - row) <= 4 * np.sqrt(row * (1 - row) / len(own))).all()


def test_the_surveyed_market_hardly_moves():
    """Centred on what is usual: with the shipped values no firm's share moves by a tenth of a point."""
    moved = market_of().total("purchases") - market_of(mechanisms="").total("purchases")
    assert np.abs(moved).max() / N < 0.001


def test_contacts_are_billed_over_the_usual_and_lose_quality(market):
    spec = market.world.mechanism["contact_channels"]
    cost, control = (np.array([getattr(spec, name)[c] for c in NAMES]) for name in ("cost", "control"))
    p, table = preference(market), market.table
    cents = np.rint((cost - (p @ cost)[:, None]) * 100)
    loss = control - (p @ control)[:, None]
    used = table["channel"] >= 0
    where = table["segment"][used], table["channel"][used]
    assert table["quality"][used] == pytest.approx(-loss[where], abs=1e-6)
    assert not table["quality"][~used].any()
    due = np.bincount(table["provider"][used], cents[where], len(market.firms))
    assert market.total("contact_cents").tolist() == due.tolist()


def test_the_bill_reaches_the_books_of_modelled_firms():
    accounts = "contact_channels,cost_accounting"
    free = ",".join(f"{c}:0" for c in NAMES)
    with_it = market_of(ONLY, mechanisms=accounts, customers=5000)
    without = market_of(ONLY, f"mechanism.contact_channels.cost={{{free}}}", mechanisms=accounts, customers=5000)
    for firm in with_it.firms:
        due = with_it.total("contact_cents")[firm.index] / 100 if firm.mode.seats else 0
        assert firm.books["cost"] - without.firm(firm.name).books["cost"] == pytest.approx(due, abs=0.02), firm.name
    assert with_it.total("contact_cents")[with_it.firm("thrift").index] > 0


def changed(**changes):
    """The shipped scenario with some values of the mechanism changed."""
    scenario = sim.compose()
    spec = dataclasses.replace(scenario.mechanism["contact_channels"], **changes)
    return scenario.replace(mechanism=dict(scenario.mechanism) | {"contact_channels": spec})


PREFERENCE = dict(sim.compose().mechanism["contact_channels"].preference)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"preference": {"party": {"hotline": 1.0, "fax": 0.0}}},
            "preference.party.fax: unknown channel; valid names: ",
        ),
        ({"preference": {"party": {"hotline": 0.5, "online": 0.4}}}, "preference.party: expected a sum of 1, got 0.9"),
        ({"preference": PREFERENCE | {"parties": {"hotline": 1.0}}}, "unknown segment; nearest valid name: 'party'"),
        ({"preference": {"party": {"hotline": 1.0}}}, "preference.solo_modest: missing"),
        ({"offered": {"thrift": ()}}, "offered.thrift = []: expected at least one channel"),
        ({"offered": {"thrift": ("onlin",)}}, "offered.thrift.onlin: unknown channel; nearest valid name: 'online'"),
        ({"offered": {"thrifty": ("online",)}}, "offered.thrifty: unknown firm; nearest valid name: 'thrift'"),
        ({"cost": {"hotline": 1.0}}, "cost: expected the channels of friction"),
        ({"friction": {}, "cost": {}, "control": {}}, "preference: expected none without channels"),
    ],
)
def test_mistakes_are_said_in_one_line(changes, said):
    with pytest.raises(ConfigError) as error:
        changed(**changes)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_lists_of_channels_can_be_given_on_the_command_line():
    assert sim.compose(ONLY).mechanism["contact_channels"].offered["thrift"] == ("third_party", "branch")
