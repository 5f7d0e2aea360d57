"""A firm as Mesa's agent: it looks, decides and asks fares."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim.ground import draws
from sim.ground.foreign import blame, called
from sim.ground.grid import CENTS, DEAREST
from sim.ground.params import ConfigError
from sim.ground.values import native, shown
from sim.state.firm import FirmState
from sim.world.firm import check_standing
from sim.world.pricing import Quote, Sister, check_fares
from sim.world.strategies import Decision, PublicFacts, Seen, check_mix

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.world.demand import Demand
    from sim.world.scenario import FirmSpec


class Firm(FirmState, mesa.Agent):
    """A service company: looks, decides, asks fares; what it holds is its `sim.state.firm.FirmState`."""

    def __init__(self, market: Market, name: str, spec: FirmSpec, index: int) -> None:
        mesa.Agent.__init__(self, market)
        FirmState.__init__(self, market, name, spec, index)
        self.memory, self.mix, self.decision = self._begun("strategy"), spec.strategy.opening_mix(), Decision()
        self.revision_memory, self.pricing_memory = self._begun("revision"), self._begun("pricing")

    def public_facts(self) -> PublicFacts:
        """What anybody can see of the firm after a period."""
        market, seen = self.model, {}
        for mechanism in market.acting["on_publish"] if self.decided else ():
            seen |= mechanism.on_publish(market, self)
        return PublicFacts(
            price=self.price,
            **self.posted,
            profit=self.books["profit"],
            purchases=self.books["purchases"],
            shown=seen,
        )

    def look(self, published: Mapping[str, PublicFacts]) -> Seen:
        """Everything the firm may know before it decides; published : public facts of all firms."""
        market = self.model
        needs = None if self.needs is None else self.needs.copy()
        reports = {
            m: told for m, mechanism in market.world.mechanism.items() if (told := mechanism.on_report(market, self))
        }
        return Seen(
            market.period, market.heads, published[self.name] if self.name in published else self.public_facts(),
            self._rivals(published), dict(self.books), needs, dict(self.complaints), dict(self.mix), reports,
            self._first(published),
        )  # fmt: skip

    def _first(self, published: Mapping[str, PublicFacts]) -> bool:
        """Whether the firm was not in the market last period."""
        return self.model.period == 0 or self.name not in published

    def _rivals(self, published: Mapping[str, PublicFacts]) -> dict[str, PublicFacts]:
        """Public facts of those rivals that were in the market last period."""
        rivals = (r.name for r in self.model.rivals_of(self.name))
        return {name: published[name] for name in rivals if name in published} if self.model.period else {}

    def decide(self, seen: Seen) -> None:
        """Let the revision rule move the mix, then the strategy decide on the coming period."""
        world = self.model.world
        mix, self.revision_memory = self.ask("revision", "revise", seen, self.revision_memory)
        with self._held("revision", "revise"):
            check_mix(mix, "mix", whole=bool(mix))
        self.mix = native(mix)
        if self.mix != seen.mix:
            seen = dataclasses.replace(seen, mix=dict(self.mix))
        decision, self.memory = self.ask("strategy", "decide", seen, self.memory)
        with self._held("strategy", "decide"):
            if not isinstance(decision, Decision):
                raise ConfigError(f"returned {shown(decision)}; expected a Decision")
            self.decision = decision.checked()
            check_standing(self.decision.standing, "standing")
            world.check_policy(self.decision.policy, "policy")
        self.decided = True

    @contextmanager
    def _held(self, part: str, method: str) -> Iterator[None]:
        """Say of a mistake in what a rule returned whose it is."""
        try:
            yield
        except ConfigError as error:
            raise ConfigError(f"{self._where(part, method)}): {error}") from error

    def _where(self, part: str, method: str) -> str:
        rule = type(getattr(self.spec, part)).__name__
        return f"firms.{self.name}.{part} ({rule}.{method}, month {self.model.period}"

    def _begun(self, part: str) -> object:
        rule = getattr(self.spec, part)
        return called(f"firms.{self.name}.{part} ({type(rule).__name__}.begin)", rule.begin)

    def ask(self, part: str, method: str, sight: object, memory: object) -> tuple[Any, Any]:
        """Call a method of the firm's strategy, revision or pricing rule with its own draws of this period.

        A rule may be anybody's: which one failed, or returned what it should not, where and when, is said in one line.
        """
        rng = draws.generator(self.model.seed, part, self.name, self.model.period)
        try:
            result = getattr(getattr(self.spec, part), method)(sight, memory, rng)
        except (Exception, SystemExit) as error:
            raise blame(error, f"{self._where(part, method)})") from error
        if not isinstance(result, tuple) or len(result) != 2:
            raise ConfigError(f"{self._where(part, method)}): returned {shown(result)}; expected a result and the memory")
        return result

    def segment_cost(self) -> np.ndarray:
        """(segments,) mean cost of a standard journey over the contexts in which it sells [¤]; 0 where it is not known."""
        sold = self.sold.reshape(len(self.model.segments), -1)
        cost = self.unit_cost.reshape(sold.shape) if self.billed else np.zeros(sold.shape)
        return (cost * sold).sum(axis=1) / sold.sum(axis=1)

    def fares(self, published: Mapping[str, PublicFacts], studied: Callable[[int], Demand]) -> np.ndarray:
        """(cells,) fares of a standard journey that the pricing rule asks, in whole cents.

        published : public facts of all firms. studied : the month's study of demand by number of customers.
        """
        market, rule = self.model, self.spec.pricing
        first = self._first(published)
        sold = self.sold.reshape(len(market.segments), -1).sum(axis=1)
        sisters = [firm for firm in market.trading if firm.owner == self.owner and firm is not self]
        quote = Quote(
            self.segment_cost(), sold, self.spec.list_price, market.period, self.asked.copy(),
            None if first else published[self.name], self._rivals(published), dict(self.books), self.name,
            {firm.name: Sister(firm.segment_cost(), firm.spec.pricing.needs_demand) for firm in sisters},
            studied(rule.study_customers) if rule.needs_demand else None, first,
        )  # fmt: skip
        fares, self.pricing_memory = self.ask("pricing", "price", quote, self.pricing_memory)
        with self._held("pricing", "price"):
            check_fares(fares, len(market.segments), DEAREST)
        cents = np.rint(fares * CENTS)
        self.asked = cents / CENTS
        return np.repeat(cents, len(market.contexts)).astype(np.int32)
