"""Higher needs count as far as the lower ones are met: the weights, the movement, the shares that follow."""

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.market.agents import Firm
from sim.science.kernels.levels_of_need import deliver_attributes, fall_short, meet_needs
from sim.science.rules.levels_of_need import LEVELS

f4 = np.float32
N = 100_000


def lived(worths, times, sensitivity=1.0, smoothing=0.3, start=65535):
    """Met levels and quality of one customer after so many services that are worth this much on each level."""
    met = np.full((5, 1), start, np.uint16)
    quality, total = np.zeros(1, f4), np.zeros(1, np.int64)
    posted, level = np.empty(1, f4), np.array(worths, f4).reshape(1, -1, 1)
    for _ in range(times):
        quality[:] = 0
        provider, taste, worth = np.zeros(1, np.int8), np.ones((len(worths), 1), f4), np.empty((5, 1), f4)
        deliver_attributes(provider, np.zeros(1, np.int16), taste, level, np.arange(len(worths)), posted, worth)
        meet_needs(provider, worth, f4(sensitivity), f4(smoothing), posted, np.empty(1, np.uint32), met, quality, total)
    return met[:, 0] / 65535, quality[0]


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_a_need_moves_to_what_is_delivered(n):
    met, _ = lived([-0.25, -2.0, 0.5], n, sensitivity=2.0)
    for k, target in enumerate((0.5, 0.0, 1.0, 1.0, 1.0)):
        assert met[k] == pytest.approx(target + (1 - target) * 0.7**n, abs=1e-4)


def test_a_need_can_be_met_fully_again():
    met, _ = lived([0.0, 0.1], 80, start=30_000)
    assert (met == 1).all()


def test_what_a_level_delivers_counts_as_far_as_all_lower_levels_are_met():
    half, third = 0.5, 1 / 3
    met = np.array([[half], [third], [1.0], [1.0]]) * 65535
    for level, weight in ((0, 1.0), (1, half), (2, half * third), (3, half * third), (4, half * third)):
        short = np.empty(1, f4)
        fall_short(met.astype(np.uint16)[:level], short)
        assert short[0] == pytest.approx(weight - 1, abs=1e-4)
    worths = [-0.5, 0.4, 0.2, 0.1]
    _, quality = lived(worths, 2)  # before the second service the lowest need is met by 1 + 0.3 (0.5 - 1)
    assert quality == pytest.approx((0.85 - 1) * (0.4 + 0.2 + 0.1), abs=1e-4)


def market_of(*overrides, mechanisms="levels_of_need,segment_needs", **kwargs):
    return sim.Market(
        sim.compose(f"population.customers={N}", "seed=7", f"mechanism=[{mechanisms}]", *overrides), **kwargs
    )


def test_shares_are_the_logit_of_what_counts(monkeypatch):
    """Safety met by half: sociability and attendance count half; thrift offers everybody the true mean ideal."""
    monkeypatch.setattr(Firm, "depth", property(lambda self: 0.9 if self.name == "thrift" else 0.0))
    market = market_of("mechanism.segment_needs.weight=6")
    market.kept["estimate"][market.firm("thrift").index] = market.mean_ideal
    market.table["met"][LEVELS.index("safety")] = 32768
    market.step()
    table, rows = market.table, []
    for firm in market.firms:
        m = firm.mode_index
        fare = table["price_sensitivity"].astype(float) * table["journey"][m] * firm.spec.list_price
        rows.append(table["standard_appeal"][m] + np.log(firm.spec.presence) - fare)
    ideal = table["ideal"].astype(float)
    position = 0.5 + 0.9 * (market.mean_ideal.T[:, table["segment"]] - 0.5)
    fit = 6 * ((0.5 - ideal) ** 2 - (position - ideal) ** 2).sum(axis=0)
    thrift = market.firm("thrift").index
    for weight, near in ((32768 / 65535, True), (1.0, False)):
        appeal = np.array(rows)
        appeal[thrift] += weight * fit
        odds = np.exp(appeal)
        probability = odds / (1 + odds.sum(axis=0))
        error = np.sqrt((probability * (1 - probability)).sum(axis=1))
        z = (market.total("purchases") - probability.sum(axis=1)) / error
        assert (np.abs(z).max() < 4) == near, z
    buyers = table["provider"] == thrift
    assert table["quality"][buyers] == pytest.approx(32768 / 65535 * fit[buyers], abs=1e-3)


def test_where_nothing_differs_from_the_standard_nothing_changes():
    chosen = []
    for mechanisms in ("levels_of_need", ""):
        market = market_of(mechanisms=mechanisms)
        market.step()
        market.step()
        chosen.append(market.table["provider"].copy())
        if mechanisms:
            assert (market.table["met"] == 65535).all()
    assert (chosen[0] == chosen[1]).all()


def test_only_those_who_were_left_waiting_lose_safety():
    market = market_of(mechanisms="contexts,levels_of_need")
    market.step()
    safety = market.table["met"][LEVELS.index("safety")] / 65535
    delay = market.attributes.index("schedule_delay")
    provider, cell = market.table["provider"], market.table["cell"]
    worth = market.table["taste"][delay] * market.board.level[provider, delay, cell]
    worth[provider < 0] = 0
    assert safety == pytest.approx(1 - 0.3 * np.clip(-worth, 0, 1), abs=1e-4)
    assert (safety < 1).mean() > 0.02
    assert (np.delete(market.table["met"], LEVELS.index("safety"), axis=0) == 65535).all()


def test_mistakes_are_said_in_one_line():
    with pytest.raises(ConfigError, match="'esteam': unknown level of need; nearest valid name: 'esteem'"):
        sim.compose("mechanism.levels_of_need.levels.comfort=esteam")
    with pytest.raises(ConfigError, match="unknown attribute or dimension; nearest valid name: 'comfort'"):
        sim.compose("+mechanism.levels_of_need.levels.confort=esteem")
