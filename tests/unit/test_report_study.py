"""A study's pictures say what its runs say, on made-up runs."""

import numpy as np
import pandas as pd
import pytest
from made_up_studies import LAG, MadeUp, factor, over_lags
from printed import faults

import sim
from sim.ground.params import ConfigError
from sim.metrics.interval import half_width
from sim.pages import effects, response
from sim.pages import study as report


def lines(axis, points):
    return [line for line in axis.get_lines() if len(line.get_xdata()) == points]


def test_one_factor_is_drawn_against_its_values_with_students_band():
    figure = report.picture(over_lags(), "share", firms=["grandcoach"])
    (line,) = lines(figure.axes[0], 3)
    assert list(line.get_xdata()) == [1, 3, 12]
    assert line.get_ydata() == pytest.approx([101, 111, 121])
    band = figure.axes[0].collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(121 + half_width(np.array([0.0, 1.0, 2.0])))
    assert "95 % intervals over 3 seeds a point" in figure.get_suptitle()


def test_firms_without_a_strategy_are_left_out_unless_asked_for():
    assert len(lines(report.picture(over_lags(), "share").axes[0], 3)) == 2
    assert len(lines(report.picture(over_lags(), "share", firms=["air"]).axes[0], 3)) == 1
    with pytest.raises(ConfigError, match=r"firms: grandcoch: no such firm in the study; .*'grandcoach'"):
        report.picture(over_lags(), "share", firms=["grandcoch"])


def test_a_firm_whose_strategy_is_moved_is_not_named_after_one_of_them():
    world = factor("scenario", "cheap", "dear")
    study = MadeUp([world], [{"scenario": v} for v in world.levels])
    study.firms.loc[study.firms["run"].str.startswith("1/") & (study.firms["firm"] == "thrift"), "strategy"] = "mixed"
    (key,) = report.picture(study, "share").legends
    assert [text.get_text() for text in key.get_texts()] == ["grandcoach (distinctiveness)", "thrift (strategy moved)"]


def test_named_levels_stand_side_by_side():
    world = factor("scenario", "cheap", "dear")
    (axis,) = report.picture(MadeUp([world], [{"scenario": v} for v in world.levels]), "share").axes
    assert [label.get_text() for label in axis.get_xticklabels()] == ["cheap", "dear"]


def test_two_factors_are_a_heat_map_with_every_cell_in_its_place():
    price = factor("price", 10, 20)
    points = [{"lag": x, "price": y} for x in LAG.levels for y in price.levels]
    figure = report.picture(MadeUp([LAG, price], points[::-1]), "share", firms=["grandcoach"])
    shown = np.asarray(figure.axes[0].images[0].get_array())
    place = {(v["lag"], v["price"]): p for p, v in enumerate(points[::-1])}
    expected = [[101 + place[x, y] * 10 for x in LAG.levels] for y in price.levels]
    assert shown == pytest.approx(np.array(expected))


def test_no_factor_is_a_path_over_months():
    (axis,) = report.picture(MadeUp([], [{}]), "share").axes
    coach, thrift = lines(axis, 24)
    assert coach.get_ydata()[[0, 23]] == pytest.approx([201, 101])
    assert thrift.get_ydata()[23] == pytest.approx(201)
    assert axis.get_xlabel() == "month"


def test_differences_are_taken_seed_by_seed_so_that_the_seeds_part_cancels():
    figure = report.picture(over_lags(), "share", firms=["grandcoach"], to=0)
    (line,) = lines(figure.axes[0], 3)
    assert line.get_ydata() == pytest.approx([0.0, 10.0, 20.0])
    band = figure.axes[0].collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(20.0)
    assert figure.axes[0].get_ylabel() == "difference of share of journeys [points]"
    assert "minus that of point 0 (lag 1), seed by seed" in figure.get_suptitle()
    rows = report.numbers(over_lags(failed=3), ["share"], to=1)
    assert rows["share"].tolist() == pytest.approx([0.0] * 3 + [10.0] * 3)
    with pytest.raises(ConfigError, match="to: point 0 has no complete run in the study; expected one of 1 to 2"):
        report.picture(over_lags(failed=3), "share", to=0)


def test_a_difference_is_known_as_well_as_students_interval_of_the_pairs_says():
    runs = pd.DataFrame({"point": [0, 0, 1, 1], "seed": [1, 2, 1, 2], "firm": "a", "share": [0.25, 0.75, 0.5, 1.5]})
    gaps = response.against(runs, ["share"], 0)
    assert response.means(gaps, ["point"], "share")["half"].tolist() == pytest.approx(
        [0.0, half_width(np.array([0.25, 0.75]))]
    )


