"""The plain market as Mesa's batch runner wants it: a class that takes a seed."""

import mesa
from plain_market import PlainMarket

import sim

WORDS = ("experiment=speed", "population.customers=2000", "periods=100", "mechanism=[]")


class BatchMarket(PlainMarket):
    """A run of the plain market."""

    def __init__(self, rng):
        super().__init__(sim.compose(*WORDS, f"seed={rng}"))
        self.datacollector = mesa.DataCollector({"month": "month"})

    def step(self):
        """One month."""
        super().step()
        self.datacollector.collect(self)
