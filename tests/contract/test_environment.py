"""The firms as a PettingZoo environment: its own API and seed tests, and no way to know or do more than a firm may."""

import subprocess
import sys

import numpy as np
import pytest
from pettingzoo.test import parallel_api_test, parallel_seed_test

import sim
from sim.desk.environment import ACTIONS, Firms


def world(*overrides):
    return sim.compose("population.customers=300", "periods=6", "replications=1", *overrides)


def env(*overrides, **more):
    return Firms(world(*overrides), **more)


def at(**values):
    """An action with these entries, the others in the middle."""
    action = np.full(len(ACTIONS), 0.5, np.float32)
    for name, value in values.items():
        action[ACTIONS.index(name.replace("__", "."))] = value
    return action


def test_it_passes_pettingzoos_own_tests():
    parallel_api_test(env(), num_cycles=20)
    parallel_seed_test(env, num_cycles=4)


def test_agents_are_the_firms_of_shared_modes_or_those_named():
    assert env().possible_agents == ["echo", "grandcoach", "mosaic", "nightowl", "thrift"]
    assert env(agents=["thrift"]).possible_agents == ["thrift"]
    with pytest.raises(sim.ConfigError, match="agents: unknown firm 'thrif'; nearest valid name: 'thrift'"):
        env(agents=["thrif"])


def test_every_entry_of_an_observation_is_what_the_firm_sees():
    e = env()
    sight, _ = e.reset(seed=3)
    assert not sight["mosaic"][e.entries("mosaic").index("needs.known")]
    for _ in range(2):
        sight, reward, *_ = e.step({name: at(interviews=1.0) for name in e.agents})
    assert len(set(e.entries("mosaic"))) == len(e.entries("mosaic")) == e.observation_space("mosaic").shape[0]
    value, seen = dict(zip(e.entries("mosaic"), sight["mosaic"].tolist(), strict=True)), e.seen("mosaic")
    assert value["period"] == 2
    assert value["me.price"] == pytest.approx(seen.me.price)
    assert value["rivals.echo.profit"] == pytest.approx(seen.rivals["echo"].profit / 300)
    assert value["rivals.echo.seats"] == seen.rivals["echo"].shown["seats"] == 40
    assert value["books.cash"] == pytest.approx(seen.books["cash"] / 300)
    assert value["needs.known"] == 1
    assert value["needs.party.sociability"] == pytest.approx(seen.needs[2, 1])
    assert value["complaints.delivery"] == pytest.approx(seen.complaints.get("delivery", 0) / 300)
    assert reward["mosaic"] == pytest.approx(seen.books["profit"] / 300)


def test_an_action_is_carried_out_as_it_says():
    e = env()
    e.reset(seed=3)
    most_distinct = at(mix__flexibility=0, mix__diversification=0, mix__distinctiveness=1, mix__price=0.25)
    e.step({name: most_distinct for name in e.agents})
    thrift = e.market.firm("thrift")
    assert thrift.decision.mix == pytest.approx(
        {"flexibility": 0, "diversification": 0, "distinctiveness": 0.8, "price": 0.2}
    )
    assert thrift.decision.budget == pytest.approx(0.1)
    assert thrift.decision.policy == {
        "signature": {"seats": 40, "attended": True}, "loyalty_programme": {"run": True}, "segment_needs": {"interviews": 150},
    }  # fmt: skip
    assert e.market.firm("air").strategy == "fixed", "the others play on as configured"
    assert thrift.price == pytest.approx(1.5 * thrift.unit_cost.mean(), abs=0.006)
    with pytest.raises(sim.ConfigError, match="action of thrift: expected 15 finite numbers"):
        e.decision("thrift", np.full(15, np.nan))
    assert e.decision("thrift", np.zeros(15))[0].mix["price"] == 0.25


def test_same_seed_same_numbers_and_another_seed_others():
    def earned(seed):
        e = env(agents=["thrift"])
        e.reset(seed=seed)
        return [e.step({"thrift": at()})[1]["thrift"] for _ in range(3)]

    assert earned(4) == earned(4) != earned(5)


def test_the_month_is_the_market_s_own():
    """Told what its strategy would have decided, a firm lives through the same months as in a plain run."""
    scenario = world("mechanism=[purchase_incidence,satisfaction,signature]")
    plain = sim.Market(scenario)
    e = Firms(scenario, ["thrift"])
    e.decision = lambda name, action: (plain.firm("thrift").decision, 0.0)
    e.reset(seed=scenario.seed)
    while e.agents:
        plain.step()
        e.step({"thrift": at()})
    assert (plain.table["provider"] == e.market.table["provider"]).all()
    assert [f.books for f in plain.firms] == [f.books for f in e.market.firms]


