"""Pictures of what explains, matters, leads and is regretted say what the numbers say, on made-up numbers."""

import math
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from made_up_comparisons import A, B, compared
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from printed import faults

from sim.pages import contrast, explanation, sensitivity, volume
from sim.study import measures, unit


def explained(values, left_over=0.0):
    table = pd.DataFrame({"switch": [f"mechanism.m{i} on" for i in range(len(values))], "value": values})
    table = table.assign(low=table["value"] - 1, high=table["value"] + 1, share_of_total=table["value"] / sum(values))
    total = sum(values) + left_over
    return SimpleNamespace(
        metric="profit", noun="profit", unit="¤/month", firm="thrift", names=(A, B), total=(total, total - 2, total + 2), table=table,
        exact=True, coalitions=2 ** len(values), seeds=10, facts={"commit": "abc123"},
    )  # fmt: skip


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
