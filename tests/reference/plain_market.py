"""The market with one Python object a customer: the same rules, the same addressed shocks, loops one can read in class.

The firms' side (deciding, posting, keeping books) is the house's own; everything that customers do is written out
here once more, in plain Python on plain numbers, for the mechanisms named in KNOWN. It must give the same choices,
customer by customer.

The shocks are drawn a period at a time by the compiled generator, because drawing them in Python would make this
market look slower than a plain Mesa model has to be.
"""

from math import floor, log

import mesa
import numpy as np

from sim.ground.grid import GRID, NOBODY, WINDOW
from sim.market.market import Market
from sim.science.kernels.draw import normals, uniforms
from sim.science.rules import (
    choice,
)
from sim.science.rules import (
    loyalty_programme as programme,
)
from sim.science.rules import (
    satisfaction as experience,
)
from sim.science.rules import (
    state_dependence as habit,
)

WHOLE = 65535
KNOWN = [
    "capability", "contexts", "cost_accounting", "imitation", "innovation", "loyalty_programme", "must_have",
    "satisfaction", "segment_needs", "signature", "state_dependence",
]  # fmt: skip


def plain(rule):
    """The Python function behind a compiled rule."""
    return getattr(rule, "py_func", rule)


def kept(opinion):
    """An opinion as it is kept: the nearest of 1/1024 utils."""
    return floor(opinion * 1024 + 0.5) / 1024


fare_disutility, attribute_worth, fit_gained = (
    plain(choice.fare_disutility),
    plain(choice.attribute_worth),
    plain(choice.fit_gained),
)
felt_gap, perceived, smooth, carry_on, money_saved, tier_of, first_step = (
    plain(experience.felt_gap),
    plain(experience.perceived),
    plain(experience.smooth),
    plain(habit.carry_on),
    programme.money_saved,
    plain(programme.tier_of),
    programme.first_step,
)


class PlainCustomer(mesa.Agent):
    """Needs, buys, remembers."""

    def __init__(self, model, row, table, firms):
        super().__init__(model)
        self.row = row
        self.segment, self.price_sensitivity = int(table["segment"][row]), float(table["price_sensitivity"][row])
        self.taste, self.ideal = table["taste"][:, row].tolist(), table["ideal"][:, row].tolist()
        self.standard_appeal, self.journey = (
            table["standard_appeal"][:, row].tolist(),
            table["journey"][:, row].tolist(),
        )
        self.satisfaction, self.expectation = [0.0] * firms, [0.0] * firms
        self.usual = table["usual"][:, row].tolist() if "usual" in table else []
        self.habit = list(self.usual)
        self.points = [0] * firms
        self.provider, self.last, self.past = NOBODY, NOBODY, []

    def appeal_of(self, firm, cell):
        """Utility of one firm's offer, before its shock."""
        m, f, mode = self.model, firm.index, firm.mode_index
        fare = m.fare[f][cell]
        appeal = (
            self.standard_appeal[mode]
            + m.presence[f]
            - fare_disutility(self.price_sensitivity, self.journey[mode], fare)
        )
        for k in m.offered[f]:
            appeal += attribute_worth(self.taste[k], m.level[f][k][cell])
        if m.needs and m.depth[f] > 0:
            for d, ideal in enumerate(self.ideal):
                appeal += fit_gained(m.needs.weight, m.position[f][d][cell], m.needs.standard, ideal)
        if m.satisfaction:
            appeal += m.satisfaction.weight * self.satisfaction[f]
        if m.habit:
            appeal += m.habit.weight / WHOLE * (self.habit[f] - self.usual[f])
        if m.programme and firm.policy("loyalty_programme", "run"):
            p = m.programme
            step = first_step(self.points_of_trip(f), p.threshold, p.goal_gradient)
            saved = money_saved(self.points[f], p.threshold, step, p.foresight, p.goal_gradient, fare)
            appeal += self.price_sensitivity * self.journey[mode] * saved
        return appeal

    def step(self):
        """Hear, choose, experience, bond."""
        m = self.model
        context = sum(m.context_draw[self.row] > edge for edge in m.mix[self.segment][:-1])
        cell = self.segment * len(m.mix[self.segment]) + context
        if m.must_have:
            for firm in m.house.firms:
                moved = smooth(self.expectation[firm.index], m.norm[firm.mode_index], m.must_have.rate)
                self.expectation[firm.index] = kept(moved)
        if self.provider != NOBODY:
            self.last = self.provider
        self.provider, best = NOBODY, m.outside_shock[self.row]
        for firm in m.house.firms:
            value = self.appeal_of(firm, cell) + m.shock[firm.index][self.row]
            if value > best:
                best, self.provider = value, firm.index
        if self.provider != NOBODY:
            self.be_served(m.house.firms[self.provider], cell)
        self.remember()

    def be_served(self, firm, cell):
        """Pay, live through the service, learn from it."""
        m, f, mode = self.model, firm.index, firm.mode_index
        paid = int(m.cents[f][cell] * self.journey[mode] + 0.5)
        quality = sum(attribute_worth(taste, m.level[f][k][cell]) for k, taste in enumerate(self.taste))
        if m.needs:
            for d, ideal in enumerate(self.ideal):
                quality += fit_gained(m.needs.weight, m.position[f][d][cell], m.needs.standard, ideal)
        free = bool(m.programme and firm.policy("loyalty_programme", "run") and self.points[f] >= m.programme.threshold)
        gap = 0.0
        if m.satisfaction:
            s = m.satisfaction
            quality += firm.spec.delivery_noise * m.delivery[f][self.row]
            technical = sum(attribute_worth(self.taste[k], m.level[f][k][cell]) for k in m.technical)
            quality = perceived(quality, technical, s.technical_weight, s.functional_weight)
            gap = quality - self.expectation[f]
            self.satisfaction[f] = kept(smooth(self.satisfaction[f], felt_gap(gap, s.loss_aversion), s.smoothing))
            self.expectation[f] = kept(self.expectation[f] + s.learning * gap)
        if m.habit:
            for g in range(len(self.habit)):
                self.habit[g] = int(carry_on(self.habit[g], WHOLE * (g == f), m.habit.carry_over) + 0.5)
        if m.programme and firm.policy("loyalty_programme", "run"):
            points = m.programme.threshold if free else self.points_of_trip(f)
            self.points[f] += -points if free else points
            m.count("points_redeemed" if free else "points_earned", f, points)
        m.count("purchases", f, 1)
        m.count("revenue", f, 0 if free else paid)
        m.count("quality", f, round(quality * GRID))
        m.count("gap", f, round(gap * GRID))
        m.count("journeys", (f, cell), round(self.journey[mode] * GRID))
        if self.last != NOBODY:
            m.count("returning", self.last, 1)
            m.count("repeated", f, int(self.last == f))

    def points_of_trip(self, f):
        """Points that a paid trip earns now; the tier counts months with a trip before this one."""
        p, months = self.model.programme, self.past[1 - WINDOW :].count(f)
        return p.points_per_trip + (0, *p.tier_points)[tier_of(months, p.tier_months)]

    def remember(self):
        """Let idle points expire or go to a partner, and look back over the year."""
        m = self.model
        self.past = [*self.past, self.provider][-2 * WINDOW :]
        for firm in m.house.firms:
            if m.programme and firm.policy("loyalty_programme", "run"):
                self.let_go(firm.index, m.programme)
        bought = [f for f in self.past[-WINDOW:] if f != NOBODY]
        for f in set(bought):
            m.count("buyers", f, 1)
            m.count("wallet", f, len(bought))
        m.count("market", 0, int(bool(bought)))
        m.count("market", 1, len(bought))

    def let_go(self, f, programme):
        """Points that end without a trip."""
        if self.points[f] > 0 and f not in self.past[-programme.expiry :]:
            self.model.count("points_expired", f, self.points[f])
            self.points[f] = 0
        elif (
            self.points[f] >= programme.partner_points
            and self.provider != f
            and self.model.partner[f][self.row] < programme.partner_rate
        ):
            self.model.count("points_at_partners", f, programme.partner_points)
            self.points[f] -= programme.partner_points


