"""Fairness against numbers worked out by hand: who gets less than the best served minds, and special treatment sells less."""

import numpy as np
import pytest

import sim

COMFORT, ALPHA = 0.147340, 0.0169886


def market(*overrides, customers=500):
    return sim.Market(sim.compose(f"population.customers={customers}", "periods=4", "replications=1", *overrides))


def favoured(market, firm, segment, classes=0.0, discount=0.0):
    """Give one segment of a firm's customers comfort or a lower fare on the board, after all have posted."""
    f, k = market.firm(firm).index, market.attributes.index("comfort")
    market.board.level[f, k].reshape(3, 3)[segment] += classes
    market.board.cents[f].reshape(3, 3)[segment] -= round(100 * discount)
    market.board.fare[f] = market.board.cents[f] / 100
    market.board.offered[f] = [k]
    market.world.mechanism["fairness"].on_show(market)


def short(market, firm):
    market.play(0, market.heads)
    return market.kept["shortfall"][market.firm(firm).index].reshape(3, 3)


def test_comfort_for_one_segment_is_missed_by_the_others_at_its_worth():
    m = market("mechanism=[fairness]")
    m.open()
    favoured(m, "mosaic", 1, classes=2.0)
    found = short(m, "mosaic")
    assert found == pytest.approx(np.array([[2 * COMFORT] * 3, [0.0] * 3, [2 * COMFORT] * 3]), rel=1e-5)
    assert not short(m, "thrift").any()


def test_a_fare_for_one_segment_is_missed_at_the_median_price_sensitivity():
    m = market("mechanism=[fairness]")
    m.open()
    favoured(m, "mosaic", 0, discount=10.0)
    favoured(m, "mosaic", 2, discount=4.0)
    assert short(m, "mosaic")[:, 0] == pytest.approx([0.0, 10 * ALPHA, 6 * ALPHA], rel=1e-4)


def test_who_is_already_near_the_common_offer_misses_what_others_gain():
    """At half depth and well read: weight * 3/4 of the squared distance of a segment's ideal from the standard."""
    m = market("mechanism=[fairness,segment_needs]")
    m.kept["estimate"][m.firm("mosaic").index] = m.mean_ideal
    m.firm("mosaic").stock["diversification"] = np.log(2.0)
    m.open()
    gained = 1.07 * 0.75 * ((m.mean_ideal - 0.5) ** 2).sum(axis=1)
    assert gained == pytest.approx(1.07 * 0.75 * np.array([0.13, 0.18, 0.16]))
    assert short(m, "mosaic")[:, 0] == pytest.approx(gained.max() - gained, rel=1e-4, abs=1e-6)


def test_timetables_are_the_same_for_all_and_nobody_compares_them():
    m = market("mechanism=[contexts,fairness]")
    m.firm("nightowl").stock["flexibility"] = 2.0
    m.open()
    assert not short(m, "nightowl").any()


def test_it_is_taken_off_the_appeal_and_off_the_service():
    m = market("mechanism=[fairness]", "mechanism.fairness.sensitivity=0.5", customers=4000)
    m.open()
    favoured(m, "mosaic", 1, classes=2.0)
    m.play(0, m.heads)
    f = m.firm("mosaic").index
    mine = m.table["provider"] == f
    special = m.table["segment"] == 1
    assert (mine & special).any() and (mine & ~special).any()
    assert m.table["quality"][mine & special] == pytest.approx(2 * COMFORT, rel=1e-5)
    assert m.table["quality"][mine & ~special] == pytest.approx(-0.5 * 2 * COMFORT, rel=1e-5)


def test_ordinary_customers_leave_as_the_logit_says_and_special_ones_do_not():
    """One favoured segment: the others' odds of the firm fall by exp(-sensitivity * shortfall)."""
    sold = []
    for sensitivity in (0.0, 2.0):
        m = market("mechanism=[fairness]", f"mechanism.fairness.sensitivity={sensitivity}", customers=60_000)
        m.open()
        favoured(m, "mosaic", 1, classes=2.0)
        m.play(0, m.heads)
        mine, segment = m.table["provider"] == m.firm("mosaic").index, m.table["segment"]
        sold.append([int((mine & (segment == s)).sum()) for s in range(3)])
    (before, special, party), (after, same, party_after) = sold
    assert special == same
    expected = (before + party) * np.exp(-2.0 * 2 * COMFORT)  # small shares: odds are shares
    assert after + party_after == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_pure_diversification_pays_less_where_customers_mind():
    """Same seeds, same people: the diversified firm loses customers and profit, the one that treats all alike does not."""
    change = {name: [] for name in ("mosaic", "grandcoach")}
    rules = "mechanism=[capability,cost_accounting,fairness,innovation,segment_needs,signature]"
    for seed in (1, 2):
        ends = []
        for sensitivity in (0.0, 4.0):
            m = market(rules, f"seed={seed}", f"mechanism.fairness.sensitivity={sensitivity}", "periods=8",
                       "mechanism.innovation.productivity=3", customers=4000)  # fmt: skip
            sold = dict.fromkeys(change, 0.0)
            for _ in range(8):
                m.step()
                sold = {name: sold[name] + m.firm(name).books["purchases"] for name in change}
            ends.append(sold)
        for name, found in change.items():
            found.append(ends[1][name] / ends[0][name] - 1)
    assert max(change["mosaic"]) < -0.02
    assert np.mean(change["mosaic"]) < np.mean(change["grandcoach"]) - 0.05


def test_an_unknown_attribute_is_said_in_one_line():
    with pytest.raises(sim.ConfigError, match=r"mechanism\.fairness\.compared: unknown attribute 'comfrt'; nearest"):
        sim.compose("mechanism.fairness.compared=[comfrt]")
