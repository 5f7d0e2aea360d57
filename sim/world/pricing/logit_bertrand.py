"""Logit-Bertrand pricing: the best response to the rivals' fares of last month, with demand wholly known.

The economist's benchmark of complete information. The firm is handed a study of demand (`sim.market.demand`) that tells it how
every customer would answer every fare, which no firm knows. Fares of the firms that price together solve the first
order conditions of their joint profit, written as the fixed point of Morrow & Skerlos::

    p_k = [sum_i t_ik c_k + sum_i w_i l_ik P_ik + sum_i w_i b_ik P_ik sum_j l_ij P_ij (p_j - c_j)] / sum_i t_ik
    t_ik = w_i l_ik b_ik P_ik,   b_ik = alpha_i l_ik,   j over all firms of the owner

A pure equilibrium exists where tastes are spread as log-concave densities are (Caplin & Nalebuff), and firms that
answer one another month by month then come to it.
Source: Caplin & Nalebuff (1991), Aggregation and imperfect competition, Econometrica 59, 25-59; Morrow & Skerlos
(2011), Fixed-point approaches to computing Bertrand-Nash equilibrium prices under mixed-logit demand, Operations
Research 59, 328-345.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.optimize import root

from sim.ground.grid import DEAREST
from sim.ground.params import ConfigError, param
from sim.world.demand import Demand
from sim.world.pricing import Pricing

STEPS, CLOSE, HIGHEST = 30, 1e-9, 500.0


class Owner:
    """The firms of one owner that set their fares together, against fares of all others that stay.

    demand : the study. moving : names of the firms whose fares are sought. costs : unit costs (segments,) of all firms
    of the owner, by name [¤]. by_segment : whether each segment has a fare of its own.
    """

    def __init__(self, demand: Demand, moving: list[str], costs: dict[str, np.ndarray], by_segment: bool) -> None:
        self.demand, self.by_segment = demand, by_segment
        self.moving = [demand.firms.index(name) for name in moving]
        self.costs = [costs[name] for name in moving]
        held = [demand.firms.index(name) for name in costs if name not in moving]
        value = demand.utility(demand.fares)
        others = [f for f in range(len(demand.firms)) if f not in self.moving]
        self.rest = np.logaddexp.reduce(np.vstack([np.zeros((1, value.shape[1])), value[others]]), axis=0)
        # what the owner earns from firms whose fares stay, per customer who buys from none of the firms that move
        self.held = np.zeros(value.shape[1])
        for f in held:
            margin = (demand.fares[f] - costs[demand.firms[f]])[demand.segment]
            self.held += np.exp(value[f] - self.rest) * demand.journey[f] * margin

    def _sum(self, values: np.ndarray) -> np.ndarray:
        by_segment = self.demand.by_segment(values)
        return by_segment if self.by_segment else np.full(by_segment.shape, by_segment.sum())

    def improved(self, fares: np.ndarray) -> np.ndarray:
        """(moving, segments) right-hand side of the fixed point; a fare that nobody pays stays as it is."""
        d, s = self.demand, self.demand.segment
        slope = d.sensitivity * d.journey[self.moving]
        value = d.appeal[self.moving] - slope * fares[:, s] - self.rest
        odds = np.exp(np.minimum(value, HIGHEST))
        nobody = 1 / (1 + odds.sum(axis=0))
        chance = odds * nobody
        margins = np.array([(fare - cost)[s] for fare, cost in zip(fares, self.costs, strict=True)])
        earned = (d.journey[self.moving] * chance * margins).sum(axis=0) + nobody * self.held
        out = np.empty_like(fares)
        for k, f in enumerate(self.moving):
            sold = d.weight * d.journey[f] * chance[k]
            steep = sold * slope[k]
            gained = self._sum(steep * self.costs[k][s] + sold + d.weight * slope[k] * chance[k] * earned)
            lost = self._sum(steep)
            out[k] = np.where(lost > 0, gained / np.where(lost > 0, lost, 1.0), fares[k])
        return np.clip(out, 0.0, DEAREST)

    def best(self, fares: np.ndarray) -> np.ndarray:
        """(moving, segments) fares that are a fixed point: some steps from `fares`, then Powell's hybrid method."""
        for _ in range(STEPS):
            last, fares = fares, self.improved(fares)
            if np.abs(fares - last).max() < CLOSE:
                return fares
        places = fares.shape if self.by_segment else (len(fares), 1)

        def excess(values):
            """How far fares are above the improved ones [¤]; 0 at the fixed point."""
            asked = np.broadcast_to(values.reshape(places), fares.shape)
            return (asked - self.improved(asked))[:, : places[1]].ravel()

        found = root(excess, fares[:, : places[1]].ravel(), method="hybr", tol=CLOSE)
        solved = np.broadcast_to(found.x.reshape(places), fares.shape)
        return solved if found.success and (solved > 0).all() and (solved < DEAREST).all() else fares


@dataclass(frozen=True, kw_only=True)
class LogitBertrand(Pricing):
    """Best response to last month's fares under the mixed logit that a study of demand found; jointly with its sisters.

    Sisters are the firms of the same owner (mechanism `ownership`) that price by this rule, too; the others' fares are
    taken as they are, and their profit counts. The response looks at one month only: what a sale does to later months
    (habit, knowledge, satisfaction) is no part of it.
    """

    needs_demand: ClassVar[bool] = True

    study_customers: int = param(
        "customers whose demand is studied; all of them if there are no more",
        "customers",
        low=1,
        source="register R219",
    )
    by_segment: bool = param("whether each segment has a fare of its own", "1", source="register R220")

    def check_scenario(self, scenario, name):
        """No mechanism may make the studied demand wrong; says at once all that would have to go."""
        found = {key: why for key, mechanism in scenario.mechanism.items() if (why := mechanism.unforeseen())}
        if found:
            first, why = next(iter(found.items()))
            rest = " ".join(f"~mechanism.{key}" for key in scenario.with_dependents(found))
            raise ConfigError(
                f"firms.{name}.pricing: logit_bertrand needs a demand that a study can foresee, which mechanism.{first} "
                f"makes invalid: {why}; write {rest}, or price otherwise"
            )

    def price(self, quote, memory, rng):
        """The firm's part of its owner's best response; the list price where costs are not known.

        >>> from sim.world.pricing import Quote
        >>> one, two = np.ones(1), np.ones((2, 1))
        >>> rule = LogitBertrand(study_customers=1, by_segment=False)
        >>> fare = one
        >>> for _ in range(30):
        ...     demand = Demand(("a", "b"), one, np.zeros(1, int), 4 * one, two, 8 * two, np.array([fare, fare]))
        ...     fare = rule.price(Quote(one, one, 1.0, name="a", demand=demand), {}, None)[0]
        >>> round(float(fare[0]), 4)
        1.4729
        """
        if quote.demand is None or quote.mean_cost <= 0:
            return quote.flat(quote.list_price), memory
        joint = {name: sister.unit_cost for name, sister in quote.sisters.items() if sister.joint}
        held = {name: sister.unit_cost for name, sister in quote.sisters.items() if not sister.joint}
        moving = sorted([quote.name, *joint])
        owner = Owner(quote.demand, moving, {quote.name: quote.unit_cost} | joint | held, self.by_segment)
        fares = owner.best(quote.demand.fares[owner.moving])
        return fares[moving.index(quote.name)].copy(), memory
