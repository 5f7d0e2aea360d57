"""Classes of a user's own that fail, or return what they should not: one line, with file and line of theirs."""

import dataclasses
import importlib
import itertools
import re
import sys
import traceback

import pytest

import sim
from sim.ground.params import ConfigError

SMALL = ["population.customers=300", "periods=2", "replications=1", "mechanism=[]", "threads=1"]
HEAD = """from dataclasses import dataclass, field
from typing import Literal
import sys
import numpy as np
from sim.world.mechanisms import Mechanism
from sim.ground.params import ConfigError, param
from sim.world.pricing import Pricing
from sim.world.revision import Pilots, Revision
from sim.world.strategies import Decision, Strategy

"""
DOORS = {
    "strategy": ("Strategy", "decide", "self, seen, memory, rng", "Decision(seats=40), memory"),
    "pricing": ("Pricing", "price", "self, quote, memory, rng", "quote.flat(30.0), memory"),
    "revision": ("Revision", "revise", "self, seen, memory, rng", "dict(seen.mix), memory"),
}
FIRM = {"strategy": "firms.thrift", "revision": "firms.thrift", "pricing": "firms.air"}  # whose rule has no values of its own
NUMBER = itertools.count()


def module(tmp_path, monkeypatch, text):
    """A module that nobody has read yet, on the path."""
    name = f"own_{next(NUMBER)}"
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, name, raising=False)
    importlib.invalidate_caches()
    return name


def rule(part, returned=None, more="", fields="    pass"):
    """Source of a rule that returns this, with more methods."""
    base, method, arguments, right = DOORS[part]
    body = f"    def {method}({arguments}):\n        return {right if returned is None else returned}\n"
    return f"{HEAD}@dataclass(frozen=True, kw_only=True)\nclass Mine({base}):\n{fields}\n{body}{more}"


def words(part, name):
    if part == "mechanism":
        return [*SMALL, f"+mechanism.mine._target_={name}.Mine"]
    needed = ["firms.thrift.strategy=mixed"] if part == "revision" else []
    return [*SMALL, *needed, f"{FIRM[part]}.{part}={{_target_:{name}.Mine}}"]


def said(part, name):
    """The one line that a run of it ends with; the cause is kept for whoever looks for it."""
    with pytest.raises(ConfigError) as caught:
        sim.run(sim.compose(*words(part, name), allow_foreign=True))
    line = str(caught.value)
    assert len(line.splitlines()) == 1 and line.isprintable() and len(line) <= 800, line
    return line, caught.value


