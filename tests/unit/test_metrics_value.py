"""What customers are worth, how they were served and what they did: by hand, by closed form, by simulation."""

import numpy as np
import pandas as pd
import pytest

from sim.metrics.relationship import dwell_time, stage_shares, transition_matrix
from sim.metrics.returns import net_return
from sim.metrics.service import (
    complaint_rate,
    funnel_conversion,
    net_promoter_balance,
    recovery_rate,
    repurchase_by_satisfaction,
    satisfaction_gap,
)
from sim.metrics.value import (
    abc_classes,
    abc_shares,
    customer_lifetime_value,
    gini,
    retention_elasticity,
    retention_gain,
    top_share,
)
from sim.metrics.welfare import consumer_surplus

RNG = np.random.default_rng(4)
SIGNED = RNG.normal(20, 40, 301)


def test_gini_is_the_mean_difference_between_two_customers():
    assert gini(np.full(7, 3.0)) == 0
    assert gini(np.array([0, 0, 0, 0, 5.0])) == pytest.approx(4 / 5)
    differences = np.abs(SIGNED[:, None] - SIGNED).mean()
    assert gini(SIGNED) == pytest.approx(differences / (2 * np.abs(SIGNED).mean()))
    assert gini(1000 * RNG.permutation(SIGNED)) == pytest.approx(gini(SIGNED))


def test_gini_stays_below_one_with_negatives_and_is_unknown_without_contributions():
    assert gini(np.array([-5.0, 0, 0, 5.0])) == pytest.approx(0.75)
    assert np.isnan(gini(np.zeros(3)))


def test_gini_of_exponential_contributions_is_one_half():
    assert gini(np.random.default_rng(1).exponential(30, 100_000)) == pytest.approx(0.5, abs=0.005)


def test_top_share_of_equal_and_of_unequal_customers():
    assert top_share(np.full(7, 3.0)) == pytest.approx(0.2)
    assert top_share(np.array([1.0, 6.0, 2.0, 1.0]), part=0.5) == pytest.approx(0.8)
    assert top_share(np.array([1.0, 6.0, 2.0, 1.0]), part=0.125) == pytest.approx(0.3)
    assert top_share(np.array([10.0, 0, 0, 0, -5.0])) == pytest.approx(2.0)
    assert np.isnan(top_share(np.array([1.0, -1.0])))


def test_abc_classes_have_their_sizes_and_their_order():
    codes = abc_classes(SIGNED[:300])
    assert np.bincount(codes).tolist() == [60, 210, 30]
    assert SIGNED[:300][codes == 0].min() > SIGNED[:300][codes == 1].max()
    assert SIGNED[:300][codes == 1].min() > SIGNED[:300][codes == 2].max()


def test_abc_shares_add_up_and_agree_with_the_top_share():
    shares = abc_shares(SIGNED[:300])
    assert shares.sum() == pytest.approx(1)
    assert shares[0] == pytest.approx(top_share(SIGNED[:300]))
    assert shares[2] < 0
    assert abc_shares(np.array([80, 70, 5, 5, 5, 5, 5, 5, 5, -5.0])) == pytest.approx([150 / 180, 35 / 180, -5 / 180])


@pytest.mark.parametrize(("retention", "discount"), [(0.0, 0.1), (0.6, 0.1), (0.95, 0.01)])
def test_lifetime_value_is_the_sum_that_it_stands_for(retention, discount):
    t = np.arange(1, 2000)
    assert customer_lifetime_value(80.0, retention, discount) == pytest.approx(
        np.sum(80.0 * retention**t / (1 + discount) ** t)
    )


def test_lifetime_value_of_nobody_leaving_at_no_discount_is_unknown():
    assert np.isnan(customer_lifetime_value(80.0, 1.0, 0.0))
    assert customer_lifetime_value(np.array([10.0, 20.0]), 1.0, 0.1) == pytest.approx([100, 200])


def test_elasticity_is_the_slope_in_logarithms():
    r, d, step = 0.8, 0.12, 1e-6
    value = [float(customer_lifetime_value(1.0, r * np.exp(s), d)) for s in (-step, step)]
    assert retention_elasticity(r, d) == pytest.approx((np.log(value[1]) - np.log(value[0])) / (2 * step), rel=1e-6)


def test_five_points_less_churn():
    assert retention_gain(0.8, 0.1) == pytest.approx((0.85 / 0.25) / (0.8 / 0.3) - 1)
    assert retention_gain(0.98, 0.1) == pytest.approx((1 / 0.1) / (0.98 / 0.12) - 1)
    assert retention_gain(0.8, 0.1, points=0.0) == 0


def test_rates_of_complaint_and_recovery_are_unknown_without_a_base():
    assert complaint_rate(np.array([2, 0]), np.array([50, 0])).tolist() == pytest.approx([0.04, np.nan], nan_ok=True)
    assert recovery_rate(np.array([1, 0]), np.array([2, 0])).tolist() == pytest.approx([0.5, np.nan], nan_ok=True)


