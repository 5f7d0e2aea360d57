"""With all mechanisms off the market is a multinomial logit with fixed offers: shares equal the closed form."""

import numpy as np
import pytest

import sim
from sim.world.population.survey import modechoice

N = 200_000


@pytest.fixture(scope="module")
def market():
    market = sim.Market(sim.compose(f"population.customers={N}", "mechanism=[]", "seed=3", "periods=2"))
    market.step()
    return market


def appeals(market):
    """(firms, customers) utilities in double precision, written out from the posted offers."""
    table, rows = market.table, []
    for firm in market.firms:
        m = firm.mode_index
        fare = table["price_sensitivity"].astype(float) * table["journey"][m] * firm.spec.list_price
        rows.append(table["standard_appeal"][m] + np.log(firm.spec.presence) - fare)
    return np.array(rows)


def test_shares_equal_the_logit_probabilities(market):
    odds = np.exp(appeals(market))
    probability = odds / (1 + odds.sum(axis=0))
    error = np.sqrt((probability * (1 - probability)).sum(axis=1))
    z = (market.total("purchases") - probability.sum(axis=1)) / error
    assert np.abs(z).max() < 4, dict(zip((f.name for f in market.firms), z, strict=True))


def test_consumer_surplus_is_the_logsum(market):
    logsum = np.log1p(np.exp(appeals(market)).sum(axis=0)) / market.table["price_sensitivity"]
    assert market.off_grid(market.total("surplus"))[0] / N == pytest.approx(logsum.mean(), rel=1e-4)


def test_offers_stay_fixed(market):
    fares = market.board.cents.copy()
    market.step()
    assert (market.board.cents == fares).all()
    assert not market.board.level.any()
    assert not market.features


def test_shares_equal_the_mixed_logit_integral():
    """Drawn customers agree with the integral over travellers and price sensitivity, by quadrature."""
    scenario = sim.compose(f"population.customers={N}", "mechanism=[]", "seed=5", "periods=1")
    market = sim.Market(scenario)
    market.step()
    population = scenario.population
    survey = modechoice()
    point, mass = np.polynomial.hermite_e.hermegauss(40)
    alpha = population.price_sensitivity * np.exp(population.price_spread * point)
    utility = population.standard_utility(survey)
    rows = []
    for firm in market.firms:
        s = survey.modes.index(firm.spec.mode)
        journey = survey.fare[s] / firm.mode.standard_fare
        fixed = utility[s] + np.log(firm.spec.presence)
        rows.append(fixed[:, None] - (journey * firm.spec.list_price)[:, None] * alpha)
    odds = np.exp(np.array(rows))
    share = np.einsum("fpn,p,n->f", odds / (1 + odds.sum(axis=0)), population.weights(survey), mass / mass.sum())
    z = (market.total("purchases") - N * share) / np.sqrt(N * share * (1 - share))
    assert np.abs(z).max() < 4


def test_five_standard_coaches_carry_what_the_one_bus_carried():
    """The surveyed market comes back: the population's mode shares and its share of months without a journey."""
    same = [f"firms.{name}.list_price=33.46" for name in ("nightowl", "mosaic", "grandcoach", "thrift", "echo")]
    market = sim.Market(sim.compose(f"population.customers={N}", "mechanism=[]", "seed=8", "periods=1", *same))
    market.step()
    purchases, travel = market.total("purchases"), 10 / 12
    for mode, target in (("air", 0.14), ("train", 0.13), ("bus", 0.09), ("car", 0.64)):
        sold = sum(purchases[f.index] for f in market.firms if f.spec.mode == mode)
        share = target * travel
        assert abs(sold - N * share) < 4 * np.sqrt(N * share * (1 - share)), mode


def test_when_a_firm_leaves_only_its_own_customers_move():
    """Independence of irrelevant alternatives, customer by customer, because shocks belong to firms (Luce 1959)."""
    scenario = sim.compose("population.customers=20000", "mechanism=[]", "seed=3", "periods=1")
    base = sim.Market(scenario)
    without = sim.Market(scenario.replace(firms={n: f for n, f in scenario.firms.items() if n != "air"}))
    chosen = []
    for market in (base, without):
        market.step()
        chosen.append(np.array([*[f.name for f in market.firms], "nobody"])[market.table["provider"]])
    before, after = chosen
    assert (before == "air").sum() > 1000
    assert (before[before != "air"] == after[before != "air"]).all()
    assert (after != "air").all()