def test_a_heat_maps_cells_have_the_digits_that_they_differ_by_and_differences_their_intervals():
    price = factor("price", 10, 20)
    study = MadeUp([LAG, price], [{"lag": x, "price": y} for x in LAG.levels for y in price.levels])
    study.firms["share"] = study.firms["share"] / 1000
    levels = report.picture(study, "share", firms=["grandcoach"])
    assert [text.get_text() for text in levels.axes[0].texts][:2] == ["0.10", "0.11"]
    study.firms.loc[study.firms["run"] == "1/0", "share"] += 0.001
    gaps = report.picture(study, "share", firms=["grandcoach"], to=0)
    half = 100 * half_width(np.array([0.0011, 0.0001, 0.0001]))
    assert [text.get_text() for text in gaps.axes[0].texts][:2] == ["+0.00", f"+0.04\n±{half:.2f}"]


def made_of(factors, points, share):
    """A study of many factors in which share is this function of a point's values plus the seed's part."""
    study = MadeUp(factors, points, seeds=2)
    values = {f"{p}/{s}": share(point) + s for p, point in enumerate(points) for s in range(2)}
    study.firms["share"] = study.firms["run"].map(values).astype(float)
    return study


def test_a_factor_is_not_blamed_for_what_another_one_does():
    factors = [factor("a"), factor("b"), factor("kind", "x", "y")]
    points = [{"a": i / 30, "b": (i // 3 + 7 * i % 5) / 15, "kind": "xy"[i > 20]} for i in range(30)]
    study = made_of(factors, points, lambda point: 3 * point["a"] ** 2 + (point["kind"] == "y"))
    rows = study.outcomes(["share"])
    found = effects.effects(rows[rows["firm"] == "thrift"], "share", factors)
    assert np.ptp(found["b"]["mean"]) == pytest.approx(0, abs=1e-9)
    assert found["kind"].groupby("kind")["mean"].first().diff()["y"] == pytest.approx(1)
    curve = found["a"].set_index("a")["mean"]
    assert curve.loc[29 / 30] - curve.loc[0.0] == pytest.approx(3 * (29 / 30) ** 2)
    assert found["a"]["at"].to_numpy() == pytest.approx(found["a"]["mean"].to_numpy())
    assert found["a"]["half"].to_numpy() == pytest.approx(0, abs=1e-9)  # the seed's part is the same at every point
    figure = report.picture(study, "share")
    assert [axis.get_xlabel() for axis in figure.axes] == ["a", "b", "kind"]
    assert "every factor by itself" in figure.get_suptitle()


@pytest.mark.parametrize("factors", [[], [LAG], [LAG, factor("a", 1, 2)], [LAG, factor("a", 1, 2), factor("b", 1, 2)]])
def test_what_no_run_knows_is_said_and_not_drawn(factors):
    study = MadeUp(factors, [{f.name: f.levels[p % 2] for f in factors} for p in range(4)])
    study.firms["share"] = np.nan
    (axis,) = report.picture(study, "share", to=0).axes
    assert [text.get_text() for text in axis.texts] == ["Share of journeys: the runs are too short for this measure"]


def test_too_few_points_are_drawn_without_curves():
    factors = [factor("a"), factor("b"), factor("c")]
    points = [{"a": i / 7, "b": (3 * i % 7) / 7, "c": (5 * i % 7) / 7} for i in range(7)]
    study = made_of(factors, points, lambda point: point["a"])
    figure = report.picture(study, "share", firms=["thrift"])
    assert "points only: too few" in figure.get_suptitle()
    (dots,) = figure.axes[0].get_lines()
    assert dots.get_ydata() == pytest.approx([100 * (i / 7 + 0.5) for i in range(7)])


@pytest.mark.parametrize("to", [None, 0])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_pictures_of_studies_can_be_printed(count, to):
    keys = ["mechanism.imitation.lag", "firms.thrift.markup", "mechanism.switching_cost.cost", "population.price_sensitivity"][:count]
    factors = [factor(key, 1, 2, 3) if place % 2 else factor(key, "one", "two") for place, key in enumerate(keys)]
    study = MadeUp(factors, [{f.name: f.levels[p // 2**n % len(f.levels)] for n, f in enumerate(factors)} for p in range(max(2**count, 1))])
    study.scenario = lambda point: sim.compose()
    assert faults(report.picture(study, "share", to=to)) == []
