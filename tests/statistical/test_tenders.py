"""Tenders: who is admitted, who wins and who is paid what, by hand and to the cent."""

import math
import pickle

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.market.agents import Institution
from sim.market.records import Records
from sim.science.rules.tenders import practicality

PLAIN = "mechanism=[tenders,cost_accounting]"
TERMS = {
    "modes": "[bus]", "batch": 10, "months": 3, "first": 1, "seats": 0, "comfort": -9, "price_cap": 90, "solvent": "false",
    "weights": "{price:1,practicality:0,novelty:0,service:0}", "delay": 0, "default": 0,
}  # fmt: skip


def buyer(name="county", **changes):
    terms = ",".join(f"{key}:{value}" for key, value in (TERMS | changes).items())
    return f"+mechanism.tenders.institutions.{name}={{{terms}}}"


def market_of(*overrides, customers=500, periods=12):
    return sim.Market(
        sim.compose(f"population.customers={customers}", f"periods={periods}", "replications=1", *overrides)
    )


def record(market):
    """What firms bid, won, delivered and were paid in the last month."""
    return market.world.mechanism["tenders"].on_record(market)


def test_the_cheapest_wins_at_its_cost_and_its_markup():
    market = market_of(
        PLAIN, buyer(), "+firms.thrift.policy.tenders.bid_markup=0.1", "mechanism.tenders.bid_markup=0.25"
    )
    market.step()
    assert not market.institutions[0].awards, "the first tender is in month 1"
    market.step()
    assert market.institutions[0].awards == [
        {"institution": "county", "period": 1, "firm": "thrift", "price": 28.6, "bids": 5}
    ]
    assert record(market)["bids"].sum() == 5


def test_the_score_by_hand():
    weights = "{price:0.4,practicality:0.3,novelty:0.2,service:0.1}"
    market = market_of(
        "mechanism=[tenders,cost_accounting,signature,capability,innovation]",
        buyer(weights=weights),
        "mechanism.innovation.productivity=3",
    )
    market.run_for(6)
    rule = market.world.mechanism["tenders"]
    market.published = {f.name: f.public_facts() for f in market.firms}
    market.firm("echo").complaints = {"comfort": 2, "delivery": 1}
    bids = {"echo": 3000, "grandcoach": 4500}
    scores, facts = rule.scores(market, "county", bids), market.published["grandcoach"]
    features = sum(f.offered.get("grandcoach", 0.0) for f in market.features)
    assert features > 0
    assert facts.shown["distinctiveness"] > 1
    novel = 1 - math.exp(-(facts.shown["distinctiveness"] + features))
    by_hand = 0.4 * 30 / 45 + 0.3 * (32 / 47 + facts.flexibility + 1) / 3 + 0.2 * novel + 0.1 * 0.8
    assert scores["grandcoach"] == pytest.approx(by_hand)
    echo = market.published["echo"]
    copied = sum(f.offered.get("echo", 0.0) for f in market.features)
    fit = practicality(echo.shown["seats"], 47, echo.flexibility, 3 / max(echo.purchases, 1))
    by_hand = 0.4 + 0.3 * fit + 0.2 * (1 - math.exp(-(max(echo.shown["distinctiveness"], 0) + copied))) + 0.1 * 0.5
    assert scores["echo"] == pytest.approx(by_hand)


def test_ties_are_drawn_and_every_firm_can_win_one():
    """Four coaches with the same cost: the draw is addressed by firm, so that it does not move when another one bids."""
    same = [PLAIN, "firms.grandcoach.strategy=fixed", "firms.grandcoach.seats=47", "firms.thrift.vehicle_cost=30"]
    scenario, won = market_of(*same, buyer(), customers=20, periods=2).world, []
    for seed in range(40):
        market = sim.Market(scenario.replace(seed=seed))
        market.run_for(2)
        award = market.institutions[0].awards[0]
        draws = {
            f: market.uniform("tie in the tender of county", f) for f in ("echo", "grandcoach", "mosaic", "nightowl")
        }
        market.period = 1
        draws = {f: market.uniform("tie in the tender of county", f) for f in draws}
        assert award["firm"] == max(draws, key=draws.get)
        won.append(award["firm"])
    assert set(won) == set(draws)
    assert max(won.count(f) for f in draws) < 40 / 4 + 4 * math.sqrt(40 * 3 / 16)


