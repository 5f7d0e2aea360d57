"""A mix of strategies: its corners are the pure strategies, each kind has its own cost, and what it spends is recorded."""

import dataclasses
import functools

import numpy as np
import pytest

import sim
from sim.market.records import Records
from sim.world.strategies import KINDS, Decision, PublicFacts, Seen


@functools.cache
def scenario(*overrides):
    return sim.compose("population.customers=1000", "periods=3", "replications=1", *overrides)


def corner(kind):
    return {k: float(k == kind) for k in KINDS}


def decide(strategy, mix, period=0, draws=1):
    facts = PublicFacts(30.0, 0.0, 0.0, 0.0)
    sight = Seen(period, 1000, facts, {}, {"profit": 0.0}, None, {}, mix)
    return [strategy.decide(sight, {}, np.random.default_rng(n))[0] for n in range(draws)]


@pytest.fixture(scope="module")
def mixed():
    return scenario("firms.thrift.strategy=mixed").firms["thrift"].strategy


@pytest.mark.parametrize(
    ("kind", "firm", "differs"),
    [
        ("flexibility", "nightowl", {}),
        ("diversification", "mosaic", {}),
        ("distinctiveness", "grandcoach", {}),
        ("price", "thrift", {"budget": 0.05, "imitation": 0.3}),
    ],
)
@pytest.mark.parametrize("period", [0, 5])
def test_a_corner_decides_what_the_pure_strategy_decides(mixed, kind, firm, differs, period):
    """All the same but for price: it puts into efficiency what the others put into research, and looks around as they do."""
    pure = decide(scenario().firms[firm].strategy, {}, period)[0]
    found = decide(mixed, corner(kind), period)[0]
    assert {k: part for k, part in found.mix.items() if part} == pure.mix
    for field in set(Decision.__dataclass_fields__) - {"mix", "policy"}:
        assert getattr(found, field) == pytest.approx(differs.get(field, getattr(pure, field))), field
    quiet = {"signature": {"attended": False}, "loyalty_programme": {"run": False}, "segment_needs": {"interviews": 0}}
    assert found.policy == {name: values | pure.policy.get(name, {}) for name, values in quiet.items()}


def test_a_mix_does_a_bit_of_each(mixed):
    half = {"distinctiveness": 0.5, "diversification": 0.3, "price": 0.2}
    found = decide(mixed, half, draws=2000)
    first = found[0]
    # research: 0.5 * 0.6 + 0.3 * 0.2 = 0.36 of 0.05; of it 30 / 36 aims at distinctiveness
    assert first.budget == pytest.approx(0.05 * 0.64) and first.research_and_development == pytest.approx(0.05 * 0.36)
    assert first.mix == pytest.approx({"flexibility": 0, **half})
    assert first.policy == {
        "signature": {"seats": 40, "attended": True}, "loyalty_programme": {"run": True}, "segment_needs": {"interviews": 18},
    }  # fmt: skip
    aims = [d.innovate for d in found]
    assert set(aims) == {"distinctiveness", "diversification"}
    assert aims.count("distinctiveness") / 2000 == pytest.approx(5 / 6, abs=4 * np.sqrt(5 / 36 / 2000))
    little = decide(mixed, {"distinctiveness": 0.4, "diversification": 0.2, "price": 0.4})[0]
    assert little.policy["signature"] == {"seats": 41, "attended": False}
    assert little.policy["loyalty_programme"] == {"run": False}


@functools.cache
def market_of(kind):
    """A market whose mixed firm is at a corner."""
    return sim.Market(scenario("firms.thrift.strategy=mixed", f"firms.thrift.mix={{{kind}: 1.0}}"))


