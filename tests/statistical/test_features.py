"""Features: how they add up, are found, pay, are seen and copied; markets that they create."""

import numpy as np
import pytest
from scipy.stats import chisquare, t

import sim
from sim.ground.params import ConfigError
from sim.metrics.advantage import created_and_taken
from sim.science.rules.innovation import saturate

KINDS = ("flexibility", "diversification", "distinctiveness")
RIVALS = ("echo", "mosaic", "nightowl", "thrift")
ONE_INNOVATOR = [f"firms.{name}.research_and_development=0" for name in ("mosaic", "nightowl")]
ABLE = [f"firms.{name}.imitation=1" for name in RIVALS]


def by_kind(parameter, value, mechanism="innovation"):
    return [f"mechanism.{mechanism}.{parameter}.{kind}={value}" for kind in KINDS]


def world(*overrides, mechanism="innovation", customers=20):
    busy = ("mechanism.innovation.productivity=3", "replications=1")
    return sim.compose(f"mechanism=[{mechanism}]", f"population.customers={customers}", *busy, *overrides)


def test_the_configuration_says_what_a_feature_moves_and_tastes_in_which_direction():
    market = sim.Market(world("mechanism.innovation.moves.distinctiveness=terminal_time", "seed=3"))
    market.run_for(12)
    k = market.attributes.index("terminal_time")
    moved = [f.size for f in market.features if f.attribute == k]
    assert moved
    assert max(moved) < 0  # people dislike terminal time: a feature saves some
    assert market.board.level[market.firm("grandcoach").index, k].max() < 0
    with pytest.raises(ConfigError, match=r"moves.flexibility = 'trave_time': unknown attribute; .*'travel_time"):
        world("mechanism.innovation.moves.flexibility=trave_time")


def test_features_of_a_kind_add_up_to_less_than_their_sum_and_never_pass_their_limit():
    market = sim.Market(world("mechanism.innovation.review_every=0", "mechanism.innovation.exhaustion=0"))
    market.run_for(60)
    firm, k = market.firm("grandcoach"), market.attributes.index("comfort")
    total = sum(f.size for f in market.features if f.introduced_by == "grandcoach")
    assert total > 5
    assert np.allclose(market.board.level[firm.index, k], saturate(total, 2.0), atol=1e-6)
    assert market.board.level[firm.index, k].max() < 2.0
    cost = sum(f.unit_cost for f in market.features if f.introduced_by == "grandcoach")
    assert np.allclose(firm.unit_cost, cost)  # what it costs does add up


def test_opportunity_is_used_up_by_the_kind():
    """The n-th feature of a kind is in the mean (1 - exhaustion)^n of the first."""
    sizes = []
    scenario = world(*ONE_INNOVATOR, "mechanism.innovation.exhaustion=0.2", "mechanism.innovation.review_every=0")
    for seed in range(40):
        market = sim.Market(scenario, rng=seed)
        market.run_for(18)
        sizes += [(n, f.size / (0.5 * 0.8**n)) for n, f in enumerate(market.features)]
        assert all(np.isclose(f.size, 0.5 * 0.8**n * f.scale) for n, f in enumerate(market.features))
    number, relative = np.array(sizes).T
    late = relative[number >= 3]
    assert len(late) > 80
    assert abs(late.mean() - 1) < 4 / np.sqrt(len(late))


def believed(market, firm, feature):
    """What a feature adds to a journey by the firm's belief, beside the others of its kind that the firm offers [¤]."""
    rule, kind, part = market.world.mechanism["innovation"], feature.kind, feature.offered[firm.name]
    total = sum(f.size * f.offered.get(firm.name, 0.0) * f.cells for f in market.features if f.kind == kind)
    most, own, here = rule.most[kind], feature.size * part, feature.cells
    added = [abs(saturate(x, most)) - abs(saturate(x - own, most)) for x in total[here]]
    return rule.believed_worth[kind] * np.average(added, weights=firm.sold[here]) / rule.mean_size[kind]


