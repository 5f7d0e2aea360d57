"""What hooks on customers' rows may do: hand columns to kernels, and look at nothing in them.

Played with rows that hold no values but handles, which only kernels open: whoever computes with a column, or asks how
many rows there are, fails. What passes here can be noted once a month and played without the interpreter.
"""

import pkgutil
import sys
import types

import numpy as np
import pytest

import sim
import sim.world.mechanisms
from sim.market import appeal, phases

PHASES = ("hear", "choose", "experience", "bond", "turn")
PLAIN = (np.ndarray, np.generic, int, float)  # of the market and its firms
BUSY = (
    "mechanism.innovation.productivity=8", "mechanism.market_creation.aim=0.9",
    "mechanism.market_creation.unserved=0.3", "mechanism.awareness.consideration=4",
    "mechanism.customer_management.budget=0.05",
    "mechanism.customer_management.account_managers=0.5", "mechanism.loyalty_programme.run=true",
    "mechanism.loyalty_programme.threshold=25", "mechanism.dealers.branches=0.3", "mechanism.contract.months.bus=3",
    "mechanism.contract.penalty.bus=12", "mechanism.switching_cost.cost=0.3", "+mechanism.entry.franchise.echo=thrift",
    "+mechanism.entry.niche.mosaic=[solo_affluent,peak]", "mechanism.satisfaction.functional_weight=1.3",
    "mechanism.transport_cost.cost=0.5", "mechanism.staff.internal_marketing=0.01",
    "mechanism.life_cycle.formation_months=1", "mechanism.life_cycle.stability_months=2",
)  # fmt: skip


class Handle:
    """A column that only kernels can open; it can be picked from by number, or cut short, along its first axis."""

    __array_ufunc__ = None

    def __init__(self, values):
        self.values = values

    def __getitem__(self, key):
        cut = isinstance(key, slice) and key.start is None and key.step is None
        assert cut or isinstance(key, (int, np.integer)), f"rows picked by {key}"
        assert getattr(self.values, "ndim", 2) > 1, f"rows picked by {key}"
        return Handle(self.values[key])

    def __iter__(self):
        return (self[k] for k in range(len(self.values)))

    def __array__(self, *args, **kwargs):
        raise AssertionError("the values of a column read outside a kernel")

    def __bool__(self):
        raise AssertionError("a branch on the values of a column")


class Closed:
    """Rows whose columns are handles."""

    def __init__(self, rows):
        vars(self)["rows"] = rows.rows if isinstance(rows, Closed) else rows

    def __getattr__(self, name):
        value = getattr(self.rows, name)
        if name == "tally":
            return {key: Handle(counts) for key, counts in value.items()}
        return value if name in ("market", "passing") else Handle(value)

    def __setattr__(self, name, value):
        assert name == "now", f"rows.{name} set"
        setattr(self.rows, name, value)

    def scratch(self, dtype, axes=(), fixed=False):
        room = Handle(self.rows.scratch(dtype, axes, fixed))
        room.values.view(np.uint8)[...] = 0xA5  # whoever reads what nobody has filled gets something else
        return room

    def in_place(self, name):
        return Handle(self.rows.in_place(name))


def opened(function, called):
    """A kernel that opens handles."""

    def call(*args):
        assert all(isinstance(arg, (Handle, *PLAIN)) for arg in args), f"{function.__name__}: {list(map(type, args))}"
        called.add(function.__name__)
        return function(*(arg.values if isinstance(arg, Handle) else arg for arg in args))

    return call


def kernels_of(module):
    names = {name: value for name, value in vars(module).items() if hasattr(value, "py_func")}
    return {name: f for name, f in names.items() if f.py_func.__module__.startswith("sim.science.kernels")}


@pytest.fixture
def closed(monkeypatch):
    """Close the rows of everything that is played from now on; returns the names of kernels called."""
    called = set()
    package = sim.world.mechanisms
    names = [f"{package.__name__}.{found.name}" for found in pkgutil.iter_modules(package.__path__)]
    for module in [phases, appeal, *(sys.modules[name] for name in names if name in sys.modules)]:
        for name, function in kernels_of(module).items():
            monkeypatch.setattr(module, name, opened(function, called))
        if isinstance(getattr(module, "kernels", None), types.ModuleType):
            known = {name: opened(function, called) for name, function in kernels_of(module.kernels).items()}
            monkeypatch.setattr(module, "kernels", types.SimpleNamespace(**known))
    for name in PHASES:
        monkeypatch.setattr(phases, name, lambda rows, phase=getattr(phases, name): phase(Closed(rows)))
    serve = phases.experience  # what was worked out for the choice is not there any more when it is served
    monkeypatch.setattr(phases, "experience", lambda rows: (rows.passing.clear(), serve(rows)))
    return called


def bits(market):
    counts = {name: market.total(name).tobytes() for name in market.tally}
    return {name: market.table[name].tobytes() for name in market.table.columns} | counts


@pytest.mark.parametrize(
    "words",
    [
        BUSY,
        ("scenario=telecom", "mechanism.word_of_mouth.degree=10"),
        ("mechanism=[customer_value,customer_management,life_cycle,dealers,levels_of_need,segment_needs,fairness]",
         "mechanism.customer_management.budget=0.05", "mechanism.fairness.compared=[comfort]"),
    ],
    ids=["busy", "telecom", "few"],
)  # fmt: skip
def test_hooks_on_rows_only_hand_columns_to_kernels(words, request):
    scenario = sim.compose("population.customers=3000", "periods=24", "replications=1", *words)
    plain, market = sim.Market(scenario), sim.Market(scenario)
    plain.run_for(4)
    called = request.getfixturevalue("closed")
    market.run_for(4)
    assert bits(market) == bits(plain)
    assert len(called) > 20, called
