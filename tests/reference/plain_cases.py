"""Worlds in which the plain market is held against the compiled one: some by hand, and as many drawn as one likes."""

import random

from plain_market import KNOWN, MORE

import sim

ALL = [*KNOWN, *MORE]
EVERY = f"mechanism=[{','.join(ALL)}]"
ONCE = f"mechanism=[{','.join(name for name in ALL if name != 'purchase_incidence')}]"
MARKETS = {
    "intercity": {"mode": "bus", "need": "sociability", "asks": "mosaic", "follows": "echo"},
    "telecom": {"mode": "mobile", "need": "support", "asks": "palette", "follows": "shadow"},
    "two_leaders": {"mode": "bus", "need": "sociability"},
}
NEEDS = {"must_have": "satisfaction", "imitation": "innovation"}

# Few features pay, and rivals copy only what seems to; the follower itself earns enough.
SOBER = (
    EVERY, "seed=5", "mechanism.contract.months.bus=4", "mechanism.contract.penalty.bus=15",
    "mechanism.transport_cost.cost=1.5", "+firms.thrift.policy.transport_cost.position=0.9",
    "mechanism.purchase_incidence.mean=1.2", "mechanism.purchase_incidence.shape=6",
    "mechanism.innovation.productivity=4", "mechanism.innovation.review_every=3",
    "mechanism.innovation.cost_of_size.distinctiveness=3", "mechanism.innovation.cost_of_size.flexibility=2.5",
    "mechanism.innovation.most.distinctiveness=0.8", "mechanism.innovation.most.flexibility=15",
    "mechanism.imitation.lag=1", "mechanism.imitation.judged_by=profit",
    "mechanism.imitation.imitability.flexibility=0.9", "mechanism.imitation.imitability.distinctiveness=0.9",
    "mechanism.loyalty_programme.goal_gradient=0", "firms.echo.review_every=1", "firms.echo.markup=0.6",
)  # fmt: skip

# Two parts of quality, a programme with an early goal, much research and quick copying, a follower that reviews often.
LIVELY = (
    ONCE, "mechanism.satisfaction.technical_weight=0.5", "mechanism.satisfaction.functional_weight=1.75",
    "mechanism.loyalty_programme.threshold=22", "mechanism.loyalty_programme.expiry=3",
    "mechanism.loyalty_programme.tier_months=[2,4]",
    "mechanism.loyalty_programme.partner_points=15", "mechanism.loyalty_programme.partner_rate=0.5",
    "mechanism.innovation.productivity=6", "mechanism.innovation.review_every=4", "mechanism.imitation.lag=1",
    "mechanism.imitation.noticing=geometric", "mechanism.imitation.judged_by=share",
    "mechanism.imitation.imitability.distinctiveness=0.6",
    "mechanism.imitation.imitability.flexibility=0.6", "mechanism.switching_cost.cost=0.4",
    "firms.echo.review_every=3", "firms.mosaic.interviews=20", "firms.mosaic.review_every=5",
)  # fmt: skip


def between(low, high):
    """A parameter drawn between two numbers."""
    return lambda lot: round(lot.uniform(low, high), 4)


def whole(low, high):
    """A whole number drawn from low to high."""
    return lambda lot: lot.randint(low, high)


def one_of(*values):
    """One of some values."""
    return lambda lot: lot.choice(values)


DRAWN = {
    "capability": {"gain": between(0, 0.6), "decay": between(0, 0.3)},
    "contexts": {"closing_cost": between(0, 0.1)},
    "cost_accounting": {"max_saving": between(0, 1)},
    "contract": {"months.{mode}": whole(1, 6), "penalty.{mode}": between(0, 40)},
    "imitation": {
        "lag": whole(0, 3), "noticing": one_of("fixed", "geometric"), "first_fidelity": between(0, 0.8),
        "growth": between(0, 0.3), "ceiling": between(0.8, 1), "judged_by": one_of("nothing", "share", "profit"),
        "imitability.flexibility": between(0, 1), "imitability.diversification": between(0, 1),
        "imitability.distinctiveness": between(0, 1), "copy_cost": between(0, 0.5), "upgrade_cost": between(0, 0.5),
    },
    "innovation": {
        "productivity": between(0, 8), "exhaustion": between(0, 0.5), "review_every": whole(0, 4),
        "introduction_cost.flexibility": between(0, 0.3), "most.distinctiveness": between(0.1, 0.8),
        "most.diversification": between(0.2, 0.8), "most.flexibility": between(3, 9),
        "cost_of_size.distinctiveness": between(0, 3), "believed_worth.distinctiveness": between(0, 9),
    },
    "loyalty_programme": {
        "points_per_trip": whole(0, 12), "threshold": whole(18, 45), "expiry": whole(1, 8), "foresight": between(0, 1),
        "goal_gradient": one_of(0, 1, 3), "tier_months": one_of("[1,3]", "[2,5]"),
        "tier_points": one_of("[1,6]", "[3,5]"),
        "partner_points": whole(1, 12), "partner_rate": between(0, 1), "partner_price": between(0, 1),
    },
    "must_have": {"rate": between(0, 1)},
    "satisfaction": {
        "weight": between(0, 1), "loss_aversion": between(1, 4), "smoothing": between(0, 1), "learning": between(0, 1),
        "technical_weight": between(0, 2), "functional_weight": between(0, 2),
    },
    "segment_needs": {
        "weight": between(0, 4), "standard": between(0, 1), "variety_cost": between(0, 5),
        "interview_noise": between(0, 1), "interview_cost": between(0, 30),
    },
    "signature": {"room_class": between(0, 2), "attended_class": between(0, 2), "attended_cost": between(0, 9)},
    "state_dependence": {"weight": between(0, 4), "carry_over": between(0, 1)},
    "purchase_incidence": {"mean": between(0.3, 2), "shape": between(0.3, 5)},
    "switching_cost": {"cost": between(0, 2)},
    "transport_cost": {"cost": between(0, 3), "position": between(0, 1)},
}  # fmt: skip


def drawn(number):
    """Words of the world of this number: a scenario, mechanisms that fit together, and values of their parameters."""
    lot = random.Random(number)
    scenario = lot.choice(list(MARKETS))
    market = MARKETS[scenario]
    chosen = {name for name in DRAWN if lot.random() < 0.8}
    if scenario == "telecom":
        chosen.discard("purchase_incidence")  # everybody has one subscription a month there
    chosen -= {name for name, needed in NEEDS.items() if needed not in chosen}
    words = [f"scenario={scenario}", f"mechanism=[{','.join(sorted(chosen))}]", f"seed={lot.randrange(10**6)}"]
    for mechanism in sorted(chosen):
        for name, draw in DRAWN[mechanism].items():
            words.append(f"mechanism.{mechanism}.{name.format(**market)}={draw(lot)}")
    if "transport_cost" in chosen:
        words.append(f"mechanism.transport_cost.need={market['need']}")
    if "asks" in market:
        asks, follows = f"firms.{market['asks']}", f"firms.{market['follows']}"
        words += [f"{asks}.interviews={lot.randint(0, 40)}", f"{asks}.review_every={lot.randint(1, 6)}"]
        words += [f"{follows}.review_every={lot.randint(1, 5)}"]
        words += [f"+{follows}.policy.transport_cost.position={round(lot.random(), 3)}"]
    return words


def world(*words, customers=60, months=12):
    """The scenario that these words say, small."""
    return sim.compose(*words, f"population.customers={customers}", f"periods={months}", "replications=1")
