"""Who is not there moves nobody's draws and leaves no points or contracts; threads, numbers and copies do not matter."""

import copy

import numpy as np
import pytest
from comers import FIXED, market_of, record, recorded


def providers(market):
    """Provider of every customer by name."""
    return np.array([*[f.name for f in market.firms], "nobody"])[market.table["provider"]]


def test_who_cannot_buy_from_a_new_firm_chooses_as_if_it_were_not_there():
    mechanisms = "mechanism=[entry,awareness,contexts,evidence,loyalty_programme,purchase_incidence,random_tastes,satisfaction,signature]"
    common = [mechanisms, "mechanism.awareness.consideration=0", "mechanism.awareness.contagion=0", "mechanism.entry.answer_advertising=0",
              "mechanism.entry.answer_cut=0", *FIXED]  # fmt: skip
    base = market_of(*common, customers=4000, without=["echo"])
    more = market_of(
        *common, "+mechanism.entry.niche.echo=[solo_modest]", "+mechanism.entry.opening.echo=2", customers=4000
    )
    outside, moved = base.table["segment"] != base.segments.index("solo_modest"), 0
    for _ in range(6):
        base.step()
        more.step()
        before, after = providers(base), providers(more)
        assert (before[outside] == after[outside]).all()
        assert (base.table["satisfaction"][0][outside] == more.table["satisfaction"][0][outside]).all()
        moved += (before != after).sum()
    assert moved > 10


def test_a_firm_that_leaves_moves_its_own_customers_only():
    common = ["mechanism=[entry]", "firms.thrift.opening_cash=-1"]
    stays, leaves = (
        market_of(*common, customers=20_000),
        market_of(*common, "+mechanism.entry.patience.bus=1", customers=20_000),
    )
    for month in range(3):
        stays.step()
        leaves.step()
        before, after = providers(stays), providers(leaves)
        own = before == "thrift"
        assert own.sum() > 100
        assert (before[~own] == after[~own]).all()
        assert (after[own] != "thrift").all() == (month > 0)


@pytest.mark.parametrize("consideration", [0, 3])
def test_a_firm_that_never_comes_is_a_firm_that_does_not_exist(consideration):
    """With every mechanism: no choice, no cent, no record of the others is another one."""
    never = ["mechanism.entry.invited=[echo]", "+mechanism.entry.opens.bus=999"]
    common = [f"mechanism.awareness.consideration={consideration}", "mechanism.innovation.productivity=3"]
    absent, less = market_of(*common, *never), market_of(*common, without=["echo"])
    one, two = recorded(absent, 8), recorded(less, 8)
    assert (providers(absent) == providers(less)).all()
    everybody = one[0].sort_index()
    assert everybody.drop("echo").equals(two[0].sort_index())
    assert one[1].drop(columns="hhi").equals(two[1].drop(columns="hhi"))
    assert np.allclose(one[1]["hhi"], two[1]["hhi"], rtol=1e-12), "a sum over one more zero"
    echo = everybody.loc["echo"]
    assert not echo["trading"].any()
    assert echo[["purchases", "share", "revenue", "cost"]].eq(0).all().all()


def test_what_is_usual_is_usual_among_those_who_are_there():
    still = "~mechanism.life_events"
    market = market_of("+mechanism.entry.opening.echo=2", still, customers=9000)
    everybody = market_of(still, customers=9000)
    echo = market.firm("echo").index
    assert np.abs(market.table["usual"].sum(axis=0, dtype=int) - 65535).max() <= 4
    market.run_for(2)
    assert not market.table["usual"][echo].any()
    assert not market.table["habit"][echo].any()
    market.step()
    assert (market.table["usual"] == everybody.table["usual"]).all()
    assert market.table["habit"][echo].mean() < market.table["usual"][echo].mean() / 2, "habits take longer"


def test_points_are_void_and_contracts_over_when_the_firm_is_gone():
    market = market_of(
        "+mechanism.entry.patience.bus=3", "firms.mosaic.opening_cash=-9", "firms.mosaic.presence=1", "mechanism.contract.months.bus=12",
        "mechanism.contract.penalty.bus=5", "~mechanism.life_events", customers=3000,
    )  # fmt: skip
    mosaic, liability = market.firm("mosaic").index, 0
    for month in range(6):
        if month == 3:
            assert liability > 0
            assert (market.table["contract_with"] == mosaic).any()
        market.step()
        t = {
            name: int(market.total(f"points_{name}")[mosaic])
            for name in ("earned", "redeemed", "expired", "at_partners")
        }
        liability += t["earned"] - t["redeemed"] - t["expired"] - t["at_partners"]
        owed = record(market, "loyalty_programme")["points_liability"][mosaic]
        assert market.table["points"][mosaic].sum() == liability == owed
        assert market.total("bound").sum() == (market.table["contract_with"] >= 0).sum()
    assert not market.firm("mosaic").trading
    assert liability == 0
    assert not (market.table["contract_with"] == mosaic).any()
    assert not market.total("penalties")[mosaic], "nobody pays a firm that is gone"


BUSY = [
    "experiment=opening", "mechanism.entry.opens.bus=3", "mechanism.entry.watch=1", "mechanism.entry.chance=0.7",
    "mechanism.entry.patience.bus=2", "firms.nightowl.opening_cash=0", "firms.mosaic.opening_cash=0.1",
    "+mechanism.entry.franchise.thrift=echo",
    "+mechanism.tenders.institutions.county={modes:[bus],batch:20,months:3,first:1,seats:0,comfort:-9,price_cap:90,solvent:false,"
    "weights:{price:1,practicality:0,novelty:0,service:0},delay:0.4,default:0.1}",
]  # fmt: skip


def bits(market):
    told = {name: {k: v.tobytes() for k, v in record(market, name).items()} for name in ("entry", "tenders")}
    awards = [(buyer.awards, buyer.supplier, buyer.owed) for buyer in market.institutions]
    return {n: market.table[n].tobytes() for n in market.table.columns}, [f.books for f in market.firms], told, awards


def test_threads_numbering_and_copies_do_not_matter():
    straight = market_of(*BUSY, customers=9000)
    straight.run_for(5)
    there = copy.deepcopy(straight.snapshot())
    straight.run_for(3)
    assert {f.name for f in straight.firms if not f.trading}, "somebody is absent"
    after = bits(straight)
    straight.restore(there)
    straight.run_for(3)
    assert bits(straight) == after
    fresh = market_of(*BUSY, customers=9000)
    fresh.restore(there)
    fresh.run_for(3)
    assert bits(fresh) == after
    order = np.random.default_rng(3).permutation(9000)
    turned = market_of(*BUSY, "threads=2", customers=9000, identity=order)
    turned.run_for(8)
    assert (straight.table["provider"][order] == turned.table["provider"]).all()
    assert bits(turned)[1:] == after[1:]
