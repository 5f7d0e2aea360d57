"""Imitation (A7): a rival notices a feature after a lag, takes its chance to copy it, pays, and learns (Mansfield et al. 1981)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import ClassVar, Literal

import numpy as np

from sim.ground import draws
from sim.ground.grid import WINDOW
from sim.ground.params import ConfigError, nearest, param
from sim.science.rules.imitation import copy_probability, learn, notice_lag
from sim.science.rules.philox import uniform_at
from sim.state.features import FEATURE_KINDS
from sim.world.mechanisms import ByHook, Mechanism, at


@dataclass(frozen=True, kw_only=True)
class Imitation(Mechanism):
    """Firms of the innovator's mode copy with probability imitability of the kind times their absorptive capacity.

    A copy starts at first_fidelity and grows by growth a month towards ceiling. Starting it costs copy_cost once and a
    gain in fidelity upgrade_cost a unit, both in proportion to the feature's size. A firm may copy only what seems to
    pay: where the innovator's published profit, or its part of the mode's journeys, is higher since than in the year before.
    """

    needs: ClassVar[Mapping[str, str]] = {"innovation": "whose features it copies"}
    policies: ClassVar[frozenset[str]] = frozenset({"judged_by"})
    writes: ClassVar[ByHook] = at(on_settle="features")
    neutral: ClassVar[Mapping[str, object]] = {
        "imitability": {"flexibility": 0.0, "diversification": 0.0, "distinctiveness": 0.0}
    }

    lag: int = param("mean months until a rival notices a feature", "months", low=0, source="A7; register R64")
    noticing: Literal["fixed", "geometric"] = param(
        "whether the lag is the same for all or geometric with this mean", "1",
        source="Mansfield 1985, J. Industrial Economics 34; register R300",
    )  # fmt: skip
    imitability: Mapping[str, float] = param(
        "chance per month that a fully able rival copies", "1", low=0, high=1, source="A3, A7; register R65"
    )
    first_fidelity: float = param("fidelity of a new copy", "1", low=0, high=1, source="Rivkin 2000; register R66")
    growth: float = param("fidelity gained per month", "1", low=0, high=1, source="register R66")
    ceiling: float = param("fidelity that copies cannot pass", "1", low=0, high=1, source="register R66")
    copy_cost: float = param(
        "one-off cost of copying a feature of mean size", "¤/head", low=0,
        source="Mansfield, Schwartz & Wagner 1981; register R67",
    )  # fmt: skip
    upgrade_cost: float = param(
        "cost of a gain in fidelity from 0 to 1 of a feature of mean size", "¤/head", low=0,
        source="Mansfield, Schwartz & Wagner 1981; register R301",
    )  # fmt: skip
    judged_by: Literal["nothing", "share", "profit"] = param(
        "what of the innovator must have risen before a rival copies", "1", source="Schlag 1998; register R302"
    )

    def check(self):
        """A copy cannot start better than it can become."""
        if self.first_fidelity > self.ceiling:
            raise ConfigError(
                f"first_fidelity = {self.first_fidelity}: expected first_fidelity <= ceiling = {self.ceiling}"
            )

    def check_scenario(self, scenario):
        """Every kind of feature must have an imitability, and nothing else."""
        for kind in self.imitability:
            if kind not in FEATURE_KINDS:
                raise ConfigError(
                    f"mechanism.imitation.imitability.{kind}: unknown kind; {nearest(str(kind), FEATURE_KINDS)}"
                )
        for kind in FEATURE_KINDS:
            if kind not in self.imitability:
                raise ConfigError(f"mechanism.imitation.imitability: no value for kind {kind}")

    def on_begin(self, market):
        """Nothing is published yet."""
        market.memory["imitation"] = {"profit": [], "share": [], "seed": market.seed}

    def on_open(self, market):
        """Read what was published of the month before: every firm's profit, and its part of its mode's journeys."""
        if not market.period:
            return
        facts = {name: market.published.get(name) for name in (firm.name for firm in market.firms)}
        sold = {name: 0.0 if fact is None else fact.purchases for name, fact in facts.items()}
        mode = {m: sum(sold[f.name] for f in market.firms if f.mode_index == m) for m in range(len(market.modes))}
        kept = market.memory["imitation"]
        kept["profit"].append({name: 0.0 if fact is None else fact.profit for name, fact in facts.items()})
        kept["share"].append({f.name: sold[f.name] / max(mode[f.mode_index], 1.0) for f in market.firms})

    def on_settle(self, market):
        """Improve the copies that exist, then let rivals start new ones; effective from the next period."""
        for feature in market.features:
            for firm in market.rivals_of(feature.introduced_by):
                if firm.name in feature.fidelity:
                    self._improve(market, feature, firm)
                elif firm.name not in feature.withdrawn and feature.fidelity:
                    self._start(market, feature, firm)

    def _improve(self, market, feature, firm):
        held = feature.fidelity[firm.name]
        feature.fidelity[firm.name] = learn(held, self.growth, self.ceiling)
        gained = feature.fidelity[firm.name] - held
        firm.bill("imitation", self.upgrade_cost * gained * feature.scale * market.heads)

    def _start(self, market, feature, firm):
        age = market.period - feature.period
        chance = copy_probability(
            age, self._lag(market, feature, firm), self.imitability[feature.kind], firm.decision.imitation
        )
        if market.uniform(f"imitation of {feature.name}", firm.name) < chance and self._pays(market, feature, firm):
            feature.fidelity[firm.name] = self.first_fidelity
            firm.bill("imitation", self.copy_cost * feature.scale * market.heads)

    def _lag(self, market, feature, firm):
        """Months until this firm notices the feature; one draw for each of the two."""
        if self.noticing == "fixed":
            return self.lag
        address = np.uint32(0), np.uint32(feature.period)
        key = draws.key(market.memory["imitation"]["seed"], f"noticing of {feature.name}", firm.name)  # it lasts
        return notice_lag(float(uniform_at(*address, *key)), self.lag)

    def _pays(self, market, feature, firm):
        """Whether the innovator seems to do better with it than in the year before; yes where nothing was known before."""
        measure = firm.policy("imitation", "judged_by")
        if measure == "nothing":
            return True
        series = [month[feature.introduced_by] for month in market.memory["imitation"][measure]]
        before, since = series[max(feature.period - WINDOW, 0) : feature.period], series[feature.period :]
        return not before or (bool(since) and fmean(since) > fmean(before))  # exact: a tie is no gain, whatever rounding says
