"""A firm of the plain market: it decides by its strategy, offers, asks a fare, keeps books (model page 7.3, 7.4)."""

from dataclasses import dataclass, field

import plain_rules as rules

KINDS = ("flexibility", "diversification", "distinctiveness", "price")


@dataclass
class Decision:
    """What a firm resolves to do in a month; money in AUD a head of market."""

    budget: float = 0.0
    mix: dict = field(default_factory=dict)
    research: float = 0.0
    innovate: str = ""
    seats: int = 0
    attended: bool = False
    programme: bool = False
    interviews: int = 0
    imitation: float = 0.0


def fixed(firm, month):
    """Nothing, for ever."""
    return Decision(seats=firm.plan.seats)


def pure(kind, **more):
    """A strategy that puts its whole budget, and its research if it does any, into one kind."""

    def decide(firm, month):
        plan = firm.plan
        return Decision(
            budget=plan.budget, mix={kind: 1.0}, research=getattr(plan, "research_and_development", 0.0), innovate=kind,
            seats=plan.seats, imitation=plan.imitation, **more,
        )  # fmt: skip

    return decide


def diversification(firm, month):
    """Depth, a programme, and interviews at each review."""
    decision = pure("diversification", programme=True)(firm, month)
    decision.interviews = firm.plan.interviews if month % firm.plan.review_every == 0 else 0
    return decision


def follower(firm, month):
    """Move towards the posture of whoever earned most since the last review, if that was more than oneself."""
    plan, rivals = firm.plan, firm.rivals if month else []
    for rival in rivals:
        firm.seen[rival.name] = firm.seen.get(rival.name, 0.0) + rival.facts["profit"]
    firm.seen[firm.name] = firm.seen.get(firm.name, 0.0) + firm.profit
    if rivals and month % plan.review_every == 0:
        best = max(rivals, key=lambda rival: firm.seen[rival.name])
        if firm.seen[best.name] > firm.seen[firm.name]:
            dearest = max(f.facts["price"] for f in [firm, *rivals])
            shown = best.facts
            posture = [
                shown["flexibility"], shown["depth"], max(shown["comfort"], 0.0),
                rules.undercutting(shown["price"], dearest),
            ]  # fmt: skip
            posture = [part / sum(posture) for part in posture] if sum(posture) > 0 else [1 / 4] * 4
            firm.followed = rules.moved(firm.followed, posture, plan.step)
            firm.seats = shown["seats"]
        firm.seen = {}
    mix = dict(zip(KINDS, firm.followed, strict=True))
    return Decision(budget=plan.budget, mix=mix, seats=firm.seats, imitation=plan.imitation)


STRATEGIES = {
    "Fixed": fixed,
    "Flexibility": pure("flexibility"),
    "Diversification": diversification,
    "Distinctiveness": pure("distinctiveness", attended=True),
    "Price": pure("price"),
    "Follower": follower,
}


