"""A copy of a bundle of elements: closed form, enumeration, and copies that are worse than none."""

from itertools import product

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.science.rules.complexity import expected_worth, version_worth


def enumerated(elements, interdependence, fidelity):
    """Mean worth over all versions and over landscapes, by the mean 1/2 of their numbers."""
    total = 0.0
    for right in product([False, True], repeat=elements):
        chance = np.prod([fidelity if r else 1 - fidelity for r in right])
        total += chance * version_worth(right, interdependence, lambda element, pattern: 0.5)
    return total


@pytest.mark.parametrize("interdependence", range(4))
@pytest.mark.parametrize("fidelity", [0.0, 0.3, 0.8, 1.0])
def test_the_mean_is_the_fidelity_to_the_power_of_what_hangs_together(interdependence, fidelity):
    assert enumerated(4, interdependence, fidelity) == pytest.approx(expected_worth(fidelity, interdependence))


def versions(interdependence, fidelity, landscapes=4000, elements=8):
    rng = np.random.default_rng(4)
    found = []
    for _ in range(landscapes):
        numbers, right = rng.random((elements, 2 ** (interdependence + 1))), rng.random(elements) < fidelity
        found.append(version_worth(right, interdependence, lambda j, p, n=numbers: n[j, p]))
    return np.array(found)


def test_partial_copies_lose_value_and_some_are_worse_than_none():
    """Monte Carlo over landscapes against the closed form, four standard errors."""
    share = {}
    for interdependence in (0, 2, 6):
        worth = versions(interdependence, 0.8)
        error = worth.std(ddof=1) / np.sqrt(len(worth))
        assert abs(worth.mean() - expected_worth(0.8, interdependence)) < 4 * error
        share[interdependence] = (worth < 0).mean()
    assert share[0] == 0
    assert share[6] > share[2]
    assert share[6] > 0.1


def market(interdependence, seed=1):
    kinds = [f"mechanism.imitation.imitability.{k}=1" for k in ("flexibility", "diversification", "distinctiveness")]
    scenario = sim.compose(
        "mechanism=[complexity,imitation,innovation]", "population.customers=20", "mechanism.innovation.productivity=3",
        f"mechanism.complexity.interdependence={interdependence}", *kinds, "mechanism.imitation.first_fidelity=0.8",
        "mechanism.imitation.growth=0", "mechanism.innovation.review_every=0", f"seed={seed}",
    )  # fmt: skip
    market = sim.Market(scenario)
    market.run_for(24)
    return market


def test_in_the_market_copies_are_worth_what_the_rule_says():
    worth = []
    for seed in range(1, 4):
        for feature in market(5, seed).features:
            assert feature.effect(feature.introduced_by) == 1.0
            worth += [feature.worth[n] for n in feature.offered if n != feature.introduced_by]
    worth = np.array(worth)
    assert len(worth) > 60
    assert abs(worth.mean() - 0.8**6) < 4 * worth.std(ddof=1) / np.sqrt(len(worth) / 4)  # copies share landscapes
    assert (worth < 0).any()
    assert all(feature.worth == {} for feature in market(0).features)


def test_a_better_copy_never_loses_an_element_and_a_full_one_is_the_original():
    world = market(5)
    feature = world.features[0]
    for fidelity in (1.0, 0.0):
        feature.fidelity["echo"] = fidelity
        world.world.mechanism["complexity"].on_open(world)
        assert feature.worth["echo"] == fidelity


def test_elements_cannot_hang_on_more_than_there_are():
    with pytest.raises(ConfigError, match="interdependence = 8 elements: expected interdependence < elements = 8"):
        sim.compose("mechanism.complexity.interdependence=8")