def test_what_does_not_pay_is_neither_introduced_nor_kept():
    nothing = sim.Market(world(*by_kind("believed_worth", 0)))
    nothing.run_for(24)
    assert not nothing.features
    copied = [*ABLE, *by_kind("imitability", 1, "imitation")]
    market = sim.Market(world(*copied, mechanism="imitation,innovation"))
    market.run_for(48)
    market.open()  # a month of review
    gone = [f for f in market.features if f.withdrawn]
    assert gone
    assert all(period % 12 == 0 for f in gone for period in f.withdrawn.values())
    for firm in market.firms:
        for f in market.features:
            if firm.name in f.offered:
                assert believed(market, firm, f) >= f.unit_cost * f.offered[firm.name] - 1e-9
    assert not any(name in f.fidelity for f in gone for name in f.withdrawn)  # and nobody copies it again


def test_copies_cost_by_size_at_the_start_and_by_fidelity_gained():
    common = [*ONE_INNOVATOR, *ABLE, "mechanism.innovation.review_every=0", "periods=24"]
    profit, markets = [], []
    for costs in ([0, 0], [0.1, 0.3]):
        copy, upgrade = (
            f"mechanism.imitation.{n}={v}" for n, v in zip(("copy_cost", "upgrade_cost"), costs, strict=True)
        )
        scenario = world(*common, copy, upgrade, mechanism="cost_accounting,imitation,innovation", customers=200)
        market = sim.Market(scenario)
        market.run_for(24)
        markets.append(market)
        profit.append({n: market.firm(n).cash_cents for n in RIVALS})
    for name in RIVALS:
        held = [(f.fidelity[name], f.scale) for f in markets[1].features if name in f.fidelity]
        owed = sum((0.1 + 0.3 * (fidelity - 0.4)) * scale * 200 for fidelity, scale in held)
        assert abs((profit[0][name] - profit[1][name]) / 100 - owed) < 0.01 * 24


def first_copies(overrides, seeds, months=28, early=8):
    """Months from the innovator's introduction to each rival's copy, of features early enough to be copied by all."""
    waits = []
    common = [*ONE_INNOVATOR, *ABLE, "mechanism.innovation.review_every=0"]
    scenario = world(*common, *overrides, mechanism="imitation,innovation")
    for seed in range(seeds):
        market = sim.Market(scenario, rng=seed)
        started = {}
        for _ in range(months):
            market.step()
            for f in market.features:
                for name in f.fidelity.keys() - {f.introduced_by}:
                    started.setdefault((f.name, name), market.period - 1 - f.period)
        pairs = [(f.name, name) for f in market.features if f.period < early for name in RIVALS]
        assert len(started.keys() & set(pairs)) >= len(pairs) - 1  # next to nothing is censored
        waits += [started[pair] for pair in pairs if pair in started]
    return np.array(waits)


def fits_geometric(waits, p):
    """Chi-square of waiting times against p (1 - p)^n, cells of at least five expected."""
    cells = max(1, int(np.log(5 / (len(waits) * p)) / np.log(1 - p)))
    expected = len(waits) * p * (1 - p) ** np.arange(cells)
    observed = np.array([(waits == n).sum() for n in range(cells)])
    left = len(waits) - expected.sum(), len(waits) - observed.sum()
    return chisquare([*observed, left[1]], [*expected, left[0]]).pvalue


@pytest.mark.parametrize(
    ("overrides", "lag", "p"),
    [
        ([*by_kind("imitability", 0.3, "imitation"), "mechanism.imitation.lag=4"], 4, 0.3),
        (
            [
                *by_kind("imitability", 1, "imitation"),
                "mechanism.imitation.lag=3",
                "mechanism.imitation.noticing=geometric",
            ],
            0,
            0.25,
        ),
    ],
    ids=["copying", "noticing"],
)
def test_times_until_a_copy_are_geometric(overrides, lag, p):
    waits = first_copies(overrides, 16) - lag
    assert len(waits) > 150
    assert waits.min() == 0
    assert abs(waits.mean() - (1 - p) / p) < 4 * np.sqrt((1 - p) / p**2 / len(waits))
    assert fits_geometric(waits, p) > 0.001


