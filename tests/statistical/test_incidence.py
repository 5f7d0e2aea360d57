"""Purchases come as often as the negative binomial says, and contexts as often as the segment's mix says."""

import numpy as np
import pytest
from scipy.stats import chisquare, nbinom

import sim

MEAN, SHAPE = 1.456, 0.779
FLAT = "mechanism.purchase_incidence.season=[1,1,1,1,1,1,1,1,1,1,1,1]"


def market_of(*overrides, customers=100_000):
    return sim.Market(
        sim.compose(
            "mechanism=[purchase_incidence]", f"population.customers={customers}",
            f"mechanism.purchase_incidence.mean={MEAN}", f"mechanism.purchase_incidence.shape={SHAPE}", *overrides,
        )
    )  # fmt: skip


@pytest.mark.parametrize("months", [1, 6])
def test_counts_over_customers_are_negative_binomial(months):
    market = market_of(FLAT)
    counts = np.zeros(market.heads, int)
    for _ in range(months):
        market.step()
        counts += market.table["occasions"]
    mean = MEAN * months
    law = nbinom(SHAPE, SHAPE / (SHAPE + mean))
    top = int(law.ppf(1 - 50 / market.heads))
    seen = np.bincount(np.minimum(counts, top), minlength=top + 1)
    expected = np.append(law.pmf(np.arange(top)), law.sf(top - 1)) * market.heads
    assert chisquare(seen, expected).pvalue > 0.001


def test_every_occasion_is_a_choice_of_its_own():
    """Purchases a head are the occasions times the probability of not staying out, round after round."""
    market = market_of(FLAT)
    market.step()
    occasions = int(market.table["occasions"].sum())
    assert market.total("occasions")[0] == occasions > market.heads
    assert market.table["occasions"].max() > 5
    bought = market.total("purchases").sum()
    heavy = market.table["wallet"].astype(int)
    assert heavy.sum() == bought
    assert (heavy <= market.table["occasions"]).all()
    p = bought / occasions
    one, many = market.table["occasions"] == 1, market.table["occasions"] >= 4
    rates = [heavy[g].sum() / market.table["occasions"][g].sum() for g in (one, many)]
    assert abs(rates[0] - rates[1]) < 4 * np.sqrt(p * (1 - p) / market.table["occasions"][many].sum() * 2)


def test_the_season_scales_everybodys_rate():
    season = "mechanism.purchase_incidence.season=[2,0,1,1,1,1,1,1,1,1,1,1]"
    market = market_of(season)
    seen = []
    for _ in range(3):
        market.step()
        seen.append(int(market.table["occasions"].sum()))
    assert seen[1] == 0
    error = 4 * np.sqrt(market.heads * (2 * MEAN + 4 * MEAN**2 / SHAPE))
    assert abs(seen[0] - 2 * MEAN * market.heads) < error
    assert seen[2] < seen[0]


def test_contexts_follow_the_mix_of_the_segment_at_every_occasion():
    market = market_of(FLAT, "population.price_sensitivity=0")
    counts = np.zeros((len(market.segments), len(market.contexts)))

    def look(rows):
        np.add.at(counts, (rows.segment, rows.context), 1)

    market.witness = look
    market.step()
    for s in range(len(market.segments)):
        assert chisquare(counts[s], market.mix[s] * counts[s].sum()).pvalue > 0.001
