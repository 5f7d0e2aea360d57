"""Seats: none sold twice, nobody favoured, and everybody who was turned away is accounted for."""

import numpy as np
import pytest

import sim

SCARCE = ["population.customers=20000", "mechanism.perishability.seats.bus=0.03", "mechanism.perishability.crowding=0"]


def scarce(*overrides, mechanism="[perishability]"):
    return sim.Market(sim.compose(f"mechanism={mechanism}", *SCARCE, *overrides))


@pytest.mark.parametrize("mechanism", ["[perishability]", "all"])
def test_no_seat_is_sold_twice_and_everybody_is_accounted_for(mechanism):
    market = scarce(mechanism=mechanism)
    for _ in range(8):
        market.step()
        seats, seated = market.kept["seats"], market.total("seated")
        assert (seated <= seats).all()
        assert seated.sum() == market.total("purchases").sum()
        turned, unserved = market.total("second_choices").sum(), market.total("unserved").sum()
        first = seated.sum() - turned
        assert first + turned + unserved == market.total("wanted").sum()
        assert turned > 0
        assert unserved > 0


def test_where_seats_are_enough_nothing_changes():
    plenty = scarce("mechanism.perishability.seats.bus=9")
    without = sim.Market(sim.compose("mechanism=[]", "population.customers=20000"))
    plenty.step()
    without.step()
    assert (plenty.table["provider"] == without.table["provider"]).all()
    assert plenty.total("unserved").sum() == 0


def test_who_is_turned_away_takes_the_best_of_the_rest():
    """The same shocks, with the full firms closed: a market in which they ask the moon."""
    market, free = scarce(), sim.Market(sim.compose("mechanism=[]", *SCARCE[:1]))
    market.step()
    free.step()
    full = (market.kept["seats_left"] == 0).all(axis=1)
    assert full.any()
    names = [f.name for f in market.firms]
    closed = [f"firms.{n}.list_price=90000" for n, shut in zip(names, full, strict=True) if shut]
    rest = sim.Market(sim.compose("mechanism=[]", *SCARCE[:1], *closed))
    rest.step()
    moved = market.table["provider"] != free.table["provider"]
    assert moved.sum() > 100
    wished = free.table["provider"][moved]
    assert full[wished].all()
    took, would = market.table["provider"][moved], rest.table["provider"][moved]
    assert (took == would).mean() > 0.97, "a few find their second choice full in one context and not in another"


def test_the_queue_favours_nobody():
    """The heavy user and the one who prefers the firm most get a seat as often as the others who want one."""
    wanted = sim.Market(sim.compose("mechanism=[]", *SCARCE[:1], "population.customers=200000"))
    market = scarce("population.customers=200000")
    wanted.step()
    market.step()
    bus = [f.index for f in market.firms if f.mode.timetabled and f.spec.mode == "bus"]
    queue = np.isin(wanted.table["provider"], bus) & (market.table["context"] == 0)
    got = queue & (market.table["provider"] == wanted.table["provider"])
    chance = got.sum() / queue.sum()
    keen = market.table["price_sensitivity"] < np.median(market.table["price_sensitivity"][queue])
    early = np.arange(market.heads) < market.heads // 2
    for group in (keen, early, market.table["segment"] == 0):
        among = queue & group
        assert abs((got & group).sum() / among.sum() - chance) < 4 * np.sqrt(chance * (1 - chance) / among.sum())


def test_threads_and_single_customers_share_the_seats():
    one, two = scarce("population.customers=30000"), scarce("population.customers=30000", "threads=2")
    one.run_for(3)
    two.run_for(3)
    assert (one.table["provider"] == two.table["provider"]).all()
    market = scarce("population.customers=400")
    market.open()
    for customer in market.customers:
        customer.step()
    market.close()
    assert (market.total("seated") <= market.kept["seats"]).all()


def test_a_crowd_costs_those_who_are_in_it_quality():
    calm, crowded = scarce(), scarce("mechanism.perishability.crowding=2")
    calm.step()
    crowded.step()
    assert (calm.table["provider"] == crowded.table["provider"]).all(), "nobody knows of the crowd beforehand"
    lost = calm.total("quality") - crowded.total("quality")
    seats = crowded.kept["seats"]
    load = np.where(seats > 10**9, 0, crowded.total("seated") / np.maximum(seats, 1))
    expected = (2 * np.maximum(load - 0.7, 0) * crowded.total("seated")).sum(axis=1)
    assert crowded.off_grid(lost) == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_flexibility_moves_seats_to_where_they_are_wanted():
    market = sim.Market(
        sim.compose(
            "mechanism=[perishability,capability]", *SCARCE, "mechanism.perishability.split={ordinary: 0.4, peak: 0.1, night: 0.5}",
            "firms.nightowl.budget=1",
        )
    )  # fmt: skip
    market.run_for(24)
    owl, thrift = (next(f.index for f in market.firms if f.name == n) for n in ("nightowl", "thrift"))
    wanted = market.total("wanted") / market.total("wanted").sum(axis=1, keepdims=True)
    seats = market.kept["seats"]
    share = seats / seats.sum(axis=1, keepdims=True)
    assert np.abs(share[owl] - wanted[owl]).max() < 0.1
    assert np.abs(share[thrift] - wanted[thrift]).max() > 0.2
