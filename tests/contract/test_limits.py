"""How many there may be of everything: at its limit a market plays, one more is a line; what a sum cannot hold is a line."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest

import sim
from sim.ground.column import Column
from sim.ground.grid import FULL, GRID
from sim.science.rules.perishability import seats_of
from sim.state.customers import CUSTOMER
from sim.world.limits import axes, check_sums, columns, most
from sim.world.mechanisms import Mechanism
from sim.world.population import Mode
from sim.world.population.segmented import SegmentedPopulation, StatedSegment

PLAIN = sim.compose("mechanism=[]", "scenario=telecom", "population.customers=300", "periods=2", "replications=1")
FLAT = sim.compose("scenario=telecom", "mechanism=[]", "firms.basic.pricing=fixed_price").firms["basic"].pricing
NAMED = sim.compose("scenario=telecom", "population.customers=300", "periods=24", "replications=1")


def crowd(scenario, segments=1, contexts=1, firms=1, modes=1, attributes=0, needs=0):
    """The same market with so many of everything, all segments of equal size."""
    context = {f"c{k}": 1 / contexts for k in range(contexts)}
    needed = tuple(f"n{k}" for k in range(needs))
    segment = StatedSegment(
        ideal=dict.fromkeys(needed, 0.5), contexts=context, weight=1 / segments, sensitivity=1.0, usage=1.0, utility={}
    )
    mode = Mode(constant=20.0, standard_fare=50.0, timetabled=True, seats=47, accounts=True, firms="firms")
    population = SegmentedPopulation(
        **{f.name: getattr(scenario.population, f.name) for f in dataclasses.fields(SegmentedPopulation)}
        | {
            "segments": {f"s{k}": segment for k in range(segments)}, "modes": {f"m{k}": mode for k in range(modes)},
            "tastes": {f"t{k}": 0.1 for k in range(attributes)}, "needs": needed,
        }  # fmt: skip
    )
    firm = dataclasses.replace(next(iter(scenario.firms.values())), mode="m0")
    return scenario.replace(population=population, firms={f"f{k:03d}": firm for k in range(firms)})


def balanced(market):
    """Everybody stands where there is something, and what was paid is what was earned, in Python's own numbers."""
    t, lengths = market.table, axes(market.world)
    for name, column in columns(market.world).items():
        if column.place_of:
            assert (t[name] < lengths[column.place_of]).all() and (t[name] >= -1).all(), name
    assert (t["cell"] == t["segment"].astype(int) * len(market.contexts) + t["context"]).all()
    asked = market.board.cents
    paid = [0] * len(market.firms)
    for f, c, money, length in zip(t["provider"], t["cell"], t["paid"], t["journey"][0], strict=True):
        if f >= 0:
            assert money == int(int(asked[f, c]) * float(length) + 0.5)
            paid[f] += int(money)
    assert paid == market.total("revenue").tolist() and sum(paid) > 0


AT_LIMIT = [
    {"firms": 127}, {"segments": 200}, {"segments": 255}, {"contexts": 255}, {"segments": 255, "contexts": 255},
    {"modes": 200}, {"attributes": 200}, {"needs": 200},
]  # fmt: skip


@pytest.mark.parametrize("many", AT_LIMIT, ids=str)
def test_at_its_limit_everything_plays_and_the_accounts_balance(many):
    market = sim.Market(crowd(PLAIN, **many))
    market.step()
    market.step()
    balanced(market)


def limits():
    """Every limit but that of cells, which that of segments times that of contexts cannot reach."""
    found = {words: limit for words, _, limit in most(NAMED)}
    assert found["segments"] * found["usage contexts"] <= found.pop("segments times usage contexts")
    return [pytest.param(words, limit, id=words) for words, limit in found.items()]


