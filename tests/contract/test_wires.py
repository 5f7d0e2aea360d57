"""Mechanisms are wired by declared columns only: who touches what another one writes at a hook says so, and nobody reads another one's memory."""

import ast
import importlib
from pathlib import Path

import pytest

import sim
from sim.world.mechanisms import HOOKS
from sim.world.order import EVERYTHING

MECHANISMS = sim.compose("mechanism=all", "population.customers=100").mechanism


def source(name):
    return Path(importlib.import_module(type(MECHANISMS[name]).__module__).__file__)


def functions(name):
    """Every function of a mechanism's file by name, methods among them."""
    tree = ast.parse(source(name).read_text())
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def touched(found, hook, seen):
    """Names of attributes and of keys that a hook uses, through the functions of its file that it calls."""
    seen.add(hook)
    asked = [n for n in ast.walk(found[hook]) if isinstance(n, ast.Call) and ast.unparse(n.func).endswith(".policy")]
    policies = {id(word) for call in asked for word in call.args}  # names of policies, not of columns
    for node in ast.walk(found[hook]):
        if id(node) in policies:
            continue
        if isinstance(node, ast.Attribute):
            yield node.attr
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        called = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if called in found and called not in seen:
            yield from touched(found, called, seen)


@pytest.mark.parametrize("name", MECHANISMS)
def test_who_touches_what_another_writes_at_the_same_hook_says_so(name):
    mine, found = MECHANISMS[name], functions(name)
    for hook in set(HOOKS) & found.keys():
        written = {c for m in MECHANISMS.values() if m is not mine for c in m.writes.get(hook, ())} - {EVERYTHING}
        said = mine.reads.get(hook, frozenset()) | mine.writes.get(hook, frozenset()) | set(mine.columns)
        assert not set(touched(found, hook, set())) & written - said, f"{name}.{hook}"


@pytest.mark.parametrize("name", MECHANISMS)
def test_what_it_reads_somebody_writes(name):
    """A misspelt column orders nothing."""
    written = {c for m in MECHANISMS.values() for columns in m.writes.values() for c in columns}
    known = written | {c for m in MECHANISMS.values() for c in (*m.columns, *m.keeps)} | BOARD | set(sim_columns())
    for hook, columns in MECHANISMS[name].reads.items():
        assert hook in HOOKS and columns <= known, f"{name}.{hook}: {columns - known}"


BOARD = {"level", "position", "cue", "cents", "fare", "stock", "owner"}


def sim_columns():
    from sim.state.customers import CUSTOMER

    return CUSTOMER


@pytest.mark.parametrize("name", MECHANISMS)
def test_nobody_reads_another_ones_memory(name):
    for node in ast.walk(ast.parse(source(name).read_text())):
        named = ""
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("market.memory"):
            named = ast.unparse(node.slice)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("market.memory.get"):
            named = ast.unparse(node.args[0])
        assert named in ("", "NAME", repr(name)), f"{name} reads market.memory[{named}]"


def test_names_of_columns_belong_to_one_owner():
    owned = [c for m in MECHANISMS.values() for c in (*m.columns, *m.keeps, *m.passing)]
    assert len(owned) == len(set(owned)), sorted(c for c in owned if owned.count(c) > 1)
