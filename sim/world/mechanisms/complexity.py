"""Complexity (A7, A3): where a feature's elements hang together, a partial copy may be worth less than none (cause: Rivkin 2000)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground import draws
from sim.ground.params import ConfigError, param
from sim.science.rules.complexity import version_worth
from sim.science.rules.philox import uniform_at
from sim.world.mechanisms import ByHook, Mechanism, at


@dataclass(frozen=True, kw_only=True)
class Complexity(Mechanism):
    """A copy of fidelity phi holds each of N elements with chance phi; its worth is that of the bundle (NK landscape).

    Each firm has its own threshold for each element of each feature: as the fidelity grows, elements are added and none
    is lost. With interdependence 0 a copy is worth its fidelity, which is what the elements are worth in the mean.
    """

    needs: ClassVar[Mapping[str, str]] = {"innovation": "whose features have elements"}
    reads: ClassVar[ByHook] = at(on_open="features")
    writes: ClassVar[ByHook] = at(on_open="feature_worth")
    neutral: ClassVar[Mapping[str, object]] = {"interdependence": 0}

    elements: int = param("elements of a feature", "elements", low=1, high=16, source="judgement; register R306")
    interdependence: int = param(
        "other elements that an element's contribution hangs on", "elements", low=0, high=15,
        source="Kauffman 1993; Levinthal 1997; register R307",
    )  # fmt: skip

    def check(self):
        """An element can hang on all others at most."""
        if self.interdependence >= self.elements:
            raise ConfigError(
                f"interdependence = {self.interdependence} elements: expected interdependence < elements = {self.elements}"
            )

    def on_begin(self, market):
        """Remember the seed of what features are like."""
        market.memory["complexity"] = market.seed

    def on_open(self, market):
        """Say what each firm's version of each feature is worth this period."""
        if not self.interdependence:
            return
        for feature in market.features:
            for firm, fidelity in feature.fidelity.items():
                feature.worth[firm] = self._worth(market, feature.name, firm, fidelity)

    def _worth(self, market, feature, firm, fidelity):
        seed = market.memory["complexity"]  # what a feature is like lasts: it goes along when the market is copied
        landscape, thresholds = (
            draws.key(seed, f"landscape of {feature}"),
            draws.key(seed, f"elements of {feature}", firm),
        )
        right = [
            fidelity >= 1 or uniform_at(np.uint32(j), np.uint32(0), *thresholds) < fidelity
            for j in range(self.elements)
        ]

        def draw(element, pattern):
            """An element's draw in the feature's landscape, in [0, 1)."""
            return float(uniform_at(np.uint32(pattern), np.uint32(element), *landscape))

        return version_worth(right, self.interdependence, draw)