class PlainFirm:
    """Looks, decides, offers, keeps books."""

    def __init__(self, market, index, name, spec):
        self.market, self.index, self.name, self.spec, self.plan = market, index, name, spec, spec.strategy
        self.mode, self.way = market.modes.index(spec.mode), market.population.modes[spec.mode]
        self.resolve = STRATEGIES[type(spec.strategy).__name__]
        self.price_rule = type(spec.pricing).__name__
        if self.price_rule not in ("CostPlus", "FixedPrice") or type(spec.revision).__name__ != "Fixed":
            raise ValueError(f"the plain market does not know how {name} prices or revises")
        self.stock = dict.fromkeys(KINDS, 0.0)
        self.sold = [1.0] * market.cells
        self.cash, self.profit, self.cost, self.facts = spec.opening_cash * market.heads, 0.0, 0.0, None
        needs, segments = len(market.needs), len(market.segments)
        z0 = market.on["segment_needs"].standard if "segment_needs" in market.on else 0.0
        self.estimate, self.heard = [[z0] * needs for _ in range(segments)], [0] * segments
        self.seen, self.followed, self.seats = {}, [1 / 4] * 4, getattr(self.plan, "seats", 0)

        self._read_terms()

    def _read_terms(self):
        """Its mode's contract, penalty in cents; its place on the line."""
        contract, line = (self.market.on.get(name) for name in ("contract", "transport_cost"))
        self.term = contract.months.get(self.spec.mode, 0) if contract else 0
        self.penalty = round(contract.penalty.get(self.spec.mode, 0.0) * 100) if contract else 0
        self.place = self.spec.policy.get("transport_cost", {}).get("position", line.position) if line else None

    @property
    def rivals(self):
        """The other firms of its mode."""
        return [f for f in self.market.firms if f.mode == self.mode and f is not self]

    def decide(self, month):
        """Resolve what to do, and read off what capabilities sustain."""
        self.decision = self.resolve(self, month)
        self.flexibility, self.depth, self.skill, self.efficiency = (rules.level_of(self.stock[k]) for k in KINDS)

    def offer(self):
        """Post levels and positions of every cell, and what they cost; features come on top."""
        m, on = self.market, self.market.on
        self.unit_cost, self.bills = [0.0] * m.cells, 0.0
        self.level = [[0.0] * m.cells for _ in m.attributes]
        if "contexts" in on and self.way.timetabled:
            self._run_timetable(on["contexts"])
        if "signature" in on and self.way.seats:
            self._take_out_seats(on["signature"])
        if "segment_needs" in on:
            self._differ(on["segment_needs"])
        if "cost_accounting" in on:
            self._run_vehicles(on["cost_accounting"])

    def lift(self, attribute, cell, amount):
        """Raise the level of an attribute in a cell."""
        self.level[self.market.attributes.index(attribute)][cell] += amount

    def _run_timetable(self, contexts):
        for cell, (segment, context) in enumerate(self.market.places):
            gap = contexts.gap.get(context, 0.0)
            mean = sum(part * contexts.gap.get(name, 0.0) for name, part in segment.contexts.items())
            self.lift(contexts.attribute, cell, rules.gap_left(self.flexibility, gap, mean))
            self.unit_cost[cell] += contexts.closing_cost * gap * self.flexibility

    def _take_out_seats(self, signature):
        d = self.decision
        comfort = signature.room_class * rules.room(self.way.seats, d.seats, signature.luxury_seats)
        comfort += signature.attended_class * self.skill if d.attended else 0.0
        for cell in range(self.market.cells):
            self.lift(signature.attribute, cell, comfort)
            self.unit_cost[cell] += signature.attended_cost if d.attended else 0.0

    def _differ(self, needs):
        """position[cell][dimension]."""
        self.position = [
            [rules.position_of(needs.standard, self.depth, aim) for aim in self.estimate[cell // self.market.contexts]]
            for cell in range(self.market.cells)
        ]
        self.unit_cost = [cost + needs.variety_cost * self.depth for cost in self.unit_cost]

    def _run_vehicles(self, accounting):
        d, spec, heads = self.decision, self.spec, self.market.heads
        saving = accounting.max_saving * self.efficiency
        vehicle = rules.seat(spec.vehicle_cost, self.way.seats or d.seats, d.seats, saving)
        self.unit_cost = [cost + vehicle + spec.handling_cost for cost in self.unit_cost]
        self.bills += (spec.overhead + d.budget + d.research) * heads

    def ask(self):
        """Ask a fare in whole cents, from every segment the same: its price rule's."""
        fare = self.spec.list_price
        if self.price_rule == "CostPlus" and "cost_accounting" in self.market.on:
            cost = sum(c * n for c, n in zip(self.unit_cost, self.sold, strict=True)) / sum(self.sold)
            fare = rules.marked_up(cost, self.spec.pricing.markup) if cost > 0 else fare
        self.cents = round(max(fare, 0.0) * 100)
        self.fare = self.cents / 100
        self.shown = [k for k, level in enumerate(self.level) if any(level)]

    def learn(self, month):
        """Let spending build capabilities; ask the customers whom the strategy wants to hear."""
        m, d = self.market, self.decision
        if "capability" in m.on:
            c = m.on["capability"]
            for kind in KINDS:
                spent = d.budget * d.mix.get(kind, 0.0)
                self.stock[kind] = rules.stock_after(self.stock[kind], spent, c.gain, c.decay)
        asked = min(d.interviews, m.heads)
        if "segment_needs" in m.on and asked:
            needs, rng = m.on["segment_needs"], m.draws.generator("interview", self.name, month)
            whom = rng.choice(m.heads, asked, replace=False)
            errors = rng.normal(0.0, needs.interview_noise, (len(m.needs), asked))
            for n, row in enumerate(whom):
                customer = m.people[row]
                self._hear(customer.segment, [a + e[n] for a, e in zip(customer.ideal, errors, strict=True)])
            self.bills += needs.interview_cost * asked

    def _hear(self, segment, said):
        heard, estimate = self.heard[segment], self.estimate[segment]
        self.estimate[segment] = [(mean * heard + x) / (heard + 1) for mean, x in zip(estimate, said, strict=True)]
        self.heard[segment] = heard + 1

    def close(self, revenue_cents, journeys, purchases):
        """Keep the books of the month; journeys : by cell, in standard journeys."""
        m, cost = self.market, 0
        if "cost_accounting" in m.on:
            cost = round((sum(n * c for n, c in zip(journeys, self.unit_cost, strict=True)) + self.bills) * 100)
        self.cost, self.profit = cost / 100, (revenue_cents - cost) / 100
        self.cash += self.profit
        self.sold = [before + now for before, now in zip(self.sold, journeys, strict=True)]
        comfort = m.on["innovation"].moves["distinctiveness"] if "innovation" in m.on else ""
        comfort = m.on["signature"].attribute if "signature" in m.on else comfort
        shown = self.level[m.attributes.index(comfort)] if comfort in m.attributes else [0.0]
        self.facts = {
            "price": self.fare, "flexibility": self.flexibility, "depth": self.depth,
            "comfort": sum(shown) / len(shown), "seats": self.decision.seats, "profit": self.profit,
            "purchases": purchases,
        }  # fmt: skip
