"""A comparison's and an explanation's page say and draw what the numbers say, on made-up numbers."""

import math
import re
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.text import Text
from printed import faults

from sim.pages import comparison as report
from sim.pages import contrast, explanation, sensitivity, volume
from sim.study import measures, unit
from sim.study.answers.moves import matrix

STRATEGIES = {"air": "fixed", "grandcoach": "distinctiveness", "thrift": "price"}
A, B = "A", "B"


def contrasts(seeds):
    known = seeds > 1
    rows = [
        ("share", "grandcoach", 0.10, 0.13, 0.03, 0.02, 0.04, 0.001), ("share", "thrift", 0.20, 0.19, -0.01, -0.03, 0.01, 0.30),
        ("profit", "grandcoach", 100.0, 90.0, -10.0, -30.0, 10.0, 0.40), ("profit", "thrift", 50.0, 80.0, 30.0, 20.0, 40.0, 0.002),
        ("share", "air", 0.70, 0.68, -0.02, -0.03, -0.01, 0.01), ("retention", "thrift", *[math.nan] * 6),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["metric", "firm", "mean_a", "mean_b", "difference", "low", "high", "holm"])
    if not known:
        frame[["low", "high", "holm"]] = math.nan
    return frame.assign(arm=B, p=frame["holm"], effect=0.5, pairs=seeds, how="paired")


def months(arms):
    rows = [(arm, f, t, m, 0.1 * t) for arm in arms for f in STRATEGIES for t in range(12) for m in ("share", "profit")]
    frame = pd.DataFrame(rows, columns=["arm", "firm", "period", "metric", "mean"])
    return frame.assign(low=frame["mean"] - 0.05, high=frame["mean"] + 0.05)