def test_promoters_less_detractors():
    scores = np.array([0, 6, 7, 8, 9, 10, 10, np.nan])
    assert net_promoter_balance(scores, low=6, high=9) == pytest.approx(3 / 7 - 2 / 7)
    assert net_promoter_balance(np.array([10.0, 9.0]), 6, 9) == 1
    assert net_promoter_balance(np.array([0.0]), 6, 9) == -1
    assert np.isnan(net_promoter_balance(np.array([]), 6, 9))


def test_gap_is_perceived_less_expected():
    assert satisfaction_gap(np.array([1, 2]), np.array([0, 0])) == 1.5
    assert np.isnan(satisfaction_gap(np.array([]), np.array([])))


def test_conversions_lie_between_none_and_all():
    assert funnel_conversion(np.array([40, 30, 20, 10])) == pytest.approx([0.6, 0.5, 1 / 3])
    assert funnel_conversion(np.array([0, 0, 5])).tolist() == [1, 1]
    conversion = funnel_conversion(RNG.integers(0, 50, (5, 30)))
    assert conversion.shape == (4, 30)
    assert ((conversion >= 0) & (conversion <= 1)).all()


def test_repurchase_is_measured_by_band_of_satisfaction():
    rng = np.random.default_rng(6)
    heads, ladder = 30_000, np.array([0.37, 0.45, 0.79, 0.91])
    band, again = rng.integers(0, 4, heads), rng.random(heads)
    first = pd.DataFrame({"customer": np.arange(heads), "period": 0, "firm": "a", "satisfaction": band + 0.5})
    second = first.assign(period=1, firm=np.where(again < ladder[band], "a", "b"), satisfaction=3.5)
    found = repurchase_by_satisfaction(pd.concat([second, first]), [0, 1, 2, 3, 4])
    assert found["purchases"].tolist() == np.bincount(band).tolist()
    assert (np.abs(found["repurchase"] - ladder) < 4 * np.sqrt(ladder * (1 - ladder) / found["purchases"])).all()


def test_repurchase_of_a_band_that_nobody_is_in_is_unknown():
    panel = pd.DataFrame({"customer": 0, "period": [0, 1], "firm": pd.Categorical(["a", "a"]), "satisfaction": 0.5})
    found = repurchase_by_satisfaction(panel, [0, 1, 2])
    assert found["purchases"].tolist() == [1, 0]
    assert found["repurchase"].tolist() == pytest.approx([1.0, np.nan], nan_ok=True)


def test_stage_shares_and_transitions_are_probabilities_along_the_line():
    counts = np.array([[6, 2, 0], [1, 2, 1], [0, 0, 5]])
    assert stage_shares(counts[0]).tolist() == [0.75, 0.25, 0]
    assert stage_shares(np.array([[2, 2], [0, 0]])) == pytest.approx(np.array([[0.5, 0.5], [np.nan] * 2]), nan_ok=True)
    assert transition_matrix(counts).tolist() == [[0.75, 0.25, 0], [0.25, 0.5, 0.25], [0, 0, 1]]


def test_dwell_time_from_counts_and_from_probabilities_and_from_a_chain():
    counts = np.array([[6, 2, 0], [1, 2, 1], [0, 0, 5]])
    expected = pytest.approx([4, 2, np.nan], nan_ok=True)
    assert dwell_time(counts) == expected
    assert dwell_time(transition_matrix(counts)) == expected
    stays = np.random.default_rng(9).geometric(1 - 0.75, 20_000)
    assert dwell_time(counts)[0] == pytest.approx(stays.mean(), abs=4 * stays.std() / np.sqrt(len(stays)))


def test_consumer_surplus_is_the_expected_best_of_the_alternatives():
    appeal, alpha = np.array([[0.5], [-0.3], [-np.inf]]), 0.2
    best = (np.array([0, 0.5, -0.3]) + np.random.default_rng(5).gumbel(size=(200_000, 3))).max(axis=1) - np.euler_gamma
    assert consumer_surplus(appeal, alpha)[0] == pytest.approx(best.mean() / alpha, abs=4 * best.std() / 0.2 / 447)


def test_consumer_surplus_at_the_edges():
    nothing = np.full((2, 1), -np.inf)
    assert consumer_surplus(nothing, np.array([0.5])).tolist() == [0]
    assert consumer_surplus(np.array([[900.0]]), np.array([0.5])).tolist() == [1800]
    assert np.isnan(consumer_surplus(np.zeros((2, 1)), np.array([0.0])))[0]


def test_the_interval_of_a_return_covers_the_truth_as_often_as_it_says():
    """Fieller's interval of a ratio of two noisy, correlated means; 2,000 studies of ten pairs."""
    rng, truth, covered = np.random.default_rng(5), -0.4, 0
    for _ in range(2000):
        spent = rng.normal(100, 20, 10)
        profit = truth * spent + rng.normal(0, 30, 10)
        _, low, high, _ = net_return(profit, spent)
        covered += low <= truth <= high
    assert covered / 2000 == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 2000))


def test_nothing_can_be_said_of_money_that_cannot_be_told_from_nothing():
    assert net_return(np.array([1.0, -1.0, 2.0]), np.array([5.0, -4.0, 1.0]))[1:3] == (-np.inf, np.inf)
