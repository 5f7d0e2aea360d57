"""Switching cost: the last provider follows the Markov chain of the logit, and order matters where tastes are constant."""

import numpy as np
import pytest

import sim

N, COST = 60_000, 0.8


def two_firms(cost, here, there, months):
    """A market of two firms and equal customers, for whom they are worth `here` and `there` utils."""
    scenario = sim.compose(
        f"population.customers={N}", f"periods={months}", "seed=4", "mechanism=[switching_cost]",
        f"mechanism.switching_cost.cost={cost}",
    )  # fmt: skip
    market = sim.Market(scenario.replace(firms={name: scenario.firms[name] for name in ("air", "train")}))
    market.table["price_sensitivity"][:] = 0
    for firm, worth in zip(market.firms, (here, there), strict=True):
        market.table["standard_appeal"][firm.mode_index] = worth
    return market


def chain(cost, here, there):
    """(2, 3) chances of firm 1, firm 2 and neither, by last provider, and the stationary share of the first state."""
    odds = np.exp([[here, there - cost], [here - cost, there]])
    chance = np.column_stack([odds, np.ones(2)]) / (1 + odds.sum(axis=1))[:, None]
    return chance, chance[1, 0] / (chance[0, 1] + chance[1, 0])


@pytest.mark.parametrize(("here", "there"), [(1.0, 1.0), (1.5, 0.5)])
def test_repeat_buying_is_that_of_the_stationary_chain(here, there):
    market = two_firms(COST, here, there, 30)
    market.run_for(30)
    chance, first = chain(COST, here, there)
    state = np.array([first, 1 - first])
    repeats, buys = state @ np.diag(chance[:, :2]), state @ chance[:, :2].sum(axis=1)
    repeated, returning = market.total("repeated").sum(), market.total("returning").sum()
    p = repeats / buys
    assert abs(repeated / returning - p) < 4 * np.sqrt(p * (1 - p) / returning)
    share = (state @ chance)[0]
    assert abs(market.total("purchases")[0] - N * share) < 4 * np.sqrt(N * share * (1 - share))


def test_the_first_purchase_costs_nothing_and_staying_out_never_does():
    market = two_firms(50.0, 1.0, 1.0, 20)
    market.step()
    share = np.exp(1) / (1 + 2 * np.exp(1))
    assert np.abs(market.total("purchases") - N * share).max() < 4 * np.sqrt(N * share * (1 - share))
    first = market.table["provider"].copy()
    bought = first >= 0
    for _ in range(5):
        market.step()
        now = market.table["provider"]
        assert ((now == first) | (now < 0))[bought].all(), "nobody pays fifty utils"
        out = 1 / (1 + np.exp(1))
        stayed = (now[bought] < 0).mean()
        assert abs(stayed - out) < 4 * np.sqrt(out * (1 - out) / bought.sum())


def repeats(history):
    """Pairs of successive purchases from one firm, by customer; history : (months, customers) providers."""
    same, last = np.zeros(history.shape[1], int), np.full(history.shape[1], -1)
    for month in history:
        same += (month >= 0) & (month == last)
        last = np.where(month >= 0, month, last)
    return same


def excess(cost):
    """Repeat purchases beyond those of the same purchases in shuffled order, a customer, with its standard error."""
    market = sim.Market(
        sim.compose(
            "population.customers=20000", "periods=24", "seed=6", "mechanism=[switching_cost]",
            f"mechanism.switching_cost.cost={cost}",
        )
    )  # fmt: skip
    history = []
    for _ in range(24):
        market.step()
        history.append(market.table["provider"].copy())
    history = np.array(history)
    shuffled = np.random.default_rng(1).permuted(history, axis=0)
    more = repeats(history) - repeats(shuffled)
    return more.mean(), more.std() / np.sqrt(more.size)


def test_shuffling_the_purchases_of_a_customer_tells_a_tie_from_a_taste():
    """People differ a lot in both markets; only with the cost does the order of a customer's purchases matter."""
    without, error = excess(0.0)
    assert abs(without) < 4 * error
    with_cost, error = excess(0.5)
    assert with_cost > 4 * error
