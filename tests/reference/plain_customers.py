"""A customer of the plain market, as a Mesa agent: needs, buys, remembers (model page 7.1, mechanisms)."""

from math import exp

import mesa
import plain_rules as rules

YEAR = 12


class PlainCustomer(mesa.Agent):
    """Needs, buys, remembers.

    firm : whom it bought from at the last occasion; last : whom before that; bound : whom by contract; None for nobody.
    visits : by firm, the months of two years with a purchase there. bought : purchases by month of the year, of the last
    twelve. inclusive : 1 + sum exp V of the last occasion.
    """

    def __init__(self, model, row, who):
        super().__init__(model)
        self.row, self.segment, self.alpha, self.taste, self.ideal = (
            row, who["segment"], who["alpha"], who["taste"], who["ideal"],
        )  # fmt: skip
        self.standard, self.journey = who["appeal"], who["journey"]
        firms = len(model.firms)
        self.satisfaction, self.expectation, self.points = [0.0] * firms, [0.0] * firms, [0] * firms
        self.firm, self.last, self.bound, self.months_bound = None, None, None, 0
        self.visits, self.bought, self.inclusive, self.gap = {}, [0] * YEAR, 1.0, 0.0
        if "state_dependence" in model.on:
            self.usual = self.share_as_surveyed()
            self.habit = list(self.usual)

    def share_as_surveyed(self):
        """Expected share of every firm at the standard service and fare, staying out left aside, in 1/65535."""
        odds = []
        for firm in self.model.firms:
            lost = rules.money_lost(self.alpha, self.journey[firm.mode], firm.way.standard_fare)
            odds.append(exp(self.standard[firm.mode] + firm.log_presence - lost))
        return [round(odd / sum(odds) * rules.WHOLE) for odd in odds]

    def step(self):
        """Live through a month: hear what is common, buy on every occasion, look back."""
        m = self.model
        self.bought[m.month % YEAR] = 0
        if m.must_have:
            for f, expected in enumerate(self.expectation):
                self.expectation[f] = rules.kept(rules.drifted(expected, m.norm_of[f], m.must_have.rate))
        if self.firm is not None:
            self.last, self.firm = self.firm, None
        for lot in m.lots[: m.occasions[self.row]]:
            self.buy(lot)
        self.look_back()

    def buy(self, lot):
        """Weigh every firm against staying out, and be served by the best."""
        m = self.model
        context = sum(lot.context[self.row] > edge for edge in m.upto[self.segment][:-1])
        cell = self.segment * m.contexts + context
        if self.firm is not None:
            self.last = self.firm
        self.firm, best, inclusive = None, lot.outside[self.row], 1.0
        for f, firm in enumerate(m.firms):
            appeal = self.weigh(firm, cell)
            inclusive += exp(appeal)
            value = appeal + lot.shock[f][self.row]
            if value > best:
                best, self.firm = value, f
        self.inclusive = inclusive
        m.surplus += rules.surplus(inclusive, self.alpha)
        if self.firm is not None:
            self.be_served(m.firms[self.firm], cell, lot)
            self.bought[m.month % YEAR] += 1
            months = self.visits.setdefault(self.firm, [])
            if m.month not in months:
                months.append(m.month)

    def weigh(self, firm, cell):
        """Appeal of a firm's offer: V_if."""
        m, f, mode = self.model, firm.index, firm.mode
        journey = self.journey[mode]
        appeal = self.standard[mode] + firm.log_presence - rules.money_lost(self.alpha, journey, firm.fare)
        for k in firm.shown:
            appeal += rules.worth(self.taste[k], firm.level[k][cell])
        if m.needs_rule and firm.depth > 0:
            appeal += self.fit(firm, cell)
        if m.satisfaction:
            appeal += rules.pleased(m.satisfaction.weight, self.satisfaction[f])
        if m.habit:
            appeal += rules.habit_pull(m.habit.weight, self.habit[f], self.usual[f])
        if m.switching:
            appeal -= rules.trouble(m.switching.cost, self.last, f)
        if self.bound is not None:
            appeal -= rules.penalty_felt(self.alpha, m.firms[self.bound].penalty / 100, self.bound, f)
        if m.line_need is not None:
            appeal -= rules.way(m.line.cost, self.ideal[m.line_need], firm.place)
        if m.programme and firm.decision.programme:
            p = m.programme
            money = rules.saved(
                self.points[f], p.threshold, self.points_of_trip(f), p.goal_gradient, p.foresight, firm.fare
            )
            appeal += self.alpha * journey * money
        return appeal

    def fit(self, firm, cell):
        """What an offer gains by lying near what this customer wants."""
        gained, rule, place = 0.0, self.model.needs_rule, firm.position[cell]
        for d, ideal in enumerate(self.ideal):
            gained += rules.fit(rule.weight, place[d], rule.standard, ideal)
        return gained

    def be_served(self, firm, cell, lot):
        """Pay, live through the service, learn from it."""
        m, f = self.model, firm.index
        technical, functional = self.received(firm, cell)
        if m.satisfaction:
            s = m.satisfaction
            functional += firm.spec.delivery_noise * lot.delivery[f][self.row]
            quality = rules.perceived(technical, functional, s.technical_weight, s.functional_weight)
            self.gap = quality - self.expectation[f]
            felt = rules.felt(self.gap, s.loss_aversion)
            self.satisfaction[f] = rules.kept(rules.satisfied(self.satisfaction[f], felt, s.smoothing))
            self.expectation[f] = rules.kept(rules.learned(self.expectation[f], self.gap, s.learning))
        else:
            quality, self.gap = technical + functional, 0.0
        if m.habit:
            for g, habit in enumerate(self.habit):
                self.habit[g] = rules.habit_after(habit, g == f, m.habit.carry_over)
        paid = int(firm.cents * self.journey[firm.mode] + 0.5)
        if m.programme and firm.decision.programme:
            paid = self.earn_or_redeem(f, paid)
        m.book(self, firm, cell, paid, quality)
        if m.contract:
            self.sign(firm)

    def sign(self, firm):
        """Pay the penalty if bound to another firm; be bound to this one if free and it binds."""
        count = self.model.count
        if self.bound not in (None, firm.index):
            penalty = self.model.firms[self.bound].penalty
            count["revenue"][self.bound] += penalty
            count["penalties"][self.bound] += penalty
            count["broken"][self.bound] += 1
            self.bound = None
        if self.bound is None and firm.term:
            self.bound, self.months_bound = firm.index, firm.term
            count["signed"][firm.index] += 1

    def received(self, firm, cell):
        """Worth of what one gets, and of how one gets it, the fit included."""
        m, technical, functional = self.model, 0.0, 0.0
        for k in firm.shown:
            worth = rules.worth(self.taste[k], firm.level[k][cell])
            if k in m.functional:
                functional += worth
            else:
                technical += worth
        return technical, functional + (self.fit(firm, cell) if m.needs_rule else 0.0)

    def points_of_trip(self, f):
        """Points that a paid trip earns now; the trip itself is not made yet."""
        p, now = self.model.programme, self.model.month
        months = sum(month > now - YEAR for month in self.visits.get(f, ()))
        return p.points_per_trip + (0, *p.tier_points)[rules.tier(months, p.tier_months)]

    def earn_or_redeem(self, f, paid):
        """Book the points of a trip; return what is paid for it [cents]."""
        threshold = self.model.programme.threshold
        if self.points[f] >= threshold:
            self.points[f] -= threshold
            self.model.count["points_redeemed"][f] += threshold
            return 0
        earned = self.points_of_trip(f)
        self.points[f] += earned
        self.model.count["points_earned"][f] += earned
        return paid

    def look_back(self):
        """End the month: points that go without a trip, a contract that runs down, the purchases of a year."""
        m = self.model
        if m.programme:
            for firm in m.members:
                if self.points[firm.index]:
                    self.let_go(firm.index)
        if self.bound is not None:
            self.months_bound -= 1
            if self.months_bound:
                m.count["bound"][self.bound] += 1
            else:
                self.bound = None
        purchases, count = sum(self.bought), m.count
        m.everybody["buyers"] += purchases > 0
        m.everybody["purchases"] += purchases
        for f, months in self.visits.items():
            if months and months[0] <= m.month - 2 * YEAR:
                del months[0]
            if months:
                lately, before = months[-1] > m.month - YEAR, months[0] <= m.month - YEAR
                count["buyers"][f] += lately
                count["wallet"][f] += purchases if lately else 0
                count["held"][f] += before
                count["kept"][f] += before and lately

    def let_go(self, f):
        """Points that end without a trip."""
        m, p = self.model, self.model.programme
        months = self.visits.get(f)
        last = months[-1] if months else -p.expiry
        if last <= m.month - p.expiry:
            m.count["points_expired"][f] += self.points[f]
            self.points[f] = 0
        elif self.points[f] >= p.partner_points and last != m.month and m.partner[f][self.row] < p.partner_rate:
            m.count["points_at_partners"][f] += p.partner_points
            self.points[f] -= p.partner_points