@pytest.mark.parametrize(
    ("terms", "admitted"),
    [
        ({}, {"echo", "grandcoach", "mosaic", "nightowl", "thrift"}),
        ({"seats": 40}, {"echo", "mosaic", "nightowl", "thrift"}),
        ({"comfort": 0.9}, {"grandcoach"}),
        ({"price_cap": 32}, {"echo", "mosaic", "nightowl", "thrift"}),
        ({"solvent": "true"}, {"echo", "grandcoach", "mosaic", "nightowl"}),
        ({"modes": "[bus,air]"}, {"air", "echo", "grandcoach", "mosaic", "nightowl", "thrift"}),
    ],
)  # fmt: skip
def test_only_who_fits_is_admitted(terms, admitted):
    market = market_of(
        "mechanism=[tenders,cost_accounting,signature]", buyer(**{"price_cap": 200} | terms), "firms.thrift.opening_cash=0",
        "mechanism.tenders.bid_markup=0.2",
    )  # fmt: skip
    market.run_for(2)
    bids = record(market)["bids"]
    assert {f.name for f in market.firms if bids[f.index]} == admitted


def test_a_tender_to_which_nobody_is_admitted_lapses_and_comes_again():
    market = market_of("mechanism=[tenders,cost_accounting,signature]", buyer(comfort=3.5))
    records = Records(market)
    for _ in range(4):
        market.step()
        records.note()
    frame = records.frame("market")
    assert frame["tenders_lapsed"].tolist() == [0, 1, 1, 1]
    assert frame["tenders_awarded"].sum() == 0


def test_every_cent_delivered_is_paid_owed_or_lost_and_cash_follows():
    """A ledger kept beside the market, from the awards and the draws of payment alone."""
    works = buyer("works", batch=7, months=2, weights="{price:0,practicality:0,novelty:1,service:0}", delay=0.5)
    market = market_of(buyer(delay=0.3, default=0.1), works, periods=30)
    firms, terms = len(market.firms), market.world.mechanism["tenders"].institutions
    running, owed = {}, {name: np.zeros(firms, np.int64) for name in terms}
    paid_ever, lost_ever = 0, 0
    for period in range(30):
        before, luck = [f.cash_cents for f in market.firms], {name: market.uniform("payment", name) for name in terms}
        market.step()
        paid, lost, journeys = (np.zeros(firms, np.int64) for _ in range(3))
        for award in [award for buyer in market.institutions for award in buyer.awards]:
            if award["period"] == period:
                assert award["institution"] not in running, "one contract at a time"
                running[award["institution"]] = [market.firm(award["firm"]).index, round(award["price"] * 100), period]
        for name, t in terms.items():
            if name in running:
                f, cents, since = running[name]
                journeys[f] += t.batch
                owed[name][f] += t.batch * cents
                if period - since + 1 == t.months:
                    del running[name]
            if luck[name] < t.default:
                running.pop(name, None)
            if not t.default <= luck[name] < t.default + t.delay:
                (lost if luck[name] < t.default else paid)[:] += owed[name]
                owed[name][:] = 0
        told = record(market)
        assert np.rint(told["tender_revenue"] * 100).tolist() == paid.tolist()
        assert np.rint(told["written_off"] * 100).tolist() == lost.tolist()
        assert told["tender_journeys"].tolist() == journeys.tolist()
        assert np.rint(told["receivable"] * 100).tolist() == sum(owed.values()).tolist()
        assert sum(round(i.owed * 100) for i in market.institutions) == sum(o.sum() for o in owed.values())
        for f in market.firms:
            assert round(f.books["revenue"] * 100) == market.total("revenue")[f.index] + paid[f.index]
            assert f.cash_cents - before[f.index] == round(f.books["revenue"] * 100) - round(f.books["cost"] * 100)
        paid_ever, lost_ever = paid_ever + paid.sum(), lost_ever + lost.sum()
    assert paid_ever > 0
    assert lost_ever > 0


def test_one_contract_by_hand():
    """Three months at 28.60 for ten journeys; costs are the firm's own, the revenue comes when it is paid."""
    market = market_of(
        PLAIN, buyer(), "+firms.thrift.policy.tenders.bid_markup=0.1", "mechanism.tenders.bid_markup=0.25"
    )
    quiet = market_of(PLAIN, "mechanism.tenders.bid_markup=0.25")
    for month in range(4):
        market.step()
        quiet.step()
        with_it, without = (m.firm("thrift").books for m in (market, quiet))
        assert with_it["revenue"] - without["revenue"] == pytest.approx(286.0 * (month > 0))
        assert with_it["cost"] - without["cost"] == pytest.approx(260.0 * (month > 0), abs=0.011)
        assert market.institutions[0].months_left == (0, 2, 1, 0)[month]
    assert market.institutions[0].supplier is None
    market.step()
    assert len(market.institutions[0].awards) == 2


