"""Designs of experiments: which points of the factors' space are played."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.ground.params import Params
from sim.study.factor import Factor


class Design(Params):
    """Which points a study plays; one file a design, one YAML in `configs/design`."""

    def points(self, factors: Sequence[Factor], seed: int) -> list[dict[str, Any]]:
        """Values of every factor by name, a mapping a point, in the order in which analyses expect them.

        Parameters
        ----------
        factors : what moves; may be empty, then there is one point. seed : of the design's own draws.

        Raises
        ------
        ConfigError : the design cannot be made of these factors.
        """
        raise NotImplementedError
