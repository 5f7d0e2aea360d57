"""Fairness (C2; Feinberg, Krishna & Zhang 2002): ordinary customers see what the firm does for others, and mind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest, param
from sim.science.kernels.fairness import mind, mind_served
from sim.science.rules.choice import fit_gained
from sim.science.rules.fairness import shortfall
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32
fit = getattr(fit_gained, "py_func", fit_gained)


@dataclass(frozen=True, kw_only=True)
class Fairness(Mechanism):
    """A customer compares what a firm does for the own segment with the best that it does for another, per context.

    What it does: the compared service levels at mean tastes, the fit of the offer with the segment's mean ideal, less the fare at the
    median price sensitivity. sensitivity * shortfall is taken off the appeal, and off the quality received.
    Source: Xia, Monroe & Cox (2004), J. Marketing 68(4); Adams (1965).
    """

    keeps: ClassVar[Mapping[str, Column]] = {
        "shortfall": Column(
            "float32", "utils", "what a segment gets less than the best served one", "", ("firm", "cell")
        )
    }
    records: ClassVar[Mapping[str, Column]] = {
        "shortfall": Column("float64", "utils", "what a segment gets less than the best served one, mean over cells")
    }
    reads: ClassVar[ByHook] = at(on_show="level position fare")
    writes: ClassVar[ByHook] = at(on_serve="quality")
    neutral: ClassVar[Mapping[str, object]] = {"sensitivity": 0.0}

    sensitivity: float = param(
        "utils lost per util that the best served segment gets more", "1", low=0,
        source="Xia, Monroe & Cox 2004; register R250",
    )  # fmt: skip
    compared: tuple[str, ...] = param("attributes in which customers compare", "1", source="C2; register R251")

    def check_scenario(self, scenario):
        """Compared attributes must exist."""
        for name in self.compared:
            if name not in scenario.population.tastes:
                raise ConfigError(
                    f"mechanism.fairness.compared: unknown attribute '{name}'; "
                    f"{nearest(str(name), scenario.population.tastes)}"
                )

    def on_show(self, market):
        """Look at what is on the board, once for everybody."""
        missed = market.kept["shortfall"]
        missed[:] = 0.0
        for firm in market.trading:
            worth = self._worth(market, firm).reshape(len(market.segments), -1)
            missed[firm.index] = shortfall(worth).ravel()

    def on_weigh(self, rows, firm, out_appeal):
        """Take off what others get more."""
        missed = rows.market.kept["shortfall"][firm.index]
        if missed.any():
            mind(missed, f4(self.sensitivity), rows.cell, out_appeal)

    def on_serve(self, rows):
        """It is felt in the service, too."""
        missed = rows.market.kept["shortfall"]
        if missed.any():
            mind_served(rows.provider, missed, f4(self.sensitivity), rows.cell, rows.quality)

    def on_record(self, market):
        """Mean shortfall over segments and contexts; zero for a firm that treats all alike."""
        return {"shortfall": market.kept["shortfall"].mean(axis=1, dtype=float)}

    def _worth(self, market, firm):
        """(cells,) worth of what the firm does for each segment in each context [utils]."""
        board, population = market.board, market.world.population
        taste = np.array([taste if name in self.compared else 0.0 for name, taste in population.tastes.items()])
        worth = taste @ board.level[firm.index].astype(float)
        ideal = np.repeat(market.mean_ideal.T, len(market.contexts), axis=1)
        if market.board.need_weight > 0:
            gained = fit(market.board.need_weight, board.position[firm.index].astype(float), market.board.need_standard, ideal)
            worth = worth + gained.sum(axis=0)
        return worth - population.price_sensitivity * board.fare[firm.index].astype(float)
