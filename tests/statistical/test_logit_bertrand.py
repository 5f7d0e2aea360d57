"""Best responses come to the equilibria of theory, and a study of demand foresees what customers do."""

import pickle

import numpy as np
import pytest
from plain_worlds import alike, coaches
from scipy.optimize import brentq, fsolve, minimize

import sim
from sim.market.demand import study
from sim.world.composing.configuration import config_folder

FIVE = ("echo", "grandcoach", "mosaic", "nightowl", "thrift")
TWO = FIVE[:2]
BOTH = ("mechanism.ownership.sets={one: [echo, grandcoach]}",)
OWNED = ("cost_accounting", "ownership")


def play(market, months):
    for _ in range(months):
        market.step()
    return market


def symmetric(firms, together):
    """Price of symmetric firms with utility (2 - p) / 0.25, cost 1, when so many of them price together."""

    def excess(p):
        share = np.exp((2 - p) / 0.25) / (1 + firms * np.exp((2 - p) / 0.25))
        return p - 1 - 0.25 / (1 - together * share)

    return brentq(excess, 1.01, 3)


@pytest.mark.parametrize(
    ("names", "overrides", "price"), [(TWO, (), 1.4729), (FIVE, (), 1.3115), (TWO, BOTH, 1.9250)], ids=str
)
def test_symmetric_firms_end_at_the_price_of_theory(names, overrides, price):
    together = 2 if overrides else 1
    assert symmetric(len(names), together) == pytest.approx(price, abs=5e-5)
    market = alike(coaches(names, "logit_bertrand", *overrides, mechanisms=OWNED, customers=200))
    play(market, 25)
    for firm in market.firms:
        assert firm.price / 100 == pytest.approx(price, rel=5e-4)


def test_a_hundred_thousand_customers_buy_what_theory_says():
    market = play(alike(coaches(TWO, "logit_bertrand", customers=100_000)), 9)
    for firm in market.firms:
        assert firm.price / 100 == pytest.approx(1.4729, rel=0.005)
        assert firm.purchases / market.heads == pytest.approx(0.4714, rel=0.01)


def test_tastes_that_differ_have_the_equilibrium_of_their_own_first_order_conditions():
    """Mixed logit: fares are held to each firm's own best fare by brute force, on the customers themselves."""
    market = alike(coaches(TWO, "logit_bertrand", customers=1000))
    rng = np.random.default_rng(1)
    market.table["standard_appeal"][:] += rng.normal(0, 1, market.heads).astype(np.float32)
    market.table["price_sensitivity"][:] *= np.exp(rng.normal(0, 0.5, market.heads)).astype(np.float32)
    market.table["journey"][:] = rng.uniform(0.5, 1.5, market.heads).astype(np.float32)
    play(market, 30)
    t = market.table
    fares = np.array([firm.price for firm in market.firms])

    def loss(fare):
        asked = np.array([fare[0], fares[1]])[:, None]
        odds = np.exp(t["standard_appeal"][0] - t["price_sensitivity"] * t["journey"][0] * asked)
        return -(odds[0] / (1 + odds.sum(axis=0)) * t["journey"][0] * (fare[0] - 100)).sum()

    best = minimize(loss, [150.0], method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-9}).x[0]
    assert fares[0] == pytest.approx(best, rel=1e-3)
    assert fares[0] == pytest.approx(fares[1], abs=0.02)


def test_a_merger_raises_prices_as_much_as_theory_says():
    """Three unlike firms; two merge: the fares are those of an independent numerical solution, before and after."""
    names, quality = FIVE[:3], np.array([2.2, 2.0, 1.8])

    def solve(owner):
        def excess(prices):
            odds = np.exp((quality - prices) / 0.25)
            share = odds / (1 + odds.sum())
            slope = share[:, None] * (share[None, :] - np.eye(3)) / 0.25
            same = np.equal.outer(owner, owner)
            return share + (same * slope) @ (prices - 1)

        return fsolve(excess, np.full(3, 1.5))

    merged = "mechanism.ownership.sets={giant: [echo, grandcoach]}"
    market = coaches(names, "logit_bertrand", merged, "mechanism.ownership.since=20", mechanisms=OWNED, customers=50)
    alike(market)
    market.presence[:] = (quality - 2.0) / 0.25
    play(market, 20)
    before = np.array([firm.price for firm in market.firms]) / 100
    assert before == pytest.approx(solve(np.array([0, 1, 2])), rel=1e-3)
    assert [firm.owner for firm in market.firms] == list(names)
    play(market, 25)
    after = np.array([firm.price for firm in market.firms]) / 100
    assert after == pytest.approx(solve(np.array([0, 0, 2])), rel=1e-3)
    assert (after > before + 0.003).all() and (after - before)[:2].min() > (after - before)[2]
    record = market.world.mechanism["ownership"].on_record(market)
    assert record["owned_firms"].tolist() == [2, 2, 1]
    assert record["owner_profit"][0] == record["owner_profit"][1] == market.firms[0].profit + market.firms[1].profit


