"""An analysis's page says what was found, and that nothing was found, on made-up boxes."""

import dataclasses
import pathlib
from types import SimpleNamespace

import pandas as pd

from sim.pages import analysis as report
from sim.study.answers.analyse import of_boxes, of_scores
from sim.study.answers.box import Box, Limit, sentence
from sim.study.answers.discovery import Scores
from sim.study.factor import Factor

LAG = Factor(name="lag", keys=("lag",), levels=None, low=0.0, high=12.0, whole=False, words={})


def analysed(*limits):
    box = Box(
        limits=limits, earlier=0, density=0.4, coverage=0.8, mass=0.5, points=50, cases=100, base=0.3, held_out=0.4
    )
    return SimpleNamespace(
        indices=None, scores=None, boxes=[box], regret=None, losses=None, firm="thrift", metric="profit",
        outcome="profit of thrift", unit="¤/month", folder=pathlib.Path("fares"), facts={},
        study=SimpleNamespace(factors=[LAG], header={"points": 100}), sentences=of_boxes([box], "thrift", "profit"),
    )  # fmt: skip


def test_a_box_has_a_row_and_a_picture():
    made = analysed(Limit("lag", ">", 3.0, 0.0))
    assert report.tables(made)["boxes"]["limits"].tolist() == ["lag > 3"]
    assert list(report.figures(made)) == ["box_1"]


def test_a_box_is_told_under_titles_in_digits_that_can_be_read():
    page = report.render(analysed(Limit("lag", "<=", 3.18590761811, 0.0)))
    assert all(text in page for text in ("<td>lag &lt;= 3.19</td>", "<td>0.40</td>", "<th>part of all cases [1]</th>"))


def test_few_cases_are_said_to_be_too_few():
    few = dataclasses.replace(analysed().boxes[0], density=5 / 24, cases=24)
    assert sentence(few, "thrift").startswith("No box: thrift leads in 5 of the 24 cases, too few to find limits")
    enough = dataclasses.replace(few, density=0.5, cases=40)
    assert "no limits on the factors were found" in sentence(enough, "thrift")


def test_it_is_said_how_much_the_forest_explains():
    scores = Scores(pd.DataFrame({"factor": ["lag"], "score": [1.0]}), explained=0.625)
    assert of_scores(scores) == [
        "Feature scores (they add up to 1; the forest explains 62 % of the variance on cases that it has not seen): lag 1.00."
    ]


def test_no_box_is_a_sentence_and_no_row():
    made = analysed()
    assert report.tables(made) == {}
    page = report.render(made)
    assert "No box: thrift has the highest profit in 40 % of the 100 cases" in page
    assert "<table" not in page.partition("Where this comes from")[0]
