"""Tastes are fitted, not invented: Greene's number, and the shipped values fitted again."""

import numpy as np
import pytest

from sim.world.composing.configuration import load, plain
from sim.world.population.mode_choice import (
    PUBLISHED_LOG_LIKELIHOOD,
    constants_of,
    fit_greene,
    fit_market,
    set_constants,
)
from sim.world.population.survey import modechoice
from sim.world.population.surveyed import SurveyedPopulation


@pytest.fixture(scope="module")
def population():
    values = plain(load([]))["population"]
    return SurveyedPopulation.build({k: v for k, v in values.items() if k != "_target_"}, "population")


@pytest.fixture(scope="module")
def fit():
    return fit_market()


def test_greenes_log_likelihood_is_reproduced():
    fit = fit_greene()
    assert fit.log_likelihood == pytest.approx(PUBLISHED_LOG_LIKELIHOOD, abs=0.001)
    published = {"gc": -0.01550, "ttme": -0.09612, "income_air": 0.01329, "air": 5.2074, "train": 3.8690, "bus": 3.1632}
    for name, value in published.items():
        assert fit.coefficient[name] == pytest.approx(value, rel=2e-3), name


def test_the_shipped_tastes_are_the_fitted_ones(population, fit):
    slope = fit.coefficient
    assert population.price_sensitivity == pytest.approx(-slope["fare"], rel=1e-4)
    assert population.tastes["travel_time"] == pytest.approx(slope["travel_time"], rel=1e-4)
    assert population.tastes["terminal_time"] == pytest.approx(slope["terminal_time"], rel=1e-4)
    assert population.modes["air"].income_taste == pytest.approx(slope["income_air"], rel=1e-4)
    assert population.modes["air"].party_taste == pytest.approx(slope["party_air"], rel=1e-4)


def test_the_shipped_constants_meet_the_population_shares(population, fit):
    weight = population.weights(modechoice())
    share = {name: mode.share for name, mode in population.modes.items()}
    constant = constants_of(fit, weight, population.price_spread, share, population.travel_share)
    for name, mode in population.modes.items():
        assert mode.constant == pytest.approx(constant[name], abs=1e-4), name


def test_derived_tastes_stand_in_their_stated_ratio_to_the_fitted_ones(population):
    time = population.tastes["travel_time"]
    assert population.tastes["schedule_delay"] == pytest.approx(0.61 * time, rel=1e-3)
    assert population.tastes["comfort"] == pytest.approx(-2.89 / 5.26 * 60 * time, rel=1e-3)


def test_the_fit_finds_no_sign_that_the_rich_mind_a_fare_less(population):
    assert fit_market(income_effect=True).coefficient["fare_income"] < 0
    assert population.income_elasticity == 0


def test_weights_undo_the_choice_based_sampling(population):
    survey = modechoice()
    weight = population.weights(survey)
    drawn = np.bincount(survey.chosen, weight, len(survey.modes))
    assert dict(zip(survey.modes, drawn.round(12), strict=True)) == {
        "air": 0.14,
        "train": 0.13,
        "bus": 0.09,
        "car": 0.64,
    }


def test_constants_solve_a_case_known_in_closed_form():
    # one person, no fares: share_m = exp(c_m) / (1 + sum exp c) so c_m = ln(share_m / outside share)
    constant = set_constants(np.zeros((2, 1)), np.zeros((2, 1)), np.ones(1), 0.01, 0.2, np.array([0.5, 0.25]))
    assert constant.tolist() == pytest.approx([np.log(2.0), np.log(1.0)], abs=1e-9)
