"""What firms post and what it costs them, against numbers worked out by hand."""

import numpy as np
import pytest

import sim
from sim.market.records import Records


def market(*overrides):
    return sim.Market(sim.compose("population.customers=1000", "periods=3", "replications=1", *overrides))


def firm(market, name):
    return market.firm(name)


def test_flexibility_closes_its_part_of_the_gap_and_pays_for_every_minute():
    m = market("mechanism=[contexts]")
    owl = firm(m, "nightowl")
    owl.stock["flexibility"] = -np.log(0.25)  # phi = 0.75
    m.open()
    delay = m.board.level[owl.index, m.attributes.index("schedule_delay")].reshape(3, 3)
    gap = np.array([0.0, 60.0, 240.0])
    mean = np.array([[0.15 * 60 + 0.15 * 240], [0.25 * 60 + 0.10 * 240], [0.25 * 60 + 0.05 * 240]])
    assert delay == pytest.approx(0.25 * gap - mean, abs=1e-4)
    assert owl.unit_cost.reshape(3, 3)[0] == pytest.approx(0.02 * 0.75 * gap)


def test_a_standard_timetable_leaves_the_surveyed_mean_and_the_car_knows_no_timetable():
    m = market("mechanism=[contexts]")
    m.open()
    k = m.attributes.index("schedule_delay")
    thrift = m.board.level[firm(m, "thrift").index, k].reshape(3, 3)
    assert (thrift * m.mix).sum(axis=1) == pytest.approx(np.zeros(3), abs=1e-4)
    assert not m.board.level[firm(m, "car").index].any()


def test_the_luxury_coach_has_a_class_of_room_and_attendance_grows_with_skill():
    m = market("mechanism=[signature]")
    grand, owl = firm(m, "grandcoach"), firm(m, "nightowl")
    k = m.attributes.index("comfort")
    m.open()
    assert m.board.level[grand.index, k] == pytest.approx(np.ones(9))
    assert not m.board.level[owl.index, k].any()
    grand.stock["distinctiveness"] = np.log(2.0)  # skill = 0.5
    m.close()
    m.open()
    assert m.board.level[grand.index, k] == pytest.approx(np.full(9, 1.5))
    assert grand.unit_cost == pytest.approx(np.full(9, 5.0))


def test_diversification_moves_the_offer_by_its_depth_towards_the_firms_own_estimate():
    m = market("mechanism=[segment_needs]")
    mosaic, owl = firm(m, "mosaic"), firm(m, "nightowl")
    believed = np.array([[0.1, 0.9], [0.3, 0.2], [1.0, 0.0]])
    m.kept["estimate"][mosaic.index] = believed
    mosaic.stock["diversification"] = np.log(2.0)  # depth = 0.5
    m.open()
    posted = m.board.position[mosaic.index].reshape(2, 3, 3)
    assert posted[:, :, 0] == pytest.approx((0.5 + 0.5 * (believed - 0.5)).T)
    assert (posted == posted[:, :, :1]).all()
    assert (m.board.position[owl.index] == 0.5).all()
    assert mosaic.unit_cost == pytest.approx(np.full(9, 1.0))


def test_a_misread_need_costs_and_repels():
    """The same depth with the estimate turned round sells less and costs the same (A6)."""
    sold = []
    for turned in (False, True):
        m = market("mechanism=[segment_needs]", "population.customers=100000")
        mosaic = firm(m, "mosaic")
        truth = m.mean_ideal
        m.kept["estimate"][mosaic.index] = 1 - truth if turned else truth
        mosaic.stock["diversification"] = 3.0
        m.step()
        sold.append((mosaic.books["purchases"], mosaic.unit_cost[0]))
    (well, cost), (badly, same_cost) = sold
    assert cost == same_cost
    assert well - badly > 4 * np.sqrt(well + badly)


def test_interviews_teach_and_more_of_them_teach_better():
    def error(asked):
        errors = []
        for seed in range(8):
            m = sim.Market(sim.compose("population.customers=5000", f"firms.mosaic.interviews={asked}"), rng=seed)
            m.step()
            errors.append(np.sqrt(np.mean((m.kept["estimate"][firm(m, "mosaic").index] - m.mean_ideal) ** 2)))
        return np.mean(errors)

    few, many = error(20), error(2000)
    # one segment's mean of n / 3 interviews has the standard deviation sqrt((spread^2 + noise^2) / (n / 3))
    assert many < few / 4
    assert many < 3 * np.sqrt((0.15**2 + 0.2**2) / (2000 / 3))


def test_costs_are_vehicle_handling_overhead_and_spending():
    """With cost accounting alone a standard coach costs 26 AUD a standard journey and 0.08 AUD a head a month."""
    m = market("mechanism=[cost_accounting]")
    m.step()
    owl = firm(m, "nightowl")
    journeys = m.table["journey"][owl.mode_index][m.table["provider"] == owl.index].astype(float).sum()
    assert owl.books["cost"] == pytest.approx(26.0 * journeys + (0.03 + 0.04 + 0.01) * 1000, abs=0.006)
    grand = firm(m, "grandcoach")
    assert grand.unit_cost == pytest.approx(np.full(9, 18 * 47 / 32 + 8))


