"""A fleet follows its plan, costs what it costs whether it is sold or not, and has a best size."""

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.science.rules.capacity import adjusted, planned

BARE = ["mechanism=[perishability,capacity,cost_accounting]", "mechanism.perishability.crowding=0", "replications=1"]
FIX = ["mechanism.capacity.target_load=0", "mechanism.capacity.adjustment_cost=0"]


def market(*overrides, mechanism=BARE[0]):
    return sim.Market(sim.compose(mechanism, *BARE[1:], "population.customers=4000", *overrides))


def row(played, name):
    return {column: values[played.firm(name).index] for column, values in records(played).items()}


def records(played):
    return {k: v for m in played.mechanisms for k, v in m.on_record(played).items()}


@pytest.mark.parametrize("mechanism", [BARE[0], "mechanism=all"])
def test_a_seat_is_sold_once_or_left_empty_and_the_empty_ones_are_paid_for(mechanism):
    played = market(mechanism=mechanism)
    for _ in range(5):
        played.step()
        seats, seated = played.kept["seats"], played.total("seated")
        assert (seated <= seats).all()
        for name in ("nightowl", "grandcoach", "thrift"):
            one, f = row(played, name), played.firm(name).index
            vehicle = played.kept["vehicle_cost_now"][f]
            assert one["seats_offered"] == seats[f].sum()
            assert one["idle_cost"] == pytest.approx(0.54 * vehicle * (one["seats_offered"] - seated[f].sum()))


def test_the_fleet_costs_what_its_seats_cost_whoever_sits_on_them():
    """Two markets that differ in their fleets only, both large enough for all: the difference of cost is that of seats."""
    small, large = market(*FIX, "mechanism.capacity.fleet=6"), market(*FIX, "mechanism.capacity.fleet=9")
    small.step()
    large.step()
    assert (small.table["provider"] == large.table["provider"]).all()
    for name in ("thrift", "mosaic"):
        one, other = small.firm(name), large.firm(name)
        seats = row(large, name)["seats_offered"] - row(small, name)["seats_offered"]
        vehicle = small.kept["vehicle_cost_now"][one.index]
        assert other.books["cost"] - one.books["cost"] == pytest.approx(0.54 * vehicle * seats, abs=0.011)


def test_at_the_standard_load_a_fleet_costs_what_passengers_were_billed():
    bare = market(mechanism="mechanism=[perishability,cost_accounting]")
    bare.step()
    thrift = bare.firm("thrift")
    journeys = bare.off_grid(bare.total("journeys")[thrift.index]).sum()
    load = float(journeys / bare.kept["seats_offered"][thrift.index])
    with_it = market(*FIX, "mechanism.capacity.fleet=1", f"mechanism.capacity.standard_load={load}")
    with_it.step()
    assert with_it.firm("thrift").books["cost"] == pytest.approx(thrift.books["cost"], abs=0.011)


def test_a_fleet_goes_to_its_plan_and_stays():
    played = market("firms.thrift.policy.capacity={target_load: 0, fleet: 2, expansion: 0.25}", *FIX)
    played.kept["fleet"][played.firm("thrift").index] = 1.0
    for month in range(8):
        played.step()
        assert row(played, "thrift")["fleet"] == pytest.approx(2 - 0.75**month)
    plan = planned(60.0, 0.5, 100.0)
    fleet = 3.0
    for _ in range(200):
        fleet = adjusted(fleet, plan, 0.1, 0.05)
    assert plan == 1.2
    assert fleet == pytest.approx(1.2 + 1.8 * 0.95**200)


def test_who_plans_for_a_load_comes_to_it():
    played = market(
        "mechanism.capacity.target_load=0.6", "mechanism.capacity.expansion=0.5", "mechanism.capacity.retirement=0.5"
    )
    loads = []
    for _ in range(30):
        played.step()
        loads.append(row(played, "thrift")["load"])
    assert np.mean(loads[10:]) == pytest.approx(0.6, abs=0.03)


def test_what_is_built_is_paid_for_once():
    plan = ["mechanism.capacity.target_load=0", "firms.thrift.policy.capacity={fleet: 2, expansion: 1}"]
    free, dear = (market(*plan, f"mechanism.capacity.adjustment_cost={cost}") for cost in (0, 7))
    costs = []
    for played in (free, dear):
        f = played.firm("thrift").index
        played.kept["fleet"][f] = 1.0
        played.run_for(1)
        first = played.firm("thrift").books["cost"]
        played.run_for(1)
        costs.append((first, played.firm("thrift").books["cost"]))
    standard = free.kept["seats_standard"][free.firm("thrift").index]
    assert costs[1][0] - costs[0][0] == pytest.approx(7 * standard, abs=0.011)
    assert costs[1][1] == costs[0][1]