def test_who_copies_what_pays_does_not_copy_what_does_not():
    """The innovator's published profit falls by what introducing costs; its part of the journeys rises."""
    common = [*ONE_INNOVATOR, *ABLE, *by_kind("introduction_cost", 20), *by_kind("imitability", 1, "imitation")]
    mechanism, copied = "cost_accounting,imitation,innovation", {}
    for measure in ("nothing", "profit"):
        scenario = world(*common, f"mechanism.imitation.judged_by={measure}", mechanism=mechanism, customers=200)
        market = sim.Market(scenario, rng=2)
        market.run_for(20)
        late = [f for f in market.features if 0 < f.period < 12]
        copied[measure] = sum(len(f.fidelity) > 1 for f in late), len(late)
    assert copied["nothing"][0] == copied["nothing"][1] > 0
    assert copied["profit"][0] < copied["profit"][1]
    own = [f"firms.{name}.policy.imitation.judged_by=profit" for name in RIVALS]
    market = sim.Market(world(*common, *[f"+{o}" for o in own], mechanism=mechanism, customers=200), rng=2)
    market.run_for(20)
    assert sum(len(f.fidelity) > 1 for f in market.features if 0 < f.period < 12) == copied["profit"][0]


def test_who_leaves_takes_its_features_along_and_firms_that_left_copy_nothing():
    scenario = world(*ABLE, *by_kind("imitability", 1, "imitation"), mechanism="imitation,innovation")
    market = sim.Market(scenario)
    market.run_for(3)
    gone = market.firm("grandcoach")
    gone.trading = False
    for mechanism in market.mechanisms:
        mechanism.on_leave(market, gone)
    market.run_for(9)
    assert not any("grandcoach" in f.fidelity for f in market.features)
    assert not any(f.introduced_by == "grandcoach" and f.period >= 3 for f in market.features)


def test_a_feature_that_is_all_visible_needs_no_evidence():
    choices = []
    for mechanism in ("innovation", "evidence,innovation"):
        market = sim.Market(world(*by_kind("visible", 1), mechanism=mechanism, customers=3000))
        market.run_for(12)
        choices.append(market.table["bought"].tobytes())
    assert choices[0] == choices[1]
    hidden = sim.Market(world(*by_kind("visible", 0), mechanism="evidence,innovation", customers=3000))
    hidden.run_for(12)
    assert hidden.table["bought"].tobytes() != choices[0]


def premium(overrides, seeds=6):
    """(seeds,) by metric: last two years' premium of the innovator over its rivals that features bring: with minus without them.

    Months in which a feature is too young for anybody to have copied it are left out.
    """
    alike = ["firms.grandcoach.seats=47", "firms.thrift.markup=0.287", "periods=36", f"replications={seeds}"]
    costs = [*by_kind("introduction_cost", 0), "mechanism.imitation.copy_cost=0", "mechanism.imitation.upgrade_cost=0"]
    common = [*alike, *costs, *ONE_INNOVATOR, *ABLE, "mechanism.innovation.review_every=0", *overrides]
    mechanism, runs = "cost_accounting,imitation,innovation", {}
    for on in (3, 0):
        more = f"mechanism.innovation.productivity={on}"
        runs[on] = sim.run(world(*common, more, mechanism=mechanism, customers=3000))
    features = runs[3].all_features
    young = features[features["period"] == features["introduced"]].groupby("seed")["period"].agg(set)
    gaps = {"share": [], "profit": []}
    for on, result in runs.items():
        rows = result.replications[result.replications["period"] >= 12]
        rows = rows[[p not in young.get(s, set()) for s, p in zip(rows["seed"], rows["period"], strict=True)]]
        for metric, found in gaps.items():
            table = rows.pivot_table(index="seed", columns="firm", values=metric)
            found.append((1 if on else -1) * (table["grandcoach"] - table[list(RIVALS)].mean(axis=1)))
    return {metric: sum(found).to_numpy() for metric, found in gaps.items()}