def test_interviews_and_copies_are_paid():
    m = market("mechanism=[cost_accounting,segment_needs]")
    m.step()
    mosaic = firm(m, "mosaic")
    assert mosaic.fixed_cost == pytest.approx((0.03 + 0.04 + 0.01) * 1000 + 60 * 25)
    m = market("mechanism=[cost_accounting,innovation,imitation]", "mechanism.innovation.productivity=50",
               "mechanism.imitation.lag=0", "mechanism.imitation.imitability.distinctiveness=1", "firms.echo.imitation=1",
               "mechanism.imitation.imitability.flexibility=0", "mechanism.imitation.imitability.diversification=0")  # fmt: skip
    m.step()
    copied = sum(feature.scale for feature in m.features if "echo" in feature.fidelity)
    assert copied > 0
    assert firm(m, "echo").fixed_cost == pytest.approx((0.03 + 0.05 + 0.08 * copied) * 1000)


def test_efficiency_saves_its_part_of_the_vehicle_cost():
    m = market("mechanism=[cost_accounting]")
    firm(m, "thrift").stock["price"] = np.log(2.0)  # efficiency = 0.5
    m.open()
    assert firm(m, "thrift").unit_cost == pytest.approx(np.full(9, 18 * (1 - 0.15 * 0.5) + 8))


def test_cost_plus_posts_the_mean_cost_marked_up_to_the_cent():
    m = market("mechanism=[cost_accounting]")
    m.open()
    assert m.board.cents[firm(m, "nightowl").index].tolist() == [round(26 * 1.287 * 100)] * 9
    assert m.board.cents[firm(m, "thrift").index].tolist() == [2990] * 9


def test_features_move_the_attribute_of_those_they_serve_in_proportion_to_fidelity():
    m = market("mechanism=[innovation]", "mechanism.innovation.productivity=50")
    m.step()
    for feature in m.features:
        feature.fidelity["echo"] = 0.4
    m.open()
    for feature in m.features[:3]:
        echo, innovator = firm(m, "echo"), firm(m, feature.introduced_by)
        others = [f for f in m.features if f.introduced_by == innovator.name and f.attribute == feature.attribute]
        total = sum(f.size * f.cells for f in others)
        most = m.world.mechanism["innovation"].most[feature.kind]
        own = np.sign(total) * most * (1 - np.exp(-np.abs(total) / most))
        assert m.board.level[innovator.index, feature.attribute] == pytest.approx(own, rel=1e-5)
        assert not m.board.level[echo.index, feature.attribute][
            ~np.logical_or.reduce([f.cells for f in m.features])
        ].any()
    kinds = {f.kind: f for f in m.features}
    assert kinds["distinctiveness"].cells.all()
    assert kinds["diversification"].cells.reshape(3, 3).all(axis=1).sum() == 1
    assert kinds["flexibility"].cells.reshape(3, 3).all(axis=0).sum() == 1


def test_the_follower_moves_towards_the_posture_of_the_best_earner():
    m = market("periods=14")
    echo, earned = firm(m, "echo"), {}
    for _ in range(12):
        m.step()
        assert echo.decision.mix == dict.fromkeys(echo.decision.mix, 0.25)
        earned = {f.name: earned.get(f.name, 0.0) + f.profit for f in [echo, *m.rivals_of("echo")]}
    m.step()
    best = max(earned, key=earned.get)
    assert best != "echo"
    assert echo.decision.policy["signature"]["seats"] == firm(m, best).decision.policy["signature"]["seats"]
    assert sum(echo.decision.mix.values()) == pytest.approx(1)
    assert echo.decision.mix != dict.fromkeys(echo.decision.mix, 0.25)


def test_a_copy_is_offered_and_recorded_from_the_month_after_it_was_begun():
    m = market("mechanism=[innovation,imitation]", "mechanism.innovation.productivity=50", "mechanism.imitation.lag=0",
               "mechanism.imitation.imitability.distinctiveness=1", "firms.echo.imitation=1")  # fmt: skip
    records, k = Records(m), m.attributes.index("comfort")
    for _ in range(2):
        m.step()
        records.note()
    rows = records.frame("features").query("feature == 'grandcoach-1' and firm == 'echo'").set_index("period")
    assert rows["adopted"].tolist() == [False, True]
    assert rows["fidelity"].tolist() == [0.0, 0.4]
    assert rows["introduced"].tolist() == [0, 0]
    assert m.board.level[firm(m, "echo").index, k].any()


def test_distances_are_between_rivals_of_one_mode_and_in_utils():
    standard = ["firms.grandcoach.list_price=33.46", "firms.thrift.list_price=33.46"]
    m = market("mechanism=[segment_needs]", *standard)
    m.step()
    one = Records(m)
    one.note()
    assert one.frame("market")["offer_distance"].iloc[0] == pytest.approx(0.0, abs=1e-3)
    assert one.frame("market")["price_dispersion"].iloc[0] == pytest.approx(0.0, abs=1e-3)
    distances = []
    for weight in (1.0, 4.0):
        m = market("mechanism=[segment_needs]", f"mechanism.segment_needs.weight={weight}", *standard)
        m.kept["estimate"][firm(m, "mosaic").index] = m.mean_ideal
        m.firm("mosaic").stock["diversification"] = 3.0
        m.step()
        records = Records(m)
        records.note()
        distances.append(records.frame("market")["offer_distance"].iloc[0])
    assert distances[1] == pytest.approx(4 * distances[0], rel=1e-3)
