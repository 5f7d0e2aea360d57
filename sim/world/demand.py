"""What customers would buy at which fares: a study of demand, and the appeal of a firm that it shares with the choice itself.

A study asks a panel of customers, in every usage context, how much each firm appeals to them before its fare. With
Gumbel shocks the chance that customer i buys from firm f at fares p is then the logit of `sim.science.rules.choice`::

    P_if(p) = exp(v_if - alpha_i l_if p_f) / (1 + sum_g exp(v_ig - alpha_i l_ig p_g))

and averages over the panel are a mixed logit (McFadden & Train 2000). Every term that phases.choose weighs is in v_if.
It is complete information, the benchmark of theory: no real firm knows its customers like that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Demand:
    """Demand as a panel of customers shows it; a row is a customer in a usage context.

    Attributes
    ----------
    firms : names of the firms in the market, in the order of the axis `firms`.
    weight : (rows,) purchase occasions a month that the row stands for. segment : (rows,) its segment.
    sensitivity : (rows,) utility lost per ¤. journey : (firms, rows) length of the journey, in standard journeys.
    appeal : (firms, rows) utility of each firm over staying out, before its fare.
    fares : (firms, segments) fares of a standard journey last period [¤]; list prices before the first.
    """

    firms: tuple[str, ...]
    weight: np.ndarray
    segment: np.ndarray
    sensitivity: np.ndarray
    journey: np.ndarray
    appeal: np.ndarray
    fares: np.ndarray

    def utility(self, fares: np.ndarray) -> np.ndarray:
        """(firms, rows) utility at these fares (firms, segments)."""
        return self.appeal - self.sensitivity * self.journey * fares[:, self.segment]

    def probabilities(self, fares: np.ndarray) -> np.ndarray:
        """(firms, rows) chance that a row buys from each firm at these fares (firms, segments).

        >>> one = np.ones(1)
        >>> demand = Demand(("a",), one, np.zeros(1, int), one, one[None], 2 * one[None], one[None])
        >>> demand.probabilities(np.array([[2.0]]))
        array([[0.5]])
        """
        value = self.utility(fares)
        top = np.maximum(value.max(axis=0), 0.0)
        odds = np.exp(value - top)
        return odds / (np.exp(-top) + odds.sum(axis=0))

    def by_segment(self, values: np.ndarray) -> np.ndarray:
        """(segments,) sum of values (rows,) over the rows of each segment."""
        return np.bincount(self.segment, values, self.fares.shape[1])

    def purchases(self, fares: np.ndarray) -> np.ndarray:
        """(firms, segments) expected purchases a month at these fares (firms, segments)."""
        return np.array([self.by_segment(self.weight * row) for row in self.probabilities(fares)])

    def journeys(self, fares: np.ndarray) -> np.ndarray:
        """(firms, segments) expected sales a month in standard journeys, the unit of fares and unit costs."""
        sold = self.weight * self.journey * self.probabilities(fares)
        return np.array([self.by_segment(row) for row in sold])
