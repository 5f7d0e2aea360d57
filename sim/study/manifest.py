"""What a result was made with and from."""

from __future__ import annotations

import pathlib
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import sim

if TYPE_CHECKING:
    from sim.world.scenario import Scenario

LIBRARIES = (
    "mesa",
    "numpy",
    "numba",
    "pandas",
    "pyarrow",
    "duckdb",
    "loky",
    "scipy",
    "matplotlib",
    "statsmodels",
    "hydra-core",
    "omegaconf",
)
SOURCES = {
    "modechoice": "Travel mode choice, Sydney-Canberra-Melbourne 1987, 210 travellers; Greene & Hensher (1997); data set modechoice of statsmodels (public domain)",
}


def commit() -> str:
    """Git commit of the source tree this package runs from, or 'installed package'."""
    root = pathlib.Path(sim.__file__).parent.parent
    if not (root / ".git").exists():
        return "installed package"
    try:
        asked = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
        return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def manifest(scenario: Scenario) -> dict[str, Any]:
    """Versions, commit, seeds and sources behind a scenario's results."""
    return {
        "scenario": scenario.name,
        "currency": scenario.currency,
        "period": scenario.period,
        "seeds": " to ".join(map(str, sorted({scenario.seed, scenario.seed + scenario.replications - 1}))),
        "version": sim.__version__,
        "commit": commit(),
        "python": platform.python_version(),
        "libraries": ", ".join(f"{name} {_version(name)}" for name in LIBRARIES),
        "sources used": SOURCES.get(scenario.population.origin, scenario.population.origin),
        "strategies": ", ".join(f"{name}: {type(firm.strategy).__name__}" for name, firm in scenario.firms.items()),
        "mechanisms": ", ".join(scenario.mechanism) or "none: a plain multinomial logit with fixed offers",
    }
