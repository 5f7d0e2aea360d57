"""A study's tables and page say what its runs say, on made-up runs, in words that the parameters declare."""

import dataclasses

import numpy as np
import pytest
from made_up_studies import BASE, MadeUp, factor, over_lags

import sim
from sim.ground.params import ConfigError
from sim.metrics.interval import half_width
from sim.pages import study as report
from sim.study import declared


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
