"""A month as a recorded plan: the same bits as the interpreter's, and one clear line for what cannot be recorded."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.market import player
from sim.science.kernels import Kernel, kernel, recorded
from sim.science.steps.plan import Plan
from sim.science.steps.reference import ROWS, NotRecorded, Reference, layout_of
from sim.world.mechanisms import Mechanism

f4 = np.float32
MONTHS = 5
WORLDS = {
    "busy": [
        "mechanism.innovation.productivity=8", "mechanism.market_creation.aim=0.9",
        "mechanism.market_creation.unserved=0.3", "mechanism.awareness.consideration=4",
        "mechanism.customer_management.budget=0.05", "mechanism.customer_management.account_managers=0.5",
        "mechanism.loyalty_programme.run=true", "mechanism.loyalty_programme.threshold=25",
        "mechanism.dealers.branches=0.3", "mechanism.contract.months.bus=3", "mechanism.contract.penalty.bus=12",
        "mechanism.switching_cost.cost=0.3", "+mechanism.entry.franchise.echo=thrift",
        "+mechanism.entry.niche.mosaic=[solo_affluent,peak]", "mechanism.satisfaction.functional_weight=1.3",
        "mechanism.transport_cost.cost=0.5", "mechanism.staff.internal_marketing=0.01",
        "mechanism.life_cycle.formation_months=1", "mechanism.life_cycle.stability_months=2",
    ],
    "few": [
        "mechanism=[customer_value,customer_management,life_cycle,dealers,levels_of_need,segment_needs,fairness]",
        "mechanism.customer_management.budget=0.05", "mechanism.fairness.compared=[comfort]",
    ],
    "ties": ["scenario=telecom", "mechanism.word_of_mouth.degree=10"],
    "bare": ["mechanism=[]"],
    "all": [],
    "telecom": ["scenario=telecom"],
    "one occasion": ["mechanism=[state_dependence,satisfaction,must_have,word_of_mouth]"],
    "no seats": ["~mechanism.perishability", "~mechanism.capacity"],
}  # fmt: skip


def market(*words, customers=3000, threads=1):
    """A market of so many customers."""
    return sim.Market(sim.compose(*words, f"population.customers={customers}", f"threads={threads}", "periods=60"))


def differing(one, other):
    """Names of columns and counts in which two markets differ."""
    columns = [name for name in one.table.columns if not np.array_equal(one.table[name], other.table[name])]
    return columns + [name for name in one.tally if not np.array_equal(one.total(name), other.total(name))]


@pytest.fixture
def interpreter(monkeypatch):
    """Play without plans while the returned function runs."""

    def played(call):
        with monkeypatch.context() as changed:
            changed.setattr(player, "compiling", lambda: False)
            return call()

    return played


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_plan_plays_the_interpreters_bits(world, threads, interpreter, monkeypatch):
    monkeypatch.setattr(player, "APART", 1)  # threads for so few customers, too
    monkeypatch.setattr(player, "WORTH", 0)
    plain, compiled = (market(*WORLDS[world], customers=30_000, threads=n) for n in (1, threads))
    for _ in range(MONTHS):
        interpreter(plain.step)
        compiled.step()
        assert not differing(plain, compiled)
    assert len(compiled.player.shares) == threads
    assert not compiled.player.interpreted and compiled.total("purchases").sum() > 0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grumbling(Mechanism):
    """A researcher's rule in NumPy: it looks at columns as arrays."""

    writes = {"on_bond": frozenset({"quality"})}

    def on_bond(self, rows):
        """Halve what is good."""
        rows.quality[rows.quality > 0] *= f4(0.5)


def test_a_hook_in_numpy_keeps_working_and_is_told(interpreter):
    scenario = sim.compose("population.customers=3000")
    scenario = scenario.replace(mechanism={**scenario.mechanism, "grumbling": Grumbling()})
    plain, compiled, without = sim.Market(scenario), sim.Market(scenario), market()
    interpreter(plain.step)
    compiled.step()
    without.step()
    assert not differing(plain, compiled)
    assert "quality" in differing(compiled, without)
    assert "grumbling on_bond" in " ".join(compiled.player.interpreted.values())
    assert "hear" not in compiled.player.interpreted and "turn" not in compiled.player.interpreted


