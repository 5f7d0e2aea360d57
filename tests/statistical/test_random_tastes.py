"""Tastes have the distribution asked for, and shares equal the mixed-logit integral (McFadden & Train 2000)."""

import dataclasses
import itertools

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.world.population.survey import modechoice

N = 200_000
SPREAD = {"schedule_delay": 0.006, "comfort": 0.8}
RHO = -0.6
SHIFT = {"party": {"comfort": 0.5}, "solo_modest": {"schedule_delay": -0.002}}


def world(*overrides, **changes):
    scenario = sim.compose(f"population.customers={N}", "periods=1", "replications=1", *overrides)
    tastes = dataclasses.replace(scenario.mechanism["random_tastes"], **changes)
    return scenario.replace(mechanism=dict(scenario.mechanism) | {"random_tastes": tastes})


@pytest.fixture(scope="module")
def scenario():
    """Offers that differ in comfort (fewer seats) and in delay (contexts), and strong tastes for both."""
    return world(
        "mechanism=[random_tastes,signature,contexts]", "seed=4", "population.price_spread=0.5",
        spread=SPREAD, correlation={"schedule_delay": {"comfort": RHO}}, shift=SHIFT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def market(scenario):
    market = sim.Market(scenario)
    market.step()
    return market


def test_tastes_have_the_means_and_the_covariance_asked_for(market, scenario):
    names = ("schedule_delay", "comfort")
    taste = market.table["taste"][[market.attributes.index(n) for n in names]].astype(float)
    sd = np.array([SPREAD[n] for n in names])
    for s, segment in enumerate(market.segments):
        own = taste[:, market.table["segment"] == s]
        heads = own.shape[1]
        mean = np.array([scenario.population.tastes[n] + SHIFT.get(segment, {}).get(n, 0.0) for n in names])
        assert (np.abs(own.mean(axis=1) - mean) < 4 * sd / np.sqrt(heads)).all()
        covariance = np.cov(own) / np.outer(sd, sd)
        error = np.sqrt(np.array([[2, 1 + RHO**2], [1 + RHO**2, 2]]) / heads)
        assert (np.abs(covariance - [[1, RHO], [RHO, 1]]) < 4 * error).all()
    other = market.table["taste"][market.attributes.index("travel_time")]
    assert (other == np.float32(scenario.population.tastes["travel_time"])).all()


def quadrature(market, scenario, nodes=14):
    """Share of each firm over travellers, contexts, log-normal price sensitivity and two correlated normal tastes."""
    population, survey = scenario.population, modechoice()
    point, mass = np.polynomial.hermite_e.hermegauss(nodes)
    mass /= mass.sum()
    person, segment = population.weights(survey), population.segment_of(survey)
    utility, tastes = population.standard_utility(survey), population.tastes
    delay, comfort = (market.attributes.index(n) for n in ("schedule_delay", "comfort"))
    shifted = [[SHIFT.get(s, {}).get(n, 0.0) for n in ("schedule_delay", "comfort")] for s in market.segments]
    shift = np.array(shifted)[segment]
    cell = segment * len(market.contexts)
    share = np.zeros(len(market.firms))
    for c, (a, x, y) in itertools.product(range(len(market.contexts)), itertools.product(range(nodes), repeat=3)):
        alpha = population.price_sensitivity * np.exp(population.price_spread * point[a])
        minute = tastes["schedule_delay"] + shift[:, 0] + SPREAD["schedule_delay"] * point[x]
        z = RHO * point[x] + np.sqrt(1 - RHO**2) * point[y]
        room = tastes["comfort"] + shift[:, 1] + SPREAD["comfort"] * z
        appeal = np.empty((len(market.firms), len(person)))
        for firm in market.firms:
            s, f = survey.modes.index(firm.spec.mode), firm.index
            fare = alpha * survey.fare[s] / firm.mode.standard_fare * firm.spec.list_price
            level = market.board.level[f][:, cell + c]
            appeal[f] = utility[s] + np.log(firm.spec.presence) - fare + minute * level[delay] + room * level[comfort]
        odds = np.exp(appeal)
        weight = person * market.mix[segment, c] * mass[a] * mass[x] * mass[y]
        share += odds / (1 + odds.sum(axis=0)) @ weight
    return share


def test_shares_equal_the_mixed_logit_integral(market, scenario):
    share = quadrature(market, scenario)
    z = (market.total("purchases") - N * share) / np.sqrt(N * share * (1 - share))
    assert np.abs(z).max() < 4, z


def test_without_them_the_same_integral_is_missed(market, scenario):
    """The test above has power: the same world with one taste for all is many standard errors away."""
    plain = sim.Market(
        scenario.replace(mechanism={n: m for n, m in scenario.mechanism.items() if n != "random_tastes"})
    )
    plain.step()
    share = quadrature(market, scenario)
    z = (plain.total("purchases") - N * share) / np.sqrt(N * share * (1 - share))
    assert np.abs(z).max() > 10


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"spread": {"comfrt": 1.0}}, "spread.comfrt: unknown attribute; nearest valid name: 'comfort'"),
        ({"spread": {"comfort": -1.0}}, "spread.comfort = -1.0"),
        ({"correlation": {"comfort": {"comfort": 0.5}}}, "expected two attributes"),
        ({"correlation": {"comfort": {"travel_time": 0.5}, "travel_time": {"comfort": 0.5}}}, "each pair once"),
        ({"correlation": {"comfort": {"terminal": 0.5}}}, "unknown attribute; nearest valid name: 'terminal_time'"),
        ({"correlation": {"comfort": {"travel_time": 1.5}}}, "correlation.comfort.travel_time = 1.5"),
        ({"correlation": {"comfort": {"travel_time": 0.9, "terminal_time": 0.9}, "travel_time": {"terminal_time": -0.9}}},
         "positive semidefinite"),
        ({"shift": {"party": {"confort": 0.1}}}, "shift.party.confort: unknown attribute"),
        ({"shift": {"parties": {"comfort": 0.1}}}, "shift.parties: unknown segment; nearest valid name: 'party'"),
    ],
)  # fmt: skip
def test_mistakes_are_said_in_one_line(changes, said):
    with pytest.raises(ConfigError) as error:
        world(**changes)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_correlation_of_one_is_allowed():
    market = sim.Market(world("population.customers=500", correlation={"schedule_delay": {"comfort": 1.0}}, shift={}))
    taste = market.table["taste"][[market.attributes.index(n) for n in ("schedule_delay", "comfort")]]
    assert np.corrcoef(taste)[0, 1] == pytest.approx(1, abs=1e-5)
