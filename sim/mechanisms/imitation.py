"""Imitation (A7): a rival notices a feature after a lag, takes its chance to copy it, pays, and learns to do it better."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.features import FEATURE_KINDS
from sim.mechanisms import Mechanism
from sim.params import ConfigError, param
from sim.rules.rivalry import copy_probability, learn


@dataclass(frozen=True, kw_only=True)
class Imitation(Mechanism):
    """Firms of the innovator's mode copy with probability imitability of the kind times their absorptive capacity.

    A copy starts at first_fidelity and grows by growth a month towards ceiling; starting it costs copy_cost once.
    """

    needs: ClassVar[Mapping[str, str]] = {"innovation": "whose features it copies"}
    neutral: ClassVar[Mapping[str, object]] = {
        "imitability": {"flexibility": 0.0, "diversification": 0.0, "distinctiveness": 0.0}
    }

    lag: int = param("months until a rival notices a feature", "months", low=0, source="A7; register R64")
    imitability: Mapping[str, float] = param(
        "chance per month that a fully able rival copies", "1", low=0, high=1, source="A3, A7; register R65"
    )
    first_fidelity: float = param("fidelity of a new copy", "1", low=0, high=1, source="Rivkin 2000; register R66")
    growth: float = param("fidelity gained per month", "1", low=0, high=1, source="register R66")
    ceiling: float = param("fidelity that copies cannot pass", "1", low=0, high=1, source="register R66")
    copy_cost: float = param(
        "one-off cost of copying a feature", "AUD/head", low=0, source="Mansfield, Schwartz & Wagner 1981; register R67"
    )

    def check(self):
        """A copy cannot start better than it can become."""
        if self.first_fidelity > self.ceiling:
            raise ConfigError(
                f"first_fidelity = {self.first_fidelity}: expected first_fidelity <= ceiling = {self.ceiling}"
            )

    def on_settle(self, market):
        """Improve the copies that exist, then let rivals start new ones; effective from the next period."""
        for feature in market.features:
            for firm in market.rivals_of(feature.introduced_by):
                held = feature.fidelity.get(firm.name)
                if held is not None:
                    feature.fidelity[firm.name] = learn(held, self.growth, self.ceiling)
                    continue
                age = market.period - feature.period
                chance = copy_probability(
                    age, self.lag, self.imitability.get(feature.kind, 0.0), firm.decision.imitation
                )
                if market.uniform(f"imitation of {feature.name}", firm.name) < chance:
                    feature.fidelity[firm.name] = self.first_fidelity
                    firm.fixed_cost += self.copy_cost * market.heads

    def check_scenario(self, scenario):
        """Every kind of feature must have an imitability."""
        for kind in FEATURE_KINDS:
            if kind not in self.imitability:
                raise ConfigError(f"mechanism.imitation.imitability: no value for kind {kind}")