BEYOND = {
    "firms": lambda n: crowd(PLAIN, firms=n),
    "segments": lambda n: crowd(PLAIN, segments=n),
    "usage contexts": lambda n: crowd(PLAIN, contexts=n),
    "surveyed persons": lambda n: Crowded.of(n),
    "channels": lambda n: PLAIN.replace(mechanism={"contact_channels": channels(n)}),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Crowded(SegmentedPopulation):
    """Customers of whom so many persons were asked."""

    asked: ClassVar[int] = 0
    sources = property(lambda self: self.asked)

    @classmethod
    def of(cls, n):
        cls.asked = n
        fields = {f.name: getattr(PLAIN.population, f.name) for f in dataclasses.fields(cls)}
        return PLAIN.replace(population=cls(**fields))


def channels(n):
    names = {f"c{k}": 0.0 for k in range(n)}
    return dataclasses.replace(
        NAMED.mechanism["contact_channels"], friction=names, cost=names, control=names, preference={}, offered={}
    )


@pytest.mark.parametrize(("words", "limit"), limits())
def test_one_more_than_a_column_holds_is_one_line(words, limit):
    with pytest.raises(sim.ConfigError, match=f"^{words}: expected at most {limit:,} {words}, got ") as caught:
        BEYOND[words](limit + 1)
    assert "\n" not in str(caught.value)
    BEYOND[words](limit)


def test_every_column_of_places_is_known_to_be_one():
    """A whole number that is a place, and not a count or a code, says of what; counts and codes are named here."""
    counts = {
        "identity", "occasions", "paid", "bought", "recent", "wallet", "funnel", "considered", "node", "mood",
        "contract_left", "voucher", "contribution", "knowledge", "met", "relation", "relation_age", "vacant", "points",
        "satisfaction", "expectation", "habit", "usual", "hearsay",
    }  # fmt: skip
    for name, column in columns(sim.compose("scenario=intercity")).items():
        if np.dtype(column.dtype).kind in "iu":
            assert bool(column.place_of) != (name in counts), name
    assert CUSTOMER["cell"].place_of == "cell"


class Groups(Mechanism):
    """Somebody's own mechanism: groups in one byte."""

    columns = {"group": Column("int8", "1", "group of the customer", place_of="group")}

    def axes(self):
        """Two hundred groups."""
        return {"group": 200}


def test_columns_of_own_mechanisms_are_held_to_their_types_too():
    with pytest.raises(sim.ConfigError, match="groups: expected at most 127 groups, got 200"):
        PLAIN.replace(mechanism={"groups": Groups()})


@pytest.mark.parametrize(
    ("name", "counts", "fits"),
    [
        ("surplus", [[FULL - 1024]], True), ("surplus", [[FULL]], False), ("gap", [[-FULL]], False),
        ("revenue", [[FULL // 2, 0], [FULL // 2, 0]], False), ("revenue", [[FULL // 2, 0], [0, FULL // 2]], True),
        ("quality", [[-FULL // 2], [FULL // 2]], False), ("journeys", [[[1, 2]], [[3, 4]]], True),
    ],
)  # fmt: skip
def test_a_sum_that_64_bits_do_not_hold_is_one_line(name, counts, fits):
    tally = {"present": np.ones((1, 1), np.int64), name: np.array(counts, np.int64)}
    if fits:
        check_sums(tally, 3)
        return
    with pytest.raises(sim.ConfigError, match=f"^month 3: the {name} of all customers is more than") as caught:
        check_sums(tally, 3)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("total", "flexibility"), [(1e15, 0.0), (1e20, 1.0), (1e300, 0.5)])
def test_there_are_never_more_seats_than_can_be_added_up(total, flexibility):
    seats = np.array([seats_of(total, 1.0, 1.0, flexibility)] * 127, np.int64)
    assert seats.sum() == 127 * min(int(total), 2**53)


@pytest.mark.parametrize("shape", [0.01, 0.78, 5.0, 1e6])
@pytest.mark.parametrize("mean", [0.0, 1.0, 20.0, 60.0, 90.0, 100.0])
def test_occasions_that_would_not_be_counted_are_one_line(mean, shape):
    incidence = sim.compose("mechanism=[purchase_incidence]").mechanism["purchase_incidence"]
    rates = np.random.default_rng(1).gamma(shape, mean / shape, 400_000) if mean else np.zeros(1)
    kept = np.minimum(rates, 80).mean() / max(rates.mean(), 1e-9) if mean else 1.0
    steady = {"mean": mean, "shape": shape, "season": (1.0,) * 12}
    if kept > 0.995:
        dataclasses.replace(incidence, **steady)
    elif kept < 0.985:
        with pytest.raises(sim.ConfigError, match=f"^mean = {mean:g} occasions/month: expected .* 1% of a month"):
            dataclasses.replace(incidence, **steady)


@pytest.mark.parametrize(("customers", "degree"), [(3_000_000, 1000), (2**31, 2)])
def test_more_ties_than_can_be_numbered_are_one_line(customers, degree):
    with pytest.raises(sim.ConfigError, match="word_of_mouth.degree = .* expected at most 2,147,483,647 ties"):
        sim.compose(f"population.customers={customers}", f"mechanism.word_of_mouth.degree={degree}")


def test_the_last_month_that_draws_can_address():
    market = sim.Market(PLAIN)
    market.period = 2**16
    with pytest.raises(sim.ConfigError, match="month 65536: expected at most 65536 months"):
        market.open()


@pytest.mark.parametrize("sensitivity", [10.0**-k for k in range(1, 31)])
def test_surplus_is_right_or_refused_however_little_money_means(sensitivity):
    scenario = PLAIN.replace(
        population=dataclasses.replace(PLAIN.population, price_sensitivity=sensitivity, price_spread=0.0)
    )
    market = sim.Market(scenario)
    try:
        market.step()
    except sim.ConfigError as error:
        assert sensitivity < 1e-6
        assert "surplus of all customers is more than 4.4e+12" in str(error)
        return
    inclusive, alpha = (market.table[name].astype(float) for name in ("inclusive", "price_sensitivity"))
    assert market.total("surplus")[0] / GRID == pytest.approx((np.log(inclusive) / alpha).sum(), rel=1e-5, abs=1e-3)


def test_where_money_means_nothing_to_some_their_surplus_is_not_a_number():
    segments = dict(PLAIN.population.segments)
    first = next(iter(segments))
    segments[first] = dataclasses.replace(segments[first], sensitivity=0.0)
    result = sim.run(PLAIN.replace(population=dataclasses.replace(PLAIN.population, segments=segments)))
    assert result.market["consumer_surplus"].isna().all() and result.market["total_surplus"].isna().all()
    assert result.firms["revenue"].sum() > 0


@pytest.mark.parametrize("usage", [1.0, 3.0, 200.0, 1000.0])
@pytest.mark.parametrize("price", [300.0, 21_474.0, 100_000.0])
def test_heavy_users_pay_what_they_owe_or_the_fare_is_refused(price, usage):
    scenario = PLAIN.replace(
        population=dataclasses.replace(
            PLAIN.population, price_sensitivity=0.0,
            segments={n: dataclasses.replace(s, usage=usage) for n, s in PLAIN.population.segments.items()},
        ),
        firms={n: dataclasses.replace(f, list_price=price, pricing=FLAT) for n, f in PLAIN.firms.items()},
    )  # fmt: skip
    market = sim.Market(scenario)
    dearest = price * float(market.table["journey"].max())
    if dearest <= 21_374_836:
        market.step()
        balanced(market)
        return
    with pytest.raises(sim.ConfigError, match=rf"^firms.aurora: its fare of {price:g} AUD for a purchase .* 21,374,836") as e:
        market.step()
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("usage", [1e-3, 1.0, 1000.0])
@pytest.mark.parametrize("elasticity", [0.0, 1.0, 10.0])
@pytest.mark.parametrize("spread", [0.0, 3.0])
def test_what_money_means_is_a_number_or_refused(usage, elasticity, spread):
    scenario = PLAIN.replace(
        population=dataclasses.replace(
            PLAIN.population, usage_elasticity=elasticity, usage_spread=spread, price_sensitivity=100.0, price_spread=5.0,
            segments={n: dataclasses.replace(s, usage=usage) for n, s in PLAIN.population.segments.items()},
        )
    )  # fmt: skip
    try:
        market = sim.Market(scenario)
        market.step()
    except sim.ConfigError as error:
        assert elasticity == 10
        assert str(error).startswith(("population: expected a price sensitivity times", "month 0: the surplus of all"))
        return
    for name, column in market.table.columns.items():
        assert column.dtype[0] != "f" or np.isfinite(market.table[name]).all(), name
    balanced_if_sold(market)


def balanced_if_sold(market):
    if market.total("revenue").sum():
        balanced(market)
