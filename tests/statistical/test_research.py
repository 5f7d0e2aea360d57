"""Research in a market: what is learned, what it costs, and when to be different does not pay (A6, F3, C1)."""

import copy
import pickle

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.market.records import Records
from sim.metrics.interval import half_width

FEW = ("~firms.nightowl", "~firms.grandcoach", "~firms.echo")
NEEDS = ("attendance", "sociability")
SEGMENTS = ("solo_modest", "solo_affluent", "party")
EXACT = [f"mechanism.research.{name}=0" for name in ("survey_noise", "survey_bias", "survey_price_error",
                                                     "interview_noise", "interview_price_error")]  # fmt: skip


def policy(**values):
    return [f"firms.mosaic.policy.research.{name}={value}" for name, value in values.items()]


def ideals(points):
    return [
        f"population.segments.{s}.ideal.{d}={x}"
        for s, point in zip(SEGMENTS, points, strict=True)
        for d, x in zip(NEEDS, point, strict=True)
    ]


def world(*overrides, mechanisms="research,segment_needs", customers=6000, months=1):
    return sim.compose(f"population.customers={customers}", f"periods={months}", "replications=1",
                       f"mechanism=[{mechanisms}]", *FEW, *overrides)  # fmt: skip


ASKING = "firms.mosaic.interviews=0"


def play(scenario, seed=1, **kwargs):
    market = sim.Market(scenario, rng=seed, **kwargs)
    for _ in range(scenario.periods):
        market.step()
    return market


def noted(market, firm="mosaic"):
    values = market.world.mechanism["research"].on_record(market)
    return {name: column[market.firm(firm).index] for name, column in values.items()}


def test_who_buys_nothing_knows_nothing():
    market = play(world(ASKING, *policy(interviews=0, surveys=0), months=3))
    mosaic = market.firm("mosaic")
    assert market.memory["research"] == {} and mosaic.needs is None
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
    found, told = noted(market), market.firm("mosaic").look({}).reports["research"]
    assert found["segments_found"] == 3
    assert found["segmentation_agreement"] > 0.99
    assert found["needs_error"] < 0.005
    median = np.median(market.table["price_sensitivity"])
    assert told["price_sensitivity"] == pytest.approx(np.full(3, median), rel=4 * 1.25 * 0.22 / np.sqrt(300 * 0.18))