def test_the_best_fleet_is_near_the_critical_fractile():
    """Newsvendor: fare p, seat c, handling h; the best number of seats is exceeded with probability c / (p - h)."""
    base = sim.compose(
        *BARE, *FIX, "population.customers=500", "mechanism.capacity.expansion=1", "mechanism.capacity.retirement=1",
        "firms.thrift.presence=1", "firms.thrift.pricing=fixed_price", "firms.thrift.list_price=60",
        "firms.thrift.strategy={kind: fixed, seats: 47}", "mechanism.perishability.split={ordinary: 1, peak: 0, night: 0}",
        *(f"population.segments.{s}.contexts={{ordinary: 1, peak: 0, night: 0}}" for s in ("solo_modest", "solo_affluent", "party")),
        "~firms.nightowl", "~firms.mosaic", "~firms.grandcoach", "~firms.echo",
    )  # fmt: skip

    def play(fleet):
        mechanism = dict(base.mechanism)
        capacity = mechanism["capacity"]
        mechanism["capacity"] = type(capacity)(**{**vars(capacity), "fleet": fleet})
        played, profit, wanted = sim.Market(base.replace(mechanism=mechanism)), [], []
        f = played.firm("thrift").index
        for _ in range(60):
            played.step()
            profit.append(played.firm("thrift").books["profit"])
            wanted.append(played.total("wanted")[f].sum())
        return float(np.mean(profit)), np.array(wanted), played.kept["seats_offered"][f]

    _, wanted, _ = play(9.0)
    seat, standard = 18 * 0.54, 0.139 * 500
    best = np.quantile(wanted, 1 - seat / (60 - 8))
    seats = np.arange(best - 9, best + 10, 3.0)
    played = [play((s + 0.5) / standard) for s in seats]
    assert [p[2] for p in played] == np.floor(seats + 0.5).tolist()
    found = seats[int(np.argmax([p[0] for p in played]))]
    assert abs(found - best) <= 4.5
    assert played[0][0] < max(p[0] for p in played) > played[-1][0]


def test_at_peaks_the_flexible_firm_turns_fewer_away():
    stiff, flexible = (
        market(
            *FIX, "mechanism.capacity.fleet=0.45", f"firms.nightowl.budget={budget}",
            "mechanism.perishability.split={ordinary: 0.85, peak: 0.05, night: 0.1}",
            mechanism="mechanism=[perishability,capacity,capability]",
        )
        for budget in (0, 1)
    )  # fmt: skip
    turned = []
    for played in (stiff, flexible):
        played.run_for(24)
        f, at_peak = played.firm("nightowl").index, played.contexts.index("peak")
        wanted, seats = played.total("wanted")[f], played.kept["seats"][f]
        turned.append(max(0, wanted[at_peak] - seats[at_peak]) / wanted[at_peak])
    assert turned[1] < 0.5 * turned[0]


def test_a_strategy_is_told_of_its_own_fleet_only():
    played = market()
    assert played.firm("thrift").look(played.published if played.period else {}).reports.get("capacity") is None
    played.step()
    told = played.firm("thrift").look({f.name: f.public_facts() for f in played.firms}).reports["capacity"]
    assert told["seats"] == row(played, "thrift")["seats_offered"]
    assert told["sold"] + 0 == played.total("seated")[played.firm("thrift").index].sum()
    assert "capacity" not in played.firm("air").look({f.name: f.public_facts() for f in played.firms}).reports


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("firms.air.policy.capacity.fleet=2", "no seats of mode 'air' are counted"),
        ("firms.thrift.policy.capacity.fleets=2", "nearest valid name: 'fleet'"),
        ("firms.thrift.policy.capacity.expansion=2", "expansion <= 1"),
        ("mechanism.capacity.target_load=1.2", "target_load <= 1"),
    ],
)
def test_bad_plans_are_refused_in_one_line(override, said):
    with pytest.raises(ConfigError, match=said) as error:
        sim.compose(override)
    assert "\n" not in str(error.value)
