"""What every mechanism promises; a new file in configs/mechanism is held to it unasked."""

import dataclasses
import functools
import hashlib
import pickle

import numpy as np
import pytest
import yaml

import sim
from sim.ground.params import describe
from sim.state.gathered import Gathered
from sim.world.composing.configuration import config_folder
from sim.world.mechanisms import Mechanism

NAMES = sorted(p.stem for p in (config_folder() / "mechanism").glob("*.yaml"))
NEEDS = {name: list(mechanism.needs) for name, mechanism in sim.compose("mechanism=all").mechanism.items()}
STIR = {
    "contract": ["mechanism.contract.months.bus=6", "mechanism.contract.penalty.bus=20"],
    "complexity": ["mechanism.innovation.productivity=3", "mechanism.complexity.interdependence=4"],
    "market_creation": ["mechanism.innovation.productivity=3", "mechanism.market_creation.aim=1"],
    "customer_management": ["mechanism.customer_management.budget=0.02"],
    "entry": ["+mechanism.entry.opening.echo=3"],
    "imitation": ["mechanism.innovation.productivity=3"],
    "innovation": ["mechanism.innovation.productivity=3"],
    "research": ["mechanism.research.interviews=30"],
    "levels_of_need": ["mechanism.levels_of_need.sensitivity=3"],
    "ownership": [
        "mechanism.ownership.sets={bargain: [echo, grandcoach, mosaic, nightowl, thrift]}", "firms.thrift.pricing=match",
    ],
    "tenders": ["experiment=procurement"],
    "transport_cost": ["mechanism.transport_cost.cost=1"],
}  # fmt: skip  # values under which a mechanism that the scenario leaves quiet does something
MEASURES = {"customer_value", "life_cycle"}  # they watch the market and change nothing in it
HOOKS = [name for name in vars(Mechanism) if name.startswith("on_")]
MONTHS = 14


@functools.cache
def world(*overrides):
    return sim.compose("population.customers=3000", f"periods={MONTHS}", "replications=1", *overrides)


def play(scenario, **kwargs):
    market = sim.Market(scenario, **kwargs)
    for _ in range(scenario.periods):
        market.step()
    return market


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def test_it_names_its_source_and_its_domain_id(name):
    mechanism = world().mechanism[name]
    module = __import__(type(mechanism).__module__, fromlist=["_"])
    assert "(" in module.__doc__ and any(c.isdigit() for c in module.__doc__.split("(")[1])
    assert all(row["source"] for row in describe(type(mechanism)))


def test_every_value_in_its_file_has_a_comment_with_an_assumption_or_a_source(name):
    text = (config_folder() / "mechanism" / f"{name}.yaml").read_text()
    values = yaml.safe_load(text)
    fields = {f.name for f in dataclasses.fields(world().mechanism[name])}
    assert set(values) - {"_target_"} == fields
    for line in text.splitlines():
        if line and not line.startswith((" ", "#", "_target_")):
            assert "#" in line, line


def test_it_can_be_pickled(name):
    mechanism = world().mechanism[name]
    assert pickle.loads(pickle.dumps(mechanism)) == mechanism


def test_it_writes_only_what_it_declares(name):
    """Watch every hook: a column that changes must be its own or one it says it writes."""
    market = sim.Market(world())
    mechanism = market.world.mechanism[name]
    allowed = set(mechanism.written())
    touched = set()

    class Watched:
        def __getattr__(self, hook):
            method = getattr(mechanism, hook)
            if hook not in HOOKS:
                return method

            def call(*args):
                rows = args[0] if args and isinstance(args[0], Gathered) else None
                before = {c: market.table[c].copy() for c in market.table.columns}
                copies = {c: getattr(rows, c)[:].copy() for c in before} if rows else {}
                result = method(*args)
                changed = {c for c in before if market.table[c].tobytes() != before[c].tobytes()}
                if rows and hook != "on_arrive":
                    for c in changed:
                        places = np.argwhere(market.table[c] != before[c])
                        buyer = dict(zip(rows.place.tolist(), rows.provider.tolist(), strict=True))
                        assert market.table.columns[c].by_purchase, f"{c} is written in place"
                        assert all(buyer[i] == f for f, i in places.tolist()), f"{c} of a firm not bought from"
                changed |= {c for c in copies if getattr(rows, c)[:].tobytes() != copies[c].tobytes()}
                touched.update(changed)
                return result

            return call

    market.mechanisms[list(market.world.mechanism).index(name)] = Watched()
    for _ in range(3):
        market.step()
    assert "*" in allowed or touched <= allowed, touched - allowed


def test_it_stays_finite(name):
    market = play(world(f"mechanism=[{','.join([name, *NEEDS.get(name, [])])}]"))
    for column in market.table.columns:
        assert np.isfinite(market.table[column]).all(), column


def test_it_does_not_care_how_customers_are_numbered(name):
    scenario = world(f"mechanism=[{','.join([name, *NEEDS.get(name, [])])}]", "population.customers=9000", "periods=4")
    order = np.random.default_rng(1).permutation(9000)
    straight, shuffled = play(scenario), play(scenario, identity=order)
    assert (straight.table["provider"][order] == shuffled.table["provider"]).all()
    assert [f.books for f in straight.firms] == [f.books for f in shuffled.firms]


@functools.cache
def outcome(stirred, names, still=""):
    """Digest of all choices and books of the world with these mechanisms, one of them `still`: at its neutral values."""
    scenario = world(*stirred)
    chosen = {name: scenario.mechanism[name] for name in names}
    if still:
        chosen[still] = dataclasses.replace(chosen[still], **chosen[still].neutral)
    market = play(scenario.replace(mechanism=chosen))
    columns = market.table["provider"].tobytes() + market.table["bought"].tobytes()
    return hashlib.sha256(columns + repr([f.books for f in market.firms]).encode()).hexdigest()


def without(name, also):
    """Names of all mechanisms but those that need this one, and but this one unless it is to be there, too."""
    stirred = tuple(STIR.get(name, []))
    gone = {other for other, needs in NEEDS.items() if name in needs} | (set() if also else {name})
    return stirred, tuple(other for other in world(*stirred).mechanism if other not in gone)


def test_at_its_neutral_values_it_changes_no_choice_and_no_cent(name):
    if not world().mechanism[name].neutral:
        pytest.skip("no value makes it do nothing: it is off when it is left out")
    assert outcome(*without(name, also=False)) == outcome(*without(name, also=True), still=name)


def test_switched_on_it_does_something(name):
    """Deleting the body of a mechanism must not go unseen."""
    if name in MEASURES:
        pytest.skip("it only measures; its own tests look at its records")
    assert outcome(*without(name, also=False)) != outcome(*without(name, also=True))
