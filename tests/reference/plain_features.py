"""Features of the plain market: research finds them, rivals copy them, reviews give them up (innovation, imitation)."""

from dataclasses import dataclass, field
from math import log
from statistics import fmean

import plain_rules as rules

KINDS = ("flexibility", "diversification", "distinctiveness")


@dataclass
class PlainFeature:
    """One innovation. e : its size in units of the kind's mean; cells : where it works; fidelity : by firm."""

    name: str
    kind: str
    innovator: str
    month: int
    e: float
    size: float
    cost: float
    cells: list
    fidelity: dict = field(default_factory=dict)
    offered: dict = field(default_factory=dict)
    given_up: set = field(default_factory=set)


class Features:
    """All features of a market so far, and what innovation and imitation make of them."""

    def __init__(self, market):
        self.market, self.every = market, []
        self.rule, self.copying = market.on.get("innovation"), market.on.get("imitation")

    def offer(self, month):
        """Let features arrive, review them when it is time, post what is on offer and bill it."""
        rule, firms = self.rule, self.market.firms
        if rule is None:
            return
        for firm in firms:
            self._research(firm, month)
        if rule.review_every and month and month % rule.review_every == 0:
            for firm in firms:
                for kind in KINDS:
                    self._review(firm, kind)
        for feature in self.every:
            feature.offered = dict(feature.fidelity)
        for firm in firms:
            self._post(firm)

    def _of(self, firm, kind):
        return [f for f in self.every if f.kind == kind and firm.name in f.fidelity]

    def _total(self, firm, kind):
        """(cells) sizes of a firm's features of a kind, as far as it holds them, added up."""
        total = [0.0] * self.market.cells
        for feature in self._of(firm, kind):
            for cell in feature.cells:
                total[cell] += feature.size * feature.fidelity[firm.name]
        return total

    def _post(self, firm):
        for kind in KINDS:
            for cell, total in enumerate(self._total(firm, kind)):
                firm.lift(self.rule.moves[kind], cell, rules.together(total, self.rule.most[kind]))
            for feature in self._of(firm, kind):
                for cell in feature.cells:
                    firm.unit_cost[cell] += feature.cost * feature.fidelity[firm.name]

    def _research(self, firm, month):
        """Find a feature by chance, and introduce it if it is believed to pay."""
        rule, kind, draws = self.rule, firm.decision.innovate, self.market.draws
        chance = rules.arrival(rule.productivity, firm.decision.research)
        if kind not in KINDS or draws.once("innovation", firm.name, month) >= chance:
            return
        e = -log(draws.once("innovation: size", firm.name, month))
        earlier = sum(f.kind == kind and f.month < month for f in self.every)
        liked = -1 if self.market.population.tastes[rule.moves[kind]] < 0 else 1
        size = liked * e * rules.size_left(rule.mean_size[kind], rule.exhaustion, earlier)
        name = f"{firm.name}-{1 + sum(f.innovator == firm.name for f in self.every)}"
        cost, cells = e * rule.cost_of_size[kind], self._where(firm, kind, month)
        feature = PlainFeature(name, kind, firm.name, month, e, size, cost, cells, {firm.name: 1.0})
        if rule.review_every:
            total = self._total(firm, kind)
            for cell in cells:
                total[cell] += size
            if self._believed(firm, feature, total, 1.0) < cost:
                return
        firm.bills += rule.introduction_cost[kind] * e * self.market.heads
        self.every.append(feature)

    def _where(self, firm, kind, month):
        """Cells of one context for a flexible feature, of one segment for a diversified one, else all."""
        m, cells = self.market, range(self.market.cells)
        if kind == "flexibility":
            context = int(m.draws.once("innovation: context", firm.name, month) * m.contexts)
            return [cell for cell in cells if cell % m.contexts == context]
        if kind == "diversification":
            segment = int(m.draws.once("innovation: segment", firm.name, month) * len(m.segments))
            return [cell for cell in cells if cell // m.contexts == segment]
        return list(cells)

    def _believed(self, firm, feature, total, fidelity):
        """AUD a journey that a feature is believed to add, where it is one of those in total."""
        most, added = self.rule.most[feature.kind], 0.0
        for cell in feature.cells:
            without = total[cell] - feature.size * fidelity
            added += firm.sold[cell] * (abs(rules.together(total[cell], most)) - abs(rules.together(without, most)))
        mean = self.rule.mean_size[feature.kind]
        added /= sum(firm.sold[cell] for cell in feature.cells)
        return self.rule.believed_worth[feature.kind] * added / mean if mean else 0.0

    def _review(self, firm, kind):
        """Give up the feature that adds least for its cost, until those that are left pay."""

        def left_over(feature):
            held = feature.fidelity[firm.name]
            return self._believed(firm, feature, total, held) - feature.cost * held

        while held := self._of(firm, kind):
            total = self._total(firm, kind)
            worst = min(held, key=left_over)
            if left_over(worst) >= 0:
                return
            del worst.fidelity[firm.name]
            worst.given_up.add(firm.name)

    def copy(self, month):
        """Let rivals improve their copies, notice and begin new ones; on offer from the next month."""
        if self.copying is None:
            return
        for feature in self.every:
            for firm in next(f for f in self.market.firms if f.name == feature.innovator).rivals:
                if firm.name in feature.fidelity:
                    self._improve(firm, feature)
                elif firm.name not in feature.given_up and feature.fidelity:
                    self._begin(firm, feature, month)

    def _improve(self, firm, feature):
        rule, held = self.copying, feature.fidelity[firm.name]
        better = feature.fidelity[firm.name] = rules.better_copy(held, rule.growth, rule.ceiling)
        firm.bills += rule.upgrade_cost * feature.e * self.market.heads * (better - held)

    def _begin(self, firm, feature, month):
        rule, draws, lag = self.copying, self.market.draws, self.copying.lag
        if rule.noticing == "geometric":
            lag = rules.noticed_after(draws.once(f"noticing of {feature.name}", firm.name, feature.month), lag)
        age, able = month - feature.month, firm.decision.imitation
        chance = rules.copy_chance(age, lag, rule.imitability[feature.kind], able)
        draw = draws.once(f"imitation of {feature.name}", firm.name, month)
        if draw < chance and self._pays(feature, month):
            feature.fidelity[firm.name] = rule.first_fidelity
            firm.bills += rule.copy_cost * feature.e * self.market.heads

    def _pays(self, feature, month):
        """Whether the innovator seems to do better than in the year before; published is what is a month old."""
        what = self.copying.judged_by
        if what == "nothing":
            return True
        series = [facts[feature.innovator][what] for facts in self.market.published]
        before, since = series[max(feature.month - 12, 0) : feature.month], series[feature.month :]
        return not before or (bool(since) and fmean(since) > fmean(before))
