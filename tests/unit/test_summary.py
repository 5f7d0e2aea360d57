"""The printed paragraph says what the numbers say: winners, verdicts and cautions on made-up results."""

import io
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sim.metrics.imitation import median_duration
from sim.metrics.interval import by_period
from sim.pages import figures, summary, terminal

WORDS = {"price": "fare", "purchases": "journeys", "signature": "comfort", "buyers": "travellers", "served": "carried"}


def result(profit, months=36, comfort=1.0, fare=30.0, sensitivity=0.05, seeds=5, spread=10.0):
    """A result of made-up firms on one mode: profit by firm, the same every month but for the seed's part."""
    rng = np.random.default_rng(3)
    shift = rng.normal(0, spread, seeds)
    rows = [
        {"seed": s, "period": p, "firm": f, "strategy": "price", "profit": v + (shift[s] if f == "a" else 0.0) + (1e6 if p < months - 12 else 0),
         "share": 0.1, "breadth": 0.2, "depth": 0.3, "repeat_rate": 0.4, "retention": np.nan, "price": fare, "satisfaction_gap": np.nan,
         "comfort": comfort * (p + 1) / months}
        for s in range(seeds) for p in range(months) for f, v in profit.items()
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    scenario = SimpleNamespace(
        firms={f: SimpleNamespace(mode="bus") for f in profit}, mechanism={"cost_accounting": None},
        population=SimpleNamespace(
            customers=100, price_sensitivity=sensitivity, modes={"bus": SimpleNamespace(firms="coaches")}, words=WORDS
        ), seed=0,
    )  # fmt: skip
    empty = pd.DataFrame(columns=["feature"])
    return SimpleNamespace(scenario=scenario, firms=frame[frame["seed"] == 0], replications=frame, all_features=empty)


def test_the_highest_is_the_highest_over_the_last_year_only():
    told = " ".join(summary.sentences(result({"a": 100.0, "b": 900.0, "c": 500.0})))
    assert "b has the highest profit: 900 ¤/month, +400 (95 % interval +400 to +400) ¤/month more than c." in told


def test_what_chance_may_have_done_is_not_called_a_difference():
    told = " ".join(summary.sentences(result({"a": 500.0, "b": 501.0}, spread=100.0)))
    assert "cannot be told apart" in told
    assert "highest profit:" not in told


def test_one_seed_says_nothing_about_chance():
    assert "one seed says nothing about chance" in " ".join(summary.sentences(result({"a": 1.0, "b": 900.0}, seeds=1)))


def test_cautions_come_when_they_must_and_only_then():
    calm = " ".join(summary.sentences(result({"a": 1.0, "b": 900.0}, fare=40.0, sensitivity=0.05)))
    assert "Caution" not in calm
    inelastic = " ".join(summary.sentences(result({"a": 1.0, "b": 900.0}, fare=40.0, sensitivity=0.01)))
    assert "between −0.36 and −0.36" in inelastic
    beyond = " ".join(summary.sentences(result({"a": 1.0, "b": 900.0}, comfort=3.0, fare=40.0)))
    assert "passes 2 classes in month 24 and ends at 3.0" in beyond


def test_unknown_numbers_are_dashes_and_never_nan():
    made = result({"a": 1.0, "b": 900.0})
    text = summary.table(made).to_string() + " ".join(summary.sentences(made))
    assert "nan" not in text
    assert summary.table(made)["retention [%]"].tolist() == ["–", "–"]


def typical(months, ended):
    """What is told of features that reached their mark, or were last seen, at so many months."""
    return summary.typical(median_duration(np.array(months, float), np.array(ended)), "it is copied")


def test_a_duration_without_an_interval_is_told_without_one_and_only_where_it_is_typical():
    rare = typical([*range(1, 17), 22], [False] * 16 + [True])
    assert rare == "Within the run it is not typical that it is copied (it happened to 1 of 17 features)."
    alike = typical([5] * 20, [True] * 20)
    assert alike.startswith("Typically it is copied after 5 months (no interval is known; it happened to 20 of 20")
    assert "after 10 months (95 % interval 5 to 15;" in typical(range(1, 21), [True] * 20)


def test_smoothing_is_a_mean():
    rows = [(s, p, "a", float(p)) for s in range(3) for p in range(24)]
    band = by_period(pd.DataFrame(rows, columns=["seed", "period", "firm", "x"]), "x", smooth=12)
    assert band["period"].tolist() == list(range(11, 24))  # no mean of twelve months before there are twelve
    assert band["mean"].iloc[[0, -1]].tolist() == pytest.approx([np.mean(range(12)), np.mean(range(12, 24))])
    short = by_period(pd.DataFrame(rows[:9], columns=["seed", "period", "firm", "x"]), "x", smooth=12)
    assert short[["period", "mean"]].to_numpy().tolist() == [[8, 4.0]]


def drawn(picture, made):
    made.scenario.records = SimpleNamespace(every=1)
    made.scenario.mechanism = {}
    return picture(made)


def test_the_only_month_that_is_known_is_drawn_with_bars_and_the_firms_names():
    made = result({"a": 1.0, "b": 900.0})
    made.replications.loc[made.replications["period"] == 35, "retention"] = [0.1, 0.2, 0.3, 0.4, 0.5] * 2
    axis = drawn(figures.loyalty, made).axes[1]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["a", "b"]
    (bar,) = axis.containers[0].lines[2][0].get_segments()
    assert bar[:, 1] == pytest.approx([0.3 - 0.1963, 0.3 + 0.1963], abs=1e-4)  # Student's, of five seeds


def test_firms_are_named_beside_their_points_and_no_marker_and_no_name_hides_another():
    figure = drawn(figures.breadth_depth, result({"a": 1.0, "b": 900.0, "c": 5.0}))
    (axis,) = figure.axes
    assert not figure.legends and [text.get_text() for text in axis.texts] == ["a (price) and b (price) and c (price)"]
    sizes = [line.get_markersize() for line in axis.get_lines() if line.get_zorder() >= 3 and line.get_label()[0] != "_n"]
    drawn_over = sorted(sizes, reverse=True)
    assert sizes == drawn_over and len(set(sizes)) == 3, "of markers in one place the largest lies below the others"
    apart = result({"a": 1.0, "b": 900.0, "c": 5.0})
    for place, firm in enumerate("abc"):
        apart.replications.loc[apart.replications["firm"] == firm, ["breadth", "depth"]] = 0.2 + 0.03 * place, 0.3 + 0.001 * place
    figure = drawn(figures.breadth_depth, apart)
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) == 3
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])