@kernel
def add_one(values, out_values):
    """A kernel for the tests."""
    for i in range(values.size):
        out_values[i] = values[i] + 1


@kernel
def fall(values, out_values):
    """A kernel that fails."""
    for i in range(values.size):
        if values[i] >= 0:
            raise ValueError("no")
        out_values[i] = 0


def wrong(hook, called):
    """A market with a mechanism whose hook on rows makes a call."""
    made = type("Wrong", (Mechanism,), {hook: lambda self, rows: called(rows)})
    scenario = sim.compose("population.customers=2000", "mechanism=[]")
    return sim.Market(scenario.replace(mechanism={"wrong": dataclasses.dataclass(frozen=True, kw_only=True)(made)()}))


CONSTANT = np.arange(3.0)
CONSTANT.flags.writeable = False


@pytest.mark.parametrize(
    ("called", "told"),
    [
        (lambda rows: add_one(rows.quality), "mechanism.wrong: add_one (at on_turn) takes 2 arguments, got 1"),
        (lambda rows: add_one(rows.quality, CONSTANT), "argument 2 is to be changed and may only be read"),
        (lambda rows: add_one(1.5, rows.quality), "mechanism.wrong: add_one (at on_turn) cannot be compiled"),
        (lambda rows: fall(rows.quality, rows.gap), "mechanism.wrong: fall (at on_turn) failed"),
    ],
)
def test_a_wrong_kernel_is_one_line(called, told):
    with pytest.raises(ConfigError) as caught:
        wrong("on_turn", called).step()
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_what_a_plan_cannot_hold_is_played_by_the_interpreter():
    made = wrong("on_turn", lambda rows: add_one(rows.quality.copy() if hasattr(rows.quality, "copy") else 1, rows.gap))
    with pytest.raises(ConfigError):
        made.step()
    text = wrong("on_turn", lambda rows: np.asarray(rows.quality).sum())
    text.step()
    assert "wrong on_turn: NotRecorded: the values of a column" in text.player.interpreted["month"]


def test_a_reference_is_cut_like_an_array_and_holds_no_values():
    array = np.arange(24.0, dtype=f4).reshape(2, 3, 4)
    reference = Reference.fixed(array, "levels")
    assert reference[1, 2].base == array[1, 2].ctypes.data and reference[-1].shape == (3, 4)
    assert reference[0:1].shape == (1, 3, 4) and [part.base for part in reference] == [a.ctypes.data for a in array]
    assert layout_of((ROWS, 3), (12, 4), 4) == "A"
    column = Reference("rows", 0, (2, ROWS), (400, 4), np.dtype(f4))
    for ask in (
        lambda: column[0][1], lambda: column[0] + 1, lambda: 1 - column, lambda: np.sum(column), lambda: column[:, 0],
        lambda: column[0][column[0]], lambda: column == 1, lambda: len(column[0]), lambda: bool(column), lambda: column > 0,
        lambda: column.__setitem__(0, 1),
    ):  # fmt: skip
        with pytest.raises(TypeError):
            ask()
    with pytest.raises(IndexError):
        column[2]


def test_only_calls_of_this_thread_are_recorded_and_only_while_it_lasts():
    plan, values = Plan(8), np.zeros(3)
    with recorded(plan):
        add_one(values, values)
    assert isinstance(add_one, Kernel) and len(plan.steps) == 1 and not values.any()
    add_one(values, values)
    assert values.tolist() == [1.0, 1.0, 1.0]
    with recorded(plan), pytest.raises(NotRecorded):
        add_one("three", values)


SCRIPT = """
import sim, numpy as np
m = sim.Market(sim.compose("population.customers=700", "periods=3"))
m.run_for(2)
print(m.total("revenue").tolist(), m.total("quality").tolist(), int(m.table["habit"].sum()))
"""


def test_bounds_checking_changes_no_bit():
    said = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT], env={**os.environ, "NUMBA_BOUNDSCHECK": flag}, text=True,
            capture_output=True, check=True,
        ).stdout
        for flag in ("0", "1")
    ]  # fmt: skip
    assert said[0] == said[1] and said[0]

