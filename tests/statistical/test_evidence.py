"""Evidence moves those who have no experience, promises move their expectation, and experience ends both."""

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError

N = 100_000
ROOM = 0.147340  # utils: one comfort class (R16), which the luxury coach's room is (R25)
CALM = [f"firms.{n}.delivery_noise=0" for n in ("air", "train", "nightowl", "mosaic", "grandcoach", "thrift", "echo")]


def market_of(*overrides, months=1, customers=N, mechanisms="evidence,satisfaction,signature"):
    market = sim.Market(
        sim.compose(f"population.customers={customers}", f"periods={max(months, 1)}", f"mechanism=[{mechanisms}]", "seed=9",
                    *CALM, *overrides)
    )  # fmt: skip
    for _ in range(months):
        market.step()
    return market


@pytest.mark.parametrize(("evidence", "promise"), [(0.0, 0.0), (0.5, 0.0), (0.5, 3.0), (1.0, 9.0)])
def test_first_shares_are_the_logit_of_what_is_perceived(evidence, promise):
    market = market_of(f"firms.grandcoach.evidence={evidence}", f"firms.grandcoach.promise={promise}")
    table, rows = market.table, []
    for firm in market.firms:
        m = firm.mode_index
        fare = table["price_sensitivity"].astype(float) * table["journey"][m] * firm.spec.list_price
        rows.append(table["standard_appeal"][m] + np.log(firm.spec.presence) - fare)
    luxury = market.firm("grandcoach").index
    assert market.board.level[luxury].max() == pytest.approx(1)
    rows[luxury] += evidence * (1 + promise) * ROOM
    odds = np.exp(np.array(rows))
    probability = odds / (1 + odds.sum(axis=0))
    error = np.sqrt((probability * (1 - probability)).sum(axis=1))
    z = (market.total("purchases") - probability.sum(axis=1)) / error
    assert np.abs(z).max() < 4, z
    assert (market.total("first_purchases") == market.total("purchases")).all()


def test_who_has_bought_knows_the_true_level():
    """With the same draws, a promise changes no choice of a market in which everybody has experience of the firm."""
    chosen = []
    for promise in (0, 9):
        market = market_of(f"firms.grandcoach.promise={promise}", mechanisms="evidence,signature", months=0)
        market.table["bought"][market.firm("grandcoach").index] = 1
        market.step()
        chosen.append(market.table["provider"].copy())
    assert (chosen[0] == chosen[1]).all()


def test_expectation_moves_to_the_promise_at_the_rate_of_learning():
    months, promise = 6, 2.0
    market = market_of(f"firms.grandcoach.promise={promise}", months=months)
    luxury = market.firm("grandcoach").index
    never = market.table["bought"][luxury] == 0
    expected = (1 + promise) * ROOM * (1 - 0.8**months)
    assert market.table["expectation"][luxury][never] / 1024 == pytest.approx(expected, abs=2e-3)
    others = np.delete(market.table["expectation"], luxury, axis=0)
    assert not others[:, (market.table["bought"] == 0).all(axis=0)].any()


def test_a_weakness_is_talked_down_but_never_into_nothing_by_evidence_alone():
    from sim.science.rules.evidence import perceived, promised

    assert promised(-1.0, 0.5) == -0.5
    assert perceived(-1.0, 0.3, 0.0) == pytest.approx(-0.3)


def test_over_promising_wins_first_purchases_and_loses_satisfaction():
    honest, loud = (market_of(f"firms.grandcoach.promise={p}", months=24) for p in (0, 9))
    luxury = honest.firm("grandcoach").index
    first = [market_of(f"firms.grandcoach.promise={p}").total("first_purchases")[luxury] for p in (0, 9)]
    assert first[1] - first[0] > 4 * np.sqrt(first[0] + first[1])
    felt = []
    for market in (honest, loud):
        own = market.table["satisfaction"][luxury][market.table["bought"][luxury] > 0] / 1024
        felt.append((own.mean(), own.var() / len(own)))
    assert felt[0][0] - felt[1][0] > 4 * np.sqrt(felt[0][1] + felt[1][1])
    assert felt[1][0] < 0, "a promise not kept disappoints"


def test_evidence_is_paid_for_by_modelled_firms_only():
    cost = "evidence,cost_accounting"
    without, with_it = (market_of(f"mechanism.evidence.cost={c}", mechanisms=cost, customers=2000) for c in (0, 0.5))
    for firm in with_it.firms:
        more = firm.books["cost"] - without.firm(firm.name).books["cost"]
        assert more == pytest.approx(0.5 * firm.spec.evidence * 2000 if firm.mode.seats else 0, abs=0.02), firm.name


def test_it_works_without_satisfaction():
    market = market_of(mechanisms="evidence,signature", customers=2000)
    assert "expectation" not in market.table


def test_an_unknown_attribute_is_named():
    with pytest.raises(ConfigError, match="unseen = 'comfrt': unknown attribute; nearest valid name: 'comfort'"):
        sim.compose("mechanism.evidence.unseen=[comfrt]")
    with pytest.raises(ConfigError, match="each attribute once"):
        sim.compose("mechanism.evidence.unseen=[comfort,comfort]")


def test_promises_move_nobody_who_has_been_there():
    market = market_of("firms.grandcoach.promise=9", months=3)
    luxury = market.firm("grandcoach").index
    been = market.table["bought"][luxury] != 0
    before = market.table["expectation"][luxury].copy()
    assert been.sum() > 100
    block = market.block(0, market.heads)
    market.mechanisms[list(market.world.mechanism).index("evidence")].on_hear(block)
    after = market.table["expectation"][luxury]
    assert (after[been] == before[been]).all()
    assert (after[~been] != before[~been]).any()
