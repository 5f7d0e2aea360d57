"""Numbers of factors: as short as they were written, found however they are written, and refused where they lead nowhere."""

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.ground.params import ConfigError
from sim.study.design.cube import positions
from sim.study.factor import Factor, meant
from sim.study.words import chosen, factor_of, listed, parsed

PLACES = st.integers(0, 7)
DIGITS = st.integers(-(10**6), 10**6)


def levels(word):
    return factor_of("x", ["x"], parsed(word)).levels


def written(digits, places):
    """A decimal as a person writes it."""
    return f"{Decimal(digits).scaleb(-places):f}"


def spellings(number):
    """The same number in other words."""
    whole, _, part = number.partition(".")
    short = f"{whole.removesuffix('0') if whole in ('0', '-0') and part else whole}.{part}" if part else number
    return [number, short, f"{number}{'00' if part else '.00'}", f"{Decimal(number):e}", f"{Decimal(number).scaleb(1):f}e-1"]


@settings(deadline=None, max_examples=60)
@given(start=DIGITS, step=st.integers(1, 10**4), number=st.integers(1, 30), places=PLACES, falling=st.booleans(), rest=st.floats(0, 1))
def test_a_range_holds_the_decimals_that_a_person_would_write(start, step, number, places, falling, rest):
    step = -step if falling else step
    stop = start + number * step - int(rest * (abs(step) - 1)) * (1 if step > 0 else -1)
    word = f"x=range({written(start, places)},{written(stop, places)},{written(step, places)})"
    found = levels(word)
    assert [Decimal(repr(level)) for level in found] == [Decimal(start + n * step).scaleb(-places) for n in range(number)]
    assert {type(level) for level in found} == {int if not places else float}
    assert levels(listed(word)) == found


@settings(deadline=None, max_examples=30)
@given(digits=st.lists(st.integers(0, 10**6), min_size=1, max_size=4, unique=True), places=PLACES)
def test_a_number_is_found_however_it_is_written(digits, places):
    numbers = [written(d, places) for d in digits]
    values = tuple(float(n) for n in numbers)
    factor = Factor(name="x", keys=("x",), levels=values, low=0, high=0, whole=False, words={})
    named = Factor(name="x", keys=(), levels=tuple(numbers), low=0, high=0, whole=False, words=dict.fromkeys(numbers, ()))
    for number, value in zip(numbers, values, strict=True):
        for spelling in spellings(number):
            assert meant(spelling, values) == levels(f"x={spelling}")[0] == value, spelling
            assert chosen(named, parsed(f"x={spelling}")).levels == (number,), spelling
    last = max(len(values) - 1, 1)
    for stored in (values, [repr(v) for v in values], numbers):
        assert positions(pd.DataFrame({"x": stored}), [factor])[:, 0].tolist() == [n / last for n in range(len(values))]


def test_what_an_earlier_version_counted_in_binary_is_found():
    assert meant(0.3, (0.1, 0.1 + 0.2, 0.4)) == 0.1 + 0.2
    assert meant(0.3, (0.1 + 0.2, 0.3)) == 0.3
    assert meant(0.3001, (0.1, 0.3)) is None
    assert [meant(value, (1.0, "nan", "low")) for value in (float("inf"), "1e999", "LOW", True)] == [None] * 4


LIMITS = ("0", "1", "-1", "0.1", "1e300", "-1e308", "1e308", "inf", "-inf", "nan")


@pytest.mark.parametrize("start", LIMITS)
def test_a_range_is_finite_or_refused_in_a_line(start):
    for stop in LIMITS:
        for step in (*LIMITS, "1e-300", "-0.0"):
            try:
                found = levels(f"x=range({start},{stop},{step})")
            except ConfigError as error:
                assert str(error).startswith("x = ") and "\n" not in str(error)
            else:
                low, high = sorted(map(float, (start, stop)))
                assert all(low <= level <= high and level != float(stop) for level in found)


@pytest.mark.parametrize(("low", "high"), [(a, b) for a in LIMITS for b in LIMITS])
def test_an_interval_is_finite_and_rises_or_is_refused(low, high):
    factor = factor_of("x", ["x"], parsed(f"x=interval({low},{high})"))
    if float("-inf") < float(low) < float(high) < float("inf"):
        factor.check()
    else:
        with pytest.raises(ConfigError, match=r"^x = interval\(.*expected low < high, both finite"):
            factor.check()


def test_a_range_that_hydra_would_turn_round_wrongly_is_refused():
    """Hydra's sort(range(0,10,3), reverse=true) is 7, 4, 1."""
    with pytest.raises(ConfigError, match="a range is in order"):
        levels("x=sort(range(0,10,3),reverse=true)")
    assert levels("x=range(9,-1,-3)") == (9, 6, 3, 0)
    assert levels("x=sort(3,1,2)") == (1, 2, 3)


def test_a_point_of_a_study_is_found_by_any_spelling(tmp_path):
    small = "population.customers=300", "periods=2", "replications=2", "engine=serial", "mechanism=[]"
    study = sim.sweep(*small, "firms.thrift.markup=range(0.1,0.5,0.1)", folder=tmp_path)
    assert sorted(study.runs["firms.thrift.markup"].unique()) == [0.1, 0.2, 0.3, 0.4]
    spellings = ("0.10", ".3", "3e-1", "0.30", "0.300000000000000")
    found = sim.compare(str(tmp_path), *(f"firms.thrift.markup={spelling}" for spelling in spellings))
    assert found.differing.iloc[0, 1:].tolist() == ["0.1", *["0.3"] * 4]
    with pytest.raises(ConfigError, match=r"firms\.thrift\.markup = 0\.31: not played in .*nearest valid name: '0\.3'"):
        sim.compare(str(tmp_path), "firms.thrift.markup=0.1", "firms.thrift.markup=0.31")
