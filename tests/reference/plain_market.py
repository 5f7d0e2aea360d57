"""The market once more, from the pages: plain numbers, one Mesa agent a customer, loops one can read in class.

Nothing of it comes from the compiled market but the scenario that it is given and the addressed draws. Formulas are in
`plain_rules`, customers in `plain_customers` and `plain_population`, firms in `plain_firms` and `plain_features`. It
knows the mechanisms in KNOWN and MORE, and the strategies and pricing rules of `plain_firms`; it refuses all others.
"""

from itertools import accumulate
from math import log

import mesa
import plain_rules as rules
from plain_customers import PlainCustomer
from plain_draws import Draws, Lot
from plain_features import Features
from plain_firms import PlainFirm
from plain_population import customers, single
from scipy.special import gdtrix

KNOWN = [
    "capability", "contexts", "cost_accounting", "imitation", "innovation", "loyalty_programme", "must_have",
    "satisfaction", "segment_needs", "signature", "state_dependence",
]  # fmt: skip
MORE = ["contract", "purchase_incidence", "switching_cost", "transport_cost"]  # known, too; not in experiments/speed
COUNTS = (
    "purchases", "revenue", "quality", "gap", "returning", "repeated", "buyers", "wallet", "held", "kept",
    "points_earned", "points_redeemed", "points_expired", "points_at_partners",
    "signed", "broken", "penalties", "bound",
)  # fmt: skip


class PlainMarket(mesa.Model):
    """Plain firms, plain customers. people : customers in order; firms : in the order of their names."""

    def __init__(self, scenario):
        super().__init__(rng=scenario.seed)
        self.on, self.population = dict(scenario.mechanism), scenario.population
        if unknown := set(self.on) - {*KNOWN, *MORE}:
            raise ValueError(f"the plain market does not know {', '.join(sorted(unknown))}")
        self.heads, self.month = self.population.customers, 0
        self.draws = Draws(scenario.seed, self.heads)
        self.modes, self.attributes, self.needs = (
            list(self.population.modes), list(self.population.tastes), list(self.population.needs),
        )  # fmt: skip
        self.segments = list(self.population.segments.values())
        names = list(self.segments[0].contexts)
        self.contexts, self.cells = len(names), len(names) * len(self.segments)
        self.places = [(segment, context) for segment in self.segments for context in names]
        self.upto = [list(accumulate(segment.contexts[c] for c in names)) for segment in self.segments]
        self._read_mechanisms()
        self.firms = [PlainFirm(self, f, name, scenario.firms[name]) for f, name in enumerate(sorted(scenario.firms))]
        for firm in self.firms:
            firm.log_presence = log(firm.spec.presence)
        self.features, self.published, self.norm = Features(self), [], [0.0] * len(self.modes)
        self.rate = self._rates()
        self.people = [PlainCustomer(self, i, who) for i, who in enumerate(customers(self.population, self.draws))]

    def _read_mechanisms(self):
        """The mechanisms that customers ask for, by short names; None if off."""
        self.needs_rule, self.satisfaction = self.on.get("segment_needs"), self.on.get("satisfaction")
        self.habit, self.programme = self.on.get("state_dependence"), self.on.get("loyalty_programme")
        self.must_have, self.switching = self.on.get("must_have"), self.on.get("switching_cost")
        self.contract, self.line = self.on.get("contract"), self.on.get("transport_cost")
        self.incidence = self.on.get("purchase_incidence")
        self.line_need = self.needs.index(self.line.need) if self.line and self.line.need in self.needs else None
        functional = self.satisfaction.functional if self.satisfaction else ()
        self.functional = {k for k, name in enumerate(self.attributes) if name in functional}

    def _rates(self):
        """Purchase occasions of every customer in a mean month: Gamma, one draw for life; empty if all have one."""
        rule = self.incidence
        if rule is None:
            return []
        drawn = self.draws.uniform("purchase rate", "", 0)
        return [single(gdtrix(rule.shape / rule.mean, rule.shape, u)) for u in drawn]

    def total(self, name):
        """This month's count by firm; money in cents."""
        return self.count[name]

    def step(self):
        """Play one month."""
        self.offer()
        self.draw()
        for customer in self.people:
            customer.step()
        self.settle()
        self.month += 1

    def offer(self):
        """All firms decide, then all offer, then all ask."""
        for firm in self.firms:
            firm.decide(self.month)
        for firm in self.firms:
            firm.offer()
        self.features.offer(self.month)
        for firm in self.firms:
            firm.ask()
        self.members = [firm for firm in self.firms if firm.decision.programme]
        self.norm_of = [self.norm[firm.mode] for firm in self.firms]
        self.count = {name: [0] * len(self.firms) for name in COUNTS}
        self.surplus, self.everybody = 0.0, {"buyers": 0, "purchases": 0}
        self.sold = [[0.0] * self.cells for _ in self.firms]

    def draw(self):
        """The month's draws of all customers, occasion by occasion."""
        draws, now, self.occasions = self.draws, self.month, [1] * self.heads
        if self.incidence:
            season = self.incidence.season[now % 12]
            drawn = draws.uniform("occasions", "", now)
            self.occasions = [rules.occasions(u, rate * season) for u, rate in zip(drawn, self.rate, strict=True)]
        delivered = bool(self.satisfaction)
        self.lots = [Lot(draws, self.firms, now, number, delivered) for number in range(max(self.occasions))]
        if self.programme:
            self.partner = {firm.index: draws.uniform("partner", firm.name, now) for firm in self.members}

    def book(self, customer, firm, cell, paid, quality):
        """Count a purchase; paid in cents."""
        count, f = self.count, firm.index
        count["purchases"][f] += 1
        count["revenue"][f] += paid
        count["quality"][f] += quality
        count["gap"][f] += customer.gap
        self.sold[f][cell] += customer.journey[firm.mode]
        if customer.last is not None:
            count["returning"][customer.last] += 1
            count["repeated"][f] += customer.last == f

    def settle(self):
        """Firms learn and copy, norms move, the books are closed."""
        for firm in self.firms:
            firm.learn(self.month)
        self.features.copy(self.month)
        if self.programme:
            for firm in self.firms:
                firm.bills += self.programme.partner_price * self.count["points_at_partners"][firm.index]
        self._move_norms()
        for firm in self.firms:
            f = firm.index
            firm.close(self.count["revenue"][f], self.sold[f], self.count["purchases"][f])
        self._publish()

    def _move_norms(self):
        """The norm of a mode is the mean quality that it delivered; it stays where nothing was sold."""
        for mode in range(len(self.modes)):
            members = [firm.index for firm in self.firms if firm.mode == mode]
            sold = sum(self.count["purchases"][f] for f in members)
            if sold:
                self.norm[mode] = sum(self.count["quality"][f] for f in members) / sold

    def _publish(self):
        """Profit of every firm, and its part of its mode's purchases."""
        sold = [sum(f.facts["purchases"] for f in self.firms if f.mode == mode) for mode in range(len(self.modes))]
        self.published.append({
            firm.name: {"profit": firm.profit, "share": firm.facts["purchases"] / max(sold[firm.mode], 1)}
            for firm in self.firms
        })  # fmt: skip
