"""Price premium: how much dearer a firm is than what the market pays on average."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.world.metric import Metric


@dataclass(frozen=True, kw_only=True)
class PricePremium(Metric):
    """Posted price / mean price of all purchases of the period, minus 1.

    Source: Aaker (1996), Measuring brand equity across products and markets, California Management Review 38, 102-120.

    >>> PricePremium().compute({"price": np.array([30.0, 60.0]), "purchases": np.array([100, 100])}, {}).round(2)
    array([-0.33,  0.33])
    """

    column: ClassVar[Column] = Column("float64", "1", "posted price over the mean price of all purchases, minus 1")
    reads: ClassVar[frozenset[str]] = frozenset({"price", "purchases"})
    source: ClassVar[str] = "Aaker 1996, California Management Review 38"

    def compute(self, firms, market):
        """NaN where nothing is sold, and of a firm that is not in the market."""
        sold = firms["purchases"] > 0
        if not sold.any():
            return np.full(len(sold), np.nan)
        return firms["price"] / np.average(firms["price"][sold], weights=firms["purchases"][sold]) - 1
