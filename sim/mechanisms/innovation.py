"""Innovation (A7, A8): money spent on research raises the chance that a new feature of the firm's kind arrives."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.features import FEATURE_KINDS, Feature
from sim.mechanisms import Mechanism
from sim.params import ConfigError, nearest, param
from sim.rules.rivalry import arrival_probability
from sim.table import Column


@dataclass(frozen=True, kw_only=True)
class Innovation(Mechanism):
    """A feature moves one attribute by a random size, at a cost per journey that grows with its size.

    A flexible feature is a direct line that saves time in one context; a diversified one is comfort made for one
    segment; a distinctive one is comfort for everybody. Sizes are exponential with the kind's mean.
    """

    records: ClassVar[Mapping[str, Column]] = {
        "features_held": Column("float64", "features", "sum of the fidelities of the features a firm offers")
    }
    neutral: ClassVar[Mapping[str, object]] = {"productivity": 0.0}

    productivity: float = param(
        "arrivals per square root of AUD/head/month", "1", low=0, source="Loury 1979; register R61"
    )
    moves: Mapping[str, str] = param(
        "attribute that a feature moves, by kind, in the direction that customers like",
        "1",
        source="A1-A3; register R290",
    )
    mean_size: Mapping[str, float] = param(
        "mean size of a feature by kind", "unit of the attribute it moves", low=0, source="A7; register R62"
    )
    cost_of_size: Mapping[str, float] = param(
        "cost per journey of a feature of mean size, by kind", "AUD", low=0, source="register R63"
    )

    def check_scenario(self, scenario):
        """Kinds must exist, and the attributes they move must be ones that customers mind."""
        for field in ("moves", "mean_size", "cost_of_size"):
            values = getattr(self, field)
            for kind in values:
                if kind not in FEATURE_KINDS:
                    raise ConfigError(
                        f"mechanism.innovation.{field}.{kind}: unknown kind; {nearest(str(kind), FEATURE_KINDS)}"
                    )
            for kind in FEATURE_KINDS:
                if kind not in values:
                    raise ConfigError(f"mechanism.innovation.{field}: no value for kind {kind}")
        tastes = scenario.population.tastes
        for kind, attribute in self.moves.items():
            if attribute not in tastes:
                raise ConfigError(
                    f"mechanism.innovation.moves.{kind} = '{attribute}': unknown attribute; {nearest(attribute, tastes)}"
                )

    def on_offer(self, market):
        """Let new features arrive, then post what all features do and bill what they cost."""
        for firm in market.trading:
            self._try(market, firm)
        for feature in market.features:
            feature.offered = dict(feature.fidelity)
            for name, fidelity in feature.offered.items():
                firm = market.firm(name)
                market.board.level[firm.index, feature.attribute, feature.cells] += feature.size * fidelity
                firm.unit_cost[feature.cells] += feature.unit_cost * fidelity

    def _try(self, market, firm):
        kind = firm.decision.innovate
        chance = arrival_probability(firm.decision.research_and_development, self.productivity)
        if kind not in FEATURE_KINDS or market.uniform("innovation", firm.name) >= chance:
            return
        scale = -math.log(market.uniform("innovation: size", firm.name))
        segment, context = (
            market.uniform("innovation: segment", firm.name),
            market.uniform("innovation: context", firm.name),
        )
        cells = np.ones((len(market.segments), len(market.contexts)), bool)
        if kind == "diversification":
            cells[:] = np.arange(len(market.segments))[:, None] == int(segment * len(market.segments))
        if kind == "flexibility":
            cells[:] = np.arange(len(market.contexts))[None, :] == int(context * len(market.contexts))
        number = 1 + sum(f.introduced_by == firm.name for f in market.features)
        attribute = self.moves[kind]
        sign = -1.0 if market.world.population.tastes[attribute] < 0 else 1.0  # less of what customers dislike
        market.features.append(
            Feature(
                name=f"{firm.name}-{number}",
                kind=kind,
                introduced_by=firm.name,
                period=market.period,
                attribute=market.attributes.index(attribute),
                size=sign * scale * self.mean_size[kind],
                cells=cells.ravel(),
                unit_cost=scale * self.cost_of_size[kind],
                fidelity={firm.name: 1.0},
            )
        )

    def on_record(self, market):
        """How much of all features each firm offers."""
        return {
            "features_held": np.array(
                [sum(f.offered.get(firm.name, 0.0) for f in market.features) for firm in market.firms]
            )
        }