def test_late_bills_wait_and_are_paid_together():
    market = market_of(PLAIN, buyer(delay=1.0))
    market.run_for(3)
    winner = market.firm(market.institutions[0].supplier)
    assert market.institutions[0].owed == pytest.approx(2 * 10 * market.institutions[0].price)
    assert winner.books["revenue"] == pytest.approx(market.total("revenue")[winner.index] / 100)


def test_the_contract_of_a_firm_that_leaves_is_put_out_again():
    market = market_of(
        "mechanism=[tenders,cost_accounting,entry]", buyer(months=9), "+mechanism.entry.patience.bus=3",
        "firms.thrift.opening_cash=-9", "+firms.thrift.policy.tenders.bid_markup=-0.5",
    )  # fmt: skip
    market.run_for(3)
    assert market.institutions[0].supplier == "thrift"
    market.step()
    assert not market.firm("thrift").trading
    awards = market.institutions[0].awards
    assert [a["period"] for a in awards] == [1, 3]
    assert awards[1]["firm"] != "thrift"
    assert awards[1]["bids"] == 4


def test_firms_are_told_what_is_public():
    market = market_of(PLAIN, buyer())
    market.run_for(1)
    rule = market.world.mechanism["tenders"]
    rule.on_open(market)
    told = market.firm("echo").look(market.published).reports["tenders"]
    assert told["open"][0]["batch"] == 10
    assert told["open"][0]["weights"]["price"] == 1
    assert "tenders" not in market.firm("air").look(market.published).reports, "county asks for coaches"
    market.open()
    told = rule.on_report(market, market.firm("echo"))
    assert told["awards"][0]["institution"] == "county"
    told["awards"].clear()
    assert market.institutions[0].awards, "a copy"
    assert rule.on_report(market, market.firm("air"))["open"] == []


def test_seats_of_a_strategy_that_does_not_say_it_sets_them_are_left_to_the_run(monkeypatch):
    scenario = sim.compose("periods=60", PLAIN)
    for firm in scenario.firms.values():
        monkeypatch.setattr(type(firm.strategy), "sets", {})
    assert sim.compose("periods=60", buyer(seats=48)).mechanism["tenders"].institutions["county"].seats == 48


def test_institutions_are_agents_of_mesa():
    market = market_of(PLAIN, buyer(), buyer("works"))
    market.run_for(2)
    agents = market.agents_by_type[Institution]
    assert sorted(agents.get("name")) == ["county", "works"]
    assert set(agents.get("months_left")) == {2}
    again = pickle.loads(pickle.dumps(market))
    assert [i.awards for i in again.institutions] == [i.awards for i in market.institutions]
    assert len(market_of(PLAIN).agents_by_type[Institution]) == 0


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ([buyer(modes="[buss]")], "unknown mode 'buss'; nearest valid name: 'bus'"),
        ([buyer(modes="[]")], "nobody can win"),
        ([buyer(seats=48)], "seats = 48 seats: nobody can win; expected seats <= 47"),
        ([buyer(price_cap=20)], "price_cap = 20 AUD: nobody can win; expected price_cap >= 23.3"),
        ([buyer(first=60)], "expected first < periods = 60"),
        ([buyer(weights="{price:0.5,practicality:0.2,novelty:0.2,service:0.2}")], "with a sum of 1, got 1.1"),
        ([buyer(weights="{price:1}")], "expected price, practicality, novelty, service"),
        ([buyer(weights="{price:0.5,prize:0.5,novelty:0,service:0}")], "unknown criterion; nearest valid name: 'price'"),
        ([buyer(delay=0.7, default=0.4)], "expected default <= 1 - delay"),
        ([buyer(batch=0)], "batch = 0"),
        (["+mechanism.tenders.institutions.county={modes:[bus]}"], "institutions.county.batch, mechanism.tenders.institutions.county.months, "),
        ([buyer(), "~mechanism.cost_accounting"], "whose unit costs firms bid from"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line(overrides, said):
    with pytest.raises(ConfigError, match="tenders") as error:
        sim.compose("periods=60", *overrides)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
