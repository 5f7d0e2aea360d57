"""Markets in which a firm does research, and what it learns there."""

import sim

FEW = ("~firms.nightowl", "~firms.grandcoach", "~firms.echo")
NEEDS = ("attendance", "sociability")
SEGMENTS = ("solo_modest", "solo_affluent", "party")


def policy(**values):
    """Words that set what mosaic's research is like."""
    return [f"firms.mosaic.policy.research.{name}={value}" for name, value in values.items()]


def ideals(points):
    """Words that say what each segment wants."""
    return [
        f"population.segments.{s}.ideal.{d}={x}"
        for s, point in zip(SEGMENTS, points, strict=True)
        for d, x in zip(NEEDS, point, strict=True)
    ]


def world(*overrides, mechanisms="research,segment_needs", customers=6000, months=1):
    """A small market of few firms."""
    return sim.compose(f"population.customers={customers}", f"periods={months}", "replications=1",
                       f"mechanism=[{mechanisms}]", *FEW, *overrides)  # fmt: skip


ASKING = "firms.mosaic.interviews=0"


def play(scenario, seed=1, **kwargs):
    """The market at its end."""
    market = sim.Market(scenario, rng=seed, **kwargs)
    for _ in range(scenario.periods):
        market.step()
    return market


def noted(market, firm="mosaic"):
    """What is recorded of a firm's research this month."""
    values = market.world.mechanism["research"].on_record(market)
    return {name: column[market.firm(firm).index] for name, column in values.items()}
