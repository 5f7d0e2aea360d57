"""Sensitivity indices agree with closed forms, and say when they are not to be trusted."""

import re

import numpy as np
import pandas as pd
import pytest

from sim.ground.params import ConfigError
from sim.study.answers.sensitivity import morris, responses, sobol
from sim.study.answers.trust import noise_warnings, sobol_warnings
from sim.study.design.morris import Morris
from sim.study.design.sobol import Sobol
from sim.study.factor import Factor

SEEDS = "One value a point"


def interval(name, low=0.0, high=1.0):
    return Factor(name=name, keys=(name,), levels=None, low=low, high=high, whole=False, words={})


def played(design, factors, outcome, seed=1):
    points = pd.DataFrame(design.points(factors, seed))
    return points, outcome(*(points[f.name].to_numpy() for f in factors))


def ishigami(x, y, z):
    return np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)


CIRCLE = [interval(name, -np.pi, np.pi) for name in "xyz"]
UNIT = [interval(name) for name in "abcd"]
FIRST, TOTAL = [0.3139, 0.4424, 0.0], [0.5576, 0.4424, 0.2437]  # Ishigami & Homma (1990), with a = 7 and b = 0.1


def covered(table, column, truth):
    """Within four standard errors of the bootstrap, which is what the half-width is 1.96 of."""
    return (np.abs(table[column] - truth) <= 4 * table[f"{column}_half"] / 1.96 + 1e-12).all()


@pytest.mark.parametrize("second_order", [False, True])
def test_the_indices_of_ishigami_are_the_closed_form(second_order):
    design = Sobol(samples=2048, second_order=second_order)
    found = sobol(*played(design, CIRCLE, ishigami), design, CIRCLE)
    assert found.table["factor"].tolist() == ["x", "y", "z"]
    assert covered(found.table, "first", FIRST)
    assert covered(found.table, "total", TOTAL)
    assert found.table[["first_half", "total_half"]].max().max() < 0.08
    assert [said[: len(SEEDS)] for said in found.warnings] == [SEEDS]
    if second_order:
        assert found.pairs[["factor", "other"]].to_numpy().tolist() == [["x", "y"], ["x", "z"], ["y", "z"]]
        assert covered(found.pairs, "second", [0, 0.2437, 0])
    else:
        assert found.pairs.empty


def test_the_indices_of_the_g_function_are_the_closed_form():
    """g = prod (|4 x - 2| + a) / (1 + a), V_i = 1 / 3 (1 + a_i)^2. Source: Saltelli & Sobol (1995)."""
    a = np.array([0, 1, 4.5, 99])
    part = 1 / (3 * (1 + a) ** 2)
    whole = np.prod(1 + part) - 1
    design = Sobol(samples=4096, second_order=False)
    points, y = played(
        design, UNIT, lambda *x: np.prod([(abs(4 * u - 2) + k) / (1 + k) for u, k in zip(x, a, strict=True)], axis=0)
    )
    found = sobol(points, y, design, UNIT)
    assert covered(found.table, "first", part / whole)
    assert covered(found.table, "total", part * np.prod(1 + part) / (1 + part) / whole)


def test_the_first_parts_of_the_design_are_analysed_too():
    design, small = Sobol(samples=256, second_order=False), Sobol(samples=128, second_order=False)
    found = sobol(*played(design, CIRCLE, ishigami), design, CIRCLE)
    alone = sobol(*played(small, CIRCLE, ishigami), small, CIRCLE)
    assert sorted(found.growth["samples"].unique()) == [64, 128, 256]
    part = found.growth[found.growth["samples"] == 128].drop(columns="samples").reset_index(drop=True)
    pd.testing.assert_frame_equal(part, alone.table)
    pd.testing.assert_frame_equal(sobol(*played(design, CIRCLE, ishigami), design, CIRCLE).table, found.table)


def test_too_few_samples_are_said_with_how_many_it_would_take():
    design = Sobol(samples=64, second_order=False)
    found = sobol(*played(design, CIRCLE, ishigami), design, CIRCLE)
    half = found.table["total_half"][0]
    needed = 2 ** int(np.ceil(np.log2(64 * (half / 0.1) ** 2)))
    assert half > 0.1
    expected = f"The total index of x is known to ± {half:.2f} only, beyond 0.1: that would take some {needed} samples."
    assert expected in found.warnings


