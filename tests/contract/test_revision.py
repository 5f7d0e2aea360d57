"""What every rule of revision promises; a new file in its config folder is held to it unasked."""

import functools
import pickle

import numpy as np
import pytest

import sim
from sim.ground.params import describe
from sim.world.composing.configuration import config_folder
from sim.world.revision import Earner, Lot
from sim.world.strategies import KINDS, PublicFacts, Seen

REVISION = sorted(p.stem for p in (config_folder() / "revision").glob("*.yaml"))
MIX = {"flexibility": 0.4, "diversification": 0.3, "distinctiveness": 0.2, "price": 0.1}


@functools.cache
def rule_of(name, **values):
    own = [f"firms.thrift.{key}={value}" for key, value in values.items()]
    scenario = sim.compose("firms.thrift.strategy=mixed", f"firms.thrift.revision={name}", *own)
    return scenario.firms["thrift"].revision


@pytest.fixture(params=REVISION)
def rule(request):
    return rule_of(request.param)


def facts(rng):
    price, flexibility, depth, distinct = rng.uniform(20, 60), rng.uniform(), rng.uniform(), rng.uniform(-1, 4)
    return PublicFacts(price, flexibility, depth, rng.normal(0, 5e3), shown={"distinctiveness": distinct})


def seen(period, rng, mix, names="ab"):
    me = facts(rng)
    rivals = {name: facts(rng) for name in names} if period else {}
    return Seen(period, 20_000, me, rivals, {"profit": me.profit}, None, {}, mix)


def path(rule, months=49, names="ab"):
    """The mixes that a rule goes through, with its memory pickled in between."""
    mix, memory, found, rng = dict(MIX), rule.begin(), [], np.random.default_rng(4)
    for period in range(months):
        sight = seen(period, rng, dict(mix), names)
        mix, memory = rule.revise(sight, memory, np.random.default_rng(period))
        memory = pickle.loads(pickle.dumps(memory))
        found.append(mix)
    return found


def test_mixes_stay_on_the_simplex(rule):
    for mix in path(rule):
        assert set(mix) == set(KINDS) and min(mix.values()) >= 0
        assert sum(mix.values()) == pytest.approx(1, abs=1e-9)


def test_the_same_sight_gives_the_same_mix_and_memory_is_left_alone(rule):
    assert path(rule) == path(rule)
    memory, mix = rule.begin(), dict(MIX)
    kept = pickle.dumps((memory, mix))
    rule.revise(seen(12, np.random.default_rng(1), mix), memory, np.random.default_rng(1))
    assert pickle.dumps((memory, mix)) == kept


def test_nothing_moves_between_reviews(rule):
    mixes = path(rule)
    moved = [n for n in range(1, len(mixes)) if mixes[n] != mixes[n - 1]]
    assert all(n % 12 == 0 for n in moved)


def test_it_is_frozen_picklable_and_documented(rule):
    assert pickle.loads(pickle.dumps(rule)) == rule
    assert type(rule).__doc__ and all(row["source"] for row in describe(type(rule)))


@pytest.mark.parametrize("name", sorted(set(REVISION) - {"fixed", "best_response", "aspiration"}))
def test_a_rival_whose_profit_is_not_observed_teaches_nothing(name):
    """Without observation, experiments and mutation only what one sees of oneself is left."""
    chance = {"imitate_best": "experimentation", "replicator_mutator": "mutation"}
    still = rule_of(name, observability=0.0, **({chance[name]: 0.0} if name in chance else {}))
    assert path(still)[-1] == pytest.approx(MIX)


def test_one_s_draws_do_not_move_when_a_rival_comes_whose_lot_is_not_drawn():
    """Who is looked at and whether it is copied is drawn by name: a newcomer can only take another one's place."""
    rivals = {n: Earner(dict(MIX), 0.0) for n in "abcdefg"}
    for number in range(200):
        few, many = Lot(np.random.default_rng(number)), Lot(np.random.default_rng(number))
        first, then = few.pick({n: rivals[n] for n in "bdf"}), many.pick(rivals)
        assert then == first or then in "aceg"
        assert few.draw("copy") == many.draw("copy")


def test_a_chance_of_observation_is_that_chance(monkeypatch):
    rule, found = rule_of("fermi", observability=0.3), []

    def note(self, own, rivals, seen, memory, lot):
        found.append(len(rivals))
        return own.mix, memory

    monkeypatch.setattr(type(rule), "review", note)
    sight = seen(12, np.random.default_rng(1), dict(MIX))
    for number in range(2000):
        rule.revise(sight, rule.begin(), np.random.default_rng(number))
    assert np.mean(found) / 2 == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 4000))


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["firms.thrift.revision=fermi"], "firms.thrift.revision: nothing to revise, Price follows no mix"),
        (["firms.thrift.strategy=mixed", "firms.thrift.revision=firmi"], "firms.thrift.revision = 'firmi': unknown revision; nearest"),
        (["firms.thrift.strategy=mixed", "firms.thrift.mix={price: 0.5, flexibility: 0.4}"], "mix: expected parts that sum to 1, got 0.9"),
        (["firms.thrift.strategy=mixed", "firms.thrift.mix={price: 1.5, flexibility: -0.5}"], "mix.price = 1.5: expected 0 <= price <= 1"),
        (["firms.thrift.strategy=mixed", "firms.thrift.mix={prize: 1.0}"], "mix.prize: unknown kind; nearest valid name: 'price'"),
        (["firms.thrift.strategy=mixed", "firms.thrift.mix={}"], "mix: expected parts that sum to 1, got 0"),
        (["firms.thrift.strategy=mixed", "firms.thrift.fewest_seats=50"], "fewest_seats = 50 seats: expected fewest_seats <= seats = 47"),
        (["firms.thrift.strategy=mixed", "firms.thrift.revision=fermi", "firms.thrift.intensify=1"], "firms.thrift.intensify: unknown name; nearest valid name: 'intensity'"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_in_one_line(overrides, said):
    with pytest.raises(sim.ConfigError) as error:
        sim.compose(*overrides)
    assert said in str(error.value) and "\n" not in str(error.value)
