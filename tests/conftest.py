"""Worlds that many tests share."""

import gc
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "reference"))

import sim

ROOT = Path(__file__).parents[1]
gc.set_threshold(50_000, 20, 10)  # composing makes many small objects: looking through them so often is an eighth of the time


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
    monkeypatch.setattr("sim.pages.html.svg", lambda figure, title: "<svg/>")


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