class PlainMarket(mesa.Model):
    """The house's firms, plain customers."""

    def __init__(self, scenario):
        super().__init__(rng=scenario.seed)
        self.house = Market(scenario)
        on = {mechanism.__class__.__name__: mechanism for mechanism in self.house.mechanisms}
        self.needs, self.satisfaction, self.habit = (
            on.get("SegmentNeeds"),
            on.get("Satisfaction"),
            on.get("StateDependence"),
        )
        self.programme, self.must_have = on.get("LoyaltyProgramme"), on.get("MustHave")
        attributes, functional = self.house.attributes, self.satisfaction.functional if self.satisfaction else ()
        self.technical = [k for k, name in enumerate(attributes) if name not in functional]
        self.mix, self.presence = self.house.cumulative_mix.tolist(), self.house.presence.tolist()
        self.people = [PlainCustomer(self, i, self.house.table, len(self.house.firms)) for i in range(self.house.heads)]

    def count(self, name, where, amount):
        """Add to this period's counts."""
        self.house.tally[name][0][where] += amount

    def step(self):
        """Play one period."""
        self.house.open()
        board, firms = self.house.board, self.house.firms
        self.fare, self.cents, self.level, self.position = (
            x.tolist() for x in (board.fare, board.cents, board.level, board.position)
        )
        self.offered, self.depth = board.offered, [firm.depth for firm in firms]
        self.norm = self.house.memory["must_have"].tolist() if self.must_have else []
        self.context_draw = self.draw(uniforms, "context")
        self.outside_shock = self.shocks("", "outside shock")
        self.shock = [self.shocks(firm.name) for firm in firms]
        self.partner = [self.draw(uniforms, "partner", firm.name) for firm in firms]
        self.delivery = [self.draw(normals, "delivery", firm.name) for firm in firms]
        for customer in self.people:
            customer.step()
        self.house.close()

    def draw(self, kernel, decision, name=""):
        """One addressed draw a customer."""
        out = np.empty(self.house.heads, np.float32)
        kernel(self.house.table["identity"], self.house.now, *self.house.key(decision, name), out)
        return out.tolist()

    def shocks(self, name, decision="shock"):
        """Gumbel shocks of one alternative."""
        return [-log(-log(u)) for u in self.draw(uniforms, decision, name)]
