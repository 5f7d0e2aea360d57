"""Innovation and imitation happen as often, and as late, as their rules say."""

import math

import numpy as np

import sim


def only(scenario, *firms):
    """The same world with these firms alone: draws are addressed by firm, so theirs stay what they were."""
    return scenario.replace(firms={name: scenario.firms[name] for name in firms})


def test_features_arrive_at_the_hazard_of_the_rule():
    """Binomial over 12 months and 200 seeds."""
    arrived = 0
    months, seeds = 12, 200
    scenario = sim.compose(
        "population.customers=20",
        "mechanism=[innovation]",
        "firms.grandcoach.research_and_development=0.03",
        "mechanism.innovation.review_every=0",
    )
    for seed in range(seeds):
        market = sim.Market(only(scenario, "car", "grandcoach"), rng=seed)
        for _ in range(months):
            market.step()
        arrived += sum(f.introduced_by == "grandcoach" for f in market.features)
    p = 1 - math.exp(-0.6 * math.sqrt(0.03))
    n = months * seeds
    assert abs(arrived - n * p) < 4 * math.sqrt(n * p * (1 - p))


def test_copies_come_after_the_lag_with_the_imitability_of_the_kind():
    """Waiting time after the lag is geometric with probability imitability x absorptive capacity."""
    lag, imitability, capacity = 4, 0.5, 0.6
    waits = []
    scenario = sim.compose(
        "population.customers=20", "mechanism=[innovation,imitation]", f"mechanism.imitation.lag={lag}",
        "mechanism.innovation.productivity=3", "mechanism.innovation.review_every=0", f"mechanism.imitation.imitability.distinctiveness={imitability}",
        f"firms.echo.imitation={capacity}", "periods=40",
    )  # fmt: skip
    for seed in range(40):
        market = sim.Market(only(scenario, "car", "echo", "grandcoach"), rng=seed)
        started = {}
        for _ in range(40):
            market.step()
            early = [f for f in market.features if f.introduced_by == "grandcoach" and f.period < 8]
            for feature in early:
                if "echo" in feature.fidelity:
                    started.setdefault(feature.name, market.period - 1 - feature.period)
        assert len(started) == len(early)  # thirty months are enough for all, so that none is censored
        waits += started.values()
    p = imitability * capacity
    waits = np.array(waits) - lag
    assert len(waits) > 100
    assert waits.min() == 0
    assert abs(waits.mean() - (1 - p) / p) < 4 * math.sqrt((1 - p) / p**2 / len(waits))


def test_without_imitability_nobody_copies_and_with_it_the_lead_is_lost():
    common = (
        "population.customers=20",
        "mechanism=[innovation,imitation]",
        "mechanism.innovation.productivity=3",
        "mechanism.innovation.review_every=0",
        "periods=60",
    )
    never = [
        f"mechanism.imitation.imitability.{kind}=0" for kind in ("flexibility", "diversification", "distinctiveness")
    ]
    always = [
        f"mechanism.imitation.imitability.{kind}=1" for kind in ("flexibility", "diversification", "distinctiveness")
    ]
    always += [
        "firms.echo.imitation=1",
        "mechanism.imitation.lag=0",
        "mechanism.imitation.first_fidelity=1",
        "mechanism.imitation.ceiling=1",
    ]
    features = [sim.run(sim.compose(*common, *more, "replications=1")).features for more in (never, always)]
    copied = [f[(f["firm"] == "echo") & (f["introduced_by"] != "echo")] for f in features]
    assert copied[0]["fidelity"].max() == 0
    last = copied[1][copied[1]["period"] == 59]
    born = features[1].groupby("feature")["period"].min()
    old = last[last["feature"].map(born) < 59]
    assert (old["fidelity"] == 1).all()