def test_impossible_indices_and_unsettled_orders_are_said():
    def table(first, total, **more):
        return pd.DataFrame({"factor": ["x", "y"], "first": first, "total": total} | more)

    halves = {"first_half": 0.02, "total_half": 0.02}
    settled = pd.concat([table([0.6, 0.3], [0.7, 0.4], samples=size) for size in (64, 128)])
    assert sobol_warnings(table([0.6, 0.3], [0.7, 0.4], **halves), settled) == []
    below = sobol_warnings(table([0.6, -0.3], [0.7, 0.4], **halves), settled)
    assert len(below) == 1 and "index of y is -0.30, below zero" in below[0]
    above = sobol_warnings(table([0.8, 0.6], [0.8, 0.6], **halves), settled)
    assert len(above) == 1 and "add up to 1.40; they cannot exceed 1" in above[0]
    little = sobol_warnings(table([0.3, 0.3], [0.4, 0.4], **halves), settled)
    assert len(little) == 1 and "add up to 0.80; they cannot be less than 1" in little[0]
    swapped = pd.concat([table([0, 0], [0.6, 0.5], samples=64), table([0, 0], [0.5, 0.6], samples=128)])
    order = sobol_warnings(table([0.4, 0.4], [0.6, 0.6], **halves), swapped)
    assert order == ["x and y change places between 64 (0.6, 0.5) and 128 samples (0.5, 0.6): read them as equals."]
    idle = pd.concat([table([0, 0], [0.03, 0.02], samples=64), table([0, 0], [0.02, 0.03], samples=128)])
    assert not any("places" in said for said in sobol_warnings(table([0.4, 0.4], [0.6, 0.6], **halves), idle))


def test_a_missing_point_makes_sobol_impossible_and_says_which():
    design = Sobol(samples=16, second_order=False)
    points, y = played(design, CIRCLE, ishigami)
    y[[7, 9]] = np.nan
    with pytest.raises(ConfigError, match=r"need an outcome of every point: 2 of 80 lack one, the first is point 7;"):
        sobol(points, y, design, CIRCLE)


def test_a_seed_that_a_point_lacks_is_left_out_everywhere():
    design = Sobol(samples=64, second_order=False)
    points, y = played(design, CIRCLE, ishigami)
    luck = np.random.default_rng(3).normal(0, 1, len(y))
    both = np.column_stack([y + luck, y - luck, 100 * luck])
    both[7, 2] = np.nan
    found = sobol(points, both, design, CIRCLE)
    assert found.warnings[0] == "1 of 3 seeds are left out: not every point has them."
    pd.testing.assert_frame_equal(found.table, sobol(points, y, design, CIRCLE).table)


def test_points_in_another_order_or_of_another_design_are_refused():
    design = Sobol(samples=16, second_order=False)
    points, y = played(design, CIRCLE, ishigami)
    with pytest.raises(ConfigError, match=r"80 points; expected the 128 of the Sobol design"):
        sobol(points, y, Sobol(samples=16, second_order=True), CIRCLE)
    with pytest.raises(ConfigError, match="not those of the Sobol design"):
        sobol(points[::-1], y, design, CIRCLE)
    with pytest.raises(ConfigError, match="not those of the Morris design"):
        morris(points, y, Morris(trajectories=20, levels=4), CIRCLE)
    with pytest.raises(ConfigError, match="79 outcomes of 80 points"):
        sobol(points, y[1:], design, CIRCLE)


@pytest.mark.parametrize("design", [Sobol(samples=16, second_order=False), Morris(trajectories=4, levels=4)])
def test_a_constant_outcome_has_no_indices(design):
    points, _ = played(design, CIRCLE, ishigami)
    analyse = sobol if isinstance(design, Sobol) else morris
    found = analyse(points, np.full(len(points), 0.1) + 0.2, design, CIRCLE)
    assert found.table.drop(columns="factor").isna().all().all()
    assert found.warnings == [
        "The outcome is the same at every point: there is no variance to share among the factors."
    ]


def test_chance_is_told_from_seeds_that_move_all_points_alike():
    rng = np.random.default_rng(1)
    over_points, over_seeds = rng.normal(0, 1, (400, 1)), rng.normal(0, 5, (1, 4))
    assert noise_warnings(over_points + over_seeds) == []
    assert noise_warnings(over_points + over_seeds + rng.normal(0, 0.3, (400, 4))) == []
    said = noise_warnings(over_points + over_seeds + rng.normal(0, 1, (400, 4)))
    part, needed = (int(number) for number in re.search(r"makes (\d+)% .* some (\d+) seeds", said[0]).groups())
    assert part == pytest.approx(20, abs=100 * 4 * 0.2 * np.sqrt(2 / 400))
    assert needed == pytest.approx(19, abs=4)


