"""Satisfaction: what losses do to retention, the ladder of repurchase, and the two parts of quality."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t

import sim
from sim.ground.params import ConfigError
from sim.metrics.service import repurchase_by_satisfaction

COACHES = ["echo", "grandcoach", "mosaic", "nightowl", "thrift"]
EQUAL = [f"firms.{n}.{key}={value}" for n in COACHES for key, value in (("list_price", 33.46), ("delivery_noise", 0.3))]
SEEDS = range(1, 11)


def retained(aversion, seed):
    """Coaches' retention after two and a half years, and the mean quality that they delivered in the last month."""
    market = sim.Market(
        sim.compose(
            "population.customers=10000", "periods=30", "mechanism=[satisfaction]", *EQUAL,
            f"mechanism.satisfaction.loss_aversion={aversion}",
        ).replace(seed=seed)
    )  # fmt: skip
    quality = sold = 0
    own = [f.index for f in market.firms if f.name in COACHES]
    for _ in range(30):
        market.step()
        quality, sold = quality + market.total("quality")[own].sum(), sold + market.total("purchases")[own].sum()
    kept, held = (market.total(name)[own].sum() for name in ("kept", "held"))
    return kept / held, float(market.off_grid(quality)) / sold


def interval(differences):
    half = t.ppf(0.975, len(differences) - 1) * differences.std(ddof=1) / np.sqrt(len(differences))
    return differences.mean() - half, differences.mean() + half


def test_losses_that_weigh_more_lower_retention_at_equal_mean_quality():
    fair, averse = (np.array([retained(aversion, seed) for seed in SEEDS]) for aversion in (1.0, 2.25))
    retention, quality = (averse - fair).T
    assert interval(retention)[1] < 0, "95 per cent, paired by seed"
    low, high = interval(quality)
    assert low < 0 < high
    assert high - low < 0.02, "utils, on a noise of 0.3"


def test_the_ladder_of_repurchase_by_satisfaction_rises():
    """Five equal coaches and nothing else: the more satisfied a purchase left the customer, the likelier the next (E2)."""
    scenario = sim.compose("population.customers=40000", "periods=24", "mechanism=[satisfaction]", *EQUAL)
    market = sim.Market(scenario.replace(firms={n: f for n, f in scenario.firms.items() if n in COACHES}))
    market.table["standard_appeal"][market.firms[0].mode_index] = 3.0
    bought = []

    def note(rows):
        who = np.flatnonzero(rows.provider >= 0)
        f = rows.provider[who]
        bought.append(
            pd.DataFrame({
                "customer": rows.identity[who], "period": market.period, "firm": f,
                "satisfaction": rows.in_place("satisfaction")[f, rows.place[who]] / 1024,
            })
        )  # fmt: skip

    market.witness = note
    market.run_for(24)
    ladder = repurchase_by_satisfaction(pd.concat(bought), [-np.inf, -0.4, -0.2, 0.0, 0.1, np.inf])
    p, n = ladder["repurchase"].to_numpy(), ladder["purchases"].to_numpy()
    error = np.sqrt(p * (1 - p) / n)
    assert n.min() > 5000
    assert (np.diff(p) > 0).all(), ladder
    assert p[-1] - p[0] > 4 * np.hypot(error[0], error[-1])


def one_month(*overrides):
    market = sim.Market(
        sim.compose(
            "population.customers=20000", "periods=3", "mechanism=[contexts,satisfaction,segment_needs,signature]",
            *overrides,
        )
    )  # fmt: skip
    market.step()
    return market


def test_the_two_parts_of_quality_weigh_what_they_are_told():
    """Perceived = w_T T + w_F F, with T the worth of the schedule's delay and F comfort, fit and noise."""
    plain, weighed = (
        one_month(f"mechanism.satisfaction.technical_weight={t}", f"mechanism.satisfaction.functional_weight={f}")
        for t, f in ((1, 1), (0.5, 3))
    )
    assert (plain.table["provider"] == weighed.table["provider"]).all()
    bought = np.flatnonzero(plain.table["provider"] >= 0)
    f, cell = plain.table["provider"][bought], plain.table["cell"][bought]
    delay = plain.attributes.index("schedule_delay")
    technical = plain.table["taste"][delay, bought] * plain.board.level[f, delay, cell]
    total = plain.table["quality"][bought]
    assert np.abs(technical).max() > 0.1
    assert weighed.table["quality"][bought] == pytest.approx(0.5 * technical + 3 * (total - technical), abs=1e-5)
    assert weighed.table["gap"][bought] == pytest.approx(weighed.table["quality"][bought], abs=1e-6)


def test_what_counts_as_functional_can_be_chosen():
    weights = ["mechanism.satisfaction.technical_weight=0", "mechanism.satisfaction.functional_weight=1"]
    everything = one_month(*weights, "mechanism.satisfaction.functional=[comfort,schedule_delay]")
    before = one_month()
    assert everything.table["quality"] == pytest.approx(before.table["quality"], abs=1e-6)
    nothing = one_month(*weights, "mechanism.satisfaction.functional=[]")
    assert np.abs(nothing.table["quality"] - before.table["quality"]).max() > 0.1


def test_an_unknown_attribute_gets_one_line():
    with pytest.raises(ConfigError, match="unknown attribute 'comfrt'; nearest valid name: 'comfort'"):
        sim.compose("mechanism.satisfaction.functional=[comfrt]")