def cost(kind, stock):
    """(cells,) unit cost of the firm at a corner that has built so much of that kind's capability."""
    market = market_of(kind)
    market.firm("thrift").stock[kind] = stock
    market.open()
    return market.firm("thrift").unit_cost.copy()


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("flexibility", np.tile(0.02 * np.array([0.0, 60.0, 240.0]) * (1 - np.exp(-1)), 3)),
        ("diversification", 2.0 * (1 - np.exp(-1))),
        ("distinctiveness", 18 * 47 / 32 - 18 + 5),
        ("price", -18 * 0.15 * (1 - np.exp(-1))),
    ],
)
def test_each_strategy_has_a_cost_of_its_own(kind, more):
    """Flexibility pays per adapted journey, variety per journey, attendants and room per journey; efficiency saves (A1-A4, F1, F6)."""
    assert cost(kind, 1.0) - 26.0 == pytest.approx(np.broadcast_to(more, 9))


@pytest.mark.parametrize(("kind", "sign"), [("flexibility", 1), ("diversification", 1), ("price", -1)])
def test_more_of_a_kind_costs_more_of_it(kind, sign):
    """Costs rise with the stock of flexibility and of depth, and fall with efficiency."""
    assert (np.diff([cost(kind, stock).sum() for stock in (0.0, 0.5, 1.0, 2.0)]) * sign > 0).all()


def test_seats_taken_out_are_not_for_sale():
    """Distinctiveness has fewer seats of the month to sell (A3)."""
    seats = []
    for kind in ("price", "distinctiveness"):
        market = market_of(kind)
        market.open()
        seats.append(market.kept["seats"][market.firm("thrift").index].sum())
    assert seats[1] / seats[0] == pytest.approx(32 / 47, abs=0.02)


def test_capability_has_diminishing_returns_and_wears_out():
    market = sim.Market(
        scenario("firms.thrift.strategy=mixed", "firms.thrift.mix={price: 1.0}", "mechanism=[capability]")
    )
    thrift, levels = market.firm("thrift"), []
    for _ in range(3):
        market.step()
        levels.append(thrift.stock["price"])
    assert levels[0] == pytest.approx(0.2 * np.sqrt(0.05))
    assert levels[1] == pytest.approx(0.97 * levels[0] + levels[0])
    assert np.diff(levels)[1] < np.diff(levels)[0]


def test_mixes_and_their_entropy_are_written_down():
    market = sim.Market(scenario("firms.thrift.strategy=mixed"))
    records = Records(market)
    market.step()
    records.note()
    rows, row = records.frame("records").set_index("firm"), records.frame("market").iloc[0]
    assert rows.loc["thrift", [f"mix_{kind}" for kind in KINDS]].tolist() == [0.25] * 4
    assert rows.loc["grandcoach", [f"mix_{kind}" for kind in KINDS]].tolist() == [0, 0, 1, 0]
    assert rows.loc["air", [f"mix_{kind}" for kind in KINDS]].tolist() == [0, 0, 0, 0]
    # three pure coaches, two that do a quarter of each: mean parts 0.3, 0.3, 0.3, 0.1
    mean = np.array([0.3, 0.3, 0.3, 0.1])
    assert row["strategy_mix_entropy"] == pytest.approx(-(mean * np.log(mean)).sum())
    assert row["entropy_within"] == pytest.approx(2 * np.log(4) / 5)


def test_a_revised_mix_is_what_the_firm_does_from_that_month():
    """From a rule to the records: a review in month 2 moves the mix that capabilities are built with."""
    own = ["revision=imitate_best", "revise_every=2", "experimentation=1.0", "experiment_step=0.5"]
    market = sim.Market(scenario("firms.thrift.strategy=mixed", *(f"firms.thrift.{one}" for one in own)))
    mixes = []
    for _ in range(4):
        market.step()
        mixes.append(dict(market.firm("thrift").decision.mix))
    assert mixes[0] == mixes[1] == dict.fromkeys(KINDS, 0.25)
    assert mixes[2] == mixes[3] != mixes[0]
    assert mixes[2] == pytest.approx(market.firm("thrift").mix)


def test_a_mix_given_to_the_class_must_be_on_the_simplex(mixed):
    with pytest.raises(sim.ConfigError, match="mix: expected parts that sum to 1"):
        dataclasses.replace(mixed, mix={"price": 0.6, "flexibility": 0.6})
