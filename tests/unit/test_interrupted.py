"""Ctrl-C in the middle of a query is Ctrl-C, not a defect of the store."""

import contextlib

import duckdb
import pytest

import sim
from sim.study.store import Study


class Interrupted:
    def __init__(self, error):
        self.error = error

    def execute(self, sql):
        raise self.error


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    words = ("population.customers=100", "periods=1", "replications=1", "mechanism=[]", "metrics=[share]", "engine=serial")
    return sim.sweep(*words, "firms.thrift.markup=0.1", folder=tmp_path_factory.mktemp("study"))


@pytest.mark.parametrize("error", [RuntimeError("Query interrupted"), duckdb.InterruptException("INTERRUPT Error")])
def test_a_query_that_is_interrupted(monkeypatch, store, error):
    monkeypatch.setattr(Study, "connect", lambda self, *how: contextlib.nullcontext(Interrupted(error)))
    monkeypatch.setattr(Study, "verify", lambda self: pytest.fail("nothing is damaged"))
    with pytest.raises(KeyboardInterrupt):
        store.query("SELECT 1")
