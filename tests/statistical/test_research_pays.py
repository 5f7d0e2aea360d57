"""When to be different pays, and when it does not, by what a firm knows of its customers (A6, F3, C1)."""

import numpy as np
from researchers import ASKING, ideals, noted, play, policy, world

import sim
from sim.metrics.interval import half_width

PAYS = "capability,cost_accounting,research,segment_needs"


def earned(scenario, seed, firm="mosaic"):
    market = sim.Market(scenario, rng=seed)
    profit = sold = 0
    for _ in range(scenario.periods):
        market.step()
        profit += market.firm(firm).books["profit"]
        sold += market.firm(firm).books["purchases"]
    return profit, sold, noted(market, firm)


def test_where_all_want_the_standard_to_be_different_cannot_beat_the_single_cheap_offer():
    """Paired by seed: the same firm, once with variety and research, once with the cheap offer for all (A6, F1)."""
    alike = ideals([(0.5, 0.5)] * 3)
    diverse = world(ASKING, *policy(interviews=40), *alike, mechanisms=PAYS, months=14)
    cheap = world("firms.mosaic.strategy=price", *alike, mechanisms=PAYS, months=14)
    gap = np.array([earned(diverse, seed)[0] - earned(cheap, seed)[0] for seed in range(1, 5)])
    assert gap.mean() + half_width(gap) < 0


def test_where_money_does_not_matter_and_needs_are_wide_the_price_firm_loses():
    wide = ideals([(0, 0), (1, 0), (0.5, 1)])
    scenario = world(
        ASKING, *policy(interviews=60), *wide, "population.price_sensitivity=0", mechanisms=PAYS, months=14
    )
    gap = []
    for seed in range(1, 4):
        market = sim.Market(scenario, rng=seed)
        sold = np.zeros((2, 2))
        for _ in range(scenario.periods):
            market.step()
            for f, name in enumerate(("mosaic", "thrift")):
                sold[f] += [market.firm(name).books["purchases"], market.firm(name).books["profit"]]
        gap.append(sold[0] - sold[1])
    gap = np.array(gap)
    for k in range(2):
        assert gap[:, k].mean() - half_width(gap[:, k]) > 0


def test_misread_needs_make_a_difference_a_cost_only():
    """The same interviews heard wrong: they cost the same, please nobody and lose money against those heard right."""
    scenario = world(ASKING, *policy(interviews=60), mechanisms=PAYS, months=14, customers=12000)
    deaf = world(
        ASKING,
        *policy(interviews=60),
        "mechanism.research.interview_noise=20",
        mechanisms=PAYS,
        months=14,
        customers=12000,
    )
    pairs = [(earned(scenario, seed), earned(deaf, seed)) for seed in range(1, 5)]
    gap = np.array([well[0] - badly[0] for well, badly in pairs])
    assert gap.mean() - half_width(gap) > 0
    for (_, _, well), (_, _, badly) in pairs:
        assert badly["fit_gain"] <= 0 < well["fit_gain"]
        assert badly["misread_loss"] > 10 * well["misread_loss"]


def test_interviews_beat_surveys_of_the_same_cost_unless_there_are_too_few_of_them():
    errors = {}
    for number, instrument in ((8, "interviews"), (60, "interviews"), (600, "surveys")):
        scenario = world(ASKING, *policy(**{instrument: number}))
        errors[number] = np.array([noted(play(scenario, seed))["needs_error"] for seed in range(20)])
    gap = errors[600] - errors[60]
    assert gap.mean() - half_width(gap) > 0
    assert errors[8].min() > 0.25, "eight interviews show no segments"
