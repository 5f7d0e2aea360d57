"""Dealers: who finds one, what they are paid to the cent, who leaves and who joins."""

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.science.rules.dealers import joining, leaving

COACHES = ("echo", "grandcoach", "mosaic", "nightowl", "thrift")
BARE = "mechanism=[dealers,cost_accounting]"
STILL = ["mechanism.dealers.entry=0", "mechanism.dealers.exit=0", "mechanism.dealers.churn=0"]


def market(*overrides, mechanism=BARE, customers=4000):
    return sim.Market(sim.compose(mechanism, f"population.customers={customers}", "replications=1", *overrides))


def now(played, column, name=None):
    values = next(m for m in played.mechanisms if hasattr(m, "reach")).on_record(played)[column]
    return values if name is None else values[played.firm(name).index]


def expected(played):
    """Income that each coach's dealers expect, as its sales department is told."""
    rule = played.world.mechanism["dealers"]
    return {name: rule.on_report(played, played.firm(name))["income"] for name in COACHES}


@pytest.mark.parametrize("mechanism", [BARE, "mechanism=all"])
def test_dealers_and_their_money_balance(mechanism):
    """Opening + joined - left = closing; what firms pay is what dealers get."""
    scenario = ["mechanism.dealers.outside_income=30", "firms.mosaic.policy.dealers={protection: 0.8, margin: 0.15}"]
    played = market(*scenario, "firms.thrift.policy.dealers={branches: 0.5, inspection: 1}", mechanism=mechanism)
    moved = paid = 0
    for _ in range(14):
        before, hoped = now(played, "dealers").copy(), expected(played)
        played.step()
        joined, left = now(played, "dealers_joined"), now(played, "dealers_left")
        assert (before + joined - left == now(played, "dealers")).all()
        assert (now(played, "dealers") <= 12).all() and (now(played, "dealers") >= 0).all()
        moved, paid = moved + left.sum() + joined.sum(), paid + now(played, "dealer_protection").sum()
        for name in COACHES:
            f, cents = played.firm(name).index, played.total("outlet_cents")
            share = 0.15 if name == "mosaic" else 0.1
            assert now(played, "dealer_margin", name) == pytest.approx(share * cents[f, 2] / 100, abs=0.0051)
            money = now(played, "dealer_margin", name) + now(played, "dealer_protection", name)
            income = (expected(played)[name] - 0.7 * hoped[name]) / 0.3
            assert before[f] == 0 or income * before[f] == pytest.approx(money, abs=1e-6)
        owed = 0.8 * 30 * before[played.firm("mosaic").index]
        got = now(played, "dealer_margin", "mosaic") + now(played, "dealer_protection", "mosaic")
        assert got >= owed - 0.0051
        assert (played.total("outlet_cents").sum(axis=1) <= played.total("revenue")).all()
    assert moved > 0
    assert paid > 0


def test_what_outlets_cost_is_billed():
    """Free dealers and paid ones sell the same to the same customers; the books differ by the bill."""
    free, paid = (market(*STILL, f"mechanism.dealers.margin={m}", "mechanism.dealers.saved=0") for m in (0, 0.2))
    free.step()
    paid.step()
    assert (free.table["provider"] == paid.table["provider"]).all()
    for name in COACHES:
        bill = now(paid, "outlet_cost", name)
        assert bill == now(paid, "dealer_margin", name) > 0
        assert paid.firm(name).books["cost"] - free.firm(name).books["cost"] == pytest.approx(bill, abs=0.011)


@pytest.mark.parametrize("number", [0.0, 0.25, 0.5, 1.0, 2.5])
def test_coverage_has_its_closed_form(number):
    """Everybody buys at outlets only; the part that considers a firm is 1 - exp(-reach * outlets)."""
    played = market(
        *STILL, f"mechanism.dealers.opening={number}", "mechanism.dealers.buyers=1", "mechanism.dealers.reach=1.3",
        customers=20_000,
    )  # fmt: skip
    played.open()
    rows = played.blocks[0]
    rows.now = played.now
    dealers = played.world.mechanism["dealers"]
    dealers.on_occasion(rows)
    for name in COACHES:
        appeal = np.zeros(len(rows), np.float32)
        dealers.on_consider(rows, played.firm(name), appeal)
        expected = 1 - np.exp(-1.3 * number)
        assert np.isfinite(appeal).mean() == pytest.approx(expected, abs=4 * (expected * (1 - expected) / 8192) ** 0.5)
    appeal = np.zeros(len(rows), np.float32)
    dealers.on_consider(rows, played.firm("air"), appeal)
    assert np.isfinite(appeal).all(), "where no accounts are modelled nobody asks for dealers"