def test_a_sister_with_another_rule_keeps_her_fare_and_her_profit_counts():
    overrides = (*BOTH, "firms.grandcoach.pricing=fixed_price")
    market = play(alike(coaches(TWO, "logit_bertrand", *overrides, mechanisms=OWNED, customers=50)), 5)

    def loss(p):
        odds = np.exp((2 - np.array([p[0], 1.5])) / 0.25)
        return -(odds / (1 + odds.sum())) @ np.array([p[0] - 1, 0.5])

    best = minimize(loss, [1.5], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-12}).x[0]
    assert market.firms[1].price == 150.0
    assert market.firms[0].price / 100 == pytest.approx(best, abs=2e-4)


@pytest.mark.parametrize("transport", [1.0, 3.0])
def test_hotelling_on_a_line_asks_cost_plus_transport_cost(transport):
    money = 40.0  # utils an AUD: the shock is worth a fortieth of an AUD
    ends = ("firms.echo.policy.transport_cost.position=0", "firms.grandcoach.policy.transport_cost.position=1")
    market = coaches(
        TWO, "logit_bertrand", *ends, f"mechanism.transport_cost.cost={transport * money}", cost=2.0, list_price=2.0,
        mechanisms=("cost_accounting", "transport_cost"),
    )  # fmt: skip
    market.table["price_sensitivity"][:] = money
    market.table["standard_appeal"][:] = money * (2 + 2.5 * transport)
    market.table["ideal"][:] = (np.arange(market.heads) + 0.5) / market.heads
    play(market, 16)
    for firm in market.firms:
        assert firm.price == pytest.approx(2 + transport, rel=0.01)
    share = np.array([firm.purchases for firm in market.firms]) / market.heads
    assert share.sum() == pytest.approx(1, abs=1e-3) and share[0] == pytest.approx(0.5, abs=0.02)
    left = market.table["ideal"][0] < 0.4
    assert (market.table["provider"][left] == 0).mean() > 0.99


NAMES = sorted(p.stem for p in (config_folder() / "mechanism").glob("*.yaml"))
NEEDS = {name: list(mechanism.needs) for name, mechanism in sim.compose("mechanism=all").mechanism.items()}
AT_WORK = {
    "purchase_incidence": [f"mechanism.purchase_incidence.season={[1] * 12}", "mechanism.purchase_incidence.mean=0.5"],
    "contract": ["mechanism.contract.months.bus=3", "mechanism.contract.penalty.bus=20"],
    "transport_cost": ["mechanism.transport_cost.cost=2"],
}


@pytest.mark.parametrize("name", NAMES)
def test_a_study_foresees_what_customers_do_or_the_mechanism_says_why_not(name):
    """Purchases foreseen, month by month, from all customers, against those made: within four standard errors."""
    chosen = f"mechanism=[{','.join([name, *NEEDS.get(name, [])])}]"
    scenario = sim.compose(chosen, "population.customers=6000", "periods=5", "replications=1", *AT_WORK.get(name, []))
    if any(mechanism.unforeseen() for mechanism in scenario.mechanism.values()):
        pytest.skip("it says why not")
    market, expected, made = sim.Market(scenario), 0.0, 0.0
    for _ in range(scenario.periods):
        market.open()
        demand = study(market, market.heads)
        fares = market.board.fare.reshape(len(market.firms), len(market.segments), -1)[:, :, 0].astype(float)
        expected = expected + demand.purchases(fares).sum(axis=1)
        market.play(0, market.heads)
        market.close()
        made = made + market.total("purchases")
    assert (np.abs(made - expected) < 4 * np.sqrt(expected)).all(), (made, expected)


def test_a_study_changes_nothing_and_does_not_care_how_customers_are_numbered():
    scenario = sim.compose(
        "mechanism=[levels_of_need,contact_channels,satisfaction,state_dependence,signature]",
        "population.customers=2000",
    )
    order = np.random.default_rng(1).permutation(2000)
    straight, shuffled = sim.Market(scenario), sim.Market(scenario, identity=order)
    for market in (straight, shuffled):
        play(market, 3)
        market.open()
    before = {name: straight.table[name].copy() for name in straight.table.columns}
    one, two = study(straight, 300), study(shuffled, 300)
    assert all(straight.table[name].tobytes() == column.tobytes() for name, column in before.items())
    assert one.appeal.tobytes() == two.appeal.tobytes() and one.weight.tobytes() == two.weight.tobytes()
    whole = study(straight, 2000)
    assert one.purchases(one.fares).sum() == pytest.approx(whole.purchases(whole.fares).sum(), rel=0.05)


def test_prices_go_on_bit_for_bit_after_a_copy_in_mid_run():
    market = play(alike(coaches(TWO, "logit_bertrand", customers=500)), 2)
    other = pickle.loads(pickle.dumps(market))
    for m in (market, other):
        play(m, 2)
    assert market.board.cents.tobytes() == other.board.cents.tobytes()