def test_people_flatter_in_surveys():
    """The same persons with exact answers: a survey hears them mind a fare 1.35 times less."""
    exact = [*EXACT, "population.ideal_spread=0.02", "population.price_spread=0"]
    heard = [
        play(world(ASKING, *policy(**{instrument: 60}), *exact)).memory["research"]["mosaic"]["view"][
            "price_sensitivity"
        ]
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
    assert len(market.memory["research"]["mosaic"]["heard"]["interviews"]["group"]) == 400


def test_who_moved_away_does_not_answer_and_is_not_paid():
    market = play(
        world(ASKING, *policy(interviews=5000), mechanisms="life_events,research,segment_needs", customers=800)
    )
    asked = len(market.memory["research"]["mosaic"]["heard"]["interviews"]["group"])
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
    market = play(world(ASKING, *policy(interviews=30, review_every=3), months=8))
    entry = market.memory["research"]["mosaic"]
    assert [review["month"] for review in entry["reviews"]] == [0, 3, 6]
    assert [review["know needs"]["asked"]["interviews"] for review in entry["reviews"]] == [30, 60, 90]
    since = [review["carry out"]["since"] for review in entry["reviews"]]
    assert [s["months"] for s in since] == [0, 3, 3]
    told = market.firm("mosaic").look({}).reports["research"]
    assert pickle.loads(pickle.dumps(told))["needs"].tolist() == market.firm("mosaic").needs.tolist()
    told["aim"][:] = 0
    assert not (entry["view"]["aim"] == 0).all(), "a firm cannot reach into the market through what it is told"
    assert not {"agreement", "label", "misread_loss", "needs_error"} & told.keys()


def test_what_came_of_a_round_is_its_profit_and_its_research():
    scenario = world(
        ASKING, *policy(interviews=30, review_every=3), mechanisms="cost_accounting,research,segment_needs"
    )
    market, profits = sim.Market(scenario), []
    for _ in range(4):
        market.step()
        profits.append(market.firm("mosaic").books["profit"])
    since = market.memory["research"]["mosaic"]["reviews"][1]["carry out"]["since"]
    assert since == {"months": 3, "research": 750.0, "profit": pytest.approx(sum(profits[:3]))}


def test_an_untargeted_segment_gets_the_standard_offer_at_the_standard_cost():
    market = sim.Market(world(ASKING, *policy(interviews=200, max_targets=1), months=2))
    market.step()
    market.firm("mosaic").stock["diversification"] = np.log(2.0)
    market.open()
    addressed = market.memory["research"]["mosaic"]["view"]["addressed"]
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
    return tables, [f.books for f in market.firms], pickle.dumps(market.memory["research"])


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
    said = [m.memory["research"]["mosaic"]["heard"]["interviews"]["said"] for m in (straight, alone)]
    assert (said[0] == said[1]).all()


PAYS = "capability,cost_accounting,research,segment_needs"


def earned(scenario, seed, firm="mosaic"):
    market = sim.Market(scenario, rng=seed)
    profit = sold = 0
    for _ in range(scenario.periods):
        market.step()
        profit += market.firm(firm).books["profit"]
        sold += market.firm(firm).books["purchases"]
    return profit, sold, noted(market, firm)


def test_where_all_want_the_standard_to_be_different_cannot_beat_the_single_cheap_offer():
    """Paired by seed: the same firm, once with variety and research, once with the cheap offer for all (A6, F1)."""
    alike = ideals([(0.5, 0.5)] * 3)
    diverse = world(ASKING, *policy(interviews=40), *alike, mechanisms=PAYS, months=14)
    cheap = world("firms.mosaic.strategy=price", *alike, mechanisms=PAYS, months=14)
    gap = np.array([earned(diverse, seed)[0] - earned(cheap, seed)[0] for seed in range(1, 5)])
    assert gap.mean() + half_width(gap) < 0


def test_where_money_does_not_matter_and_needs_are_wide_the_price_firm_loses():
    wide = ideals([(0, 0), (1, 0), (0.5, 1)])
    scenario = world(
        ASKING, *policy(interviews=60), *wide, "population.price_sensitivity=0", mechanisms=PAYS, months=14
    )
    gap = []
    for seed in range(1, 4):
        market = sim.Market(scenario, rng=seed)
        sold = np.zeros((2, 2))
        for _ in range(scenario.periods):
            market.step()
            for f, name in enumerate(("mosaic", "thrift")):
                sold[f] += [market.firm(name).books["purchases"], market.firm(name).books["profit"]]
        gap.append(sold[0] - sold[1])
    gap = np.array(gap)
    for k in range(2):
        assert gap[:, k].mean() - half_width(gap[:, k]) > 0


def test_misread_needs_make_a_difference_a_cost_only():
    """The same interviews heard wrong: they cost the same, please nobody and lose money against those heard right."""
    scenario = world(ASKING, *policy(interviews=60), mechanisms=PAYS, months=14, customers=12000)
    deaf = world(
        ASKING,
        *policy(interviews=60),
        "mechanism.research.interview_noise=20",
        mechanisms=PAYS,
        months=14,
        customers=12000,
    )
    pairs = [(earned(scenario, seed), earned(deaf, seed)) for seed in range(1, 5)]
    gap = np.array([well[0] - badly[0] for well, badly in pairs])
    assert gap.mean() - half_width(gap) > 0
    for (_, _, well), (_, _, badly) in pairs:
        assert badly["fit_gain"] <= 0 < well["fit_gain"]
        assert badly["misread_loss"] > 10 * well["misread_loss"]


def test_interviews_beat_surveys_of_the_same_cost_unless_there_are_too_few_of_them():
    errors = {}
    for number, instrument in ((8, "interviews"), (60, "interviews"), (600, "surveys")):
        scenario = world(ASKING, *policy(**{instrument: number}))
        errors[number] = np.array([noted(play(scenario, seed))["needs_error"] for seed in range(20)])
    gap = errors[600] - errors[60]
    assert gap.mean() - half_width(gap) > 0
    assert errors[8].min() > 0.25, "eight interviews show no segments"


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
