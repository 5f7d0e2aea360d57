"""Two arms compared: numbers by hand, and sentences that claim no more than the numbers."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind, ttest_rel

from sim.ground.params import ConfigError
from sim.metrics.interval import holm
from sim.study.answers import contrast
from sim.study.answers.contrast import contrasts, each_against, independent, judged, paired, unpaired
from sim.study.answers.verdict import verdicts

SEEDS = 8
METRICS = ["depth", "profit", "price", "share"]


def arm(name, seeds, rng, **shift):
    """Runs of two firms whose metrics share the seeds' luck between arms."""
    rows = []
    for seed in seeds:
        for firm in ("echo", "thrift"):
            luck = np.random.default_rng([seed, len(firm)]).normal(0, 1, 2)
            row = {"arm": name, "seed": seed, "firm": firm, "depth": 0.3 + 0.1 * luck[0], "profit": 1000 * luck[1]}
            row |= {"price": 30.0, "share": 0.2 + 0.01 * luck[0] + rng.normal(0, 0.001)}
            rows.append(row | {key: row[key] + value + rng.normal(0, 0.002) for key, value in shift.items()})
    return pd.DataFrame(rows)


@pytest.fixture
def runs():
    rng = np.random.default_rng(5)
    b = arm("B", range(SEEDS), rng, depth=0.031)
    b.loc[b["firm"] == "thrift", "price"] = 27.5
    b["profit"] += rng.normal(0, 20, len(b))
    return pd.concat([arm("A", range(SEEDS), rng), b], ignore_index=True)


def one(table, metric, firm):
    (row,) = table[(table["metric"] == metric) & (table["firm"] == firm)].to_dict("records")
    return row


def test_pairs_are_compared_as_student_does(runs):
    table = contrasts(runs, "A", "B", METRICS)
    row = one(table, "depth", "echo")
    wide = runs[runs["firm"] == "echo"].pivot(index="seed", columns="arm", values="depth")
    test = ttest_rel(wide["B"], wide["A"])
    limits = test.confidence_interval()
    assert np.isclose(row["p"], test.pvalue)
    assert np.allclose([row["low"], row["high"]], [limits.low, limits.high])
    assert np.allclose([row["mean_a"], row["mean_b"]], wide.mean()[["A", "B"]])
    gaps = wide["B"] - wide["A"]
    assert np.isclose(row["effect"], gaps.mean() / gaps.std() * (1 - 3 / (4 * 7 - 1)))
    assert (row["pairs"], row["seeds_a"], row["how"]) == (SEEDS, SEEDS, "paired")
    assert np.allclose(table["holm"], holm(table["p"].to_numpy()), equal_nan=True)
    assert len(table) == 8


def test_arms_without_a_common_seed_are_compared_as_welch_does(runs):
    runs.loc[runs["arm"] == "B", "seed"] += 100
    table = contrasts(runs, "A", "B", METRICS)
    assert table.equals(unpaired(runs, "A", "B", METRICS))
    a, b = (runs[(runs["arm"] == name) & (runs["firm"] == "echo")]["depth"] for name in "AB")
    row, test = one(table, "depth", "echo"), ttest_ind(b, a, equal_var=False)
    assert np.isclose(row["p"], test.pvalue)
    assert np.isclose(row["low"], test.confidence_interval().low)
    assert (row["pairs"], row["seeds_a"], row["seeds_b"], row["how"]) == (0, SEEDS, SEEDS, "unpaired")
    assert "not paired" in verdicts(table, "A", "B", {})[0]
    assert row["high"] - row["low"] > 10 * (0.002 * 2), "common draws are lost"


def test_only_common_seeds_count_and_only_known_values(runs):
    runs = runs[~((runs["arm"] == "B") & (runs["seed"] == 0))]
    runs.loc[(runs["arm"] == "A") & (runs["seed"] == 1) & (runs["firm"] == "echo"), "depth"] = np.nan
    table = contrasts(runs, "A", "B", METRICS)
    assert (one(table, "depth", "echo")["pairs"], one(table, "depth", "thrift")["pairs"]) == (6, 7)