def test_instant_perfect_imitation_leaves_no_premium_and_without_imitation_it_lasts():
    """Paired runs, 99 % intervals over seeds."""
    at_once = ["lag=0", "first_fidelity=1", "ceiling=1"]
    instant = [f"mechanism.imitation.{p}" for p in at_once] + by_kind("imitability", 1, "imitation")
    never = by_kind("imitability", 0, "imitation")
    perfect, alone = premium(instant), premium(never)
    for metric in ("share", "profit"):
        left, kept = perfect[metric], alone[metric]
        width = [t.ppf(0.995, len(v) - 1) * v.std(ddof=1) / np.sqrt(len(v)) for v in (left, kept)]
        assert abs(left.mean()) <= width[0], metric
        assert abs(left.mean()) < 0.25 * kept.mean(), metric
        assert kept.mean() > width[1], metric


def test_a_created_market_takes_from_nobody():
    """In a market without memory the journeys for unmet needs come on top: not one rival's customer moves."""
    aim, mechanism = "mechanism.market_creation.aim=1", "innovation,market_creation"
    runs = {}
    for unserved in (0, 0.5):
        chance = f"mechanism.market_creation.unserved={unserved}"
        scenario = world(*ONE_INNOVATOR, aim, chance, "replications=2", mechanism=mechanism, customers=3000)
        runs[unserved] = sim.run(scenario.replace(periods=24))
    one, none = runs[0.5].replications, runs[0].replications
    assert none["created"].sum() == 0
    assert one["created"].sum() > 30
    assert (one["purchases"] - one["created"] == none["purchases"]).all()
    parts = created_and_taken(one, none, ["grandcoach"])
    assert parts["taken"][0] == 0
    assert parts["created"][0] == parts["gained"][0] > 0


def test_unmet_needs_come_on_top_of_what_customers_buy_anyway():
    """With many occasions a month, seats that run out and habits, counts still balance."""
    scenario = sim.compose(
        "population.customers=3000", "mechanism.innovation.productivity=3", "mechanism.market_creation.aim=1",
        "mechanism.market_creation.unserved=0.5", "replications=1", "periods=24",
    )  # fmt: skip
    market = sim.Market(scenario)
    created = 0
    for _ in range(24):
        market.step()
        needs = int(market.table["unmet"].sum())
        sold = int(market.total("created").sum())
        created += sold
        assert sold <= needs <= market.total("occasions")[0]
        assert (market.total("created") <= market.total("purchases")).all()
    assert created > 0


def test_stocks_of_capability_are_written_down():
    """C_n = gain sqrt(spend) (1 - (1 - decay)^n) / decay; the strategy of mosaic spends on one kind only."""
    result = sim.run(world("mechanism.capability.gain=0.2", mechanism="capability,innovation").replace(periods=12))
    rows = result.firms[result.firms["firm"] == "mosaic"].set_index("period")
    expected = 0.2 * np.sqrt(0.04) * (1 - 0.97 ** (rows.index + 1)) / 0.03
    assert np.allclose(rows["stock_diversification"], expected)
    assert (rows[["stock_flexibility", "stock_distinctiveness", "stock_price"]] == 0).all(axis=None)


def test_stages_of_a_life_are_written_down():
    copied = [*ABLE, *by_kind("imitability", 0.2, "imitation"), "mechanism.innovation.settled=3"]
    features = sim.run(world(*copied, mechanism="imitation,innovation").replace(periods=40)).features
    one = features[features["firm"] == features["introduced_by"]]
    firms = features.groupby(["feature", "period"])["adopted"].sum()
    one = one.assign(holders=firms.loc[list(zip(one["feature"], one["period"], strict=True))].to_numpy())
    assert set(one["stage"]) == {"introduction", "growth", "maturity", "decline"}
    assert (one.loc[one["stage"] == "introduction", "holders"] == 1).all()
    assert (one.loc[one["holders"] == 5, "stage"] == "maturity").all()
    assert (one.loc[one["period"] == one["introduced"], "stage"] == "introduction").all()
    gone = one[~one["adopted"]]
    assert len(gone)
    assert (gone["stage"] == "decline").all()
