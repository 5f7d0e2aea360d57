"""Staff: the closed form of its satisfaction, what it does to the delivery, and the chain to customers and profit."""

import math

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError

COACH = "firms.thrift"
ALONE = "mechanism=[staff,cost_accounting]"


def play(*overrides, months=6, customers=1000, seed=1):
    scenario = sim.compose(
        f"population.customers={customers}", f"periods={months}", "replications=1", f"seed={seed}", *overrides
    )
    market = sim.Market(scenario)
    history = []
    for _ in range(months):
        market.step()
        history.append(market.mechanisms[list(scenario.mechanism).index("staff")].on_record(market))
    return market, history


def spend(amount):
    return f"{COACH}.policy.staff.internal_marketing={amount}"


def test_satisfaction_follows_the_closed_form_to_its_steady_state():
    """s_t = s* - (s* - s0)(1 - a)^t, where nothing but spending and empowerment moves it."""
    market, history = play(ALONE, spend(0.04), "mechanism.staff.load_weight=0", months=12)
    goal = 0.5 + 2 * math.sqrt(0.04) + 0.3 * (0.2 - 0.5)
    f = market.firm("thrift").index
    for t, month in enumerate(history, 1):
        assert month["staff_satisfaction"][f] == pytest.approx(goal - (goal - 0.5) * 0.8**t, abs=1e-12)
        noise = 0.3 * math.exp(-(month["staff_satisfaction"][f] - 0.5))
        assert month["staff_noise"][f] == pytest.approx(noise, abs=1e-12)


def test_it_is_paid_to_the_cent_and_turnover_is_saved():
    terms = ["mechanism.staff.quality=0", "mechanism.staff.load_weight=0"]
    plain, _ = play(ALONE, *terms, months=1)
    paid, history = play(ALONE, *terms, spend(0.04), months=1)
    a, b = plain.firm("thrift"), paid.firm("thrift")
    more = (history[0]["staff_satisfaction"] - play(ALONE, *terms, months=1)[1][0]["staff_satisfaction"])[a.index]
    assert b.books["cost"] - a.books["cost"] == pytest.approx(0.04 * 1000 - 0.02 * more * 1000, abs=0.011)
    assert history[0]["internal_marketing"][b.index] == pytest.approx(40)
    assert history[0]["internal_marketing"].sum() == pytest.approx(40), "the others spend nothing"


def test_a_heavy_load_tires_whether_seats_are_counted_or_not():
    for mechanisms in ("mechanism=[staff]", "mechanism=[staff,perishability]"):
        calm, _ = play(mechanisms, "mechanism.staff.usual_load=1", "mechanism.staff.usual_purchases=1")
        busy, _ = play(mechanisms, "mechanism.staff.usual_load=0.05", "mechanism.staff.usual_purchases=0.01")
        f = calm.firm("thrift").index
        calm, busy = (m.kept for m in (calm, busy))
        assert calm["staff_strain"][f] < 0 < busy["staff_strain"][f]
        assert busy["staff_satisfaction"][f] < 0.41 < calm["staff_satisfaction"][f]


def test_the_load_is_seats_taken_of_seats_offered():
    market, _ = play("mechanism=[staff,perishability]", months=2)
    load = market.world.mechanism["perishability"].on_record(market)["load"]
    f = market.firm("mosaic").index
    assert market.kept["staff_strain"][f] == pytest.approx(load[f] / 0.5 - 1)


def test_content_staff_repair_more_and_everybody_served_feels_it():
    common = ("mechanism.complaint.threshold=0.1", "mechanism.staff.load_weight=0", "mechanism.staff.pace=1")
    market, _ = play(*common, spend(0.03), months=1)
    thrift = market.firm("thrift")
    s = 0.5 + 2 * math.sqrt(0.03) - 0.09
    assert thrift.empowerment == 0.2
    assert thrift.recovery == pytest.approx(0.2 * s / 0.5)
    assert market.kept["staff_worth"][thrift.index] == pytest.approx(0.3 * (s - 0.5))
    quality = []
    for terms in ((), (spend(0.03),)):
        one = sim.Market(
            sim.compose("mechanism=[staff]", "population.customers=3000", "periods=1", *common[1:], *terms)
        )
        one.step()
        quality.append(one.table["quality"].copy())
        served = one.table["provider"] == thrift.index
    gain = quality[1] - quality[0]
    assert gain[served] == pytest.approx(0.3 * 2 * math.sqrt(0.03), abs=1e-6)
    assert not gain[~served].any()


def test_whose_accounts_are_outside_the_question_has_no_staff():
    market, history = play(ALONE, months=2)
    assert np.isnan(history[-1]["staff_satisfaction"][market.firm("train").index])
    assert market.firm("train").noise == market.firm("train").spec.delivery_noise
    assert market.world.mechanism["staff"].on_report(market, market.firm("train")) == {}
    told = market.world.mechanism["staff"].on_report(market, market.firm("echo"))
    assert told["satisfaction"] == history[-1]["staff_satisfaction"][market.firm("echo").index]


def test_the_chain_runs_from_spending_to_customers():
    """Paired seeds: staff up, noise down, and over a year and a half customers' gap and repeat purchases up."""
    changes = []
    for seed in (1, 2, 3):
        runs = []
        for amount in (0.0, 0.05):
            scenario = sim.compose(
                "population.customers=4000", "periods=18", "replications=1", f"seed={seed}", spend(amount),
                "mechanism.staff.quality=1", "mechanism.staff.steadiness=2",
            )  # fmt: skip
            firms = sim.run(scenario).firms
            runs.append(firms[firms["firm"] == "thrift"])
        a, b = runs
        names = ["staff_satisfaction", "staff_noise", "satisfaction_gap", "purchases"]
        changes.append([(b[n].to_numpy() - a[n].to_numpy())[3:].mean() for n in names])
    change = np.array(changes)
    satisfaction, noise, gap, purchases = change.T
    assert (satisfaction > 0.2).all()
    assert (noise < -0.05).all()
    assert (gap > 0).all()
    assert purchases.mean() > 0


def test_a_negative_budget_is_refused_with_its_place():
    with pytest.raises(ConfigError, match=r"firms.thrift.policy.staff.internal_marketing = -1.*expected 0 <="):
        sim.compose(spend(-1))
    with pytest.raises(
        ConfigError, match=r"policy.staff.internal_markting: unknown policy; nearest .*internal_marketing"
    ):
        sim.compose(f"{COACH}.policy.staff.internal_markting=1")
