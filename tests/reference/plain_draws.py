"""The addressed draws that a plain market needs, a column of customers at a time (model page, "Addresses of draws").

Columns are drawn by the compiled generator, because drawing them in Python would make the market look slower than a
plain Mesa model has to be.
"""

import numpy as np
from scipy.special import ndtri

from sim.ground import draws
from sim.science.kernels.draw import uniforms


class Lot:
    """The draws of one occasion for all customers, by alternative. number : of the occasion in its month, from 0."""

    def __init__(self, draws, firms, month, number, delivered):
        now, names = month + 2**16 * number, [firm.name for firm in firms]
        self.context, self.outside = draws.uniform("context", "", now), draws.gumbel("outside shock", "", now)
        self.shock = [draws.gumbel("shock", name, now) for name in names]
        self.delivery = [draws.normal("delivery", name, now) for name in names] if delivered else []


class Draws:
    """Numbers under one seed, for customers 0, 1, 2, ..."""

    def __init__(self, seed, customers):
        self.seed, self.identity = seed, np.arange(customers, dtype=np.uint32)

    def column(self, decision, name, month, identity):
        """Uniform numbers of these customers, in double precision."""
        out = np.empty(len(identity), np.float32)
        uniforms(identity, np.uint32(month), *draws.key(self.seed, decision, name), out)
        return out.astype(float)

    def uniform(self, decision, name, month):
        """A uniform number for every customer."""
        return self.column(decision, name, month, self.identity).tolist()

    def normal(self, decision, name, month):
        """A standard normal number for every customer."""
        return ndtri(self.column(decision, name, month, self.identity)).tolist()

    def gumbel(self, decision, name, month):
        """A standard Gumbel shock for every customer."""
        return (-np.log(-np.log(self.column(decision, name, month, self.identity)))).tolist()

    def once(self, decision, name, month):
        """One uniform number for what happens once a firm: that of customer 0."""
        return self.column(decision, name, month, self.identity[:1]).item()

    def generator(self, decision, name, month):
        """NumPy's generator, for a firm that needs several numbers of another kind."""
        return draws.generator(self.seed, decision, name, month)
