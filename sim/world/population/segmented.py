"""A population of stated segments (C3, D3): no survey, but a share, a taste for money and a usage for each segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.ground import draws
from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.draw import normals
from sim.world.population import Mode, People, Population, Segment, check_weights


@dataclass(frozen=True, kw_only=True)
class StatedSegment(Segment):
    """A group of customers as somebody has described it."""

    weight: float = param("part of the customers who belong to it", "1", low=0, high=1, source="C3; register R431")
    sensitivity: float = param(
        "price sensitivity over that of the population", "1", low=0, high=1000, source="C3; register R433"
    )
    usage: float = param(
        "mean size of a purchase over the standard one", "1", low=1e-3, high=1000, source="C3; register R434"
    )
    utility: Mapping[str, float] = param(
        "what the segment adds to the constant of a mode, 0 where not named", "utils", low=-1000, high=1000,
        source="McFadden 1974; register R440",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class SegmentedPopulation(Population):
    """Customers drawn from segments by weight; each has a usage and a need for being served at all of its own.

    usage_i = usage_s exp(usage_spread z_i - usage_spread^2 / 2), the size of every purchase of customer i: log-normal
    with mean usage_s, so that heavy and light users exist (the value pyramid). Price sensitivity is log-normal, too, with
    median price_sensitivity * sensitivity_s * usage_i^-usage_elasticity: at 1 a customer who uses and pays twice as much
    minds a price change of a tenth as much as anybody, at 0 twice as much. The standard appeal of mode m is
    constant_m + utility_sm + appeal_spread z'_i, so that the same people stay out from month to month.
    """

    usage_spread: float = param(
        "standard deviation of ln usage within a segment", "1", low=0, high=3, source="C3, D3; register R434"
    )
    usage_elasticity: float = param(
        "by how many per cent sensitivity falls per per cent of usage", "1", low=0, high=10, source="register R435"
    )
    appeal_spread: float = param(
        "standard deviation between customers of the appeal of buying at all", "utils", low=0, high=100,
        source="Berry, Levinsohn & Pakes 1995, Econometrica 63; register R436",
    )  # fmt: skip
    modes: Mapping[str, Mode] = param("modes by name", "1", source="choice of the user")
    segments: Mapping[str, StatedSegment] = param("segments by name", "1", source="C3; register R431")

    def check(self):
        """Weights must sum to one, and offsets concern modes that exist."""
        super().check()
        check_weights({name: segment.weight for name, segment in self.segments.items()}, "segments.weight")
        for name, segment in self.segments.items():
            for mode in segment.utility:
                if mode not in self.modes:
                    raise ConfigError(f"segments.{name}.utility.{mode}: unknown mode; {nearest(str(mode), self.modes)}")

    @property
    def origin(self) -> str:
        """Nobody was asked."""
        return "stated segments, no survey: see the assumption register"

    def people(self) -> People:
        """The customers of the segments."""
        return StatedPeople(self)


class StatedPeople(People):
    """Customers of stated segments. cumulative : weight, added up. utility : (modes, segments) standard appeal [utils]."""

    def __init__(self, population: SegmentedPopulation) -> None:
        super().__init__(population)
        segments = population.segments.values()
        self.cumulative = np.cumsum([s.weight for s in segments])
        self.sensitivity = population.price_sensitivity * np.array([s.sensitivity for s in segments])
        self.usage = np.array([s.usage for s in segments])
        self.utility = np.array(
            [[mode.constant + s.utility.get(name, 0.0) for s in segments] for name, mode in population.modes.items()]
        )

    def identify(self, drawn, seed, rows):
        """Draw segment, usage and need for each customer."""
        population, spread = self.population, self.population.usage_spread
        segment = np.minimum(np.searchsorted(self.cumulative, drawn), len(self.cumulative) - 1)
        rows.source_row[:], rows.segment[:] = segment, segment
        draw = np.empty(len(rows), np.float32)
        normals(rows.identity, rows.now, *draws.key(seed, "usage"), draw)
        usage = self.usage[segment] * np.exp(spread * draw.astype(float) - spread**2 / 2)
        normals(rows.identity, rows.now, *draws.key(seed, "need to be served"), draw)
        rows.standard_appeal[:] = self.utility[:, segment] + population.appeal_spread * draw
        rows.journey[:] = usage
        return self.sensitivity[segment] * usage**-population.usage_elasticity
