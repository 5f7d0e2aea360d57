"""Tastes that differ between people (A6, C3): correlated normal around the segment's mean, after McFadden & Train 2000."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.random_tastes import add_by_segment, add_normals
from sim.science.rules.random_tastes import correlation_root
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32


@dataclass(frozen=True, kw_only=True)
class RandomTastes(Mechanism):
    """theta_ik = theta_k + shift_sk + sd_k (L z_i)_k for every attribute of the offer.

    Only what a firm offers over its mode's standard service is valued by these tastes, so that the surveyed market stays
    where the survey left it. Price sensitivity is log-normal already (population.price_spread).
    """

    writes: ClassVar[ByHook] = at(on_arrive="taste")
    neutral: ClassVar[Mapping[str, object]] = {"spread": {}, "shift": {}}

    spread: Mapping[str, float] = param(
        "standard deviation of a taste within a segment, 0 where not named", "utils/unit", low=0,
        source="Hensher & Greene 2003; register R100",
    )  # fmt: skip
    correlation: Mapping[str, Mapping[str, float]] = param(
        "correlation of a taste with another one, each pair named once, 0 where not named", "1", low=-1, high=1,
        source="Train 2009; register R101",
    )  # fmt: skip
    shift: Mapping[str, Mapping[str, float]] = param(
        "what a segment adds to the mean taste, by segment and attribute", "utils/unit", source="C3; register R102"
    )

    def _pairs(self):
        return {(first, second): rho for first, row in self.correlation.items() for second, rho in row.items()}

    def check(self):
        """A pair names two attributes, once, and the correlations fit together."""
        pairs = self._pairs()
        for first, second in pairs:
            if first == second or (second, first) in pairs:
                raise ConfigError(f"correlation.{first}.{second}: expected two attributes, each pair once")
        if self._root(tuple(dict.fromkeys(name for pair in pairs for name in pair))) is None:
            raise ConfigError(
                "correlation: no tastes can be correlated like that; expected a positive semidefinite matrix"
            )

    def _root(self, attributes):
        matrix = np.eye(len(attributes))
        for (first, second), rho in self._pairs().items():
            a, b = attributes.index(first), attributes.index(second)
            matrix[a, b] = matrix[b, a] = rho
        return correlation_root(matrix)

    def check_scenario(self, scenario):
        """Every attribute and segment named must exist."""
        tastes, segments = scenario.population.tastes, scenario.population.segments
        named = [(f"spread.{name}", name) for name in self.spread]
        named += [
            (f"correlation.{first}.{second}", name) for first, second in self._pairs() for name in (first, second)
        ]
        named += [(f"shift.{segment}.{name}", name) for segment, row in self.shift.items() for name in row]
        for where, name in named:
            if name not in tastes:
                raise ConfigError(f"mechanism.random_tastes.{where}: unknown attribute; {nearest(name, tastes)}")
        for name in self.shift:
            if name not in segments:
                raise ConfigError(f"mechanism.random_tastes.shift.{name}: unknown segment; {nearest(name, segments)}")

    def on_arrive(self, rows):
        """Give everybody tastes of their own."""
        market = rows.market
        root = self._root(market.attributes)
        for k, name in enumerate(market.attributes):
            shift = np.array([self.shift.get(s, {}).get(name, 0.0) for s in market.segments], f4)
            if shift.any():
                add_by_segment(shift, rows.segment, rows.taste[k])
            for j, other in enumerate(market.attributes[: k + 1]):
                scale = f4(self.spread.get(name, 0.0) * root[k, j])
                if scale:
                    add_normals(rows.identity, rows.now, *market.key("taste", other), scale, rows.taste[k])
