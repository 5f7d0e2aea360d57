"""What every strategy and pricing rule promises; a new file in their config folders is held to it unasked."""

import dataclasses
import functools
import gc
import pickle
from types import BuiltinFunctionType, FunctionType, ModuleType

import numpy as np
import pytest

import sim
from sim.ground.params import Params, describe
from sim.market.agents import Firm
from sim.state.table import Rows, Table
from sim.world.composing.configuration import config_folder
from sim.world.pricing import Quote
from sim.world.scenario import FirmSpec
from sim.world.strategies import KINDS, Decision, PublicFacts, Seen, Strategy

STRATEGIES = sorted(p.stem for p in (config_folder() / "strategy").glob("*.yaml"))
REVISION = sorted(p.stem for p in (config_folder() / "revision").glob("*.yaml"))
PLAIN = {"logit_bertrand": ["mechanism=[cost_accounting]"]}  # rules that some mechanisms make invalid
PRICING = sorted(p.stem for p in (config_folder() / "pricing").glob("*.yaml"))


@functools.cache
def firm(strategy="price", pricing="cost_plus", revision="fixed"):
    scenario = sim.compose(
        f"firms.thrift.strategy={strategy}", f"firms.thrift.pricing={pricing}", f"firms.thrift.revision={revision}",
        "population.customers=50", *PLAIN.get(pricing, []),
    )  # fmt: skip
    return scenario.firms["thrift"]


def seen(period, rng):
    """What a firm might see in some period."""

    def facts():
        price, flexibility, depth = rng.uniform(20, 60), rng.uniform(), rng.uniform()
        shown = {"distinctiveness": rng.uniform(0, 4), "seats": int(rng.integers(20, 60)), "programme": float(rng.integers(2))}
        return PublicFacts(price, flexibility, depth, rng.normal(0, 1e4), shown=shown if rng.uniform() < 0.9 else {})

    books = {"purchases": 100.0, "revenue": 3e3, "cost": 2e3, "profit": 1e3, "cash": 1e4}
    return Seen(
        period, 20_000, facts(), {"b": facts(), "a": facts()} if period else {}, books, rng.uniform(size=(3, 2))
    )


@pytest.fixture(params=STRATEGIES)
def strategy(request):
    return firm(request.param).strategy


def decisions(strategy, months=30):
    memory, made, rng = strategy.begin(), [], np.random.default_rng(4)
    for period in range(months):
        decision, memory = strategy.decide(seen(period, rng), memory, np.random.default_rng(period))
        made.append(decision)
    return made


def test_decisions_are_legal(strategy):
    world = sim.compose("population.customers=50")
    for d in decisions(strategy):
        assert isinstance(d, Decision)
        assert d.budget >= 0 and d.research_and_development >= 0
        assert 0 <= d.imitation <= 1
        assert set(d.mix) <= set(KINDS)
        assert all(part >= 0 for part in d.mix.values())
        assert d.budget == 0 or sum(d.mix.values()) == pytest.approx(1)
        world.check_policy(d.policy, "policy")
        assert {name: frozenset(values) for name, values in d.policy.items()} == strategy.sets, "it says what it decides"


def test_same_sight_same_decision_and_memory_travels(strategy):
    assert decisions(strategy) == decisions(strategy)
    memory = strategy.begin()
    kept = pickle.dumps(memory)
    strategy.decide(seen(12, np.random.default_rng(1)), memory, np.random.default_rng(1))
    assert pickle.dumps(memory) == kept, "decide must return a new memory, not change the old one"


def test_it_is_frozen_picklable_and_documented(strategy):
    assert pickle.loads(pickle.dumps(strategy)) == strategy
    assert type(strategy).__doc__ and all(row["source"] for row in describe(type(strategy)))


@pytest.mark.parametrize("pricing", PRICING)
def test_prices_are_finite_and_one_a_segment(pricing):
    rule = firm(pricing=pricing).pricing
    for cost in (np.zeros(3), np.array([10.0, 20.0, 30.0])):
        fares, _ = rule.price(Quote(cost, np.ones(3), 33.0), rule.begin(), np.random.default_rng(1))
        assert fares.shape == (3,)
        assert np.isfinite(fares).all()
        assert cost.any() or (fares == 33.0).all()


def names(parts):
    return {f.name for part in parts for f in dataclasses.fields(part)}


def test_parameters_of_firm_strategy_revision_and_pricing_share_no_name():
    own = names([FirmSpec])
    strategy = names(firm(name).strategy for name in STRATEGIES)
    revision = names(firm("mixed", revision=name).revision for name in REVISION)
    pricing = names(firm(pricing=name).pricing for name in PRICING)
    assert len(own | strategy | revision | pricing) == len(own) + len(strategy) + len(revision) + len(pricing)


def test_a_firm_sees_the_offers_of_last_period_not_of_this_one(world):
    """What anybody can see of a rival is what was on the board, although the rival's capability has grown since."""
    market = sim.Market(world("periods=6"))
    delay = market.attributes.index("schedule_delay")
    for _ in range(6):
        market.step()
        owl, thrift = market.firm("nightowl"), market.firm("thrift")
        on_board = market.board.level[owl.index, delay].reshape(3, 3)
        standard = market.board.level[thrift.index, delay].reshape(3, 3)
        closed = (standard - on_board)[0, 2] / 240.0
        published = {f.name: f.public_facts() for f in market.firms}
        sight = thrift.look(published)
        assert sight.rivals["nightowl"].flexibility == pytest.approx(closed, abs=1e-5)
        assert owl.flexibility > closed
        assert sight.rivals["nightowl"].price == pytest.approx(market.board.cents[owl.index].mean() / 100)
        assert set(sight.rivals) == {r.name for r in market.rivals_of("thrift")}


