"""Segments found in answers, against divisions that are known."""

import re
from pathlib import Path

import numpy as np
import pytest

from sim.world.mechanisms import segmentation
from sim.world.mechanisms.closed_loop import LOOP, Situation, go_round, plan
from sim.world.mechanisms.segmentation import agreement, climb, find_segments

CENTRES = np.array([[0.1, 0.1], [0.9, 0.2], [0.5, 0.9]])


def answers(n, noise, centres=CENTRES, seed=0, common=None):
    """Answers of n persons and their observable groups; common : (groups, segments)."""
    rng = np.random.default_rng(seed)
    common = np.eye(len(centres)) if common is None else common
    group = rng.integers(len(common), size=n)
    segment = np.array([rng.choice(len(centres), p=common[g]) for g in group])
    return centres[segment] + noise * rng.normal(size=(n, 2)), group, segment


@pytest.mark.parametrize("seed", range(4))
def test_the_criterion_finds_how_many_there_are_and_who_belongs_where(seed):
    said, group, segment = answers(150, 0.08, seed=seed)
    found = find_segments(said, group, 3, 6, seed)
    assert found.count == 3
    assert agreement(found.label, segment) > 0.9
    assert np.diff(found.sizes).max() <= 0
    assert found.sizes.sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(6))
def test_one_kind_of_people_is_one_segment(seed):
    """Whatever the observable groups: they want the same."""
    said, group, _ = answers(200, 0.25, np.array([[0.5, 0.5]]), seed, np.ones((3, 1)))
    assert find_segments(said, group, 3, 6, seed).count == 1


def test_segments_that_cut_across_the_groups_are_found_and_how_common_they_are():
    common = np.array([[0.8, 0.2], [0.3, 0.7]])
    said, group, segment = answers(2000, 0.15, CENTRES[:2], 3, common)
    found = find_segments(said, group, 2, 6, 0)
    assert found.count == 2
    assert agreement(found.label, segment) > 0.9
    order = np.argsort(found.centres[:, 0])
    assert found.centres[order] == pytest.approx(CENTRES[:2], abs=4 * 0.15 / np.sqrt(700))
    assert found.membership[:, order] == pytest.approx(common, abs=4 * 0.5 / np.sqrt(900))


def test_a_group_that_nobody_was_asked_from_is_unknown_and_few_answers_make_one_segment():
    said, group, _ = answers(19, 0.01)
    found = find_segments(said, group, 5, 6, 0)
    assert found.count == 1
    assert np.isnan(found.membership[3:]).all() and (found.membership[:3] == 1).all()
    assert find_segments(np.array([[0.2, 0.4]]), np.array([1]), 2, 6, 0).centres.tolist() == [[0.2, 0.4]]


def test_a_climb_never_goes_down():
    said, group, _ = answers(200, 0.3)
    weight = np.random.default_rng(0).dirichlet(np.ones(3), 200)
    likelihoods = []
    for _ in range(6):
        likelihood, (_, _, weight) = climb(said, group, 3, weight)
        likelihoods.append(likelihood)
    assert np.diff(likelihoods).min() > -1e-6


def test_the_librarys_threads_do_not_change_a_bit():
    from threadpoolctl import threadpool_limits

    said, group, _ = answers(1500, 0.3)
    bits = set()
    for threads in (1, 2):
        with threadpool_limits(threads):
            found = find_segments(said, group, 3, 3, 1)
        bits.add((found.centres.tobytes(), found.membership.tobytes(), found.criterion.tobytes()))
    assert len(bits) == 1


def test_the_library_is_loaded_only_when_somebody_sorts_answers():
    folder = Path(segmentation.__file__).parent
    early = re.compile(r"^(import|from) (sklearn|threadpoolctl)", re.MULTILINE)
    assert [path for path in folder.rglob("*.py") if early.search(path.read_text())] == []


