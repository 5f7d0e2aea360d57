"""Parameters are checked when an object is built, and every mistake is said in one line."""

import math

import pytest

from sim.ground.params import ConfigError, describe
from sim.world.mechanisms.state_dependence import StateDependence


def build(**values):
    return StateDependence.build({"weight": 1.0, "carry_over": 0.8} | values, "mechanism.state_dependence")


def test_a_legal_value_is_kept():
    assert build(weight=2).weight == 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"weight": -2.0},
            "weight = -2.0 utils: expected 0 <= weight (config key `mechanism.state_dependence.weight`)",
        ),
        ({"carry_over": 1.5}, "expected 0 <= carry_over <= 1"),
        ({"weight": math.nan}, "weight = nan utils"),
        ({"weight": "much"}, "expected a number [utils]"),
        ({"weight": True}, "expected a number"),
        ({"wieght": 1.0}, "unknown name; nearest valid name: 'weight'"),
        ({"weight": None}, "missing"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_where_and_what_is_allowed(values, said):
    with pytest.raises(ConfigError) as caught:
        build(**values)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_parameters_are_frozen():
    with pytest.raises(AttributeError):
        build().weight = 3.0


def test_every_parameter_is_described_with_unit_and_source():
    for row in describe(StateDependence):
        assert row["unit"]
        assert row["source"]
