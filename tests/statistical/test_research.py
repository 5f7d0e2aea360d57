"""Research in a market: what is learned and what it costs (A6, F3, C1)."""

import copy
import pickle

import numpy as np
import pytest
from researchers import ASKING, ideals, noted, play, policy, world

import sim
from sim.ground.params import ConfigError
from sim.market.records import Records

EXACT = [f"mechanism.research.{name}=0" for name in ("survey_noise", "survey_bias", "survey_price_error",
                                                     "interview_noise", "interview_price_error")]  # fmt: skip


def reported(market, firm="mosaic"):
    """What the mechanism tells a firm of its research."""
    return market.firm(firm).look({}).reports["research"]


def test_who_buys_nothing_knows_nothing():
    market = play(world(ASKING, *policy(interviews=0, surveys=0), months=3))
    mosaic = market.firm("mosaic")
    assert not market.kept["researches"].any() and mosaic.needs is None
    assert mosaic.look({}).reports == {}
    truth = np.sqrt(np.mean((0.5 - market.mean_ideal) ** 2))
    assert noted(market)["needs_error"] == pytest.approx(truth)
    assert noted(market)["segments_found"] == 0 and noted(market)["research_cost"] == 0
    assert (market.board.position == 0.5).all()


def test_before_its_first_review_it_posts_the_standard_at_the_standard_cost():
    market = sim.Market(world(ASKING, *policy(interviews=60)))
    market.firm("mosaic").stock["diversification"] = 1.0
    market.open()
    assert (market.board.position == 0.5).all() and (market.firm("mosaic").unit_cost == 0).all()


@pytest.mark.parametrize(("instrument", "bias"), [("interviews", 0.0), ("surveys", 0.4)])
def test_the_error_of_interviews_falls_with_the_root_of_their_number_and_the_bias_of_surveys_stays(instrument, bias):
    """Noise alike and segments far apart, so that the instruments differ by their bias only."""
    points = ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0))
    rough, fine = [], []
    for number, errors in ((90, rough), (1440, fine)):
        scenario = world(
            ASKING, *policy(**{instrument: number}), *ideals(points), "mechanism.research.survey_noise=0.2"
        )
        errors += [noted(play(scenario, seed))["needs_error"] ** 2 for seed in range(12 if number == 90 else 4)]
    spread = 0.15**2 * (1 - bias) ** 2 + 0.2**2
    off = np.mean((bias * (0.5 - np.array(points))) ** 2)
    share = np.array([0.28, 0.18, 0.54])
    expected = [off + spread * np.mean(1 / (number * share)) for number in (90, 1440)]
    # 72 and 24 squared normal errors: 4 standard errors of their means are 4 sqrt(2 / 72) and 4 sqrt(2 / 24) of the
    # noise's part; the error of the mean itself meets the bias in a product, 2 sqrt(off * noise / 72) and so on
    for found, wanted, squares in ((rough, expected[0], 72), (fine, expected[1], 24)):
        noise = wanted - off
        allowed = 4 * (noise * np.sqrt(2 / squares) + 2 * np.sqrt(off * noise / squares))
        assert np.mean(found) == pytest.approx(wanted, abs=allowed)
    assert (np.mean(rough) / np.mean(fine) > 16 / 3) == (bias == 0)


def test_an_exact_instrument_finds_the_true_segments_and_what_money_is_to_them():
    market = play(world(ASKING, *policy(interviews=300), *EXACT, "population.ideal_spread=0.02"))
    found, told = noted(market), reported(market)
    assert found["segments_found"] == 3
    assert found["segmentation_agreement"] > 0.99
    assert found["needs_error"] < 0.005
    median = np.median(market.table["price_sensitivity"])
    assert told["price_sensitivity"] == pytest.approx(np.full(3, median), rel=4 * 1.25 * 0.22 / np.sqrt(300 * 0.18))


def test_people_flatter_in_surveys():
    """The same persons with exact answers: a survey hears them mind a fare 1.35 times less."""
    exact = [*EXACT, "population.ideal_spread=0.02", "population.price_spread=0"]
    heard = [
        reported(play(world(ASKING, *policy(**{instrument: 60}), *exact)))["price_sensitivity"]
        for instrument in ("interviews", "surveys")
    ]
    assert np.unique(np.round(heard[0] / heard[1][0], 5)).tolist() == [1.35]


