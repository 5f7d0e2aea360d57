"""The compiled market and the one in plain Python make the same choices, customer by customer."""

import numpy as np
import pytest
from plain_market import KNOWN, PlainMarket

import sim

TWO_PARTS = [
    "mechanism.satisfaction.technical_weight=0.5",
    "mechanism.satisfaction.functional_weight=1.75",
    "mechanism.satisfaction.weight=2",
]


@pytest.mark.parametrize(
    "overrides",
    [
        [f"mechanism=[{','.join(KNOWN)}]"],
        [f"mechanism=[{','.join(KNOWN)}]", *TWO_PARTS],
        ["mechanism=[]"],
        ["mechanism=[satisfaction,must_have,loyalty_programme]"],
    ],
)
def test_every_customer_chooses_the_same(overrides):
    scenario = sim.compose(
        "population.customers=500", "periods=12", "seed=11", "firms.mosaic.interviews=200", *overrides
    )
    ours, plain = sim.Market(scenario), PlainMarket(scenario)
    for _ in range(12):
        ours.step()
        plain.step()
        assert ours.table["provider"].tolist() == [c.provider for c in plain.people]
        for name in ("purchases", "revenue", "returning", "repeated", "buyers", "own", "wallet", "market"):
            assert ours.total(name).tolist() == plain.house.total(name).tolist(), name
    gap = ours.total("gap") - plain.house.total("gap")
    assert np.abs(ours.off_grid(gap)).max() < 1e-3


def test_points_agree():
    scenario = sim.compose(
        "population.customers=500",
        "periods=12",
        f"mechanism=[{','.join(KNOWN)}]",
        "mechanism.loyalty_programme.threshold=20",
        "mechanism.loyalty_programme.expiry=3",
    )
    ours, plain = sim.Market(scenario), PlainMarket(scenario)
    redeemed = expired = 0
    for _ in range(12):
        ours.step()
        plain.step()
        redeemed += ours.total("points_redeemed").sum()
        expired += ours.total("points_expired").sum()
        assert ours.table["points"].T.tolist() == [c.points for c in plain.people]
    assert redeemed > 0
    assert expired > 0
