"""The customer of a month without mechanisms as a Python object: what AgentPy's and AMBER's agents do in a step."""

from math import exp, log


def live(agent, world, uniform):
    """One customer's month; agent : has alpha, taste, journey, standard, segment, provider, before, recent; uniform : draws."""
    agent.before = agent.provider if agent.provider >= 0 else agent.before
    draw, mix = uniform(), world.mix[agent.segment]
    context = next(k for k, upto in enumerate(mix) if draw <= upto or k == len(mix) - 1)
    cell = agent.segment * len(mix) + context
    time, total, best = -log(uniform()), 1.0, -1
    for f, mode in enumerate(world.mode):
        appeal = agent.standard[mode] + world.presence[f] - agent.alpha * agent.journey[mode] * world.fare[f][cell]
        for k, level in world.offered[f]:
            appeal += agent.taste[k] * level[cell]
        odds = exp(appeal)
        total += odds
        arrives = -log(uniform()) / odds
        if arrives < time:
            time, best = arrives, f
    agent.provider = best
    bought = 0
    if best >= 0:
        bought = 1
        world.purchases[best] += 1
        world.revenue[best] += int(world.cents[best][cell] * agent.journey[world.mode[best]] + 0.5)
        world.quality[best] += sum(agent.taste[k] * level[cell] for k, level in world.offered[best])
        world.repeated[best] += agent.before == best
    world.surplus += log(total) / agent.alpha
    agent.recent[world.month % 12] = bought
    agent.wallet = sum(agent.recent)


class World:
    """What all customers of a month see, in plain lists; counts start at zero."""

    def __init__(self, given):
        firms = range(len(given.fare))
        self.mode, self.presence, self.fare = given.mode.tolist(), given.presence.tolist(), given.fare.tolist()
        self.cents, self.mix, self.month = given.cents.tolist(), given.cumulative.tolist(), 0
        self.offered = [
            [(k, level.tolist()) for k, level in enumerate(given.level[f]) if level.any()] for f in firms
        ]
        self.open()

    def open(self):
        """Begin a month."""
        firms = len(self.fare)
        self.purchases, self.revenue, self.quality, self.repeated = ([0] * firms for _ in range(4))
        self.surplus = 0.0


def born(agent, given, i):
    """Give a customer what is its own."""
    agent.alpha, agent.segment = float(given.alpha[i]), int(given.segment[i])
    agent.taste, agent.journey = given.taste[:, i].tolist(), given.journey[:, i].tolist()
    agent.standard, agent.provider, agent.before = given.standard[:, i].tolist(), -1, -1
    agent.recent, agent.wallet = [0] * 12, 0
