"""Worlds that many tests share."""

import copy
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.plugins import Plugins

sys.path.insert(0, str(Path(__file__).parent / "reference"))

import sim

ROOT = Path(__file__).parents[1]


def remember_what_was_read():
    """Let Hydra parse a text once: it would parse the same fifty files anew for each of thousands of scenarios."""
    Plugins.instance()
    reader = SourcesRegistry.instance().resolve("file").load_config.__globals__
    load, known = reader["OmegaConf"].load, {}

    def remembered(file):
        text = file.read()
        if text not in known:
            file.seek(0)
            known[text] = load(file)
        return copy.deepcopy(known[text])

    reader["OmegaConf"] = SimpleNamespace(load=remembered)


remember_what_was_read()


@pytest.fixture(scope="session")
def world():
    """Build a scenario from overrides, small unless said otherwise."""

    def build(*overrides):
        return sim.compose("population.customers=2000", "periods=3", "replications=1", *overrides)

    return build


@pytest.fixture(scope="session")
def played(world):
    """Play a scenario and return the market."""

    def play(*overrides, periods=3, **changes):
        scenario = world(f"periods={periods}", *overrides)
        market = sim.Market(scenario.replace(**changes) if changes else scenario)
        for _ in range(periods):
            market.step()
        return market

    return play


@pytest.fixture
def undrawn(monkeypatch):
    """Build the pictures of a report, but do not draw them: drawing is most of the time of a small run."""
    monkeypatch.setattr("sim.report.html.svg", lambda figure, title: "<svg/>")


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of configurations that know a trap, and where the traps' files are; workers find the trap's code."""
    from studies import TRAPPED

    folder = tmp_path / "own"
    (folder / "experiment").mkdir(parents=True)
    (folder / "experiment" / "trapped.yaml").write_text(TRAPPED)
    monkeypatch.setenv("TRAP", str(folder))
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'reference'}")
    return folder
