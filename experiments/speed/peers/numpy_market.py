"""The month without mechanisms in NumPy, whole columns at once."""

import numpy as np

f4 = np.float32


class NumpyMarket:
    """Plays months of what is given; purchases : (firms,) of the last month."""

    def __init__(self, given, seed=1):
        self.given, self.rng = given, np.random.default_rng(seed)
        firms, people = len(given.fare), len(given.alpha)
        self.provider, self.before = np.full((2, people), -1, np.int8)
        self.bought = np.zeros((firms, people), np.uint32)
        self.recent, self.wallet, self.month = np.zeros((12, people), np.uint8), np.zeros(people, np.uint16), 0
        self.purchases = np.zeros(firms, np.int64)

    def step(self):
        """One month."""
        g, rng, people = self.given, self.rng, len(self.given.alpha)
        self.wallet -= self.recent[self.month % 12]
        self.before = np.where(self.provider >= 0, self.provider, self.before)
        context = (rng.random(people, f4)[:, None] > g.cumulative[g.segment, :-1]).sum(axis=1)
        cell = g.segment.astype(np.int64) * g.cumulative.shape[1] + context
        time, total, best = -np.log(rng.random(people, f4)), np.ones(people, f4), np.full(people, -1, np.int8)
        for f, mode in enumerate(g.mode):
            appeal = g.standard[mode] + g.presence[f] - g.alpha * g.journey[mode] * g.fare[f, cell]
            for k in range(len(g.taste)):
                if g.level[f, k].any():
                    appeal += g.taste[k] * g.level[f, k, cell]
            odds = np.exp(appeal)
            total += odds
            arrives = -np.log(rng.random(people, f4)) / odds
            sooner = arrives < time
            time, best = np.where(sooner, arrives, time), np.where(sooner, np.int8(f), best)
        self._consume(cell, best, total)

    def _consume(self, cell, best, total):
        g, firms = self.given, len(self.given.fare)
        buys = best >= 0
        f, c, who = best[buys], cell[buys], np.flatnonzero(buys)
        journey = g.journey[g.mode[f], who].astype(float)
        paid = (g.cents[f, c] * journey + 0.5).astype(np.int64)
        quality = (g.taste[:, who] * g.level[f, :, c].T).sum(axis=0)
        self.purchases, self.revenue = np.bincount(f, minlength=firms), np.bincount(f, paid, firms)
        self.quality = np.bincount(f, quality, firms)
        self.surplus = float((np.log(total) / g.alpha).sum(dtype=float))
        self.provider, now = best, self.month % 12
        self.recent[now] = buys
        self.wallet += buys
        self.bought <<= np.uint32(1)
        self.bought &= np.uint32(2**24 - 1)
        self.bought[f, who] |= np.uint32(1)
        year, earlier = (self.bought & np.uint32(4095)) != 0, (self.bought >> np.uint32(12)) != 0
        self.buyers, self.kept, self.held = year.sum(axis=1), (year & earlier).sum(axis=1), earlier.sum(axis=1)
        self.depth = (year * self.wallet).sum(axis=1)
        self.month += 1
