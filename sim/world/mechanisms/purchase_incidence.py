"""Purchase incidence (A5, G1): some travel weekly, some once in years; several occasions a month (Ehrenberg 1959)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import gammainc, gammaincc, gammaincinv

from sim.ground.column import Column
from sim.ground.grid import WINDOW
from sim.ground.params import ConfigError, param
from sim.science.kernels.draw import uniforms
from sim.science.kernels.purchase_incidence import arise_occasions
from sim.science.rules.purchase_incidence import HIGHEST
from sim.world.mechanisms import ByHook, Mechanism, at

UNCOUNTED = 0.01


def counted(mean: float, shape: float) -> float:
    """Part of all occasions that is left where rates above `HIGHEST` count as that: E min(X, h) / E X, X Gamma.

    >>> counted(1.0, 0.78), round(float(counted(100.0, 1e6)), 3)
    (1.0, 0.8)
    """
    limit = float(HIGHEST) * shape / mean
    return float(gammainc(shape + 1, limit) + float(HIGHEST) / mean * gammaincc(shape, limit))


@dataclass(frozen=True, kw_only=True)
class PurchaseIncidence(Mechanism):
    """n_it ~ Poisson(lambda_i season_t), lambda_i ~ Gamma(shape, mean): counts over customers are negative binomial.

    Without it everybody has one occasion a month. The context of each occasion is drawn from the segment's mix.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "rate": Column(
            "float32", "occasions/month", "purchase occasions that a customer has in a mean month", "lambda_i"
        )
    }

    writes: ClassVar[ByHook] = at(on_arrive="rate", on_hear="occasions")
    mean: float = param("mean occasions over customers", "occasions/month", low=0, high=100, source="A5; register R91")
    shape: float = param(
        "shape of the Gamma distribution of rates; small is uneven", "1", low=0.01, high=1e6,
        source="Ehrenberg 1959; register R92",
    )  # fmt: skip
    season: tuple[float, ...] = param(
        "factor on everybody's rate in each month of the year", "1", low=0, high=12, source="A1; register R93"
    )

    def check(self):
        """A year has twelve months, and the seasons leave the yearly mean alone."""
        if len(self.season) != WINDOW or abs(sum(self.season) / WINDOW - 1) > 1e-6:
            raise ConfigError(f"season = {list(self.season)}: expected twelve factors with mean 1")
        busiest = self.mean * max(self.season)
        if busiest > 0 and counted(busiest, self.shape) < 1 - UNCOUNTED:
            raise ConfigError(
                f"mean = {self.mean:g} occasions/month: expected a mean, shape and season with which at most "
                f"{UNCOUNTED:.0%} of a month's occasions are a customer's eighty-first or later; they would not be counted"
            )

    def on_arrive(self, rows):
        """Give every customer a rate for life."""
        draw = np.empty(len(rows), np.float32)
        uniforms(rows.identity, rows.now, *rows.market.key("purchase rate"), draw)
        rows.rate[:] = gammaincinv(self.shape, draw.astype(float)) * (self.mean / self.shape)

    def on_hear(self, block):
        """Draw this month's occasions."""
        market = block.market
        season = np.float32(self.season[market.period % WINDOW])
        arise_occasions(
            block.identity, block.now, *market.key("occasions"), block.rate, season, block.scratch(np.float32),
            block.scratch(np.float32), block.occasions,
        )  # fmt: skip
