"""The month without mechanisms in AgentPy: a model with an AgentList of customers (`pip install agentpy`)."""

import random

import agentpy
from agents import World, born, live


class Customer(agentpy.Agent):
    """A customer."""

    def setup(self):
        """Who it is."""
        born(self, self.p["given"], self.id - 1)

    def month(self):
        """Live through a month."""
        live(self, self.model.world, self.model.uniform)


class AgentPyMarket(agentpy.Model):
    """Plays months of what is given."""

    def setup(self):
        """The world and its customers."""
        self.world, self.uniform = World(self.p["given"]), random.Random(1).random
        self.people = agentpy.AgentList(self, len(self.p["given"].alpha), Customer)

    def step(self):
        """One month."""
        self.world.open()
        self.people.month()
        self.world.month += 1
        self.purchases = self.world.purchases


def made(given):
    """A market ready to step."""
    market = AgentPyMarket({"given": given})
    market.sim_setup()
    return market
