"""Expectation, disconfirmation, satisfaction (E1): customers judge a service against what they had come to expect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.kernels.bond import add_opinion, live
from sim.mechanisms import Mechanism
from sim.params import param
from sim.table import Column

f4 = np.float32


@dataclass(frozen=True, kw_only=True)
class Satisfaction(Mechanism):
    """Quality received, with the firm's delivery noise, minus expectation moves satisfaction; losses weigh more.

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
    writes: ClassVar[frozenset[str]] = frozenset({"quality", "gap", "satisfaction", "expectation"})
    neutral: ClassVar[Mapping[str, object]] = {"weight": 0.0}

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

    def on_begin(self, market):
        """Fix the noise and the draw keys of each firm's delivery."""
        noise = np.array([firm.spec.delivery_noise for firm in market.firms], np.float32)
        keys = np.array([market.key("delivery", firm.name) for firm in market.firms], np.uint32)
        market.memory["satisfaction"] = (noise, keys)

    def on_weigh(self, block, firm, out_appeal):
        """Add the customer's satisfaction with the firm."""
        add_opinion(block.satisfaction[firm.index], f4(self.weight), out_appeal)

    def on_experience(self, block):
        """Live through the service and learn from it."""
        market = block.market
        noise, keys = market.memory["satisfaction"]
        live(
            block.identity,
            block.now,
            keys,
            block.provider,
            block.place,
            noise,
            f4(self.loss_aversion),
            f4(self.learning),
            f4(self.smoothing),
            block.quality,
            block.gap,
            block.in_place("expectation"),
            block.in_place("satisfaction"),
        )
