"""A firm as Mesa's agent: it looks, decides, builds capabilities, posts an offer, keeps books."""

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
from sim.science.rules.capability import level
from sim.world.firm import check_standing
from sim.world.pricing import Quote, Sister, check_fares
from sim.world.strategies import KINDS, Decision, PublicFacts, Seen, check_mix

if TYPE_CHECKING:
    from sim.market.market import Market
    from sim.world.demand import Demand
    from sim.world.scenario import FirmSpec


class Firm(mesa.Agent):
    """A service company: looks, decides, builds capabilities, posts an offer, keeps books.

    Attributes
    ----------
    name, spec : identity and configuration. index : row of the firm in every array. mode, mode_index : how it serves.
    flexibility, depth, skill, efficiency : service levels in [0, 1) that its capabilities sustain.
    asked : (segments,) fares that its pricing rule asked last [AUD]; what is posted may be cut or capped.
    sold : (cells,) journeys sold so far, one of each before the first. unit_cost : (cells,) of a standard journey [AUD].
    pilot_cost : of the test markets that its revision rule ordered for this period [AUD].
    bills : this period's other costs by line [AUD]. other_income : revenue that no customer of the table pays [AUD].
    owner : name of its owner, its own by default. noise : standard deviation of this period's delivery [utils].
    zeal : this period's factor on the chance that the front line puts a failure right; recovery : that chance,
    empowerment included. trading : whether it is in the market. complaints : what customers complained of this period, by fault.
    campaign : advertising on top of the standing one while it enters or answers an entry [AUD/head/month].
    brand : the firm under whose name it trades, "" for its own.
    cash_cents : money held [cents]; all money is booked in whole cents.
    """

    def __init__(self, market: Market, name: str, spec: FirmSpec, index: int) -> None:
        super().__init__(market)
        self.name, self.spec, self.index = name, spec, index
        self.mode, self.mode_index = market.modes[spec.mode], list(market.modes).index(spec.mode)
        self.owner, self.stock = name, dict.fromkeys(KINDS, 0.0)
        self.memory, self.decision = self._begun("strategy"), Decision()
        self.unit_cost = np.zeros(market.cells)
        self.revision_memory, self.pricing_memory = self._begun("revision"), self._begun("pricing")
        self.mix, self.trading = spec.strategy.opening_mix(), True
        self.asked = np.full(len(market.segments), float(spec.list_price))
        self.bills: dict[str, float] = {}
        self.other_income, self.billed, self.needs = 0.0, False, None
        self.noise, self.zeal, self.pilot_cost = spec.delivery_noise, 1.0, 0.0
        self.campaign, self.brand = 0.0, ""
        self.complaints: dict[str, int] = {}
        self.posted = {"flexibility": 0.0, "depth": 0.0}
        self.sold = np.ones(market.cells)
        self.cash_cents = round(spec.opening_cash * market.heads * CENTS)
        self.books = {"purchases": 0.0, "revenue": 0.0, "cost": 0.0, "profit": 0.0, "cash": self.cash_cents / CENTS}

    flexibility = property(lambda self: level(self.stock["flexibility"]))
    depth = property(lambda self: level(self.stock["diversification"]))
    skill = property(lambda self: level(self.stock["distinctiveness"]))
    efficiency = property(lambda self: level(self.stock["price"]))
    price = property(lambda self: float(self.model.board.price[self.index]))
    purchases = property(lambda self: self.books["purchases"])
    profit = property(lambda self: self.books["profit"])
    strategy = property(lambda self: type(self.spec.strategy).__name__.lower())
    advertising = property(lambda self: self._standing("advertising") + self.campaign)
    evidence = property(lambda self: max(self._standing("evidence"), self._brand_evidence()))
    promise = property(lambda self: self._standing("promise"))
    empowerment = property(lambda self: self._standing("empowerment"))
    recovery = property(lambda self: min(1.0, self.empowerment * self.zeal))

    def _standing(self, name: str) -> float:
        return self.decision.standing.get(name, getattr(self.spec, name))

    def _brand_evidence(self) -> float:
        return self.model.firm(self.brand).evidence if self.brand else 0.0

    def policy(self, mechanism: str, name: str) -> Any:
        """Value of a mechanism's policy for this firm: as decided this period, else its own, else everybody's."""
        for policies in (self.decision.policy, self.spec.policy):
            if name in policies.get(mechanism, {}):
                return policies[mechanism][name]
        return getattr(self.model.world.mechanism[mechanism], name)

    def public_facts(self) -> PublicFacts:
        """What anybody can see of the firm after a period."""
        market = self.model
        visible = getattr(market.world.mechanism.get("signature"), "attribute", "comfort")
        shown = market.attributes.index(visible) if visible in market.attributes else None
        comfort = 0.0 if shown is None else market.board.level[self.index, shown].mean()
        return PublicFacts(
            price=self.price,
            **self.posted,
            comfort=float(comfort),
            seats=self.decision.seats,
            programme=self.decision.programme,
            profit=self.books["profit"],
            purchases=self.books["purchases"],
        )

    def clear(self) -> None:
        """Begin a period's bills."""
        self.unit_cost[:] = 0
        self.other_income, self.noise, self.zeal = 0.0, self.spec.delivery_noise, 1.0
        self.bills, self.pilot_cost = {"test_markets": self.pilot_cost} if self.pilot_cost else {}, 0.0

    def bill(self, line: str, amount: float) -> None:
        """Charge the period with a cost that does not depend on what is sold [AUD], under a line of its own."""
        self.bills[line] = self.bills.get(line, 0.0) + amount

    @property
    def fixed_cost(self) -> float:
        """This period's bills together [AUD]."""
        return sum(self.bills.values())

    def post(self) -> None:
        """Remember the levels of the offer just posted: what the public sees until the next."""
        self.posted = {"flexibility": self.flexibility, "depth": self.depth}

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
        """(segments,) mean cost of a standard journey over the contexts in which it sells [AUD]; 0 where it is not known."""
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

    def account(self, purchases: int, journeys: np.ndarray, revenue_cents: int) -> None:
        """Close the period's books: journeys (cells,) in units of the standard journey, money in whole cents."""
        revenue_cents += round(self.other_income * CENTS)
        cost_cents = round((float(journeys @ self.unit_cost) + self.fixed_cost) * CENTS) if self.billed else 0
        self.cash_cents += revenue_cents - cost_cents
        self.sold += journeys
        self.books = {
            "purchases": float(purchases),
            "revenue": revenue_cents / CENTS,
            "cost": cost_cents / CENTS,
            "profit": (revenue_cents - cost_cents) / CENTS,
            "cash": self.cash_cents / CENTS,
        }
