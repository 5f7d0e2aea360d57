"""A study's pictures, tables and page say what its runs say, on made-up runs."""

import dataclasses
import pathlib

import numpy as np
import pandas as pd
import pytest
from printed import faults

import sim
from sim.ground.params import ConfigError
from sim.metrics.interval import half_width
from sim.pages import effects, response
from sim.pages import study as report
from sim.study import declared
from sim.study.factor import Factor

STRATEGIES = {"air": "fixed", "grandcoach": "distinctiveness", "thrift": "price"}
BASE = {
    "population": {"words": {"purchases": "journeys"}},
    "firms": {"air": {"mode": "air"}, "grandcoach": {"mode": "coach"}, "thrift": {"mode": "coach"}},
}


def factor(name, *levels, low=0.0, high=1.0):
    return Factor(name=name, keys=(name,), levels=levels or None, low=low, high=high, whole=False, words={})


class MadeUp:
    """A study of made-up runs: a firm's share is its rank plus a tenth of the point's number plus the seed's part."""

    def __init__(self, factors, points, seeds=3, failed=0):
        self.folder, self.factors, self.damaged = pathlib.Path("results/made-up"), factors, {}
        self.header = {
            "words": ["scenario=x"],
            "periods": 24,
            "long": "y " * 450,
            "bases": [BASE | {"deep": {"er": 1}}],
        }
        runs = [
            {"run": f"{p}/{s}", "point": p, "seed": s, "status": "complete", "error": None} | dict(values)
            for p, values in enumerate(points)
            for s in range(seeds)
        ]
        self.runs = pd.DataFrame(runs)
        self.runs.loc[: failed - 1, ["status", "error"]] = ["failed", "ValueError: a <b>\ntraceback"]
        complete = self.runs[self.runs["status"] == "complete"]
        self.firms = pd.DataFrame(
            (row.run, month, firm, strategy, rank + row.point / 10 + row.seed / 100 + (month < 12), 100.0 * rank)
            for row in complete.itertuples()
            for rank, (firm, strategy) in enumerate(STRATEGIES.items())
            for month in range(24)
        )
        if len(self.firms):
            self.firms.columns = ["run", "period", "firm", "strategy", "share", "profit"]

    def scenario(self, point):
        raise ConfigError("made up of nothing")

    def frame(self, table, columns):
        return self.firms[["run", *columns]]

    def outcomes(self, metrics, months=12):
        names = [factor.name for factor in self.factors]
        if not len(self.firms):
            raise ConfigError("Table firms does not exist")
        recent = self.firms[self.firms["period"] >= 24 - months]
        means = recent.groupby(["run", "firm", "strategy"])[list(metrics)].mean().reset_index()
        return self.runs[["run", "point", "seed", *names]].merge(means, on="run")


LAG = factor("lag", 1, 3, 12)


def over_lags(**changes):
    return MadeUp([LAG], [{"lag": v} for v in LAG.levels], **changes)


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


def test_numbers_are_means_and_half_widths_over_seeds_of_complete_runs():
    frame = report.numbers(over_lags(failed=1), ["share"])
    row = frame[(frame["point"] == 0) & (frame["firm"] == "thrift")].iloc[0]
    assert (row["lag"], row["strategy"], row["seeds"]) == (1, "price", 2)
    assert row["share"] == pytest.approx(2.015)
    assert row["share_half"] == pytest.approx(half_width(np.array([0.01, 0.02])))
    alone = report.table(over_lags(seeds=1), ["share", "profit"]).iloc[0]
    assert (alone["share of journeys [%]"], alone["profit [¤/month]"]) == ("0.00", "–")


def test_accounts_that_are_not_modelled_are_a_dash():
    study = over_lags()
    study.firms["strategy"] = study.firms["strategy"].replace("price", "fixed")
    profit = report.table(study).set_index("firm")["profit [¤/month]"]
    assert set(profit["air"]) == {"–"} and set(profit["thrift"]) == {"200 ±0"}
    study.header["bases"].append({**BASE, "population": {"words": {"purchases": "subscriptions"}}})
    assert "share of purchases [%]" in report.table(study)


def test_a_table_that_is_read_tells_a_points_factors_once():
    markup = factor("firms.thrift.markup", 0.10250804538, 0.3)
    values = [{"firms.thrift.markup": v} for v in markup.levels]
    shown = report.brief(report.table(MadeUp([markup], values), ["share"]))
    assert list(shown.columns) == ["point", "markup", "firm", "share of journeys [%]"]
    assert shown["markup"].tolist() == ["0.1025", "", "", "0.3", "", ""]
    assert shown["point"].tolist() == ["0", "", "", "1", "", ""]