BROKEN = {
    "syntax": ("def decide(self:\n", "SyntaxError"),
    "indent": ("class A:\npass\n", "IndentationError"),
    "raises": ("raise ValueError('no\\nluck')\n", "ValueError: no luck"),
    "exits": ("import sys\nsys.exit(7)\n", "SystemExit: 7"),
    "lacks a library": ("import no_such_library_at_all\n", "ModuleNotFoundError"),
    "lacks a name": ("from json import no_such_name\n", "ImportError"),
    "recurses": ("def f():\n    return f()\nf()\n", "RecursionError"),
    "bytes": ("x = '\x00'\n", "SyntaxError"),
    "param without unit": (HEAD + "class Mine(Strategy):\n    x: float = param('what')\n", "TypeError"),
    "not frozen": (HEAD + "@dataclass\nclass Mine(Strategy):\n    x: int\n", "TypeError"),
    "asserts": ("assert False\n", "AssertionError"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_file_that_cannot_be_read_is_said_with_its_line(case, tmp_path, monkeypatch):
    text, expected = BROKEN[case]
    name = module(tmp_path, monkeypatch, text)
    line, error = said("strategy", name)
    assert expected in line and f"{name}.py line " in line and f"'{name}.Mine'" in line
    assert error.__cause__ is not None


@pytest.mark.parametrize("part", DOORS)
@pytest.mark.parametrize("method", ["begin", "decide", "check", "check_scenario", "opening_mix", "pilots", "own"])
@pytest.mark.parametrize("raised", ["ValueError('a\\nb')", "SystemExit(7)", "KeyError('k')", "Odd()", "StopIteration", "OSError('gone')"])
def test_a_method_that_fails_is_said_with_file_and_line(part, method, raised, tmp_path, monkeypatch):
    if {"opening_mix": "strategy", "pilots": "revision"}.get(method, part) != part or (method == "decide" and part != "strategy"):
        return
    method = DOORS[part][1] if method == "own" else method
    text = rule(part, more=f"    def {method}(self, *args):\n        raise {raised}\n")
    text = text.replace("\n\n@data", "\n\nclass Odd(Exception):\n    def __str__(self):\n        raise RuntimeError\n\n@data", 1)
    name = module(tmp_path, monkeypatch, text)
    line, error = said(part, name)
    number = 1 + next(n for n, of in enumerate(text.splitlines()) if of.strip() == f"raise {raised}")
    assert f"{name}.py line {number}" in line and FIRM[part] in line
    assert re.split(r"\W", raised)[0] in line
    assert any(f"{name}.py" in frame for frame in traceback.format_exception(error))


HOOKS = ["on_begin", "on_arrive", "on_open", "on_report", "on_offer", "on_post", "on_hear", "on_occasion", "on_weigh", "on_consider", "on_serve",
         "on_experience", "on_bond", "on_turn", "on_settle", "on_record", "on_record_market", "check", "check_scenario"]  # fmt: skip


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("raised", ["1 / 0", "sys.exit(7)"])
def test_a_hook_that_fails_is_said_with_file_and_line(hook, raised, tmp_path, monkeypatch):
    text = f"{HEAD}@dataclass(frozen=True, kw_only=True)\nclass Mine(Mechanism):\n    def {hook}(self, *args):\n        {raised}\n"
    name = module(tmp_path, monkeypatch, text)
    line, error = said("mechanism", name)
    assert f"{name}.py line {len(text.splitlines())}" in line and "Mine" in line
    assert ("SystemExit: 7" if "exit" in raised else "ZeroDivisionError") in line


SHAPELESS = {
    "abstract": (HEAD + "@dataclass(frozen=True, kw_only=True)\nclass Mine(Strategy):\n    pass\n", r"Mine \(own_\d+.py line 11\) lacks the method decide"),
    "not a dataclass": (HEAD + "class Mine(Strategy):\n    x: float = param('x', '1', source='me')\n    def decide(self, *a):\n        pass\n", "@dataclass"),
    "unknown annotation": (rule("strategy", fields="    x: 'Nowhere' = param('x', '1', source='me')"), "Nowhere"),
    "no kind": (rule("strategy", fields="    x: complex = param('x', '1', source='me')"), "cannot be checked"),
    "a list": (rule("strategy", fields="    x: list = param('x', '1', source='me')"), "cannot be checked"),
    "a missing value": (rule("strategy", fields="    x: float = param('x', '1', source='me')"), "firms.thrift.x: missing"),
    "an own init": (rule("strategy", more="    def __init__(self, a):\n        pass\n"), "TypeError"),
    "no such class": ("x = 3\n", "not found"),
    "no class": ("def Mine():\n    pass\n", "not a Strategy"),
    "another class": (rule("pricing"), "not a Strategy"),
}


@pytest.mark.parametrize("case", SHAPELESS)
def test_a_class_of_the_wrong_form_is_said(case, tmp_path, monkeypatch):
    text, expected = SHAPELESS[case]
    line, _ = said("strategy", module(tmp_path, monkeypatch, text))
    assert re.search(expected, line), line


@pytest.mark.parametrize("part", DOORS)
@pytest.mark.parametrize("returned", ["None", "3", "'abc'", "(1,)", "(1, 2, 3)", "[1, 2]", "memory", "(None, memory)", "('x', memory)", "({3}, memory)", "(rng, memory)", "...", "np.zeros(2)"])
def test_a_rule_that_returns_something_else_is_said(part, returned, tmp_path, monkeypatch):
    name = module(tmp_path, monkeypatch, rule(part, returned))
    line, _ = said(part, name)
    assert f"{FIRM[part]}.{part} (Mine.{DOORS[part][1]}, month 0" in line


FARES = ["30.0", "'30'", "[30.0, 30.0, 30.0]", "(30.0,) * 3", "np.full(1, 30.0)", "np.full(99, 30.0)", "np.full((3, 1), 30.0)", "np.full(3, np.nan)",
         "np.full(3, np.inf)", "np.full(3, -1.0)", "np.full(3, 1e9)", "np.array(['a'] * 3)", "np.full(3, 1j)", "np.full(3, True)", "np.array([None] * 3)",
         "np.array(30.0)", "np.array([30.0, 30.0, -1e-9])", "{}", "None", "quote", "iter([1, 2, 3])", "np.array([])"]  # fmt: skip


@pytest.mark.parametrize("fares", FARES)
def test_fares_that_no_market_can_ask_are_said(fares, tmp_path, monkeypatch):
    line, _ = said("pricing", module(tmp_path, monkeypatch, rule("pricing", f"{fares}, memory")))
    assert "firms.air.pricing (Mine.price, month 0): " in line
    assert "expected an array of 3 fares, one a segment, from 0 to 100000 AUD" in line


@pytest.mark.parametrize("fares", ["np.full(3, 30)", "np.full(3, 30.0, np.float32)", "np.full(3, 0.0)", "quote.flat(30)", "np.full(3, 100_000.0)"])
def test_fares_that_a_market_can_ask_are_asked(fares, tmp_path, monkeypatch):
    name = module(tmp_path, monkeypatch, rule("pricing", f"{fares}, memory"))
    assert len(sim.run(sim.compose(*words("pricing", name), allow_foreign=True)).market) == 2


WRONG = ["float('nan')", "float('inf')", "-5", "1e300", "'abc'", "[1.0]", "None", "{}", "True", "np.array([1.0, 2.0])", "1j", "10**400"]
PLACES = ["budget={0}, mix={{'price': 1.0}}", "research_and_development={0}", "seats={0}", "interviews={0}", "imitation={0}", "mix={{'price': {0}}}",
          "standing={{'evidence': {0}}}", "standing={{'advertising': {0}}}", "standing={{'promise': {0}}}", "standing={{'empowerment': {0}}}", "attended={0}", "programme={0}"]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_decision_that_no_firm_can_carry_out_is_said(place, tmp_path, monkeypatch):
    field = re.findall(r"\w+", place)[0 if "standing" not in place else 1]
    for wrong in WRONG[PLACES.index(place) % 3 :: 3]:
        seats = "" if field == "seats" else "seats=40, "
        name = module(tmp_path, monkeypatch, rule("strategy", f"Decision({seats}{place.format(wrong)}), memory"))
        if wrong == "True" and field in ("attended", "programme"):
            continue
        line, _ = said("strategy", name)
        assert "firms.thrift.strategy (Mine.decide, month 0): " in line and field in line and "expected" in line, (wrong, line)


@pytest.mark.parametrize(
    "decision",
    ["standing={'evidense': 0.5}", "standing=[1]", "standing={3: 0.5}", "mix={'prise': 1.0}", "mix=3", "mix={None: 1.0}", "innovate='x'", "innovate=3",
     "innovate=np.zeros(2)", "policy=3", "policy={'dealers': 3}", "policy={'deelers': {}}", "policy={3: {}}", "standing={'presence': 0.5}",
     "budget=0.1, mix={'price': 0.4}", "budget=0.1", "seats=2.5"],
)  # fmt: skip
def test_a_decision_with_names_or_sums_that_are_not_known_is_said(decision, tmp_path, monkeypatch):
    more = "" if "seats" in decision else "seats=40, "
    line, _ = said("strategy", module(tmp_path, monkeypatch, rule("strategy", f"Decision({more}{decision}), memory")))
    assert "firms.thrift.strategy (Mine.decide, month 0): " in line


@pytest.mark.parametrize("mix", ["{'price': 0.5}", "{'prise': 1.0}", "{'price': float('nan')}", "{'price': -1.0, 'flexibility': 2.0}", "{'price': '1'}", "{1: 1.0}", "[0.25] * 4"])
def test_a_mix_that_is_none_is_said(mix, tmp_path, monkeypatch):
    line, _ = said("revision", module(tmp_path, monkeypatch, rule("revision", f"{mix}, memory")))
    assert "firms.thrift.revision (Mine.revise, month 0): mix" in line


def test_a_decision_of_numpys_numbers_is_that_of_pythons(tmp_path, monkeypatch):
    plain = "Decision(budget=0.1, mix={'price': 1.0}, seats=40, attended=True, standing={'evidence': 0.5}), memory"
    numpys = "Decision(budget=np.float64(0.1), mix={'price': np.float64(1)}, seats=np.int64(40), attended=np.True_, standing={'evidence': np.float64(0.5)}), memory"
    one, other = (module(tmp_path, monkeypatch, rule("strategy", text)) for text in (plain, numpys))
    found = [sim.run(sim.compose(*words("strategy", name), allow_foreign=True)).firms for name in (one, other)]
    assert found[0].equals(found[1])


STUDY = ["population.customers=300", "periods=2", "replications=1", "mechanism=[]", "moves=0"]


def swept(name, folder, engine="serial"):
    own = [*STUDY, f"engine={engine}", *(["engine.workers=1"] if engine == "processes" else []), f"firms.air.pricing={{_target_:{name}.Mine}}"]
    study = sim.sweep(*own, folder=folder, allow_foreign=True)
    assert set(study.runs["status"]) == {"complete"}, study.runs["error"].tolist()
    prices = study.outcomes(["price"])
    return prices[prices["firm"] == "air"]["price"].iloc[0], set(study.runs["run"])


EDITS = {
    "a function": (rule("pricing", "quote.flat(30.0), memory"), rule("pricing", "quote.flat(50.0), memory")),
    "a constant": (rule("pricing", "quote.flat(FARE), memory") + "\nFARE = 30.0\n", rule("pricing", "quote.flat(FARE), memory") + "\nFARE = 50.0\n"),
    "a comment": (rule("pricing"), rule("pricing") + "# a word\n"),
    "a default": (rule("pricing", "self.own(quote), memory", "    def own(self, q, f=30.0):\n        return q.flat(f)\n"),
                  rule("pricing", "self.own(quote), memory", "    def own(self, q, f=50.0):\n        return q.flat(f)\n")),
    "broken": (rule("pricing"), "def (\n"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_edited_after_it_was_read_is_refused_until_it_is_read_again(edit, tmp_path, monkeypatch):
    before, after = EDITS[edit]
    name = module(tmp_path, monkeypatch, before)
    first = swept(name, tmp_path / "first")
    (tmp_path / f"{name}.py").write_text(after)
    for ask in (swept, lambda *_: sim.compose(*words("pricing", name), allow_foreign=True)):
        with pytest.raises(ConfigError, match=f"{name}.py was edited after Python had read it") as caught:
            ask(name, tmp_path / "second")
        assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "second").exists()
    if edit != "broken":
        sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
        (tmp_path / "__pycache__").exists() and [path.unlink() for path in (tmp_path / "__pycache__").iterdir()]
        importlib.reload(sys.modules[name])
        sys.dont_write_bytecode = before
        again = swept(name, tmp_path / "second")
        assert again[1].isdisjoint(first[1])
        if edit in ("a function", "a constant", "a default"):
            assert (first[0], again[0]) == (30.0, 50.0)


def test_a_file_edited_before_it_was_first_named_is_refused_too(tmp_path, monkeypatch):
    name = module(tmp_path, monkeypatch, EDITS["a function"][0])
    importlib.import_module(name)
    (tmp_path / f"{name}.py").write_text(EDITS["a function"][1])
    with pytest.raises(ConfigError, match="was edited after Python had read it"):
        swept(name, tmp_path / "study")


def test_an_edited_module_that_a_strategy_imports_is_refused(tmp_path, monkeypatch):
    helper = module(tmp_path, monkeypatch, "FARE = 30.0\n")
    name = module(tmp_path, monkeypatch, rule("pricing", "quote.flat(FARE), memory").replace("import sys\n", f"from {helper} import FARE\n"))
    first = swept(name, tmp_path / "first")
    (tmp_path / f"{helper}.py").write_text("FARE = 50.0  # now\n")
    with pytest.raises(ConfigError, match=f"{helper}.py was edited"):
        swept(name, tmp_path / "second")
    assert first[0] == 30.0


def test_a_worker_that_reads_another_file_than_the_plan_says_plays_nothing(tmp_path, monkeypatch):
    from sim.study import chunk
    from sim.study.catalogue import header_of
    from sim.study.planning import question
    from sim.study.version import refuse_edited

    name = module(tmp_path, monkeypatch, EDITS["a function"][0])
    plan = question([*STUDY, f"firms.air.pricing={{_target_:{name}.Mine}}"], None, True).plan
    refuse_edited(header_of(plan)["code"], [plan.config(0)])
    code = dict(plan.code) | {name: "0" * 12}
    with pytest.raises(ConfigError, match=f"{name}: edited after the study had begun"):
        refuse_edited(code, [plan.config(0)])
    assert dataclasses.is_dataclass(chunk.Work)
