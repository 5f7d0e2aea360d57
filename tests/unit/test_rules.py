"""Each rule against a number that can be checked by hand, or against a library."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from sim.science.rules import (
    capability as firm,
)
from sim.science.rules import (
    choice,
    philox,
)
from sim.science.rules import (
    imitation as rivalry,
)
from sim.science.rules import (
    loyalty_programme as programme,
)
from sim.science.rules import (
    satisfaction as experience,
)
from sim.science.rules import (
    state_dependence as habit,
)
from sim.science.rules.cost_accounting import seat_cost
from sim.science.rules.numeric import exp32, log32, normal_quantile
from sim.science.rules.signature import room_classes

u4 = np.uint32


@pytest.mark.parametrize(
    ("word", "bits"),
    [
        (0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (0xFFFFFFFF, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ],
)
def test_philox_gives_the_known_answers_of_its_authors(word, bits):
    assert tuple(int(b) for b in philox.philox(*[u4(word)] * 6)) == bits


@pytest.mark.parametrize(
    ("identity", "call", "word"),
    [(0, 0, 0), (63, 63, 0), (64, 0, 1), (255, 63, 3), (256, 64, 0), (1000, 232, 3), (2**32 - 1, 2**30 - 1, 3)],
)
def test_a_customer_has_one_word_of_a_call_that_four_share(identity, call, word):
    bits = philox.philox(u4(call), u4(9), u4(0), u4(0), u4(1), u4(2))[word]
    assert philox.uniform_at(u4(identity), u4(9), u4(1), u4(2)) == philox.uniform(bits)


def test_no_two_of_many_customers_have_the_same_word():
    places = {(int(philox.call_of(u4(i))), int(philox.word_of(u4(i)))) for i in range(3000)}
    assert len(places) == 3000
    assert max(call for call, _ in places) < 64 * 12


def test_uniform_is_never_zero_or_one():
    assert 0 < philox.uniform(u4(0)) < philox.uniform(u4(0xFFFFFFFF)) < 1


def test_logarithm_and_exponential_agree_with_the_library():
    for x in np.geomspace(1e-30, 1e30, 500).astype(np.float32):
        assert float(log32(x)) == pytest.approx(math.log(float(x)), abs=1e-6, rel=3e-7)
    for x in np.linspace(-79, 79, 501).astype(np.float32):
        assert float(exp32(x)) == pytest.approx(math.exp(float(x)), rel=1e-6)


def test_normal_quantile_agrees_with_the_library():
    for u in np.linspace(1e-5, 1 - 1e-5, 999).astype(np.float32):
        assert float(normal_quantile(u)) == pytest.approx(norm.ppf(float(u)), abs=5e-5)


def test_nobody_out_of_the_question_arrives_before_the_outside_option():
    highest, lowest = philox.uniform(u4(0xFFFFFFFF)), philox.uniform(u4(0))
    assert 0 < choice.arrival(highest, exp32(np.float32(80))) < np.inf
    latest = choice.arrival(lowest, np.float32(1))
    assert latest < 17
    assert choice.arrival(highest, exp32(np.float32(-np.inf))) > 1e27


def test_fare_disutility_is_sensitivity_times_journey_times_fare():
    assert choice.fare_disutility(0.02, 1.5, 30.0) == pytest.approx(0.9)


def test_fit_is_largest_at_the_ideal_point_and_zero_for_the_standard_offer():
    gained = [choice.fit_gained(2.0, z, 0.5, 0.9) for z in (0.5, 0.7, 0.9, 1.0)]
    assert gained[0] == 0
    assert max(gained) == gained[2] == pytest.approx(2.0 * 0.16)


def test_a_loss_weighs_more_than_a_gain():
    assert experience.felt_gap(-1.0, 2.25) == -2.25 * experience.felt_gap(1.0, 2.25)


def test_habit_is_an_exponentially_smoothed_purchase_record():
    value = 0.0
    for bought in (1.0, 1.0, 0.0):
        value = habit.carry_on(value, bought, 0.8)
    assert value == pytest.approx(0.8 * (0.8 * 0.2 + 0.2))


def test_a_reward_of_one_fare_counts_as_one_fare_whatever_the_foresight():
    for foresight, gradient in ((0.0, 0.0), (0.5, 0.0), (1.0, 0.0), (0.5, 1.0), (1.0, 3.0)):
        step = programme.first_step(1, 10, gradient)
        earning = sum(programme.money_saved(points, 10, step, foresight, gradient, 30.0) for points in range(10))
        assert earning + programme.money_saved(10, 10, step, foresight, gradient, 30.0) == pytest.approx(30, rel=1e-5)
    assert programme.money_saved(9, 10, 0.1, 0.5, 0.0, 30.0) == pytest.approx(1.5)
    assert programme.money_saved(9, 10, 0.1, 0.0, 0.0, 30.0) == 0.0


def test_the_pull_of_a_programme_grows_towards_the_goal():
    step = programme.first_step(1, 10, 1.0)
    pull = [programme.money_saved(points, 10, step, 0.5, 1.0, 30.0) for points in range(10)]
    assert pull == sorted(pull)
    assert pull[-1] / pull[0] == pytest.approx(math.exp(0.9), rel=1e-5)


def test_capability_settles_where_spending_replaces_wear():
    stock = 0.0
    for _ in range(2000):
        stock = firm.accumulate(stock, 0.04, 0.2, 0.03)
    assert stock == pytest.approx(0.2 * 0.2 / 0.03)
    assert firm.level(stock) == pytest.approx(1 - math.exp(-stock))


def test_thirty_two_seats_cost_forty_seven_thirty_seconds_of_the_vehicle():
    assert seat_cost(18.0, 47, 32, 0.0) == pytest.approx(18 * 47 / 32)
    assert seat_cost(18.0, 47, 47, 0.15) == pytest.approx(15.3)
    assert room_classes(47, 32, 32) == pytest.approx(1.0)


def test_copying_waits_for_the_lag_and_stops_at_the_ceiling():
    assert rivalry.copy_probability(2, 3, 0.1, 0.9) == 0
    assert rivalry.copy_probability(3, 3, 0.1, 0.9) == pytest.approx(0.09)
    fidelity = 0.4
    for _ in range(100):
        fidelity = rivalry.learn(fidelity, 0.05, 0.9)
    assert fidelity == 0.9
    assert rivalry.learn(1.0, 0.05, 0.9) == 1.0
