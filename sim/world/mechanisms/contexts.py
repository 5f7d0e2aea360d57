"""Usage contexts (A1, C8): at peaks and at night the standard timetable misses the need; flexibility closes the gap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest, param
from sim.world.mechanisms import ByHook, Mechanism, at


@dataclass(frozen=True, kw_only=True)
class Contexts(Mechanism):
    """A context leaves a gap of so much delay, or of another attribute; a timetabled firm at level phi closes phi of it.

    level[f, attribute, s, c] += (1 - phi_f) gap_c - sum_c mix_sc gap_c, at closing_cost for every unit closed.
    The mean is taken off because the fitted constants of the modes already hold it.
    Source: schedule delay as the cost of not travelling when one wants to, Small (1982), American Economic Review 72.
    """

    records: ClassVar[Mapping[str, Column]] = {
        "flexibility": Column("float64", "1", "fraction of the contexts' gap that the firm closes", "phi_f")
    }
    writes: ClassVar[ByHook] = at(on_offer="level unit_cost")
    neutral: ClassVar[Mapping[str, object]] = {"gap": {}}

    attribute: str = param("attribute that a context leaves wanting; any where none has a gap", "1", source="A1; Small 1982")
    gap: Mapping[str, float] = param(
        "what the standard service leaves of it in a context", "min", low=0, source="A1; register R31"
    )
    closing_cost: float = param("cost of a minute closed", "¤/min", low=0, source="A1; register R32")

    def check_scenario(self, scenario):
        """Every context with a gap must exist, and what it leaves wanting must be an attribute that customers mind."""
        for name in self.gap:
            if name not in scenario.population.contexts:
                raise ConfigError(
                    f"mechanism.contexts.gap.{name}: unknown context; {nearest(name, scenario.population.contexts)}"
                )
        if self.gap and self.attribute not in scenario.population.tastes:
            raise ConfigError(
                f"mechanism.contexts.attribute = '{self.attribute}': unknown attribute; "
                f"{nearest(self.attribute, scenario.population.tastes)}"
            )

    def on_offer(self, market):
        """Post the gap that is left in each context, and bill what closing the rest costs."""
        if not self.gap:
            return
        delay = market.attributes.index(self.attribute)
        gap = np.array([self.gap.get(name, 0.0) for name in market.contexts])
        mean, cost = market.mix @ gap, np.tile(self.closing_cost * gap, len(market.mix))
        for firm in market.trading:
            if firm.mode.timetabled:
                market.board.level[firm.index, delay] += ((1 - firm.flexibility) * gap[None, :] - mean[:, None]).ravel()
                firm.unit_cost += cost * firm.flexibility

    def on_record(self, market):
        """Flexibility of each firm."""
        return {"flexibility": np.array([firm.posted["flexibility"] for firm in market.firms])}