def moved(arm, counts):
    """A table of moves from counts by row; a part's limits are a fifth of a point off."""
    firms = [*STRATEGIES, "nobody"]
    rows = [
        (i, j, n, n / sum(row)) for i, row in zip(firms, counts, strict=True) for j, n in zip(firms, row, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["from_firm", "to_firm", "purchases", "part"])
    frame["part"] = frame["part"].where(frame["from_firm"] != "nobody")
    return frame.assign(low=frame["part"] - 0.002, high=frame["part"] + 0.002, seeds=10, arm=arm)


def compared(seeds=10):
    moves = moved(B, [[90, 2, 1, 0], [3, 50, 4, 1], [0, 6, 41, 2], [1, 0, 2, 0]])
    return SimpleNamespace(
        names=(A, B), words={A: "scenario=x", B: "scenario=x mechanism.imitation.lag=12"},
        differing=pd.DataFrame({"parameter": ["mechanism.imitation.lag"], "unit": ["months"], A: [3], B: [12]}),
        contrasts=contrasts(seeds), verdicts=["B raises grandcoach's share by 3.0 points & no <less>."],
        series=months([A, B]), paths=months([B]), moves=moves, moved_months=12, strategies=STRATEGIES,
        contested=["grandcoach", "thrift"], scenario_words={"purchases": "journeys"}, facts={"commit": "abc123"},
        confidence=0.95, seeds=seeds,
    )  # fmt: skip


def explained(values, left_over=0.0):
    table = pd.DataFrame({"switch": [f"mechanism.m{i} on" for i in range(len(values))], "value": values})
    table = table.assign(low=table["value"] - 1, high=table["value"] + 1, share_of_total=table["value"] / sum(values))
    total = sum(values) + left_over
    return SimpleNamespace(
        metric="profit", noun="profit", unit="¤/month", firm="thrift", names=(A, B), total=(total, total - 2, total + 2), table=table,
        exact=True, coalitions=2 ** len(values), seeds=10, facts={"commit": "abc123"},
    )  # fmt: skip


def drawn(axis, marker):
    return [line for line in axis.get_lines() if line.get_marker() == marker and len(line.get_xdata()) == 1]


def overlapping(figure):
    """Pairs of texts of a figure that cover one another by more than two pixels each way."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    sides = [side for axis in figure.axes for side in (axis.xaxis, axis.yaxis)]
    outside = {
        id(tick.label1)
        for side in sides
        for tick in side.get_major_ticks()
        if not min(side.get_view_interval()) <= tick.get_loc() <= max(side.get_view_interval())
    }
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip() and id(t) not in outside]
    boxes = [(t.get_text(), t.get_window_extent(canvas.get_renderer())) for t in texts]
    return [
        (one, other)
        for (one, a), (other, b) in combinations(boxes, 2)
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 2 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2
    ]


def test_the_forest_fills_what_holm_tells_from_zero_and_only_that():
    figure = contrast.forest(compared())
    panels = {axis.get_title(): axis for axis in figure.axes}
    assert list(panels) == ["share of journeys", "profit"]
    (coach,), (thrift,) = drawn(panels["share of journeys"], "^"), drawn(panels["share of journeys"], "D")
    assert coach.get_xdata()[0] == pytest.approx(3.0)
    assert thrift.get_xdata()[0] == pytest.approx(-1.0)
    assert to_rgba(coach.get_mfc()) == to_rgba(coach.get_mec())
    assert to_rgba(thrift.get_mfc()) == to_rgba("white")
    for name, limits in (("share of journeys", (2.0, 4.0)), ("profit", (20.0, 40.0))):
        bars = [line.get_xdata() for line in panels[name].get_lines() if len(line.get_xdata()) == 2]
        assert any(np.allclose(bar, limits) for bar in bars)
    assert panels["profit"].get_xlabel() == "difference [¤/month]"
    assert panels["share of journeys"].get_xlabel() == "difference [points]"


def test_one_seed_has_no_interval_and_the_page_says_so():
    lone = compared(seeds=1)
    figure = contrast.forest(lone)
    bars = [line for axis in figure.axes for line in axis.get_lines() if len(line.get_xdata()) == 2]
    assert len(bars) == len(figure.axes)  # the zero lines only
    assert "one seed, no interval" in figure.get_suptitle()
    assert "one seed, no interval" in report.markdown(lone)
    assert "nan" not in report.markdown(lone)


def test_what_is_the_same_in_every_seed_needs_no_interval():
    made = compared()
    price = {
        "metric": "price",
        "firm": "thrift",
        "mean_a": 30.0,
        "mean_b": 35.0,
        "difference": 5.0,
        "arm": B,
        "pairs": 10,
        "how": "paired",
    }
    made.contrasts = pd.concat([made.contrasts, pd.DataFrame([price])], ignore_index=True)
    row = report.table(made).query("metric == 'price [¤]'").iloc[0]
    assert (row["difference (95 %)"], row["told from zero"]) == ("+5.00 ¤", "yes: the same in every seed")
    panel = next(axis for axis in contrast.forest(made).axes if axis.get_title() == "price")
    (thrift,) = drawn(panel, "D")
    assert to_rgba(thrift.get_mfc()) == to_rgba(thrift.get_mec())
    made.contrasts["pairs"] = 1
    assert set(report.table(made).query("metric == 'price [¤]'")["told from zero"]) == {"–"}


def test_arms_without_common_seeds_are_not_called_paired():
    made = compared()
    made.contrasts = made.contrasts.assign(how="unpaired", pairs=0, seeds_a=4, seeds_b=6)
    assert set(report.table(made)["seeds"]) == {"4 and 6"}
    assert "paired seeds" not in report.markdown(made) + str(report.captions(made))


def test_differences_of_shares_are_drawn_in_points_month_by_month():
    share, profit = contrast.paths(compared()).axes
    assert max(max(line.get_ydata()) for line in share.get_lines()) == pytest.approx(110.0)
    assert max(max(line.get_ydata()) for line in profit.get_lines()) == pytest.approx(1.1)


def test_the_page_is_whole_and_opens_offline():
    made = compared()
    page = report.render(made)
    assert page.count("<figure>") == len(report.figures(made)) == 5
    assert not re.search(r"""(src|href)=["'](?!#|data:)|@import|url\((?!#)""", page)
    assert "by 3.0 points &amp; no &lt;less&gt;." in page
    assert all(text in page for text in ("abc123", "mechanism.imitation.lag", "95 % intervals over 10 paired seeds"))
    assert set(report.captions(made)) == set(report.figures(made))


def test_the_table_has_every_contrast_contested_firms_first():
    rows = report.table(compared())
    assert rows["firm"].tolist() == ["grandcoach"] * 2 + ["thrift"] * 3 + ["air"]
    first = rows.iloc[0]
    assert first["difference (95 %)"] == "+3.00 (+2.00 to +4.00) points"
    assert (first["A"], first["p (Holm)"], first["told from zero"]) == ("10.00", "0.001", "yes")
    assert rows["told from zero"].tolist() == ["yes", "no", "no", "yes", "–", "yes"]
    lost = rows[rows["metric"] == "retention [%]"].iloc[0]
    assert (lost["difference (95 %)"], lost["p (Holm)"]) == ("–", "–")
    assert report.markdown(compared()).partition("## Every difference")[2].count("\n| grandcoach |") == 2


def test_levels_stand_under_the_names_of_the_arms():
    made = compared()
    assert list(report.table(made).columns[:4]) == ["firm", "metric", A, B]
    made.names = (A, B, "C")
    assert list(report.table(made).columns[:5]) == ["arm", "firm", "metric", A, "arm's"]


def test_the_source_of_volume_is_in_percent_of_what_the_row_sold_in_the_first_arm():
    made = compared()
    cells, flows = volume.source_of_volume(made, B).axes
    texts = {t.get_position(): t.get_text() for t in cells.texts}
    assert texts[0, 1] == "5.17\n±0.20"  # 3 of the coach's 58 purchases (row 1) went to air (column 0)
    assert (texts[1, 1], texts[2, 3], texts[1, 3]) == ("50", "2", "")
    assert "19 of 200 journeys" in cells.figure.get_suptitle()
    net = next(line for line in flows.get_lines() if line.get_marker() == "D")
    assert net.get_xdata() == pytest.approx([1, 0, -1, 0])
    assert [text.get_text() for text in flows.texts] == ["+1", "+0", "−1", "+0"]
    assert flows.get_xlabel() == "journeys of the panel, all seeds together"
    assert volume.net_flows(matrix(made.moves))["net"].sum() == 0
    made.moves = None
    assert not [name for name in report.figures(made) if name.startswith("source_of_volume")]


def test_each_arm_has_its_own_moves_from_the_first():
    made = compared()
    made.names, made.words = (A, B, "C"), made.words | {"C": "scenario=y"}
    made.moves = pd.concat([made.moves, moved("C", [[80, 0, 13, 0], [0, 58, 0, 0], [9, 0, 40, 0], [1, 0, 0, 0]])])
    assert [name for name in report.figures(made) if "volume" in name] == ["source_of_volume_B", "source_of_volume_C"]
    for told in (report.render(made), report.markdown(made)):
        assert "Who moved from whom in B" in told and "Who moved from whom in C" in told
    rows = volume.table(made, "C")
    assert rows.to_numpy().tolist() == [
        ["air", "thrift", "13", "13.98 (13.78 to 14.18)"],
        ["thrift", "air", "9", "18.37 (18.17 to 18.57)"],
        ["nobody", "air", "1", "–"],
    ]
    assert volume.table(made, B)["moved"].tolist()[:2] == ["6", "4"]


def test_the_waterfall_ends_where_the_parts_add_up():
    (axis,) = explanation.waterfall(explained([5.0, -8.0, 12.0])).axes
    bars = [(bar.get_x(), bar.get_width()) for bar in axis.patches]
    assert bars == [(0.0, 12.0), (12.0, -8.0), (4.0, 5.0), (0.0, 9.0)]
    limits = [line.get_xdata() for line in axis.get_lines() if line.get_marker() == "|"]
    assert limits[1] == pytest.approx([12.0 - 9.0, 12.0 - 7.0])


def test_many_switches_are_drawn_as_the_largest_and_the_rest():
    made = explained([float(i) for i in range(1, 26)])
    (axis,) = explanation.waterfall(made).axes
    assert len(axis.patches) == explanation.MOST + 1
    last, whole = axis.patches[-2:]
    assert last.get_x() + last.get_width() == pytest.approx(whole.get_width()) == sum(range(1, 26))
    assert len(explanation.table(made)) == 26


def test_whether_the_parts_add_up_is_said():
    assert explanation.efficiency(explained([5.0, -8.0])).endswith("nothing is left over.")
    assert explanation.efficiency(explained([5.0, -8.0], left_over=2.0)).endswith("+2 ¤/month is left over.")
    page, text = explanation.render(explained([5.0, -8.0])), explanation.markdown(explained([5.0, -8.0]))
    assert "Shapley" in page and page.count("<figure>") == 1
    assert "| mechanism.m1 on | −8.0 (−9.0 to −7.0) | 267 |" in text


def test_a_difference_that_may_be_none_is_said_and_has_no_part_of_the_whole():
    made = explained([5.0, -4.0])
    made.table["share_of_total"] = math.nan
    assert explanation.efficiency(made).startswith("Caution: the interval of the whole difference holds 0")
    assert set(explanation.table(made)["part of the whole [%]"]) == {"–"}
    assert "Caution" not in explanation.efficiency(explained([5.0, -8.0]))
    assert explanation.efficiency(explained([5.0])).startswith("The only part comes to +5 ¤/month;")


FACTORS = ["population.price_sensitivity", "mechanism.imitation.lag", "mechanism.word_of_mouth.weight"]
SOBOL = pd.DataFrame(
    {"factor": FACTORS, "first": [0.1, 0.5, 0.0], "first_half": 0.05, "total": [0.2, 0.6, 0.0], "total_half": 0.05}
)


def boxed():
    limits = {"low": [0.01, 3.0], "high": [0.02, 24.0], "minimum": [0.0, 0.0], "maximum": [0.1, 24.0]}
    return pd.DataFrame({"factor": FACTORS[:2]} | limits)


def futures(count):
    rows = [(s, f"future {f}", 10.0 * f) for s in ("bold", "calm") for f in range(count)]
    return pd.DataFrame(rows, columns=["strategy", "future", "regret"])


@pytest.mark.parametrize(
    "draw",
    [
        lambda: contrast.forest(compared()),
        lambda: contrast.paths(compared()),
        lambda: contrast.levels(compared(), "profit"),
        lambda: volume.source_of_volume(compared(), B),
        lambda: explanation.waterfall(explained([5.0, -8.0, 12.0])),
        lambda: sensitivity.sobol(SOBOL, "profit of thrift"),
        lambda: sensitivity.box(boxed(), 0.8, 0.9, "thrift leads"),
        lambda: sensitivity.scores(pd.DataFrame({"factor": FACTORS, "score": [0.2, 0.5, 0.3]}), "profit of thrift"),
        lambda: sensitivity.regret(futures(3), "satisfaction gap of grandcoach", "¤/month"),
        lambda: sensitivity.regret(futures(40), "satisfaction gap of grandcoach", "¤/month"),
    ],
)
def test_no_text_covers_another_or_is_too_small_in_print(draw):
    figure = draw()
    assert overlapping(figure) == []
    assert faults(figure) == []


def test_the_most_influential_factor_is_on_top():
    (axis,) = sensitivity.sobol(SOBOL, "profit").axes
    assert [label.get_text() for label in axis.get_yticklabels()] == [FACTORS[1], FACTORS[0], FACTORS[2]]


def test_a_box_is_drawn_where_its_limits_are():
    (axis,) = sensitivity.box(boxed(), 0.8, 0.9, "thrift leads").axes
    inside = [(bar.get_x(), bar.get_width()) for bar in axis.patches[1::2]]
    assert inside == [pytest.approx((0.1, 0.1)), pytest.approx((0.125, 0.875))]
    assert [text.get_text() for text in axis.texts if " " in text.get_text()] == ["0.01 to 0.02", "at least 3"]


@pytest.mark.parametrize("futures", [3, 30])
def test_the_smallest_largest_regret_is_on_top(futures):
    rows = [("bold", f, 100.0 * (f == 0)) for f in range(futures)] + [("calm", f, 20.0) for f in range(futures)]
    (axis,) = sensitivity.regret(
        pd.DataFrame(rows, columns=["strategy", "future", "regret"]), "profit", "¤/month"
    ).axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["calm", "bold"]
    assert bool(axis.images) == (futures == 3)


def test_the_title_of_a_narrow_picture_of_regret_is_not_cut():
    rows = [(s, f, 10.0 * f) for s in ("bold", "calm") for f in range(3)]
    table = pd.DataFrame(rows, columns=["strategy", "future", "regret"])
    figure = sensitivity.regret(table, "satisfaction gap of grandcoach", "¤/month")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    title = next(text for text in figure.texts if "Regret" in text.get_text()).get_window_extent(canvas.get_renderer())
    assert title.x0 >= 0 and title.x1 <= figure.bbox.width


def test_morris_numbers_the_factors_by_their_mean_effect():
    effects = pd.DataFrame(
        {"factor": FACTORS, "mu_star": [1.0, 5.0, 3.0], "mu_star_half": [0.1, 0.2, np.nan], "sigma": 1.0}
    )
    figure = sensitivity.morris(effects, "profit", "¤/month")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [FACTORS[1], FACTORS[2], FACTORS[0]]
    assert {text.get_text(): text.get_position()[0] for text in figure.axes[0].texts} == {"1": 5.0, "2": 3.0, "3": 1.0}


def test_units_are_those_of_the_data_dictionary():
    assert unit.unit("fidelity_no_such") == ""
    assert measures.title("cost") == "cost [¤/month]"
    assert unit.column("outside_share").unit == "1"
