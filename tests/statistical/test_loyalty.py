"""Loyalty comes out of the mechanisms, in the direction each one says."""

import numpy as np
import pytest

import sim

COACHES = ["echo", "grandcoach", "mosaic", "nightowl", "thrift"]
EQUAL = [f"firms.{n}.{key}={value}" for n in COACHES for key, value in (("list_price", 33.46), ("delivery_noise", 0.3))]


def totals(name, *overrides, months=30, customers=20_000, seed=2):
    """A tally of the last month by firm."""
    market = sim.Market(
        sim.compose(f"population.customers={customers}", f"periods={months}", f"seed={seed}", *overrides)
    )
    for _ in range(months):
        market.step()
    return dict(zip((f.name for f in market.firms), market.total(name).astype(float), strict=True)), market


def rate(part, whole, names):
    """Pooled rate over firms and its standard error."""
    p = sum(part[n] for n in names) / sum(whole[n] for n in names)
    return p, np.sqrt(p * (1 - p) / sum(whole[n] for n in names))


def repeat(*overrides):
    repeated, market = totals("repeated", *overrides, customers=80_000)
    returning = dict(zip((f.name for f in market.firms), market.total("returning").astype(float), strict=True))
    return rate(repeated, returning, COACHES)


def test_habit_makes_buyers_return():
    without, error = repeat("mechanism=[]", *EQUAL)
    with_habit, other = repeat("mechanism=[state_dependence]", *EQUAL)
    assert with_habit - without > 4 * np.hypot(error, other)


def test_losses_that_weigh_more_lower_satisfaction_at_equal_quality():
    def satisfaction(aversion):
        _, market = totals(
            "purchases",
            "mechanism=[satisfaction]",
            f"mechanism.satisfaction.loss_aversion={aversion}",
            *EQUAL,
            months=12,
        )
        bought = market.table["bought"] > 0
        rows = [
            market.table["satisfaction"][f.index][bought[f.index]] / 1024 for f in market.firms if f.name in COACHES
        ]
        return np.concatenate(rows)

    fair, averse = satisfaction(1.0), satisfaction(2.25)
    gap = fair.mean() - averse.mean()
    assert gap > 4 * np.hypot(fair.std() / np.sqrt(len(fair)), averse.std() / np.sqrt(len(averse)))


def test_satisfaction_follows_from_noise_and_loss_aversion_in_closed_form():
    """One purchase of standard quality: mean satisfaction = smoothing (1 - lambda) sigma / sqrt(2 pi)."""
    market = sim.Market(sim.compose("population.customers=200000", "periods=1", "mechanism=[satisfaction]", *EQUAL))
    market.step()
    thrift = next(f.index for f in market.firms if f.name == "thrift")
    s = market.table["satisfaction"][thrift][market.table["provider"] == thrift] / 1024
    expected = 0.3 * (1 - 2.25) * 0.3 / np.sqrt(2 * np.pi)
    assert abs(s.mean() - expected) < 4 * s.std() / np.sqrt(len(s))


def test_expectation_learns_from_experience_and_drifts_to_the_norm():
    market = sim.Market(
        sim.compose(
            "population.customers=50000", "mechanism=[satisfaction,must_have,signature]", "mechanism.must_have.rate=0.5"
        )
    )
    for _ in range(20):
        market.step()
    bus = list(market.modes).index("bus")
    norm = market.kept["norm"][bus]
    assert norm > 0.02, "luxury coaches lift what coaches commonly offer"
    never = market.table["bought"].sum(axis=0) == 0
    for f in market.firms:
        expected = market.table["expectation"][f.index][never] / 1024
        if f.mode_index == bus and len(expected):
            assert expected.mean() == pytest.approx(norm, abs=0.02)  # four standard errors of a month's norm