def situation(**changes):
    values = {
        "groups": 3, "standard": 0.5, "depth": 0.5, "worth": 1.0, "variety_cost": 2.0, "most_segments": 6,
        "max_targets": 6, "enough": 30, "reach": 0.5, "focus": 0.5, "seed": 0, "since": {},
    }  # fmt: skip
    return Situation(**(values | changes))


def heard(n=300, surveyed=0, noise=0.02):
    said, group, _ = answers(n + surveyed, noise)
    sensitivity = np.array([0.01, 0.04, 0.02])[group]
    parts = {"said": said, "group": group, "price_sensitivity": sensitivity}
    return {
        "interviews": {k: v[:n] for k, v in parts.items()},
        "surveys": {k: v[n:] for k, v in parts.items()},
    }


def test_the_loop_has_its_five_steps_in_order():
    steps = ["know needs", "position value", "design the offer", "plan communication", "carry out"]
    assert [name for name, _, _ in LOOP] == steps
    assert [line[3:].split("  ")[0].strip() for line in plan().splitlines()] == steps
    _, outcome = go_round(heard(), situation())
    assert list(outcome) == steps


def test_attractiveness_is_size_times_what_they_would_pay_over_what_variety_costs():
    """By hand: misfits 0.32, 0.25, 0.16 and sensitivities 0.01, 0.04, 0.02 give 1.5 m / alpha - 2 = 46, 7.375, 10."""
    view, _ = go_round(heard(3000, noise=0.001), situation())
    by_group = view["membership"].argmax(axis=1)
    assert view["margin"][by_group] == pytest.approx([46, 7.375, 10], rel=0.01)
    assert view["attractiveness"] == pytest.approx(view["sizes"] * view["margin"])
    assert view["targets"] == [int(by_group[g]) for g in (0, 2, 1)]


def test_only_targets_get_an_offer_of_their_own_and_the_advertising():
    view, steps = go_round(heard(noise=0.001), situation(max_targets=1))
    assert view["addressed"].tolist() == [True, False, False]
    assert view["aim"] == pytest.approx(np.array([[0.1, 0.1], [0.5, 0.5], [0.5, 0.5]]), abs=0.001)
    assert view["position"][0] == pytest.approx([0.3, 0.3], abs=0.001)
    assert view["extra_cost"].tolist() == [1.0, 0.0, 0.0]
    assert steps["plan communication"]["advertising_weight"].tolist() == [1.0, 0.5, 0.5]


def test_who_would_not_pay_for_the_variety_is_no_target():
    view, _ = go_round(heard(), situation(variety_cost=1000.0))
    assert view["targets"] == [] and not view["addressed"].any() and (view["aim"] == 0.5).all()
    assert (view["advertising_weight"] == 1).all()


def test_interviews_lead_once_there_are_enough_and_everybody_asked_is_counted():
    assert go_round(heard(29, 300), situation())[0]["led_by"] == "surveys"
    view, _ = go_round(heard(30, 300), situation())
    assert view["led_by"] == "interviews" and len(view["label"]) == 30
    assert go_round(heard(5), situation())[0]["led_by"] == "interviews"
    group = np.concatenate([answers["group"] for answers in heard(30, 300).values()])
    assert view["group_sizes"].tolist() == (np.bincount(group) / 330).tolist()


def test_a_survey_corrects_the_sizes_of_segments_that_interviews_found():
    """Interviews from three groups alike, a survey from the third only: its segment grows to what both have seen."""
    talked, counted = heard(90), heard(0, 300)
    third = counted["surveys"]["group"] == 2
    talked["surveys"] = {key: values[third] for key, values in counted["surveys"].items()}
    view, _ = go_round(talked, situation())
    segment = view["membership"].argmax(axis=1)[2]
    people = (talked["interviews"]["group"] == 2).sum() + third.sum()
    assert view["led_by"] == "interviews"
    assert view["sizes"][segment] == pytest.approx(people / (90 + third.sum()), abs=1e-3)


def test_no_offer_leaves_the_scale():
    said = heard(noise=5.0)
    view, _ = go_round(said, situation(variety_cost=0.0))
    assert view["aim"].min() >= 0 and view["aim"].max() <= 1