def test_what_draws_do_not_move_has_no_interval_and_one_seed_neither(runs):
    row = one(contrasts(runs, "A", "B", METRICS), "price", "thrift")
    assert row["difference"] == -2.5
    assert np.isnan([row["low"], row["high"], row["p"], row["holm"], row["effect"]]).all()
    single = contrasts(runs[runs["seed"] == 0], "A", "B", METRICS)
    assert single["difference"].notna().all()
    assert single[["low", "high", "p", "holm", "effect"]].isna().all(axis=None)
    shifted = paired(np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.2, 0.3]) + 0.7)
    assert np.isnan(shifted.low), "rounding is no variance"
    assert np.isnan(independent(np.array([1.0, 1.0]), np.array([2.0, 2.0])).p)


def test_a_firm_of_one_arm_only_is_shown_without_a_difference(runs):
    runs = runs[~((runs["arm"] == "A") & (runs["firm"] == "thrift"))]
    row = one(contrasts(runs, "A", "B", METRICS), "price", "thrift")
    assert (row["mean_b"], row["pairs"]) == (27.5, 0)
    assert np.isnan(row["difference"])
    assert verdicts(contrasts(runs, "A", "B", ["price"]), "A", "B", {})[2] == "thrift's price is not known in both."


def test_effects_are_covered():
    """Limits of the standardised difference, approximate: 92 to 99.5 % in 400 studies of 10 pairs."""
    draws = np.random.default_rng(6).standard_normal((400, 10)) + 1.0
    found = [paired(np.zeros(10), row) for row in draws]
    assert 0.92 <= np.mean([e.effect_low <= 1.0 <= e.effect_high for e in found]) <= 0.995
    assert abs(np.mean([e.effect for e in found]) - 1.0) < 4 * 0.42 / 20


def test_the_verdict_names_what_is_clear_and_what_is_not(runs):
    told = verdicts(contrasts(runs, "A", "B", METRICS), "A", "B", {"price": "fare"})
    assert told[0] == (
        "B against A: 95 % intervals over 8 seeds, paired by seed, in brackets; what counts as a difference"
        " is corrected by Holm over 6 comparisons."
    )
    echo, thrift, more = told[1:]
    assert more.startswith("More seeds")
    assert echo.startswith("B raises echo's depth by 3.") and " points (" in echo.split(";")[0]
    assert "profit (" in echo and "¤/month)" in echo
    assert "are not distinguishable" in echo
    assert echo.endswith("its fare is the same in every seed.")
    assert "and lowers its fare by 2.5 ¤ in every seed" in thrift


def test_a_fall_is_said_as_a_fall_with_its_limits_in_order():
    rows = [(a, s, "x", 10.0 * s + (a == "B") * (-5.0 - 0.1 * s)) for a in "AB" for s in range(6)]
    runs = pd.DataFrame(rows, columns=["arm", "seed", "firm", "profit"])
    told = verdicts(contrasts(runs, "A", "B", ["profit"]), "A", "B", {})[1]
    assert told == "B lowers x's profit by 5.2 ¤/month (5.1 to 5.4)."


def test_arms_that_are_read_together_are_corrected_together_and_once(runs, monkeypatch):
    three = pd.concat([runs, runs[runs["arm"] == "A"].assign(arm="C", depth=lambda row: row["depth"] + 1)])
    each = {arm: contrasts(three, "A", arm, METRICS) for arm in "BC"}
    calls = []
    monkeypatch.setattr(contrast, "holm", lambda p: calls.append(len(p)) or holm(p))
    table = each_against(three, "A", ["B", "C"], METRICS)
    assert calls == [len(each["B"]) + len(each["C"])]
    for arm, alone in each.items():
        rows = table[table["arm"] == arm].drop(columns=["arm", "holm"]).reset_index(drop=True)
        pd.testing.assert_frame_equal(rows, alone.drop(columns="holm"))
    assert np.array_equal(table["holm"], holm(table["p"].to_numpy()), equal_nan=True)


def test_a_verdict_and_the_page_know_the_units_of_what_mechanisms_record():
    rows = [(a, s, "x", 10.0 * s + (a == "B") * (5.0 + 0.1 * s)) for a in "AB" for s in range(6)]
    runs = pd.DataFrame(rows, columns=["arm", "seed", "firm", "complaints"]).assign(fleet=lambda row: row["complaints"])
    told = verdicts(contrasts(runs, "A", "B", ["complaints", "fleet"]), "A", "B", {})[1]
    assert (
        told == "B raises x's complaints by 5.2 purchases/month (5.1 to 5.4) and raises its fleet by 5.2 (5.1 to 5.4)."
    )


