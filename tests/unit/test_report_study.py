"""A study's pictures, tables and page say what its runs say, on made-up runs."""

import pathlib

import numpy as np
import pandas as pd
import pytest

from sim.metrics.interval import half_width
from sim.params import ConfigError
from sim.report import response
from sim.report import study as report
from sim.study.factor import Factor

STRATEGIES = {"air": "fixed", "grandcoach": "distinctiveness", "thrift": "price"}


def factor(name, *levels, low=0.0, high=1.0):
    return Factor(name=name, keys=(name,), levels=levels or None, low=low, high=high, whole=False, words={})


class MadeUp:
    """A study of made-up runs: a firm's share is its rank plus a tenth of the point's number plus the seed's part."""

    def __init__(self, factors, points, seeds=3, failed=0):
        self.folder, self.factors = pathlib.Path("results/made-up"), factors
        self.header = {"words": ["scenario=x"], "periods": 24, "long": "y " * 450, "bases": [{"deep": {"er": 1}}]}
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
    assert line.get_ydata() == pytest.approx([1.01, 1.11, 1.21])
    band = figure.axes[0].collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(1.21 + half_width(np.array([0.0, 0.01, 0.02])))
    assert "95 % intervals over 3 seeds a point" in figure.get_suptitle()


def test_firms_without_a_strategy_are_left_out_unless_asked_for():
    assert len(lines(report.picture(over_lags(), "share").axes[0], 3)) == 2
    assert len(lines(report.picture(over_lags(), "share", firms=["air"]).axes[0], 3)) == 1
    with pytest.raises(ConfigError, match=r"firms: grandcoch: no such firm in the study; .*'grandcoach'"):
        report.picture(over_lags(), "share", firms=["grandcoch"])


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
    expected = [[1.01 + place[x, y] / 10 for x in LAG.levels] for y in price.levels]
    assert shown == pytest.approx(np.array(expected))


def test_no_factor_is_a_path_over_months():
    (axis,) = report.picture(MadeUp([], [{}]), "share").axes
    coach, thrift = lines(axis, 24)
    assert coach.get_ydata()[[0, 23]] == pytest.approx([2.01, 1.01])
    assert thrift.get_ydata()[23] == pytest.approx(2.01)
    assert axis.get_xlabel() == "month"


def test_many_factors_are_a_panel_each():
    factors = [factor("a"), factor("b"), factor("kind", "x", "y")]
    points = [{"a": i / 30, "b": (7 * i % 30) / 30, "kind": "xy"[i % 2]} for i in range(30)]
    figure = report.picture(MadeUp(factors, points, seeds=2), "share")
    assert [axis.get_xlabel() for axis in figure.axes] == ["a", "b", "kind"]
    trends = [len(lines(axis, response.BINS)) for axis in figure.axes]
    assert trends == [2, 2, 0]


def test_numbers_are_means_and_half_widths_over_seeds_of_complete_runs():
    frame = report.numbers(over_lags(failed=1), ["share"])
    row = frame[(frame["point"] == 0) & (frame["firm"] == "thrift")].iloc[0]
    assert (row["lag"], row["strategy"], row["seeds"]) == (1, "price", 2)
    assert row["share"] == pytest.approx(2.015)
    assert row["share_half"] == pytest.approx(half_width(np.array([0.01, 0.02])))
    alone = report.table(over_lags(seeds=1), ["share", "profit"]).iloc[0]
    assert (alone["share of purchases [1]"], alone["profit [AUD/month]"]) == ("0.0000", "0")


def test_a_table_that_is_read_tells_a_points_factors_once():
    markup = factor("firms.thrift.markup", 0.10250804538, 0.3)
    values = [{"firms.thrift.markup": v} for v in markup.levels]
    shown = report.brief(report.table(MadeUp([markup], values), ["share"]))
    assert list(shown.columns) == ["point", "markup", "firm", "share of purchases [1]"]
    assert shown["markup"].tolist() == ["0.1025", "", "", "0.3", "", ""]
    assert shown["point"].tolist() == ["0", "", "", "1", "", ""]


def test_the_page_counts_what_failed_and_what_it_does_not_show():
    many = factor("x", *range(30))
    page = report.page(MadeUp([many], [{"x": v} for v in many.levels], seeds=2, failed=13))
    assert "13 of 60 runs did not complete (13 failed)" in page
    assert "the first 10 are shown" in page
    assert "ValueError: a &lt;b&gt;" in page and "traceback" not in page
    assert f"{(30 - 6) * 3 - report.ROWS} more rows" in page
    assert page.count("<td>grandcoach</td>") == report.ROWS // 3
    assert page.count("<figure>") == 2
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
