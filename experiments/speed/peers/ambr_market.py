"""The month without mechanisms in AMBER: customers in its Polars table, NumPy in its vectorised step (`pip install ambr`)."""

import ambr
import numpy as np
from numpy_market import NumpyMarket


class _Model(ambr.Model):
    """Its table holds what changes from month to month; `peer` plays the month on it."""

    def setup(self):
        """The customers' last provider and their purchases of a year."""
        people = len(self.peer.given.alpha)
        self.add_agents(people, provider=np.full(people, -1, np.int8), wallet=np.zeros(people, np.uint16))

    def step_vectorized(self):
        """One month."""
        self.peer.provider, self.peer.wallet = (self.agents.borrow(n)[0].copy() for n in ("provider", "wallet"))
        self.peer.step()
        self.agents.set(provider=self.peer.provider, wallet=self.peer.wallet)


class AmbrMarket:
    """Plays months of what is given."""

    def __init__(self, given):
        self.peer = NumpyMarket(given)
        kind = type("Market", (_Model,), {"peer": self.peer})
        self.model = kind({"seed": 1, "show_progress": False, "steps": 10**9}).cpu(mode="vectorized")
        self.model._ensure_setup()

    def step(self):
        """One month."""
        self.model.run_step()
        self.purchases = self.peer.purchases


made = AmbrMarket
