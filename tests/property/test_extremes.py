"""Every number of every shipped rule at both ends of what it may be: right to the cent, or one line that says no.

The ends are taken from the parameters' own declarations, many at once in a small market; a group that is refused is
divided until whoever caused it is found, so that nothing hides behind a refusal.
"""

import copy
import dataclasses
import warnings

import numpy as np
import pytest

import sim
from sim.ground.grid import CENTS, GRID
from sim.ground.params import LARGEST, Params
from sim.market.records import Records
from sim.world.composing.configuration import config_folder, load, plain
from sim.world.scenario import PARTS, Scenario

SMALL = ["population.customers=200", "periods=24", "replications=1"]
MONTHS, GROUP, SAMPLE = 3, 12, 120
WORLD = frozenset({"periods", "threads", "replications", "records", "seed", "customers", "name"})


def numbers(value, path=(), meta=None):
    """(path, value, low, high) of every number of a built scenario."""
    if isinstance(value, Params):
        for field in dataclasses.fields(value):
            yield from numbers(getattr(value, field.name), (*path, field.name), field.metadata)
    elif hasattr(value, "items"):
        for name, item in value.items():
            yield from numbers(item, (*path, name), meta)
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            yield from numbers(item, (*path, place), meta)
    elif isinstance(value, (int, float)) and not isinstance(value, bool) and "unit" in meta and not WORLD & {*path}:
        yield path, value, meta["low"], meta["high"]


def changed(values, path, number):
    """The configuration with one number changed; what a firm says itself stands before what its parts bring."""
    values = copy.deepcopy(values)
    own = path[0] == "firms" and path[2] in PARTS and path[3] in values["firms"][path[1]]
    *way, last = (name for name in path if name not in PARTS) if own else path
    place = values
    for name in way:
        place = place[name]
    place[last] = number
    return values


def ends(values, within=(), sample=None):
    """(path, number) of both ends of every number within some part of a configuration, or of a sample of so many."""
    found = []
    for path, value, low, high in numbers(Scenario.from_config(values)):
        if path[: len(within)] == within:
            found += [(path, type(value)(LARGEST if high is None else high))]
            found += [(path, type(value)(-LARGEST if low is None else low))]
    if sample is not None:
        found = [found[n] for n in np.random.default_rng(sample).permutation(len(found))[:SAMPLE]]
    return found


class Ledger:
    """What happens on every occasion, added up in Python's own whole numbers."""

    def __init__(self, market):
        self.market, self.firms = market, len(market.firms)
        market.witness = self.see

    def open(self):
        self.revenue, self.purchases = [0] * self.firms, [0] * self.firms
        self.surplus, self.journeys = 0.0, [0.0] * self.firms

    def see(self, rows):
        for row, f in enumerate(rows.provider.tolist()):
            if f >= 0:
                self.purchases[f] += 1
                self.revenue[f] += int(rows.paid[row])
                self.journeys[f] += float(rows.journey[self.market.mode_of[f], row])
        alpha = rows.price_sensitivity.astype(float)
        told = alpha > 0
        self.surplus += float((np.log(rows.inclusive[told].astype(float)) / alpha[told]).sum())

    def check(self, before):
        market, total = self.market, self.market.total
        penalties = total("penalties") if "penalties" in market.tally else np.zeros(self.firms, np.int64)
        assert [a + int(b) for a, b in zip(self.revenue, penalties, strict=True)] == total("revenue").tolist()
        assert self.purchases == total("purchases").tolist() and (total("revenue") >= 0).all()
        assert total("journeys").sum(axis=1) / GRID == pytest.approx(self.journeys, rel=1e-6, abs=1e-3)
        assert total("surplus")[0] / GRID == pytest.approx(self.surplus, rel=1e-4, abs=1e-2 + 1e-6 * self.surplus)
        for firm, cash in zip(market.firms, before, strict=True):
            assert all(np.isfinite(list(firm.books.values()))), firm.books
            moved = firm.cash_cents - cash
            assert moved == pytest.approx(firm.books["profit"] * CENTS, rel=1e-12, abs=0.51)


def play(values):
    """Play some months and check every account; returns the line with which they were refused, "" if they were not."""
    try:
        market = sim.Market(Scenario.from_config(values))
        ledger, records = Ledger(market), Records(market)
        for _ in range(MONTHS):
            before = [firm.cash_cents for firm in market.firms]
            ledger.open()
            market.step()
            records.note()
            ledger.check(before)
    except sim.ConfigError as error:
        assert "\n" not in str(error) and str(error)
        return str(error)
    for name, column in market.table.columns.items():
        assert column.dtype[0] != "f" or np.isfinite(market.table[name]).all(), name
    for table in ("records", "market", "spending"):
        for name, values in records.frame(table).items():
            assert values.dtype.kind != "f" or not np.isinf(values).any(), (table, name)
    shown = records.frame("market")
    for name in ("purchases", "hhi", "offer_distance", "consumer_surplus", "customers"):
        assert not (shown[name] < 0).any(), name
    return ""


def divide(values, group):
    """Play a group of ends at once; one that is refused in two halves, down to a single end."""
    told, kept = values, []
    for path, number in group:
        new = changed(told, path, number)
        try:  # an end may contradict another value, as one of several weights that sum to 1: then it is left out
            Scenario.from_config(new)
        except sim.ConfigError:
            continue
        told, kept = new, [*kept, (path, number)]
    if kept and play(told) and len(kept) > 1:
        divide(values, kept[: len(kept) // 2])
        divide(values, kept[len(kept) // 2 :])


def parts():
    """Every shipped strategy, pricing and revision rule, in place of a firm's own."""
    for part in PARTS:
        for path in sorted((config_folder() / part).glob("*.yaml")):
            yield pytest.param(part, path.stem, id=f"{part}/{path.stem}")


@pytest.fixture(autouse=True)
def no_overflow():
    """No overflow in NumPy passes unseen."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


@pytest.mark.parametrize("sample", range(2))
@pytest.mark.parametrize("scenario", ["intercity", "telecom"])
def test_every_number_at_its_ends_is_right_or_refused(scenario, sample):
    flat = [] if scenario == "intercity" else ["firms.basic.pricing=fixed_price", "firms.swift.pricing=fixed_price"]
    values = plain(load([f"scenario={scenario}", *SMALL, *flat]))
    found = ends(values, sample=sample)
    for start in range(0, len(found), GROUP):
        divide(values, found[start : start + GROUP])


@pytest.mark.parametrize(("part", "name"), parts())
def test_every_rule_of_a_firm_at_its_ends_is_right_or_refused(part, name):
    firm = "firms.thrift"
    more = [f"{firm}.strategy=mixed"] if part == "revision" else []
    more += ["mechanism=[satisfaction]"] if name == "logit_bertrand" else []
    values = plain(load([*SMALL, "population.customers=100", f"{firm}.{part}={name}", *more]))
    for end in ends(values, within=("firms", "thrift", part)):
        divide(values, [end])
