"""Ctrl-C in the middle of a query is Ctrl-C, not a defect of the store."""

import contextlib

import duckdb
import pytest

from sim.study.store import Study


class Interrupted:
    def __init__(self, error):
        self.error = error

    def execute(self, sql):
        raise self.error


@pytest.mark.parametrize("error", [RuntimeError("Query interrupted"), duckdb.InterruptException("INTERRUPT Error")])
def test_a_query_that_is_interrupted(monkeypatch, error):
    store = Study.__new__(Study)
    monkeypatch.setattr(Study, "_some", lambda self: None)
    monkeypatch.setattr(Study, "connect", lambda self, *how: contextlib.nullcontext(Interrupted(error)))
    monkeypatch.setattr(Study, "verify", lambda self: pytest.fail("nothing is damaged"))
    with pytest.raises(KeyboardInterrupt):
        store.query("SELECT 1")