def considered(number, month, mechanism=BARE):
    played = market(*STILL, f"mechanism.dealers.opening={number}", "mechanism.dealers.buyers=1", mechanism=mechanism)
    for _ in range(month):
        played.step()
    played.open()
    rows = played.block(0, 4000)
    dealers = played.world.mechanism["dealers"]
    dealers.on_occasion(rows)
    out = {}
    for name in COACHES:
        appeal = np.zeros(len(rows), np.float32)
        dealers.on_consider(rows, played.firm(name), appeal)
        out[name] = np.isfinite(appeal)
    return out


def test_who_has_a_dealer_near_keeps_him_as_long_as_dealers_do_not_get_fewer():
    few, later, many = considered(0.5, 0), considered(0.5, 3), considered(1.5, 0)
    for name in COACHES:
        assert (few[name] == later[name]).all()
        assert (many[name] | ~few[name]).all(), "nobody loses a dealer when there are more of them"
        assert many[name].sum() > few[name].sum()
    assert (few["echo"] != few["thrift"]).any()


def test_sales_follow_who_buys_where():
    played = market("mechanism.dealers.buyers=0.3", "firms.thrift.policy.dealers.branches=1", *STILL, customers=20_000)
    played.step()
    sales, purchases = played.total("outlet_sales"), played.total("purchases")
    f = played.firm("thrift").index
    own, covered = 1 - np.exp(-2.0), 1 - np.exp(-4.0)
    part = sales[f, 1] / sales[f].sum()
    assert part == pytest.approx(own / covered, abs=4 * (0.1 / sales[f].sum()) ** 0.5)
    assert (sales.sum(axis=1) <= purchases).all()
    assert not sales[played.firm("car").index].any()


def test_a_preferred_third_party_is_a_dealer():
    """With contact channels it is who prefers a third party on this occasion, and insists; sales are a part of theirs."""
    played = market(
        "mechanism.dealers.insist=1", *STILL, "+mechanism.contact_channels.offered.thrift=[online]",
        mechanism="mechanism=[dealers,contact_channels,cost_accounting]", customers=20_000,
    )  # fmt: skip
    played.run_for(2)
    third = played.total("third_party")
    for name in COACHES:
        f = played.firm(name).index
        assert played.total("outlet_sales")[f, 2] == third[f]
    assert third[played.firm("mosaic").index] > 0
    assert not third[played.firm("thrift").index]
    assert now(played, "dealers", "thrift") == 0


def test_dealers_explain_badly_and_supervision_helps():
    quality = {}
    for inspection in (0, 1):
        played = market(
            "mechanism.dealers.buyers=1", *STILL, "firms.thrift.policy.dealers.branches=0.5",
            f"mechanism.dealers.inspection={inspection}",
        )  # fmt: skip
        played.step()
        quality[inspection] = played.off_grid(played.total("quality")), played.total("outlet_sales")
    lost = quality[1][0] - quality[0][0]
    assert lost == pytest.approx(0.1 * quality[0][1][:, 2], abs=1e-3)
    assert quality[0][1][played.firm("thrift").index, 1] > 0, "a branch of one's own explains well"


def settle(income, months, **rates):
    """Mean stock of dealers who sell nothing and live from what their firms guarantee, which does not move."""
    terms = {"buyers": 0, "smoothing": 1, "loyalty": 0, "outside_income": 3, "protection": income / 3} | rates
    played = market(*(f"mechanism.dealers.{name}={value}" for name, value in terms.items()), customers=40_000)
    dealers, stocks = played.world.mechanism["dealers"], []
    for _ in range(months):
        dealers.on_settle(played)
        stocks.append(np.mean([now(played, "dealers", name) for name in COACHES]))
        played.period += 1
    return stocks


