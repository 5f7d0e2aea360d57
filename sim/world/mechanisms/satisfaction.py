"""Expectation, disconfirmation, satisfaction (E1, E2, G3, G8; Oliver 1980): a service is judged against what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.satisfaction import add_opinion, judge, perceive, vary_quality
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32


@dataclass(frozen=True, kw_only=True)
class Satisfaction(Mechanism):
    """Quality received, with the firm's delivery noise, minus expectation moves satisfaction; losses weigh more.

    What one gets (technical quality: the attributes) and how one gets it (functional quality: the attributes named so,
    the delivery noise, and whatever else comes with the service) may count differently in what is perceived.
    Satisfaction with a firm is part of its appeal: weight * S_if. It starts at zero, as does the expectation (the
    mode's standard service).
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "satisfaction": Column(
            "int16",
            "1/1024 utils",
            "smoothed felt gap of the services received from a firm",
            "S_if",
            ("firm",),
            by_purchase=True,
        ),
        "expectation": Column(
            "int16", "1/1024 utils", "quality that a customer expects of a firm", "e_if", ("firm",), by_purchase=True
        ),
    }
    writes: ClassVar[ByHook] = at(on_experience="quality gap satisfaction expectation")
    neutral: ClassVar[Mapping[str, object]] = {"weight": 0.0, "technical_weight": 1.0, "functional_weight": 1.0}

    weight: float = param("weight of satisfaction in the appeal", "1", low=0, source="E1; register R41")
    loss_aversion: float = param(
        "weight of a loss against a gain", "1", low=1, source="Tversky & Kahneman 1992; register R48"
    )
    smoothing: float = param(
        "part of a felt gap that enters satisfaction", "1", low=0, high=1, source="Oliver 1980; register R43"
    )
    learning: float = param(
        "part of a gap that enters the expectation", "1", low=0, high=1, source="Oliver 1980; register R44"
    )
    functional: tuple[str, ...] = param(
        "attributes that are judged as how one is served, not as what one gets", "1", source="G8; register R130"
    )
    technical_weight: float = param(
        "weight of what one gets in the quality perceived", "1", low=0, source="Grönroos 1984; register R131"
    )
    functional_weight: float = param(
        "weight of how one gets it in the quality perceived", "1", low=0, source="Grönroos 1984; register R131"
    )

    def check_scenario(self, scenario):
        """Functional attributes must exist."""
        for name in self.functional:
            if name not in scenario.population.tastes:
                raise ConfigError(
                    f"mechanism.satisfaction.functional: unknown attribute '{name}'; "
                    f"{nearest(str(name), scenario.population.tastes)}"
                )

    def counts(self, attributes):
        """(attributes,) float32 weight of each attribute's worth in the quality perceived."""
        return np.array(
            [self.functional_weight if k in self.functional else self.technical_weight for k in attributes], f4
        )

    def on_begin(self, market):
        """Find the technical attributes."""
        technical = [k for k, name in enumerate(market.attributes) if name not in self.functional]
        market.memory["satisfaction"] = np.array(technical, np.int64)

    def on_weigh(self, rows, firm, out_appeal):
        """Add the customer's satisfaction with the firm."""
        add_opinion(rows.satisfaction[firm.index], f4(self.weight), out_appeal)

    def on_experience(self, rows):
        """Live through the service and learn from it."""
        market = rows.market
        technical = market.memory["satisfaction"]
        keys = market.keys("delivery")
        noise = market.by_firm("noise").astype(f4) * f4(self.functional_weight)
        weights = f4(self.technical_weight), f4(self.functional_weight)
        if weights != (1, 1):
            perceive(
                rows.provider,
                rows.cell,
                technical,
                rows.taste,
                market.board.level,
                *weights,
                rows.scratch(np.uint32),
                rows.scratch(f4),
                rows.quality,
            )
        key, luck = rows.scratch(np.uint32, (2,)), rows.scratch(f4)
        vary_quality(rows.identity, rows.now, keys, rows.provider, noise, key, luck, rows.quality)
        judge(
            rows.provider,
            rows.place,
            rows.quality,
            f4(self.loss_aversion),
            f4(self.learning),
            f4(self.smoothing),
            rows.scratch(np.int16, (2,)),
            rows.gap,
            rows.in_place("expectation"),
            rows.in_place("satisfaction"),
        )