def test_chance_in_the_outcome_reaches_the_warnings_of_both_analyses():
    rng = np.random.default_rng(2)
    for analyse, design in (
        (sobol, Sobol(samples=64, second_order=False)),
        (morris, Morris(trajectories=20, levels=4)),
    ):
        points, y = played(design, CIRCLE, ishigami)
        noisy = y[:, None] + rng.normal(0, 3, (len(y), 2))
        assert any("Chance makes" in said for said in analyse(points, noisy, design, CIRCLE).warnings)


def test_the_morris_effects_of_a_plane_are_its_slopes_without_spread():
    factors = [interval("a", 0.0, 2.0), interval("b", -1.0, 1.0), interval("c", 0.0, 5.0)]
    design = Morris(trajectories=8, levels=6)
    found = morris(*played(design, factors, lambda a, b, c: 3 * a - 4 * b + 0 * c), design, factors)
    assert np.allclose(found.table["mu_star"], [6, 8, 0])
    assert np.allclose(found.table["mu"], [6, -8, 0])
    assert np.allclose(found.table["sigma"], 0)
    assert np.allclose(found.table["mu_star_half"], 0)


def test_the_morris_effect_of_levels_is_that_of_passing_all_of_them():
    two = Factor(name="two", keys=(), levels=("off", "on"), low=0, high=0, whole=False, words={})
    whole = Factor(name="n", keys=("n",), levels=None, low=1, high=5, whole=True, words={})
    factors = [two, whole, interval("x")]
    design = Morris(trajectories=60, levels=4)
    found = morris(*played(design, factors, lambda two, n, x: 10.0 * (two == "on") + n + x), design, factors)
    assert np.allclose(found.table["mu_star"], [10, 4, 1])


@pytest.mark.parametrize(("grid", "last"), [(8, 5), (8, 3), (6, 7), (4, 6)])
def test_levels_that_are_passed_in_unequal_numbers_make_no_spread(grid, last):
    factors = [Factor(name="n", keys=("n",), levels=tuple(range(last)), low=0, high=0, whole=False, words={})]
    factors += [interval("x"), Factor(name="one", keys=("one",), levels=(3,), low=0, high=0, whole=False, words={})]
    design = Morris(trajectories=20, levels=grid)
    found = morris(*played(design, factors, lambda n, x, one: n + 2 * x + one), design, factors).table
    assert np.allclose(found["mu_star"], [last - 1, 2, 0])
    assert np.allclose(found[["sigma", "mu_star_half"]], 0)


def test_the_morris_spread_shows_what_is_not_a_plane():
    design = Morris(trajectories=60, levels=4)
    found = morris(*played(design, CIRCLE, ishigami), design, CIRCLE).table.set_index("factor")
    assert found["mu_star"].idxmin() == "z" or found.loc["z", "sigma"] > 0
    assert abs(found.loc["z", "mu"]) < found.loc["z", "mu_star"]
    assert (found["sigma"] > 1).all()


def test_a_trajectory_with_a_missing_point_is_left_out_of_morris():
    design = Morris(trajectories=8, levels=4)
    factors = UNIT
    points, y = played(design, factors, lambda a, b, c, d: a + 2 * b * c - d)
    y[12] = np.nan
    found = morris(points, y, design, factors)
    kept = np.r_[0:10, 15:40]
    assert "1 of 8 trajectories are left out: a point has no outcome." in found.warnings
    pd.testing.assert_frame_equal(
        found.table, morris(points.iloc[kept], y[kept], Morris(trajectories=7, levels=4), factors).table
    )
    with pytest.raises(ConfigError, match="1 of 8 trajectories are whole; Morris effects need two"):
        morris(points, np.where(np.arange(40) < 5, y, np.nan), design, factors)


def test_outcomes_become_a_table_of_points_and_seeds_or_a_clear_line():
    rows = [(point, seed, firm, point + 10 * seed) for point in (0, 2) for seed in (1, 2) for firm in ("bolt", "amble")]
    outcomes = pd.DataFrame(rows, columns=["point", "seed", "firm", "share"])
    expected = np.array([[10, 20], [np.nan, np.nan], [12, 22], [np.nan, np.nan]])
    assert np.array_equal(responses(outcomes, "share", "bolt", 4), expected, equal_nan=True)
    with pytest.raises(ConfigError, match=r"shar: no such outcome; nearest valid name: 'share'"):
        responses(outcomes, "shar", "bolt", 3)
    with pytest.raises(ConfigError, match=r"bold: no such firm; nearest valid name: 'bolt'"):
        responses(outcomes, "share", "bold", 3)
    with pytest.raises(ConfigError, match=r"several rows a run; say whose, one of amble, bolt"):
        responses(outcomes, "share", None, 3)
