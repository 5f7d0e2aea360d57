"""Innovation (A7, A8, A9): research money raises the chance of a new feature (Loury 1979), which lives while it pays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import ConfigError, nearest, param
from sim.science.rules.innovation import arrival_probability, opportunity, saturate
from sim.state.features import FEATURE_KINDS, Feature
from sim.world.mechanisms import ByHook, Mechanism, at

BY_KIND = ("moves", "mean_size", "cost_of_size", "introduction_cost", "visible", "most", "believed_worth")


@dataclass(frozen=True, kw_only=True)
class Innovation(Mechanism):
    """A feature moves one attribute by a random size, at a cost per journey that grows with its size.

    A flexible feature serves one context (a direct line), a diversified one a segment, a distinctive one everybody.
    Sizes are exponential with the kind's mean, which falls with every feature of the kind that the market has seen; the
    features of a kind add up with diminishing effect. At reviews firms give up what no longer pays.
    """

    records: ClassVar[Mapping[str, Column]] = {
        "features_held": Column("float64", "features", "sum of the fidelities of the features a firm offers")
    }
    writes: ClassVar[ByHook] = at(on_leave="features", on_offer="features level cue unit_cost")
    neutral: ClassVar[Mapping[str, object]] = {"productivity": 0.0}

    productivity: float = param(
        "arrivals per square root of ¤/head/month", "1", low=0, source="Loury 1979; register R61"
    )
    moves: Mapping[str, str] = param(
        "attribute that a feature moves, by kind, in the direction that customers like; a kind not named is not sought",
        "1",
        source="A1-A3; register R290",
    )
    mean_size: Mapping[str, float] = param(
        "mean size of a feature by kind", "unit of the attribute it moves", low=0, source="A7; register R62"
    )
    cost_of_size: Mapping[str, float] = param(
        "cost per journey of a feature of mean size, by kind", "¤", low=0, source="register R63"
    )
    introduction_cost: Mapping[str, float] = param(
        "one-off cost of introducing a feature of mean size, by kind", "¤/head", low=0,
        source="Mansfield, Rapoport, Schnee, Wagner & Hamburger 1971; register R291",
    )  # fmt: skip
    visible: Mapping[str, float] = param(
        "part of a feature that can be judged before purchase, by kind", "1", low=0, high=1,
        source="A3, F7; register R292",
    )  # fmt: skip
    most: Mapping[str, float] = param(
        "level that all features of a kind together cannot pass", "unit of the attribute it moves", low=1e-6,
        source="Kahneman & Tversky 1979; register R293",
    )  # fmt: skip
    exhaustion: float = param(
        "part of the mean size lost with each feature of the kind in the market", "1", low=0, high=1,
        source="A9; Klevorick et al. 1995; register R294",
    )  # fmt: skip
    believed_worth: Mapping[str, float] = param(
        "what firms believe a journey is worth more with a feature of mean size, by kind", "¤", low=0,
        source="A9; register R295",
    )  # fmt: skip
    review_every: int = param(
        "months between reviews at which features that do not pay are given up; 0 for never, and whatever is found is introduced",
        "months", low=0, source="A9; register R296",
    )  # fmt: skip
    settled: int = param(
        "months without a new adopter after which a feature is mature", "months", low=1,
        source="A9; Levitt 1965; register R297",
    )  # fmt: skip

    def check_scenario(self, scenario):
        """Kinds must exist, and the attributes they move must be ones that customers mind."""
        for field in BY_KIND:
            values = getattr(self, field)
            for kind in values:
                if kind not in FEATURE_KINDS:
                    raise ConfigError(
                        f"mechanism.innovation.{field}.{kind}: unknown kind; {nearest(str(kind), FEATURE_KINDS)}"
                    )
            for kind in self.moves:
                if kind not in values:
                    raise ConfigError(f"mechanism.innovation.{field}: no value for kind {kind}")
        tastes = scenario.population.tastes
        for kind, attribute in self.moves.items():
            if attribute not in tastes:
                raise ConfigError(
                    f"mechanism.innovation.moves.{kind} = '{attribute}': unknown attribute; {nearest(attribute, tastes)}"
                )

    def on_leave(self, market, firm):
        """What a firm offered goes with it."""
        for feature in market.features:
            feature.fidelity.pop(firm.name, None)
            feature.worth.pop(firm.name, None)

    def on_offer(self, market):
        """Let features arrive and go, then post what those on offer do and bill what they cost."""
        for firm in market.trading:
            self._try(market, firm)
        if self.review_every and market.period and market.period % self.review_every == 0:
            for firm in market.trading:
                self._review(market, firm)
        for feature in market.features:
            feature.offered = dict(feature.fidelity)
            if len(feature.offered) > feature.reached:
                feature.reached, feature.grew = len(feature.offered), market.period
            for name in feature.offered:
                if not feature.creates:
                    market.firm(name).unit_cost[feature.cells] += feature.unit_cost * feature.offered[name]
        for firm in market.trading:
            self._post(market, firm)

    def _total(self, market, firm, kind):
        """(cells,) sizes of the firm's features of a kind, added up."""
        total = np.zeros(market.cells)
        for feature in market.features:
            if feature.kind == kind and firm.name in feature.fidelity:
                total[feature.cells] += feature.size * feature.effect(firm.name)
        return total

    def _post(self, market, firm):
        """Post what the firm's features do together, and what of it can be seen before purchase."""
        held = {feature.kind for feature in market.features if firm.name in feature.fidelity}
        for kind in FEATURE_KINDS:
            if kind not in held:
                continue
            total = self._total(market, firm, kind)
            if total.any():
                k = market.attributes.index(self.moves[kind])
                level = np.array([saturate(x, self.most[kind]) for x in total])
                market.board.level[firm.index, k] += level
                market.board.cue[firm.index, k] += self.visible[kind] * level

    def _gain(self, market, firm, feature, total, effect):
        """What a feature is believed to add to a journey, where it is one of those in total [¤]."""
        sizes = total[feature.cells]
        added = [
            abs(saturate(x, self.most[feature.kind]))
            - abs(saturate(x - feature.size * effect, self.most[feature.kind]))
            for x in sizes
        ]
        mean = float(np.average(added, weights=firm.sold[feature.cells]))
        size = self.mean_size[feature.kind]
        return self.believed_worth[feature.kind] * mean / size if size else 0.0

    def _review(self, market, firm):
        """Give up the features that add least for their cost, one after another, until those that are left pay."""
        for kind in FEATURE_KINDS:
            while held := [f for f in market.features if f.kind == kind and not f.creates and firm.name in f.fidelity]:
                total = self._total(market, firm, kind)
                surplus = [
                    self._gain(market, firm, f, total, f.effect(firm.name)) - f.unit_cost * f.fidelity[firm.name]
                    for f in held
                ]
                worst = int(np.argmin(surplus))
                if surplus[worst] >= 0:
                    break
                held[worst].give_up(firm.name, market.period)

    def _try(self, market, firm):
        """Let research find a feature, and introduce it if it is believed to pay."""
        kind = firm.decision.innovate
        chance = arrival_probability(firm.decision.research_and_development, self.productivity)
        if kind not in self.moves or market.uniform("innovation", firm.name) >= chance:
            return
        feature = self._find(market, firm, kind)
        if self.review_every and not feature.creates:
            total = self._total(market, firm, kind)
            total[feature.cells] += feature.size
            if self._gain(market, firm, feature, total, 1.0) < feature.unit_cost:
                return
        firm.bill("innovation", self.introduction_cost[kind] * feature.scale * market.heads)
        market.features.append(feature)

    def _find(self, market, firm, kind):
        """What research has found."""
        scale = -math.log(market.uniform("innovation: size", firm.name))
        cells = np.ones((len(market.segments), len(market.contexts)), bool)
        if kind == "diversification":
            segment = int(market.uniform("innovation: segment", firm.name) * len(market.segments))
            cells[:] = np.arange(len(market.segments))[:, None] == segment
        if kind == "flexibility":
            context = int(market.uniform("innovation: context", firm.name) * len(market.contexts))
            cells[:] = np.arange(len(market.contexts))[None, :] == context
        attribute = self.moves[kind]
        sign = -1.0 if market.world.population.tastes[attribute] < 0 else 1.0  # less of what customers dislike
        earlier = sum(f.kind == kind and f.period < market.period for f in market.features)
        size = sign * scale * self.mean_size[kind] * opportunity(earlier, self.exhaustion)
        creates = self._creates(market, firm, scale)
        return Feature(
            name=f"{firm.name}-{1 + sum(f.introduced_by == firm.name for f in market.features)}",
            kind=kind,
            introduced_by=firm.name,
            period=market.period,
            attribute=market.attributes.index(attribute),
            size=0.0 if creates else size,
            cells=cells.ravel(),
            unit_cost=0.0 if creates else scale * self.cost_of_size[kind],
            scale=scale,
            creates=creates,
            fidelity={firm.name: 1.0},
        )

    @staticmethod
    def _creates(market, firm, scale):
        """Part of the unmet needs that the feature opens, if it is one of those that open any."""
        creation = market.world.mechanism.get("market_creation")
        if creation is None or market.uniform("innovation: creates", firm.name) >= firm.policy(
            "market_creation", "aim"
        ):
            return 0.0
        return min(scale * creation.opens, 1.0)

    def on_publish(self, market, firm):
        """How far the offer stands out by what distinctive features move."""
        k = market.board.place(self.moves.get("distinctiveness"))
        return {} if k is None else {"distinctiveness": float(market.board.level[firm.index, k].mean())}

    def on_record(self, market):
        """How much of all features each firm offers."""
        return {
            "features_held": np.array(
                [sum(f.offered.get(firm.name, 0.0) for f in market.features) for firm in market.firms]
            )
        }
