"""A comparison's page says and draws what the numbers say, on made-up numbers."""

import re

import numpy as np
import pandas as pd
import pytest
from made_up_comparisons import A, B, compared, moved
from matplotlib.colors import to_rgba

from sim.pages import comparison as report
from sim.pages import contrast, volume
from sim.study.answers.moves import matrix


def drawn(axis, marker):
    return [line for line in axis.get_lines() if line.get_marker() == marker and len(line.get_xdata()) == 1]


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
