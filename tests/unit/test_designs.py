"""Designs of experiments hold the points that they promise."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.ground.params import ConfigError
from sim.study.design import cube
from sim.study.design.factorial import Factorial
from sim.study.design.latin_hypercube import LatinHypercube
from sim.study.design.morris import Morris
from sim.study.design.random import Random
from sim.study.design.sobol import Sobol
from sim.study.factor import Factor
from sim.world.composing.configuration import config_folder

FILES = sorted((config_folder() / "design").glob("*.yaml"))
CLASSES = {c.__name__: c for c in (Factorial, Random, LatinHypercube, Sobol, Morris)}


def interval(name, low=0.0, high=1.0, whole=False):
    return Factor(name=name, keys=(name,), levels=None, low=low, high=high, whole=whole, words={})


def levels(name, *values):
    return Factor(name=name, keys=(name,), levels=values, low=0, high=0, whole=False, words={})


def design_of(path: Path):
    settings = yaml.safe_load(path.read_text())
    return CLASSES[settings.pop("_target_").rsplit(".", 1)[1]].build(settings, "design")


MIXED = [levels("lag", 1, 3, 12), levels("scenario", "calm", "war")]
RANGES = [interval("fee", -1.0, 2.0), interval("seats", 1, 4, whole=True)]


@pytest.fixture(params=FILES, ids=lambda p: p.stem)
def design(request):
    return design_of(request.param)


def test_there_is_a_file_for_every_design():
    assert {type(design_of(path)) for path in FILES} == set(CLASSES.values())


def test_the_same_seed_gives_the_same_points_and_another_seed_others(design):
    factors = MIXED if isinstance(design, Factorial) else [*MIXED, *RANGES]
    points = design.points(factors, seed=0)
    assert points == design.points(factors, seed=0)
    assert isinstance(design, Factorial) or points != design.points(factors, seed=1)


def test_every_point_has_every_factor_at_a_value_of_its_own(design):
    factors = MIXED if isinstance(design, Factorial) else [*MIXED, *RANGES]
    for point in design.points(factors, seed=3):
        assert list(point) == [f.name for f in factors]
        assert point["lag"] in (1, 3, 12)
        assert point["scenario"] in ("calm", "war")
        assert -1 <= point.get("fee", 0) <= 2
        assert point.get("seats", 1) in (1, 2, 3, 4)


def test_without_factors_there_is_one_point_or_a_clear_refusal(design):
    if isinstance(design, (Sobol, Morris)):
        with pytest.raises(ConfigError, match=r"^design=(sobol|morris): .*expected at least"):
            design.points([], seed=1)
    else:
        assert design.points([], seed=1) == [{}]


def test_one_factor_shares_its_variance_with_nobody():
    with pytest.raises(ConfigError, match="design=sobol: 1 factors; expected at least two"):
        Sobol(samples=8, second_order=False).points([interval("x")], seed=1)
    assert len(Morris(trajectories=3, levels=4).points([interval("x")], seed=1)) == 6


def test_a_factorial_refuses_an_interval_by_name():
    with pytest.raises(ConfigError) as error:
        Factorial().points([*MIXED, interval("fee")], seed=1)
    assert str(error.value) == "factor fee is an interval; give values, such as fee=1,2, or design=latin_hypercube"


def test_a_huge_design_is_refused_with_its_size_before_it_is_made():
    many = [levels(name, *range(10)) for name in "abcdefg"]
    for made, size in [
        (Factorial(), "10,000,000"),
        (Random(samples=1_000_000), None),
        (Sobol(samples=2**19, second_order=False), "4,718,592"),
        (Morris(trajectories=200_000, levels=4), "1,600,000"),
    ]:
        if size:
            with pytest.raises(ConfigError, match=f"{size} points; expected at most 1,000,000"):
                made.points(many, seed=1)
    with pytest.raises(ConfigError, match="1,000,001 points"):
        cube.check_size("random", 1_000_001)


@pytest.mark.parametrize("samples", [1, 3, 100])
def test_a_sobol_size_that_is_no_power_of_two_is_refused_with_the_nearest(samples):
    with pytest.raises(ConfigError, match=r"samples"):
        Sobol(samples=samples, second_order=False)
    with pytest.raises(
        ConfigError, match=r"samples = 100: expected a power of two; the nearest are 64 and 128 .*design"
    ):
        Sobol.build({"samples": 100, "second_order": False}, "design")


def test_an_odd_grid_of_morris_is_refused():
    with pytest.raises(ConfigError, match="levels = 5: expected an even number, such as 6"):
        Morris(trajectories=2, levels=5)


@pytest.mark.parametrize("made", [Random, LatinHypercube])
def test_a_level_gets_its_part_of_the_points(made):
    points = made(samples=3000).points(MIXED, seed=2)
    spread = np.sqrt(3000 * (1 / 3) * (2 / 3))
    for lag in (1, 3, 12):
        assert abs(sum(p["lag"] == lag for p in points) - 1000) <= (1 if made is LatinHypercube else 4 * spread)


def test_every_slice_of_a_latin_hypercube_holds_one_point():
    points = LatinHypercube(samples=50).points([interval("x"), interval("y", 0.0, 50.0)], seed=4)
    assert sorted(int(p["x"] * 50) for p in points) == list(range(50))
    assert sorted(int(p["y"]) for p in points) == list(range(50))
    assert [int(p["x"] * 50) for p in points] != [int(p["y"]) for p in points]


@pytest.mark.parametrize("second_order", [False, True])
def test_a_block_of_sobol_swaps_one_factor_at_a_time(second_order):
    factors = [interval("x"), interval("y"), interval("z")]
    made = Sobol(samples=8, second_order=second_order)
    points = made.points(factors, seed=5)
    block = 8 if second_order else 5
    assert len(points) == 8 * block == 8 * made.block(3)
    for start in range(0, len(points), block):
        a, b = points[start], points[start + block - 1]
        for number, name in enumerate("xyz"):
            assert points[start + 1 + number] == a | {name: b[name]}
            if second_order:
                assert points[start + 4 + number] == b | {name: a[name]}


def test_larger_designs_begin_with_the_smaller_ones():
    factors = [interval("x"), levels("lag", 1, 3, 12)]
    for small, large in [
        (Sobol(samples=16, second_order=False), Sobol(samples=64, second_order=False)),
        (Random(samples=10), Random(samples=25)),
        (Morris(trajectories=3, levels=4), Morris(trajectories=9, levels=4)),
    ]:
        first = small.points(factors, seed=6)
        assert large.points(factors, seed=6)[: len(first)] == first


@pytest.mark.parametrize("grid", [4, 6, 10])
def test_a_trajectory_of_morris_moves_each_factor_once_by_half_the_grid(grid):
    factors = [interval("x"), interval("n", 1, 10, whole=True), levels("two", "a", "b"), levels("three", 1, 3, 12)]
    made = Morris(trajectories=30, levels=grid)
    unit = cube.positions(made.points(factors, seed=7), factors).reshape(30, 5, 4)
    moves = np.abs(np.diff(unit, axis=1))
    assert ((moves > 0).sum(axis=1) == 1).all()
    assert ((moves > 0).sum(axis=2) == 1).all()
    assert np.allclose(moves.sum(axis=1)[:, 0], grid / (2 * (grid - 1)))
    assert np.allclose(moves.sum(axis=1)[:, 2], 1)
    assert grid != 4 or np.allclose(moves.sum(axis=1)[:, 3], 0.5)
    assert set(np.round(unit[:, :, 3].ravel() * 2)) == {0, 1, 2}


def test_positions_undo_values_also_when_a_table_made_text_of_them():
    factors = [*MIXED, *RANGES]
    points = LatinHypercube(samples=20).points(factors, seed=8)
    as_text = [p | {"lag": str(p["lag"])} for p in points]
    found = cube.positions(points, factors)
    assert (found == cube.positions(as_text, factors)).all()
    assert found[:, 0].tolist() == [(1, 3, 12).index(p["lag"]) / 2 for p in points]
    assert np.allclose(found[:, 2], [(p["fee"] + 1) / 3 for p in points])
    with pytest.raises(ConfigError, match="lag = 7: not a level; it has 1, 3, 12"):
        cube.positions([p | {"lag": 7} for p in points], factors)
    with pytest.raises(ConfigError, match="seats: no column"):
        cube.positions([{"lag": 1, "scenario": "war", "fee": 0.0}], factors)


def test_a_factorial_is_the_product():
    points = Factorial().points(MIXED, seed=1)
    assert [tuple(p.values()) for p in points] == list(itertools.product((1, 3, 12), ("calm", "war")))


def test_whole_numbers_below_zero_take_equal_parts():
    shift = interval("shift", -3, 3, whole=True)
    drawn = [shift.at((k + 0.5) / 700) for k in range(700)]
    assert [drawn.count(value) for value in range(-3, 4)] == [100] * 7
