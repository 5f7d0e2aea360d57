"""Price wars begin and end, climbers find the top, learners end above competition, and owners keep the peace."""

import math
import pickle

import numpy as np
import pytest
from plain_worlds import alike, coaches
from scipy.optimize import brentq, minimize_scalar

import sim
from sim.world.pricing import Quote

TWO = ("echo", "grandcoach")
THREE = (*TWO, "mosaic")


def fares(market, months):
    """(months, firms) fares asked."""
    asked = []
    for _ in range(months):
        market.step()
        asked.append([firm.price for firm in market.firms])
    return np.array(asked)


def war(*overrides, names=TWO, warriors=TWO, mechanisms=("cost_accounting",)):
    """A market at 160 where cost is 100; the warriors undercut by 5."""
    values = {"fare_step": 5, "top_markup": 0.6, "relent": 0.3, "truce": 2}
    rules = [f"firms.{name}.{key}={value}" for name in warriors for key, value in values.items()]
    market = coaches(names, "undercut", *rules, *overrides, list_price=160, mechanisms=mechanisms, customers=200)
    return alike(market)


def test_undercutting_makes_edgeworth_cycles_that_fall_slowly_and_rise_fast():
    asked = fares(war(), 200)
    change = np.diff(asked, axis=0)
    assert asked.min() == 100 and asked.max() == 160
    falls, rises = change[change < 0], change[change > 0]
    assert len(falls) > 2 * len(rises) and rises.mean() > 3 * -falls.mean()
    assert falls.min() >= -15, "down step by step"
    lowest, turns = asked.min(axis=1), [160]
    for fare in lowest:
        if (fare == 100 and turns[-1] > 100) or (fare >= 145 and turns[-1] == 100):
            turns.append(fare)
    assert len(turns) > 8, "it goes on for ever"


def test_a_war_that_a_sale_provoked_ends_and_peace_returns():
    """A trigger wider than a step: nobody attacks in peace, a rival's promotion is answered, the war dies out."""
    sale = {"pricing": "promotion", "regular": "list", "promotion_every": 40, "promotion_months": 2}
    rules = [f"firms.mosaic.{key}={value}" for key, value in sale.items()]
    market = war(*(f"firms.{name}.trigger=8" for name in TWO), *rules, names=THREE)
    asked = fares(market, 78)
    assert (asked[:38] == 160).all(), "peace"
    assert (asked[38:40, 2] == 128).all(), "the sale"
    assert asked[39:42, :2].min() == 123, "is undercut"
    assert (asked[60:78] == 160).all(), "and then it is over"


def test_below_cost_only_where_it_is_allowed_and_no_further_than_the_loss():
    allowed = [f"firms.{name}.{value}" for name in TWO for value in ("below_cost=true", "loss=12")]
    assert fares(war(), 40).min() == 100
    assert fares(war(*allowed), 40).min() == 88


def test_a_war_without_relenting_ends_both_margins():
    market = war(*(f"firms.{name}.relent=0" for name in TWO))
    asked = fares(market, 40)
    assert (asked[-20:] == 100).all()
    assert all(firm.profit == 0 for firm in market.firms)


def test_owned_firms_neither_undercut_nor_match_one_another():
    owned = "mechanism.ownership.sets={one: [echo, grandcoach]}"
    mechanisms = ("cost_accounting", "ownership")
    assert (fares(war(owned, mechanisms=mechanisms), 10) == 160).all()
    matcher = "firms.grandcoach.pricing=match", "firms.grandcoach.list_price=170"
    assert fares(war(*matcher, warriors=TWO[:1]), 3)[1, 1] == 155 + 5
    assert (fares(war(*matcher, owned, warriors=TWO[:1], mechanisms=mechanisms), 5)[:, 1] == 170).all()


def test_hill_climbing_ends_near_the_monopoly_price():
    """(2 - p) / 0.25, cost 1, one firm: the monopoly price is known; 20,000 customers tell a step of 2 per cent."""
    rule = "{kind: hill_climbing, fare_step: 4, trial: 2}"
    market = alike(coaches(TWO[:1], rule, list_price=110, customers=20_000))
    best = minimize_scalar(lambda p: -(p - 1) / (1 + math.exp((p - 2) / 0.25)), bounds=(1, 3), method="bounded").x
    asked = fares(market, 90)[50:, 0] / 100
    assert asked.mean() == pytest.approx(best, abs=0.06)
    assert np.abs(asked - best).max() < 0.16