def test_with_a_constant_income_the_stock_comes_to_rest():
    stocks = settle(6.0, 400, entry=0.1, churn=0.02)
    a = 0.1 * (1 - 3.0 / 6.0)
    assert np.mean(stocks[200:]) == pytest.approx(120 * a / (a + 0.02), rel=0.02)
    lost = settle(1.5, 60, exit=0.2, churn=0)
    assert lost[9] == pytest.approx(40 * 0.9**10, abs=1)
    assert lost[-1] < 1


def test_rates_are_probabilities_and_protection_keeps_dealers():
    assert leaving(0.0, 3.0, 0.9, 0.9, 0.0) == 1.0
    assert joining(0.0, 3.0, 0.1) == 0.0
    poor = ["mechanism.dealers.outside_income=20", "mechanism.dealers.entry=0"]
    alone, protected, safe = (
        market(*poor, *policy)
        for policy in ([], ["firms.mosaic.policy.dealers.protection=0.5"], ["firms.mosaic.policy.dealers.protection=1"])
    )
    for played in (alone, protected, safe):
        played.run_for(24)
    left = [4 - now(played, "dealers", "mosaic") for played in (alone, protected, safe)]
    assert left[0] > left[1] >= left[2]
    assert now(alone, "dealers", "thrift") == now(protected, "dealers", "thrift")


def test_dealers_of_a_firm_that_leaves_leave_too():
    played = market(*STILL)
    played.step()
    thrift = played.firm("thrift")
    before = now(played, "dealers", "thrift")
    thrift.trading = False
    played.world.mechanism["dealers"].on_leave(played, thrift)
    played.step()
    assert before > 0
    assert now(played, "dealers", "thrift") == 0
    assert now(played, "dealers_left", "thrift") == before
    played.step()
    assert now(played, "dealers_left", "thrift") == 0


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["mechanism.dealers.margin=1.2"], "margin <= 1"),
        (["firms.thrift.policy.dealers.margin=1.2"], "firms.thrift.policy.dealers.margin = 1.2"),
        (["+mechanism.dealers.opening_of.thrif=1"], "opening_of.thrif: unknown; nearest valid name: 'thrift'"),
        (["+mechanism.dealers.buyers_of.parties=1"], "buyers_of.parties: unknown; nearest valid name: 'party'"),
        (["+mechanism.dealers.opening_of.thrift=0", "firms.thrift.policy.dealers.protection=1"], "no dealers to protect"),
        (["firms.air.policy.dealers.protection=1"], "no dealers to protect"),
        (["mechanism.dealers.opening=0", "mechanism.dealers.protection=1"], "no dealers to protect"),
        (["mechanism.dealers.opening=5"], "at most the pool of 3 shops"),
    ],
)  # fmt: skip
def test_bad_dealers_are_refused_in_one_line(overrides, said):
    with pytest.raises(ConfigError, match=said) as error:
        sim.compose(*overrides)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("schedule_months=[0,6]", "one for each of the 2"),
        ("schedule_months=[0,6,6]", "ascending months that begin with 0"),
        ("schedule_months=[1,6,9]", "ascending months that begin with 0"),
        ("schedule_markups=[-1,0,0]", "the first markup"),
    ],
)
def test_bad_schedules_are_refused_in_one_line(values, said):
    with pytest.raises(ConfigError, match=said):
        sim.compose("firms.thrift.pricing=scheduled", f"firms.thrift.{values}")


def test_a_scheduled_fare_changes_on_its_day():
    played = market(
        "firms.thrift.pricing=scheduled", "firms.thrift.schedule_months=[0,2,4]", "firms.thrift.schedule_markups=[0.5,-0.5,0]",
        "firms.thrift.strategy={kind: fixed, seats: 47}",
    )  # fmt: skip
    fares = []
    for _ in range(5):
        played.step()
        fares.append(played.firm("thrift").price)
    assert fares == pytest.approx([39, 39, 13, 13, 26])