def test_minus_signs_and_the_markets_words_are_those_of_the_pages_of_studies():
    made = result({"a": -1234.0, "b": -5.0})
    table, told = summary.table(made), summary.sentences(made)
    assert table["profit [¤/month]"].str[0].tolist() == ["−", "−"] and "fare [¤]" in table
    assert "-1" not in " ".join(told) and any("−5 ¤/month" in sentence for sentence in told)
    assert all(sentence.endswith(".") for sentence in told)


def printed(show, made, width):
    """What one of the tables looks like in a terminal of so many columns, and the words of its rows."""
    console = Console(file=io.StringIO(), width=width)
    show(made, console)
    lines = console.file.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    return " ".join(" ".join(lines).split()), {w for line in lines if line[:1] == " " for w in line.strip(" ─").split()}


@pytest.mark.parametrize("width", [80, 120])
def test_jobs_are_named_by_the_ends_of_their_words_and_no_word_is_folded(width):
    firms = {"a": -1234.0, "a firm with a fairly long name": 90000.0}
    settings = ("mechanism.loyalty_programme.points_per_trip=5", "firms.a.strategy=distinctiveness", "a.sets=[a,b]")
    jobs = [([*settings, f"firms.b.strategy={kind}"], result(firms)) for kind in ("price", "mixed")]
    told, words = printed(terminal.show_jobs, jobs, width)
    assert "points per trip=5, a strategy=distinctiveness, sets=[a,b], b strategy=mixed" in told
    titles, cells = summary.titles(jobs[0][1]).values(), summary.table(jobs[0][1]).to_numpy().ravel()
    assert len(words) > 10
    assert words <= {word for text in ("firm", *titles, *cells) for word in text.split()}


@pytest.mark.parametrize(("width", "left_out"), [(120, ""), (80, "In study.csv only: breadth [1], retention [1]")])
def test_a_study_leaves_metrics_out_sooner_than_fold_a_word(width, left_out):
    metrics = ["profit [¤/month]", "share of journeys [1]", "breadth [1]", "retention [1]"]
    where = {"point": [0, 0], "thrift.strategy": "distinctiveness", "price_sensitivity": "0.5", "needs": "alike"}
    rows = pd.DataFrame(where | {"firm": ["grandcoach", "echo"], "strategy": "price", "seeds": 7})
    told, words = printed(terminal.show_study, rows.assign(**dict.fromkeys(metrics, "-0.123 ±0.0045")), width)
    assert told.endswith(left_out) and ("In study.csv" in told) == bool(left_out)
    assert words <= {w for text in (*metrics, "price sensitivity strategy", *rows.columns) for w in text.split()} | {
        "0", "distinctiveness", "0.5", "alike", "grandcoach", "echo", "-0.123", "±0.0045"
    }  # fmt: skip