def reachable(start):
    """Every object that can be reached from one without going through code: classes, functions, modules."""
    found, stack = {}, [start]
    while stack:
        thing = stack.pop()
        if id(thing) not in found and not isinstance(thing, (type, ModuleType, FunctionType, BuiltinFunctionType)):
            found[id(thing)] = thing
            stack += gc.get_referents(thing)
            stack += [thing.base] if isinstance(thing, np.ndarray) else []
    return found.values()


def numbers(facts):
    """All values of public facts, those that mechanisms show among them."""
    return [*(vars(facts) | {"shown": 0.0}).values(), *facts.shown.values()]


def test_what_a_firm_sees_holds_no_way_into_the_market(world):
    """Sight is plain numbers: nothing in it leads to customers, rivals or the market."""
    market = sim.Market(world())
    market.step()
    published = {f.name: f.public_facts() for f in market.firms}
    private = [market.table[name] for name in market.table.columns]
    private += list(market.kept.values())
    private += [f.needs for f in market.firms if f.needs is not None]
    assert any(thing is market for thing in reachable(market.firms[0])), "the search finds what is there"
    for f in market.firms:
        sight = f.look(published)
        for thing in reachable(sight):
            assert not isinstance(thing, (sim.Market, Firm, Table, Rows, Params)), f"{f.name}: {thing!r}"
            if isinstance(thing, np.ndarray):
                assert not any(np.shares_memory(thing, column) for column in private)
        flat = [*numbers(sight.me), *sight.books.values(), *sight.mix.values()]
        assert pickle.loads(pickle.dumps(sight)).period == sight.period
        flat += [v for facts in sight.rivals.values() for v in numbers(facts)]
        assert all(isinstance(v, (int, float, bool)) for v in flat)
        assert sight.needs is None or isinstance(sight.needs, np.ndarray)


def test_a_firm_that_never_asked_knows_nothing_of_needs(played):
    market = played(periods=15)
    knows = {f.name for f in market.firms if f.needs is not None}
    assert knows == {"mosaic"}
    mosaic = next(f for f in market.firms if f.name == "mosaic")
    error = np.abs(mosaic.needs - market.mean_ideal)
    assert 0 < error.max() < 0.25, "an estimate from interviews is near the truth, never the truth"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Spy(Strategy):
    """Notes each month what it sees of needs, of its rivals and of its way into the market; interviews in month 2."""

    def begin(self):
        return {"needs": [], "rivals": [], "market": []}

    def decide(self, seen, memory, rng):
        ways = [thing for thing in reachable(seen) if isinstance(thing, (sim.Market, Firm, Table))]
        notes = {"needs": seen.needs, "rivals": set(seen.rivals), "market": ways}
        memory = {name: [*memory[name], note] for name, note in notes.items()}
        return Decision(policy={"segment_needs": {"interviews": 60 if seen.period == 2 else 0}}), memory


def test_a_spy_finds_nothing_that_it_has_not_paid_for(world):
    """Neither needs before the first interview, nor a way to the market, nor rivals of other modes."""
    scenario = world("periods=5")
    spied = dataclasses.replace(scenario.firms["thrift"], strategy=Spy())
    market = sim.Market(scenario.replace(firms={**scenario.firms, "thrift": spied}))
    for _ in range(5):
        market.step()
    noted = market.firm("thrift").memory
    assert [needs is None for needs in noted["needs"]] == [True, True, True, False, False]
    assert noted["market"] == [[]] * 5
    assert noted["rivals"] == [set()] + [{"echo", "grandcoach", "mosaic", "nightowl"}] * 4
    noted["needs"][-1][:] = 9.0
    assert market.firm("thrift").needs.max() < 2, "what it saw is a copy"


def test_the_follower_moves_half_way_to_the_posture_of_the_best_earner():
    follower = firm("follower").strategy
    poor = PublicFacts(40.0, 0.9, 0.0, 10.0, shown={"seats": 47})
    rich = PublicFacts(40.0, 0.0, 0.2, 100.0, shown={"distinctiveness": 0.6, "seats": 32})
    me = PublicFacts(50.0, 0.0, 0.0, 0.0)
    memory = follower.begin()
    for period in range(13):
        sight = Seen(period, 20_000, me, {"poor": poor, "rich": rich} if period else {}, {}, None)
        decision, memory = follower.decide(sight, memory, np.random.default_rng(0))
    # what the rich one shows: depth 0.2, comfort 0.6, a fare a fifth below the dearest; half of the way from a quarter each
    posture = {"flexibility": 0.0, "diversification": 0.2, "distinctiveness": 0.6, "price": 0.2}
    assert memory["model"] == "rich"
    assert decision.policy == {"signature": {"seats": 32}}
    assert decision.mix == pytest.approx({kind: (0.25 + part) / 2 for kind, part in posture.items()})
