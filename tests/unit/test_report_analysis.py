"""An analysis's page says what was found, and that nothing was found, on made-up boxes."""

import pathlib
from types import SimpleNamespace

from sim.questions.analyse import _of_boxes
from sim.report import analysis as report
from sim.study.box import Box, Limit
from sim.study.factor import Factor

LAG = Factor(name="lag", keys=("lag",), levels=None, low=0.0, high=12.0, whole=False, words={})


def analysed(*limits):
    box = Box(
        limits=limits, earlier=0, density=0.4, coverage=0.8, mass=0.5, points=50, cases=100, base=0.3, held_out=0.4
    )
    return SimpleNamespace(
        indices=None, scores=None, boxes=[box], regret=None, losses=None, firm="thrift", metric="profit",
        outcome="profit of thrift", unit="AUD/month", folder=pathlib.Path("fares"), facts={},
        study=SimpleNamespace(factors=[LAG], header={"points": 100}), sentences=_of_boxes([box], "thrift", "profit"),
    )  # fmt: skip


def test_a_box_has_a_row_and_a_picture():
    made = analysed(Limit("lag", ">", 3.0, 0.0))
    assert report.tables(made)["boxes"]["limits"].tolist() == ["lag > 3.0"]
    assert list(report.figures(made)) == ["box_1"]


def test_no_box_is_a_sentence_and_no_row():
    made = analysed()
    assert report.tables(made) == {}
    page = report.render(made)
    assert "No box: thrift has the highest profit in 40 % of the 100 cases" in page
    assert "<table" not in page.partition("Where this comes from")[0]