def test_the_programme_makes_members_travel_more_with_the_firm():
    """Same firm, same offer, points on and off: purchases rise, and those who hold points gain more (A5)."""
    common = (*EQUAL, "firms.mosaic.budget=0", "firms.mosaic.interviews=0")
    generous = (
        "mechanism=[loyalty_programme]",
        "mechanism.loyalty_programme.threshold=20",
        "mechanism.loyalty_programme.foresight=1",
    )
    off, _ = totals("own", "mechanism=[]", *common)
    on, _ = totals("own", *generous, *common)
    assert on["mosaic"] - off["mosaic"] > 4 * np.sqrt(on["mosaic"] + off["mosaic"])
    assert on["thrift"] < off["thrift"]


def test_usual_shares_are_each_customers_own_logit_in_the_surveyed_market():
    market = sim.Market(sim.compose("population.customers=3000", "mechanism=[state_dependence]"))
    t = market.table
    appeal = []
    for firm in market.firms:
        m = firm.mode_index
        fare = t["price_sensitivity"].astype(float) * t["journey"][m] * firm.mode.standard_fare
        appeal.append(t["standard_appeal"][m] + np.log(firm.spec.presence) - fare)
    odds = np.exp(np.array(appeal))
    assert t["usual"] / 65535 == pytest.approx(odds / odds.sum(axis=0), abs=2e-5)
    assert (t["habit"] == t["usual"]).all()


def test_habit_alone_leaves_the_surveyed_market_nearly_where_it_was():
    """Tastes already hold what is usual: three years of habit move no mode's share by two points (without, by six)."""
    purchases, market = totals("purchases", "mechanism=[state_dependence]", *EQUAL, months=36, customers=50_000)
    total = sum(purchases.values())
    assert abs(1 - total / 50_000 - 2 / 12) < 0.01
    for mode, share in (("air", 0.14), ("train", 0.13), ("bus", 0.09), ("car", 0.64)):
        sold = sum(purchases[f.name] for f in market.firms if f.spec.mode == mode)
        assert abs(sold / total - share) < 0.02, mode


def reach(mechanism, seed, *overrides):
    """(breadth, depth) of the firm that runs a programme after three years."""
    market = sim.Market(
        sim.compose(
            f"mechanism={mechanism}", "population.customers=60000", "firms.mosaic.budget=0",
            "firms.mosaic.interviews=0", *overrides,
        ).replace(seed=seed)
    )  # fmt: skip
    market.run_for(36)
    f, total = market.firm("mosaic").index, market.total
    return np.array([total("buyers")[f] / total("market")[0], total("own")[f] / total("wallet")[f]])


def test_the_programme_raises_depth_more_than_breadth():
    """In relative terms (A5): customers who buy often come to the reward, and give the firm more of what they buy."""
    relative = []
    for seed in range(8):
        off, on = reach("[purchase_incidence]", seed), reach("[purchase_incidence,loyalty_programme]", seed)
        relative.append(on / off - 1)
    relative = np.array(relative)
    error = relative.std(axis=0, ddof=1) / np.sqrt(8)
    assert (relative.mean(axis=0) > 4 * error).all(), "both rise"
    more = relative[:, 1] - relative[:, 0]
    assert more.mean() > 2.37 * more.std(ddof=1) / np.sqrt(8), "95 % interval of the difference leaves out zero"


def test_only_who_is_there_turns_points_in_and_an_ended_programme_still_lets_them_go():
    from sim.science.kernels.loyalty_programme import expire, turn_in

    points, expired, turned_in = np.array([60, 60, 60, 60], np.int16), np.zeros(2, np.int64), np.zeros(2, np.int64)
    bought, alive = np.array([2, 2, 3, 4], np.uint32), np.array([True, False, True, True])
    expire(bought, 1, np.uint32(3), points, expired)
    assert points.tolist() == [60, 60, 60, 0], "of whoever has not travelled in the last two months"
    turn_in(bought, alive, np.full(4, 0.9, np.float32), 1, np.int16(50), np.float32(1), points, turned_in)
    assert points.tolist() == [10, 60, 60, 0], "who is there and stayed away; not the departed; not who travelled"
    assert (expired.tolist(), turned_in.tolist()) == ([0, 60], [0, 50])
