"""From attractive to must-have (A7): what coaches commonly offer becomes what customers expect of every coach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import param
from sim.science.kernels.must_have import drift
from sim.world.mechanisms import ByHook, Mechanism, at


@dataclass(frozen=True, kw_only=True)
class MustHave(Mechanism):
    """Expectation of every firm of a mode drifts towards the mean quality that the mode delivered last period.

    The norm before anybody travelled is the standard service.

    e_if <- e_if + rate (norm_m - e_if), norm_m = quality delivered by mode m / its purchases.
    Source: Kano, Seraku, Takahashi & Tsuji (1984), Attractive quality and must-be quality, J. Japanese Society for
    Quality Control 14.
    """

    keeps: ClassVar[Mapping[str, Column]] = {
        "norm": Column("float32", "utils", "mean quality that the firms of a mode delivered last month", "norm_m", ("mode",))
    }
    needs: ClassVar[Mapping[str, str]] = {"satisfaction": "whose expectations it moves"}
    reads: ClassVar[ByHook] = at(on_hear="expectation")
    writes: ClassVar[ByHook] = at(on_hear="expectation")
    neutral: ClassVar[Mapping[str, object]] = {"rate": 0.0}

    rate: float = param("part of the way to the norm per month", "1", low=0, high=1, source="Kano 1984; register R45")

    def on_hear(self, block):
        """Hear what is commonly offered."""
        norm = block.market.kept["norm"]
        for firm in block.market.firms:
            drift(norm[firm.mode_index], np.float32(self.rate), block.expectation[firm.index])

    def on_settle(self, market):
        """Take the norm of each mode from what was delivered this period."""
        quality, purchases = market.total("quality"), market.total("purchases")
        norm = market.kept["norm"]
        for m in range(len(market.modes)):
            members = [f.index for f in market.firms if f.mode_index == m]
            sold = purchases[members].sum()
            if sold:
                norm[m] = market.off_grid(quality[members].sum()) / sold
