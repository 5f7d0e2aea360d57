"""Keep the strategy mix of the first day: the baseline of every rule of revision (A7)."""

from __future__ import annotations

from dataclasses import dataclass

from sim.world.revision import Revision


@dataclass(frozen=True, kw_only=True)
class Fixed(Revision):
    """The mix stays as it is."""

    def revise(self, seen, memory, rng):
        """The mix that the firm has."""
        return dict(seen.mix), memory