def pricing(*overrides):
    return sim.compose("mechanism=[cost_accounting]", *overrides).firms["thrift"].pricing


def profits(prices):
    """Profit of each firm in the logit duopoly of Calvano et al.: a = 2, mu = 0.25, cost 1, outside good 0."""
    odds = np.exp((2 - prices) / 0.25)
    return (prices - 1) * odds / (1 + odds.sum())


def duopoly(months, decay, seed, full=False):
    """Two learners against exact profits; returns the mean profits of the last tenth of the months, and the memories.

    full : begin with the table of the paper, in which a fare is worth its mean profit against a rival at random, for ever.
    """
    rule = pricing(
        "firms.thrift.pricing=q_learning", "firms.thrift.lowest_fare=1.4277", "firms.thrift.highest_fare=1.9702",
        "firms.thrift.grid_fares=15", f"firms.thrift.exploration_decay={decay}", "firms.thrift.learning_rate=0.15",
        "firms.thrift.discount_factor=0.95",
    )  # fmt: skip
    grid = np.linspace(rule.lowest_fare, rule.highest_fare, rule.grid_fares)
    table = np.array([[profits(np.array([a, b])) for b in grid] for a in grid]).tolist()
    rng, one, two, (a, b) = np.random.default_rng(seed), rule.begin(), rule.begin(), (7, 7)
    if full:
        worth = [float(np.mean(row, axis=0)[0]) / (1 - rule.discount_factor) for row in table]
        one, two = (memory | {"worth": {(a, b): worth for a in range(15) for b in range(15)}} for memory in (one, two))
    earned = 0.0
    for month in range(months):
        mine, other = table[a][b]
        one, two = rule.learn((a, b), mine, one, rng), rule.learn((b, a), other, two, rng)
        a, b = one["fare"], two["fare"]
        earned += sum(table[a][b]) / 2 if month >= 0.9 * months else 0.0
    return earned / (0.1 * months), (one, two)


def test_two_learners_end_above_competition():
    """Normalised gain of Calvano et al.: 0 at the Bertrand-Nash profit, 1 at the joint maximum."""
    nash = profits(np.full(2, brentq(lambda p: p - 1 - 0.25 / (1 - 1 / (2 + math.exp((p - 2) / 0.25))), 1, 2)))[0]
    joint = profits(np.full(2, 1.9250))[0]
    gains = [(duopoly(100_000, 1e-4, seed)[0] - nash) / (joint - nash) for seed in (1, 2)]
    assert min(gains) > 0.2 and max(gains) < 1, gains
    begun = (duopoly(100_000, 1e-4, 1, full=True)[0] - nash) / (joint - nash)
    assert begun == pytest.approx(0.693, abs=4 * 0.05), "the standard deviation of a session is ten times docs/pricing.md's error"


def test_a_learner_is_deterministic_and_leaves_the_memory_it_was_given_alone():
    assert pickle.dumps(duopoly(500, 1e-3, 1)) == pickle.dumps(duopoly(500, 1e-3, 1))
    rule = pricing("firms.thrift.pricing=q_learning")
    quote = Quote(np.ones(1), np.ones(1), 30.0, 5, np.array([30.0]), books={"profit": 3.0})
    memory = rule.begin()
    for _ in range(3):
        kept = pickle.dumps(memory)
        _, after = rule.price(quote, memory, np.random.default_rng(1))
        assert pickle.dumps(memory) == kept
        memory = after


@pytest.mark.parametrize("rule", ["match", "undercut", "hill_climbing", "q_learning", "promotion"])
def test_a_market_goes_on_bit_for_bit_after_a_copy_in_mid_war(rule):
    scenario = sim.compose(
        f"firms.thrift.pricing={rule}", f"firms.echo.pricing={rule}", "mechanism=[cost_accounting]",
        "population.customers=500", "periods=30",
    )  # fmt: skip
    market = sim.Market(scenario)
    fares(market, 7)
    other = pickle.loads(pickle.dumps(market))
    assert (fares(market, 8) == fares(other, 8)).all()