def test_only_the_correction_makes_it_unclear_and_that_is_said():
    rng = np.random.default_rng(9)
    rows = [("A", s, f"f{f}", 0.0) for s in range(6) for f in range(20)]
    by_hand = [1.0, 2.0, -0.5, 1.5, 0.5, 1.0]
    rows += [("B", s, f"f{f}", rng.normal(0, 1) if f else by_hand[s]) for s in range(6) for f in range(20)]
    table = contrasts(pd.DataFrame(rows, columns=["arm", "seed", "firm", "profit"]), "A", "B", ["profit"])
    row = table.iloc[0]
    assert row["p"] < 0.05 < row["holm"]
    told = next(sentence for sentence in verdicts(table, "A", "B", {}) if "f0's" in sentence)
    assert ", clear by itself but not among so many) is not distinguishable" in told


def test_only_contested_firms_count_for_the_correction():
    rng = np.random.default_rng(3)
    rows = [(arm, seed, firm, rng.normal()) for arm in "ABC" for seed in range(5) for firm in ("coach", "car", "train")]
    runs = pd.DataFrame(rows, columns=["arm", "seed", "firm", "profit"])
    table = each_against(runs, "A", ["B", "C"], ["profit"], contested=["coach"]).set_index(["firm", "arm"])
    assert table.loc[["car", "train"], "holm"].isna().all() and table.loc[["car", "train"], "p"].notna().all()
    least, most = table.loc["coach"].sort_values("p")[["p", "holm"]].to_numpy()
    assert least[1] == pytest.approx(min(2 * least[0], 1)) and most[1] == pytest.approx(max(most[0], least[1]))


def test_what_is_clear_comes_first_and_a_limit_near_zero_keeps_its_side():
    rows = [(arm, seed, firm, 0.0) for arm in "AB" for seed in range(4) for firm in ("calm", "moved")]
    runs = pd.DataFrame(rows, columns=["arm", "seed", "firm", "profit"])
    near = [
        0.0,
        20.4,
        20.4,
        20.0,
    ]  # mean 15.2, limits -0.97 and +31.37; shifted so that the upper one is just below zero
    runs.loc[(runs["arm"] == "B") & (runs["firm"] == "calm"), "profit"] = np.array(near) - 31.4
    runs.loc[(runs["arm"] == "B") & (runs["firm"] == "moved"), "profit"] = [900.0, 901.0, 902.0, 903.0]
    table = contrasts(runs, "A", "B", ["profit"])
    told = verdicts(table.assign(holm=np.where(table["firm"] == "calm", 0.06, table["holm"])), "A", "B", {})
    assert told[1].startswith("B raises moved's profit") and told[2].startswith("calm's profit")
    assert "to -0.0" in told[2] and told[3].startswith("More seeds")


def test_one_seed_says_nothing_about_chance(runs):
    told = verdicts(contrasts(runs[runs["seed"] == 0], "A", "B", ["depth", "price"]), "A", "B", {})
    assert told[0].startswith("B against A: one seed says nothing about chance")
    assert told[2].startswith("thrift: depth +") and told[2].endswith("points, price -2.5 ¤.")


def test_mistakes_are_said_in_one_line(runs):
    with pytest.raises(ConfigError, match=r"no runs of 'C'; valid names: A, B"):
        contrasts(runs, "A", "C", METRICS)
    with pytest.raises(ConfigError, match="nearest valid name: 'profit'"):
        contrasts(runs, "A", "B", ["profits"])
    with pytest.raises(ConfigError, match="holds seed 0 twice"):
        contrasts(pd.concat([runs, runs.iloc[:1]]), "A", "B", METRICS)
    with pytest.raises(ConfigError, match="with itself"):
        contrasts(runs, "A", "A", METRICS)


def test_a_verdict_is_corrected_over_the_figures_whose_sign_was_expected():
    values = np.array([2, 2, -0.5, 1, 2, 0.5, 0, 1])  # p = 0.022 alone
    for signs, expected in (
        ([1, 0, 0], ["comes out", "", ""]),
        ([-1, 0, 0], ["the other way", "", ""]),
        ([1, 1, -1], ["cannot be told"] * 3),
    ):
        table = judged([values] * 3, signs)
        assert table["verdict"].tolist() == expected
        assert table["p"].notna().tolist() == [sign != 0 for sign in signs]
        assert table["mean"].tolist() == [1.0] * 3
        assert table["half"].tolist() == pytest.approx([(paired(0 * values, values).high - 1)] * 3)