def test_the_page_counts_what_failed_and_what_it_does_not_show():
    many = factor("x", *range(30))
    page = report.page(MadeUp([many], [{"x": v} for v in many.levels], seeds=2, failed=13))
    assert "13 of 60 runs did not complete (13 failed)" in page
    assert "Runs that failed: the first 10 of 13" in page
    assert page.index("Caution: 13 of 60") < page.index("<h2>Pictures</h2>"), "what speaks against a page comes first"
    assert "ValueError: a &lt;b&gt;" in page and "traceback" not in page
    assert f"{(30 - 6) * 3 - report.ROWS} more rows" in page
    levels, gaps = page.split("<h2>Differences to point 7 (x 7)</h2>")
    assert levels.count("<td>grandcoach</td>") == 30 - 6, "every point is listed"
    assert levels.partition("<details>")[0].count("<td>grandcoach</td>") == report.ROWS // 3, "long tables are folded"
    assert gaps.count("<td>grandcoach</td>") == (30 - 6) - 1 and "<td>air</td>" not in gaps
    assert "+10.00" in gaps
    assert page.count("<figure>") == 4
    assert "y …</dd>" in page and page.count("y y") < report.LONG and "deep" not in page
    assert "<dt>factor x</dt><dd>0, 1, 2," in page


def test_a_study_without_a_complete_run_has_a_page_but_no_picture():
    lost = over_lags(seeds=1, failed=3)
    page = report.page(lost)
    assert "3 of 3 runs did not complete" in page and "<figure>" not in page
    with pytest.raises(ConfigError, match="no run is complete"):
        report.picture(lost, "share")


def test_one_seed_a_point_has_no_interval():
    assert "one seed a point, no interval" in report.picture(over_lags(seeds=1), "share").get_suptitle()


def test_of_many_factors_every_point_is_held_against_the_first_seed_by_seed():
    factors = [factor("a", 1, 2, 3), factor("b", 1, 2), factor("c", 1, 2), factor("d", "x", "y")]
    grid = [{"a": a, "b": b, "c": c, "d": d} for a in (1, 2, 3) for b in (1, 2) for c in (1, 2) for d in "xy"]
    study = MadeUp(factors, grid)
    page = report.page(study, ["share"])
    levels, gaps = page.split("<h2>Differences to point 0 (a 1, b 1, c 1, d x)</h2>")
    assert levels.count("<td>thrift</td>") == 24 and gaps.count("<td>thrift</td>") == 23
    by_hand = study.firms[study.firms["period"] >= 12].groupby(["run", "firm"])["share"].mean().unstack()["thrift"]
    for point in (1, 23):
        seeds = [by_hand[f"{point}/{seed}"] - by_hand[f"0/{seed}"] for seed in range(3)]
        assert f"<td>+{100 * np.mean(seeds):.2f}</td>" in gaps, "the seeds' part cancels, so there is no ±"
    sampled = MadeUp([factor("a"), factor("b"), factor("c")], [{"a": i / 9, "b": i / 7, "c": i / 5} for i in range(5)])
    assert "Differences to" not in report.page(sampled, ["share"]), "drawn from intervals, no point is one to hold others against"


def test_axes_and_columns_are_called_after_what_the_parameters_declare():
    keys = ["mechanism.imitation.lag", "firms.thrift.markup", "population.customers", "firms.thrift.policy.dealers.margin"]
    study = MadeUp([factor(key, 1, 2) for key in keys], [dict.fromkeys(keys, v) for v in (1, 2, 1, 2)], seeds=2)
    study.scenario = lambda point: sim.compose()
    labels = [axis.get_xlabel().replace("\n", " ") for axis in report.picture(study, "share").axes]
    for label, key in zip(labels, keys, strict=True):
        meaning, unit = declared.declared(sim.compose(), key)
        assert key not in label and label.endswith(f": {meaning} [{unit}]")
    assert labels[0].startswith("lag: ") and labels[0].endswith("[months]")
    assert "<th>lag [months]</th>" in report.page(study, ["share"])
    (one,) = report.picture(over_lags(), "share").axes
    assert one.get_xlabel() == "lag", "what nobody declares keeps its name"


DECLARED = [
    "periods", "seed", "population.price_sensitivity", "firms.echo.list_price", "firms.echo.advertising", "records.every",
    *(f"mechanism.{name}.{field.name}" for name, of in sim.compose().mechanism.items() for field in dataclasses.fields(of)),
]  # fmt: skip


def test_every_parameter_of_the_shipped_market_is_found_with_its_unit():
    market = sim.compose()
    missing = [key for key in DECLARED if declared.declared(market, key) is None]
    assert len(DECLARED) > 100 and not missing
    for key in ("nosuch", "firms.nobody.markup", "mechanism.nosuch.x", "firms.thrift.nosuch", "firms", ""):
        assert declared.declared(market, key) is None


@pytest.mark.parametrize("to", [None, 0])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_pictures_of_studies_can_be_printed(count, to):
    keys = ["mechanism.imitation.lag", "firms.thrift.markup", "mechanism.switching_cost.cost", "population.price_sensitivity"][:count]
    factors = [factor(key, 1, 2, 3) if place % 2 else factor(key, "one", "two") for place, key in enumerate(keys)]
    study = MadeUp(factors, [{f.name: f.levels[p // 2**n % len(f.levels)] for n, f in enumerate(factors)} for p in range(max(2**count, 1))])
    study.scenario = lambda point: sim.compose()
    assert faults(report.picture(study, "share", to=to)) == []