def test_every_answer_is_billed_to_the_cent_and_nobody_is_asked_twice_in_a_review():
    mechanisms = "cost_accounting,research,segment_needs"
    extra = ["mechanism.research.survey_cost=1.37", "firms.mosaic.interviews=7"]
    buys, idle = (
        play(world(*words, *extra, mechanisms=mechanisms, months=1))
        for words in (policy(interviews=40, surveys=123), ["firms.mosaic.interviews=0"])
    )
    difference = buys.firm("mosaic").books["cost"] - idle.firm("mosaic").books["cost"]
    # both firms hold the strategy's 7 interviews, at the same cost
    assert difference == pytest.approx(40 * 25 + 123 * 1.37, abs=0.011)
    assert noted(buys)["research_cost"] == pytest.approx(47 * 25 + 123 * 1.37)
    others = [[f.books for f in market.firms if f.name != "mosaic"] for market in (buys, idle)]
    assert others[0] == others[1]


def test_more_interviews_than_customers_ask_everybody_once():
    market = play(world(ASKING, *policy(interviews=5000), customers=400))
    assert noted(market)["research_cost"] == 400 * 25
    assert reported(market)["asked"]["interviews"] == 400


def test_who_moved_away_does_not_answer_and_is_not_paid():
    market = play(
        world(ASKING, *policy(interviews=5000), mechanisms="life_events,research,segment_needs", customers=800)
    )
    asked = reported(market)["asked"]["interviews"]
    assert 600 < asked < 800
    assert noted(market)["research_cost"] == asked * 25


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("firms.mosaic.policy.research.max_targets=7", "firms.mosaic.policy.research.max_targets = 7 segments: expected at most"),
        ("mechanism.research.max_targets=9", "max_targets = 9 segments: expected at most as many as are looked for"),
        ("firms.mosaic.policy.research.surveys=-1", "firms.mosaic.policy.research.surveys = -1 customers: expected 0 <= surveys"),
        ("firms.mosaic.policy.research.interviews=2.5", "expected a whole number"),
        ("firms.mosaic.policy.research.survey_noise=0", "unknown policy"),
        ("~mechanism.segment_needs", "mechanism.research needs mechanism.segment_needs"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_a_line(override, said):
    with pytest.raises(ConfigError, match=r"^[^\n]*$") as error:
        world(override)
    assert said in str(error.value)


def test_reviews_come_when_due_and_what_was_believed_can_be_read():
    market, told = sim.Market(world(ASKING, *policy(interviews=30, review_every=3), months=8)), []
    for _ in range(8):
        market.step()
        told.append(reported(market))
    assert [month["asked"]["interviews"] for month in told] == [30] * 3 + [60] * 3 + [90] * 2
    assert [month["since"]["months"] for month in told] == [0] * 3 + [3] * 5
    told = reported(market)
    assert pickle.loads(pickle.dumps(told))["needs"].tolist() == market.firm("mosaic").needs.tolist()
    told["aim"][:] = 0
    for aim in (reported(market)["aim"], market.kept["aim"][market.firm("mosaic").index]):
        assert not (aim == 0).all(), "a firm cannot reach into the market through what it is told"
    assert not {"agreement", "label", "misread_loss", "needs_error"} & told.keys()


def test_what_came_of_a_round_is_its_profit_and_its_research():
    scenario = world(
        ASKING, *policy(interviews=30, review_every=3), mechanisms="cost_accounting,research,segment_needs"
    )
    market, profits = sim.Market(scenario), []
    for _ in range(4):
        market.step()
        profits.append(market.firm("mosaic").books["profit"])
    assert reported(market)["since"] == {"months": 3, "research": 750.0, "profit": pytest.approx(sum(profits[:3]))}


def test_an_untargeted_segment_gets_the_standard_offer_at_the_standard_cost():
    market = sim.Market(world(ASKING, *policy(interviews=200, max_targets=1), months=2))
    market.step()
    market.firm("mosaic").stock["diversification"] = np.log(2.0)
    market.open()
    addressed = market.kept["addressed"][market.firm("mosaic").index]
    assert addressed.sum() == 1
    position = market.board.position[market.firm("mosaic").index].reshape(2, 3, 3)
    assert (position[:, ~addressed] == 0.5).all() and (position[:, addressed] != 0.5).all()
    depth = market.firm("mosaic").depth
    assert market.firm("mosaic").unit_cost.reshape(3, 3)[addressed] == pytest.approx(np.full((1, 3), 2 * depth))
    assert not market.firm("mosaic").unit_cost.reshape(3, 3)[~addressed].any()


def test_advertising_follows_the_plan_and_costs_the_same():
    """With all of it at the targets, nobody else hears of the firm; the bill does not move."""
    common = [ASKING, *policy(interviews=200, max_targets=1, focus=1), "firms.mosaic.known=0", "mechanism.awareness.contagion=0",
              "mechanism.awareness.response=20"]  # fmt: skip
    market = play(world(*common, mechanisms="awareness,cost_accounting,research,segment_needs", months=3))
    heads = np.bincount(market.table["segment"], minlength=3) / market.heads
    assert heads @ market.kept["advertising_weight"][market.firm("mosaic").index] == pytest.approx(1)
    one = sim.Market(world(*common, mechanisms="awareness,cost_accounting,research,segment_needs"))
    one.step()
    before = one.table["funnel"][one.firm("mosaic").index] > 0
    after = market.table["funnel"][market.firm("mosaic").index] > 0
    new = np.bincount(market.table["segment"][after & ~before], minlength=3)
    addressed = market.kept["addressed"][market.firm("mosaic").index]
    assert new[addressed].min() > 50 and not new[~addressed].any()
    assert market.firm("mosaic").fixed_cost == pytest.approx((0.03 + 0.04 + 0.01 + 0.01) * market.heads)


ALL = [*policy(interviews=20, surveys=40, review_every=2), "firms.thrift.policy.research.interviews=20"]


def bits(market):
    tables = {name: market.table[name].tobytes() for name in market.table.columns}
    told = [np.asarray(v).tolist() for name in ("mosaic", "thrift") for v in reported(market, name).values()]
    return tables, [f.books for f in market.firms], told


def test_neither_numbering_nor_threads_nor_a_copy_in_mid_run_nor_other_firms_matter():
    scenario = world(
        *ALL, mechanisms="awareness,capability,cost_accounting,research,segment_needs", customers=9000, months=5
    )
    straight = play(scenario)
    assert bits(straight) == bits(play(scenario.replace(threads=2)))
    order = np.random.default_rng(1).permutation(9000)
    shuffled = play(scenario, identity=order)
    assert (straight.table["provider"][order] == shuffled.table["provider"]).all()
    assert [f.books for f in straight.firms] == [f.books for f in shuffled.firms]
    market = play(scenario.replace(periods=3))
    for duplicate in (copy.deepcopy, lambda market: pickle.loads(pickle.dumps(market))):
        other = duplicate(market)
        for _ in range(2):
            other.step()
        assert bits(other)[1] == bits(straight)[1]
    without = {name: firm for name, firm in scenario.firms.items() if name != "thrift"}
    alone = play(scenario.replace(firms=without))
    heard = [reported(m) for m in (straight, alone)]
    for name in ("centres", "membership", "price_sensitivity", "needs"):
        assert heard[0][name].tolist() == heard[1][name].tolist(), "people say the same to a firm, whoever else asks"


def test_the_records_hold_what_no_firm_sees():
    market = play(world(ASKING, *policy(interviews=60), months=2))
    records = Records(market)
    records.note()
    row = records.frame("records").set_index("firm").loc["mosaic"]
    assert row["misread_loss"] > 0 and row["needs_error"] > 0 and row["segments_found"] == 3
    truth, needs = market.mean_ideal, market.firm("mosaic").needs
    heads = np.bincount(market.table["segment"], minlength=3) / market.heads
    assert row["misread_loss"] == pytest.approx(1.07 * heads @ ((needs - truth) ** 2).sum(axis=1))
    assert row["research_error"] == pytest.approx(row["needs_error"])
