"""Boxes find what was planted and nothing in noise; regret is what the definition says."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from sim.ground.params import ConfigError
from sim.study.answers.box import Limit, sentence
from sim.study.answers.discovery import better, boxes, feature_scores, leading, needed
from sim.study.answers.regret import regret
from sim.study.design.random import Random
from sim.study.factor import Factor


def interval(name, low, high, whole=False):
    return Factor(name=name, keys=(name,), levels=None, low=low, high=high, whole=whole, words={})


def levels(name, *values):
    return Factor(name=name, keys=(name,), levels=values, low=0, high=0, whole=False, words={})


FACTORS = [
    interval("price_sensitivity", 0.0, 2.0),
    interval("lag", 1, 12, whole=True),
    levels("scenario", "u", "v", "w"),
]


def cases(number, seed, factors=FACTORS):
    return pd.DataFrame(Random(samples=number).points(factors, seed))


@pytest.fixture(scope="module")
def planted():
    x = cases(500, 1)
    inside = (x["price_sensitivity"] > 1.2) & (x["lag"] <= 6) & (x["scenario"] != "w")
    flipped = np.random.default_rng(1).random(len(x)) < 0.04
    return x, (inside ^ flipped).to_numpy(), inside.to_numpy()


@pytest.fixture(scope="module")
def found(planted):
    return boxes(*planted[:2], FACTORS, most=1)[0]


def test_a_planted_box_is_found_and_said(planted, found):
    (x, leads, inside), box = planted, found
    sides = {(limit.factor, limit.sign): limit.value for limit in box.limits}
    assert set(sides) == {("price_sensitivity", ">"), ("lag", "<="), ("scenario", "in")}
    assert sides["price_sensitivity", ">"] == pytest.approx(1.2, abs=0.1)
    assert abs(sides["lag", "<="] - 6) <= 1
    assert sides["scenario", "in"] == ("u", "v")
    assert all(limit.quasi_p < 1e-3 for limit in box.limits)
    within = box.inside(x)
    assert (within & inside).sum() > 0.85 * inside.sum()
    assert box.density == leads[within].mean()
    assert box.coverage == leads[within].sum() / leads.sum()
    assert (box.points, box.mass) == (within.sum(), within.mean())
    assert box.held_out > 0.8
    said = sentence(box, "grandcoach", units={"lag": "months"})
    assert said.startswith(
        f"grandcoach leads in {100 * box.density:.0f} % of the cases (density) where price_sensitivity"
    )
    assert f"lag <= {sides['lag', '<=']:.0f} months and scenario is u or v; that is {100 * box.coverage:.0f} %" in said


def test_the_box_does_not_depend_on_the_order_of_the_cases():
    x = cases(100, 8)
    leads = (x["lag"] <= 5).to_numpy()
    order = np.random.default_rng(2).permutation(len(x))
    box = boxes(x, leads, FACTORS, most=1)
    assert box[0].limits
    assert box == boxes(x.iloc[order], leads[order], FACTORS, most=1)


def test_noise_has_no_box():
    for seed in range(2):
        x = cases(80, seed)
        leads = np.random.default_rng(100 + seed).random(len(x)) < 0.4
        found = boxes(x, leads, FACTORS)
        assert [box.limits for box in found] == [()]
        assert sentence(found[0], "grandcoach").startswith(
            f"No box: grandcoach leads in {100 * leads.mean():.0f} % of the 80"
        )


def test_a_limit_that_makes_no_difference_is_dropped_and_the_others_keep_their_quasi_p():
    x = pd.DataFrame({"x": np.arange(100) / 100, "y": np.arange(100) % 10})
    leads = (x["x"] > 0.495).to_numpy() & (x["y"] != 0)
    kept = needed([Limit("x", ">", 0.495, np.nan), Limit("y", "<", 9.0, np.nan)], x, leads)
    assert [(limit.factor, limit.value) for limit in kept] == [("x", 0.495)]
    hits = np.array(
        [math.comb(50, k) * 0.45**k * 0.55 ** (50 - k) for k in range(51)]
    )  # 45 of 50 inside, 45 % everywhere
    assert kept[0].quasi_p == pytest.approx(hits[45:].sum())


def test_a_box_is_kept_only_if_it_is_denser_than_luck_explains_on_cases_it_was_not_found_on(found):
    dense, flat = dataclasses.replace(found, density=0.6, base=0.4), dataclasses.replace(found, density=0.43, base=0.4)
    ten, twenty = np.arange(25) < 10, np.arange(25) < 20
    assert better(dense, twenty, 0.4)
    assert not better(dense, ten, 0.4)
    assert not better(flat, twenty, 0.4)
    assert not better(dense, ten[:0], 0.4)
    assert better(dataclasses.replace(dense, cases=30), ten[:0], 0.4)


@pytest.mark.parametrize(("share", "word"), [(0, "none"), (1, "all")])
def test_what_always_or_never_happens_has_no_box(share, word):
    x = cases(60, 3)
    found = boxes(x, np.full(60, bool(share)), FACTORS)
    assert sentence(found[0], "echo", "fails") == f"No box: echo fails in {word} of the 60 cases."


def test_a_second_box_is_searched_among_the_cases_that_the_first_left():
    factors = [interval("x", 0.0, 1.0), interval("y", 0.0, 1.0)]
    x = cases(300, 4, factors)
    leads = ((x["x"] > 0.6) & (x["y"] > 0.5)) | ((x["x"] < 0.3) & (x["y"] < 0.5))
    first, second = boxes(x, leads.to_numpy(), factors, most=2)
    assert (first.earlier, second.earlier) == (0, 1)
    assert first.density > 0.9 and second.density > 0.9
    assert first.coverage + second.coverage > 0.85
    assert second.base < first.base
    assert sentence(second, "echo").startswith("Of the cases outside the boxes before, echo leads in")


def test_whole_numbers_and_levels_are_said_as_they_are():
    factors = [levels("lag", 1, 3, 12), interval("n", 1, 5, whole=True)]
    x = cases(500, 5, factors)
    box = boxes(x, ((x["lag"] == 3) & (x["n"] == 5)).to_numpy(), factors, most=1)[0]
    assert "where lag is 3 months and n >= 5;" in sentence(box, "echo", units={"lag": "months", "n": "1"})
    assert box.density == box.coverage == 1


def test_few_cases_and_too_close_a_fit_are_said(found):
    box = found
    assert box.warnings == []
    assert dataclasses.replace(box, points=12).warnings == ["Only 12 cases lie in the box: its density is rough."]
    assert "fit these cases too closely" in dataclasses.replace(box, held_out=box.density - 0.2).warnings[0]
    assert "Half of the cases are too few" in dataclasses.replace(box, held_out=float("nan")).warnings[0]


def test_scores_rank_the_factors_and_say_when_they_mean_nothing(planted):
    x, _, _ = planted
    found = feature_scores(x.assign(idle=1), x["price_sensitivity"] ** 2 + x["lag"] / 12, FACTORS)
    assert found.table["factor"].tolist() == ["price_sensitivity", "lag", "scenario"]
    assert found.table["score"].sum() == pytest.approx(1)
    assert found.explained > 0.9 and found.warnings == []
    noise = feature_scores(x, np.random.default_rng(6).random(len(x)), FACTORS)
    assert "the scores say little" in noise.warnings[0]
    few = cases(24, 7, FACTORS[:2])
    idle = feature_scores(few, few["lag"], FACTORS[:2]).table.set_index("factor")["score"]["price_sensitivity"]
    assert idle < 0.05
    alone = feature_scores(x, x["lag"], FACTORS[1:2])
    assert alone.table.to_numpy().tolist() == [["lag", 1.0]]


def test_cases_and_outcomes_must_match(planted):
    x, leads, _ = planted
    with pytest.raises(ConfigError, match="500 cases, 499 outcomes"):
        boxes(x, leads[1:], FACTORS)
    with pytest.raises(ConfigError, match="500 cases, 499 outcomes"):
        feature_scores(x, np.where(np.arange(500) == 3, np.nan, 1.0), FACTORS)
    with pytest.raises(ConfigError, match="nothing to search"):
        boxes(x, leads, [])


def test_who_leads_is_decided_by_the_mean_over_seeds():
    rows = [(0, 1, "a", 5), (0, 2, "a", 1), (0, 1, "b", 2), (0, 2, "b", 2), (1, 1, "a", 1), (1, 1, "b", 2)]
    outcomes = pd.DataFrame(rows, columns=["point", "seed", "firm", "share"])
    assert leading(outcomes, "share", "a").to_dict() == {0: True, 1: False}
    with pytest.raises(ConfigError, match="c: no such firm"):
        leading(outcomes, "share", "c")


SAVAGE = {"a": (1, 9, 4), "b": (5, 3, 6), "c": (4, 8, 2)}  # by hand: best of the futures 5, 9, 6


def table_of(values, seeds=None):
    rows = [(s, f, v) for s, row in values.items() for f, v in zip(("dry", "wet", "war"), row, strict=True)]
    frame = pd.DataFrame(rows, columns=["strategy", "future", "value"])
    return frame if seeds is None else pd.concat([frame.assign(seed=k, value=frame["value"] + add) for k, add in seeds])


def test_regret_by_hand():
    table = regret(table_of(SAVAGE)).set_index("strategy")
    assert list(table.index) == ["a", "c", "b"]
    assert table["maximum"].to_dict() == {"a": 4, "c": 4, "b": 6}
    assert table["mean"].round(9).to_dict() == {"a": 2, "c": 2, "b": 2}
    assert table["worst"].to_dict() == {"a": "dry", "c": "war", "b": "wet"}
    assert table["minimax"].to_dict() == {"a": True, "c": True, "b": False}
    assert table["behind"].to_dict() == {"a": 0, "c": 0, "b": 2}
    assert table[["maximum_half", "mean_half", "behind_half"]].isna().all().all()


def test_seeds_that_lift_all_strategies_alike_leave_regret_exact():
    table = regret(table_of(SAVAGE, seeds=[(1, 0.0), (2, 7.0), (3, -2.0)])).set_index("strategy")
    assert table["maximum"].round(9).to_dict() == {"a": 4, "c": 4, "b": 6}
    assert table["minimax"].to_dict() == {"a": True, "c": True, "b": False}
    assert np.allclose(table[["maximum_half", "mean_half", "behind_half"]], 0)


def test_the_interval_of_regret_is_students_where_the_regret_is_a_mean():
    """With one strategy always best, the other's regret is the mean of the paired differences."""
    rng = np.random.default_rng(7)
    gaps = rng.normal(10, 1, 6)
    rows = [("best", "dry", k, 20.0) for k in range(6)] + [
        ("worse", "dry", k, 20.0 - gap) for k, gap in enumerate(gaps)
    ]
    table = regret(pd.DataFrame(rows, columns=["strategy", "future", "seed", "value"])).set_index("strategy")
    expected = 2.5705818 * gaps.std(ddof=1) / np.sqrt(6)  # Student's t of 5 degrees of freedom
    assert table.loc["worse", "maximum"] == pytest.approx(gaps.mean())
    assert table.loc["worse", ["maximum_half", "mean_half", "behind_half"]].tolist() == pytest.approx([expected] * 3)


def test_a_strategy_without_a_future_is_named():
    with pytest.raises(ConfigError, match="no value of c in war with seed 0; every strategy needs every future"):
        regret(table_of(SAVAGE).iloc[:-1])
