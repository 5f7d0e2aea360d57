"""How an institution judges a bid: four scores between 0 and 1, weighed.

The score of a bid is::

    w_price min(p) / p + w_practicality (capacity + coverage + reliability) / 3 + w_novelty (1 - exp(-x)) + w_service e

with p the bids of all who are admitted, x the comfort classes over the standard vehicle plus the features offered, and e
the chance that the front line puts a failure right. Capacity is seats over the standard vehicle's, at most 1; coverage is
the level of flexibility; reliability is 1 less the complaints per journey.
Sources: Che (1993), Design competition through multidimensional auctions, RAND J. Economics 24, 668-680; Dini, Pacini &
Valletti (2006), Scoring rules, in Handbook of Procurement (Cambridge), for the lowest price over the price. Implements B1, B2.
"""

import math

from sim.ground.grid import CENTS

CRITERIA = ("price", "practicality", "novelty", "service")


def bid_cents(unit_cost: float, markup: float) -> int:
    """Price asked for a journey, in whole cents: the unit cost times one plus the markup.

    >>> bid_cents(26.0, 0.15)
    2990
    """
    return round(unit_cost * (1 + markup) * CENTS)


def price_score(bid: int, lowest: int) -> float:
    """Lowest admitted bid over this one.

    >>> price_score(4000, 3000), price_score(0, 0)
    (0.75, 1.0)
    """
    return lowest / bid if bid > 0 else 1.0


def practicality(seats: int, standard_seats: int, flexibility: float, complaints: float) -> float:
    """How well an offer fits the standard need: mean of capacity, coverage and reliability.

    >>> round(practicality(32, 47, 0.5, 0.1), 4), practicality(60, 47, 1.0, 0.0)
    (0.6936, 1.0)
    """
    capacity = min(seats / standard_seats, 1.0) if standard_seats else 1.0
    return (capacity + flexibility + max(1 - complaints, 0.0)) / 3


def novelty(distinctiveness: float, features: float) -> float:
    """How much an offer has that others lack, with diminishing returns: 1 - exp(-(distinctiveness + features)).

    >>> novelty(-0.5, 0.0), round(novelty(0.5, 0.5), 4)
    (0.0, 0.6321)
    """
    return -math.expm1(-(max(distinctiveness, 0.0) + features))


def score(parts: dict[str, float], weights: dict[str, float]) -> float:
    """Weighted sum of the scores by criterion.

    >>> score({"price": 0.5, "novelty": 1.0}, {"price": 0.8, "novelty": 0.2})
    0.6000000000000001
    """
    return math.fsum(weights[name] * parts[name] for name in parts)
