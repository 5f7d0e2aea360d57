"""Differentia: an agent-based laboratory of competitive service markets.

>>> import sim
>>> scenario = sim.compose("scenario=intercity", "seed=7", "periods=3", "population.customers=500", "replications=1")
>>> result = sim.run(scenario)
>>> sorted(result.firms["firm"].unique())[:2]
['air', 'car']
"""

from importlib import import_module

from sim.ground.places import settle

settle()

__version__ = "0.1.0"

_PUBLIC = {
    "Scenario": "sim.world.scenario",
    "ConfigError": "sim.ground.params",
    "Market": "sim.market.market",
    "compose": "sim.world.composing.configuration",
    "run": "sim.market.runs",
    "Result": "sim.market.runs",
    "sweep": "sim.study.sweep",
    "compare": "sim.study.answers.compare",
    "explain": "sim.study.answers.explain",
    "analyse": "sim.study.answers.analyse",
    "Study": "sim.study.store",
    "table": "sim.pages.look",
    "draw": "sim.pages.look",
    "report": "sim.pages.look",
}

__all__ = [*_PUBLIC]


def __dir__() -> list[str]:
    return sorted([*globals(), *_PUBLIC])


def __getattr__(name: str):
    """Import public names only when they are used, so that help is instant."""
    if name in _PUBLIC:
        return getattr(import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'sim' has no attribute {name!r}")
