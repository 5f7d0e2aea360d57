"""How firms change their strategy mix: rules of imitation, search and selection among strategies (A7, A10).

A revision rule moves the point on the simplex of `KINDS` at which a strategy that follows a mix works. It knows what
its firm knows (`Seen`) and no more.
"""

from __future__ import annotations

import abc
from typing import Any

import numpy as np

from sim.params import Params
from sim.strategies import Memory, Seen


class Revision(Params, abc.ABC):
    """A rule by which a firm changes its strategy mix. Subclasses are frozen dataclasses of `param` fields."""

    def begin(self) -> Memory:
        """Memory before the first review."""
        return {}

    def check_scenario(self, scenario: Any, name: str) -> None:
        """Raise `ConfigError` if the scenario has no place for this rule; name : the firm."""

    @abc.abstractmethod
    def revise(self, seen: Seen, memory: Memory, rng: np.random.Generator) -> tuple[dict[str, float], Memory]:
        """New mix, from `seen.mix` and whatever else is seen, and the new memory."""
