"""Empirical laws of repeat buying on an unsegmented stationary market: needs and chance alone bring them about.

Customers' propensities to buy four brands, or another one, are Dirichlet: the logit of log-gamma appeals. Nothing else
is on but purchase incidence, so that the market is the NBD-Dirichlet of Goodhardt, Ehrenberg & Chatfield (1984).
"""

import numpy as np
import pandas as pd
import pytest

import sim
from sim.metrics.laws import dirichlet_frequency, dirichlet_penetration
from sim.metrics.purchases import (
    double_jeopardy,
    duplication_coefficient,
    duplication_of_purchase,
    penetration,
    purchase_frequency,
)

M, K, S = 1.456, 0.779, 1.55
SHARE = {"air": 0.22, "car": 0.16, "thrift": 0.10, "train": 0.05}
CUSTOMERS = 200_000


@pytest.fixture(scope="module")
def panel():
    """Purchases of one period, a row each."""
    gone = [f"~firms.{name}" for name in ("echo", "grandcoach", "mosaic", "nightowl")]
    free = [f"firms.{name}.list_price=0" for name in SHARE] + ["firms.thrift.pricing=fixed_price"]
    market = sim.Market(
        sim.compose(
            "mechanism=[purchase_incidence]", f"population.customers={CUSTOMERS}", *gone, *free, "firms.thrift.presence=1",
            f"mechanism.purchase_incidence.mean={M}", f"mechanism.purchase_incidence.shape={K}",
            "mechanism.purchase_incidence.season=[1,1,1,1,1,1,1,1,1,1,1,1]",
        )
    )  # fmt: skip
    rng = np.random.default_rng(3)
    others = np.log(rng.gamma(S * (1 - sum(SHARE.values())), size=CUSTOMERS))
    for name, share in SHARE.items():
        m = market.firm(name).mode_index
        market.table["standard_appeal"][m] = np.log(rng.gamma(S * share, size=CUSTOMERS) + 1e-30) - others
    bought = []

    def note(rows):
        who = rows.provider >= 0
        bought.append(pd.DataFrame({"customer": rows.identity[who], "firm": rows.provider[who]}))

    market.witness = note
    market.step()
    panel = pd.concat(bought).assign(period=0, amount=1.0)
    assert market.total("occasions")[0] == pytest.approx(M * CUSTOMERS, rel=0.01)
    return panel.assign(firm=panel["firm"].map(lambda f: market.firms[f].name))


def test_penetrations_and_frequencies_are_those_of_the_dirichlet(panel):
    reached, often = penetration(panel, CUSTOMERS), purchase_frequency(panel)
    for name, share in SHARE.items():
        assert reached[name] == pytest.approx(dirichlet_penetration(M, K, S, share)[0], rel=0.05)
        assert often[name] == pytest.approx(dirichlet_frequency(M, K, S, share)[0], rel=0.03)


def test_the_category_is_bought_by_56_per_cent_who_buy_2_6_times():
    reached = 1 - (1 + M / K) ** -K
    assert (reached, M / reached) == (pytest.approx(0.56, abs=0.005), pytest.approx(2.6, abs=0.03))


def test_small_brands_suffer_twice(panel):
    """Double jeopardy: fewer buyers, who buy a little less often; w (1 - b) is constant within 12 per cent."""
    reached, often = penetration(panel, CUSTOMERS), purchase_frequency(panel)
    by_size = list(SHARE)
    assert reached[by_size].is_monotonic_decreasing
    assert often[by_size].is_monotonic_decreasing
    constant = double_jeopardy(reached, often)
    assert np.abs(constant / constant.mean() - 1).max() < 0.12


def test_brands_share_their_buyers_in_proportion_to_penetration(panel):
    """Duplication of purchase: b_j|i = D b_j, with an R2 above 0.9 through the origin."""
    reached = penetration(panel, CUSTOMERS)
    coefficient, explained = duplication_coefficient(duplication_of_purchase(panel), reached)
    assert explained > 0.9
    assert coefficient > 1, "buyers of one brand are heavier buyers of the category, and buy others more too"