def test_a_firms_war_does_not_move_when_a_stranger_enters_another_mode():
    """Draws of relenting are the firm's own."""
    seen = [
        fares(sim.Market(sim.compose(
            "firms.thrift.pricing=undercut", "firms.echo.pricing=undercut", "mechanism=[cost_accounting]",
            "population.customers=300", *without,
        )), 30)[:, -2]
        for without in ([], ["~firms.air"])
    ]  # fmt: skip
    assert (seen[0] == seen[1]).all() and len(set(seen[0])) > 3


COSTED = "mechanism=[cost_accounting]"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (
            ["firms.thrift.pricing=match", "firms.thrift.matched=nightowll"],
            "firms.thrift.matched = 'nightowll': no rival by bus; nearest valid name: 'nightowl'",
        ),
        (["firms.thrift.pricing=match", "firms.thrift.matched=train"], "firms.thrift.matched = 'train': no rival by bus"),
        (["firms.thrift.pricing=match", "firms.thrift.matched=thrift"], "'thrift': no rival by bus"),
        (
            ["firms.thrift.pricing=undercut", "firms.thrift.list_price=20"],
            "firms.thrift.list_price = 20 AUD: below its cost of a standard journey",
        ),
        (["firms.thrift.pricing=match", "firms.thrift.list_price=20"], "expected list_price >= vehicle_cost"),
        (["firms.thrift.pricing=undercut", "firms.thrift.loss=2"], "loss = 2 AUD: fares below cost are forbidden"),
        (["firms.thrift.pricing=q_learning", "firms.thrift.lowest_fare=50"], "highest_fare = 48 AUD: expected highest_fare >"),
        (["firms.thrift.pricing=promotion", "firms.thrift.promotion_months=9"], "promotion_months = 9 months: expected"),
        (["mechanism.ownership.sets={a: [echo, thrift], b: [thrift]}"], "sets.b: thrift is owned by a, too"),
        (["mechanism.ownership.sets={a: [thrift, thrift]}"], "sets.a: thrift is owned twice"),
        (
            ["mechanism.ownership.sets={a: [echo, thrif]}"],
            "mechanism.ownership.sets.a: unknown firm 'thrif'; nearest valid name: 'thrift'",
        ),
        (["mechanism.ownership.sets={thrift: [echo, mosaic]}"], "thrift is a firm outside the set"),
        (
            ["mechanism.transport_cost.cost=1", "mechanism.transport_cost.need=sociabilty"],
            "mechanism.transport_cost.need = 'sociabilty': unknown service dimension; nearest valid name: 'sociability'",
        ),
        (["firms.thrift.policy.transport_cost.positon=1"], "nearest valid name: 'position'"),
        (
            ["firms.thrift.pricing=logit_bertrand"],
            "logit_bertrand needs a demand that a study can foresee, which mechanism.dealers makes invalid: "
            "dealers keep a part of the fare; write ~mechanism.capacity ~mechanism.dealers ~mechanism.loyalty_programme "
            "~mechanism.market_creation ~mechanism.perishability, or price otherwise",
        ),
        (["firms.thrift.pricing=logit_bertrand", "~mechanism.dealers"], "mechanism.loyalty_programme makes invalid"),
        (
            ["firms.thrift.pricing=logit_bertrand", "mechanism=[awareness]", "mechanism.awareness.consideration=2"],
            "mechanism.awareness makes invalid: customers choose among the few firms that they keep in mind",
        ),
        (
            [
                "firms.thrift.pricing=logit_bertrand", "mechanism=[contract]", "mechanism.contract.months.bus=6",
                "mechanism.contract.penalty.bus=9",
            ],
            "mechanism.contract makes invalid",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_line(overrides, said):
    with pytest.raises(sim.ConfigError) as error:
        sim.compose(*overrides)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_what_is_allowed_is_not_refused():
    sim.compose(
        "firms.thrift.pricing=undercut",
        "firms.thrift.below_cost=true",
        "firms.thrift.loss=2",
        "firms.thrift.list_price=20",
    )
    sim.compose("firms.thrift.pricing=match", "firms.thrift.list_price=20", "mechanism=[contexts]")
    without = [
        f"~mechanism.{name}"
        for name in ("loyalty_programme", "perishability", "capacity", "dealers", "market_creation")
    ]
    sim.compose("firms.thrift.pricing=logit_bertrand", *without)