def test_a_firm_that_leaves_is_terminated_and_the_others_go_on():
    e = env()
    e.reset(seed=3)
    e.market.firm("thrift").trading = False
    *_, gone, over, _ = e.step({name: at() for name in e.agents})
    assert gone == {name: name == "thrift" for name in gone} and not any(over.values())
    assert "thrift" not in e.agents and len(e.agents) == 4
    assert set(e.step({name: at() for name in e.agents})[0]) == set(e.agents)


def test_the_package_itself_needs_no_pettingzoo():
    said = "import sim, sim.market.runs, sys; sys.exit('pettingzoo' in sys.modules or 'gymnasium' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0


ALL = ["echo", "grandcoach", "mosaic", "nightowl", "thrift"]
NO_ACTION = {
    "text": "left", "nothing": None, "one number": 0.5, "too few": np.zeros(3), "too many": np.zeros(16),
    "a table": np.zeros((3, 5)), "a row": np.zeros((1, 15)), "not a number": np.full(15, np.nan),
    "endless": np.full(15, np.inf), "words": ["a"] * 15, "ragged": [[0.0], [0.0, 1.0]], "names": {"seats": 1.0},
}  # fmt: skip


@pytest.mark.parametrize("wrong", NO_ACTION.values(), ids=NO_ACTION.keys())
@pytest.mark.parametrize("agent", ["echo", "thrift"])
def test_an_action_that_is_none_is_one_line_and_nothing_is_played(wrong, agent):
    e = env()
    e.reset(seed=1)
    before = e.market.period, [firm.memory for firm in e.market.firms]
    with pytest.raises(sim.ConfigError, match=f"^action of {agent}: expected 15 finite numbers: mix.flexibility"):
        e.step({name: at() for name in ALL} | {agent: wrong})
    assert (e.market.period, [firm.memory for firm in e.market.firms]) == before
    e.step({name: at() for name in ALL})
    assert e.market.period == 1


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ({}, "actions: missing for echo, grandcoach, mosaic, nightowl, thrift; expected one for each of env.agents"),
        ({name: at() for name in ALL[1:]}, "actions: missing for echo; expected"),
        ({name: at() for name in [*ALL, "thrif"]}, "agent 'thrif': unknown agent; nearest valid name: 'thrift'"),
        ([at()] * 5, "expected an action for each agent by name"), (None, "expected an action for each agent by name"),
    ],
)  # fmt: skip
def test_actions_that_miss_somebody_are_one_line(actions, said):
    e = env()
    e.reset(seed=1)
    with pytest.raises(sim.ConfigError, match=said) as caught:
        e.step(actions)
    assert "\n" not in str(caught.value)
    assert e.market.period == 0


def test_nothing_is_played_before_reset_or_after_the_last_month():
    e = env("periods=1")
    for ask in (lambda: e.step({}), lambda: e.seen("echo")):
        with pytest.raises(sim.ConfigError, match=r"call reset\(\) before"):
            ask()
    e.reset(seed=1)
    e.step({name: at() for name in ALL})
    assert e.agents == []
    with pytest.raises(sim.ConfigError, match=r"step: the last month is open; call reset\(\) before"):
        e.step({})
    e.reset()
    e.step({name: at() for name in ALL})


@pytest.mark.parametrize("ask", ["observation_space", "action_space", "entries", "seen"])
def test_an_unknown_agent_is_one_line(ask):
    e = env()
    e.reset(seed=1)
    with pytest.raises(sim.ConfigError, match="agent 'thrif': unknown agent; nearest valid name: 'thrift'"):
        getattr(e, ask)("thrif")


@pytest.mark.parametrize("seed", ["one", 1.5, -1, [1], 2**60, True + 0.5])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(sim.ConfigError, match="seed"):
        env().reset(seed=seed)
    env().reset(seed=np.int64(5))


@pytest.mark.parametrize("agents", ["thrift", 5, [], [5], ["thrift", "nobody"]])
def test_agents_are_names_of_firms(agents):
    with pytest.raises(sim.ConfigError, match="agents"):
        env(agents=agents)
    assert env(agents=["thrift", "thrift", "echo"]).possible_agents == ["echo", "thrift"]


@pytest.mark.parametrize("scenario", ["intercity", None, 5, {"firms": {}}])
def test_an_environment_is_made_of_a_scenario(scenario):
    with pytest.raises(sim.ConfigError, match="expected a Scenario, got"):
        Firms(scenario)
