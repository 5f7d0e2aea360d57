r"""How a firm changes its strategy after it has seen how others, or itself, have fared (A7, A10).

A firm that reviews compares what it earned with what it sees. Three families: imitation of who earns more, with a
probability that rises with the difference (Schlag 1998, J. Economic Theory 78, 130-156; Szabo & Toke 1998, Physical
Review E 58, 69-73; Traulsen, Nowak & Pacheco 2006, Physical Review E 74, 011909); search as long as one is not content
(Cyert & March 1963, A Behavioral Theory of the Firm; the level of aspiration adapts, Karandikar, Mookherjee, Ray &
Vega-Redondo 1998, J. Economic Theory 80, 292-331); selection among one's own activities with some mutation (Page &
Nowak 2002, J. Theoretical Biology 219, 93-98). In the mean, over many firms, Schlag's rule follows the replicator path

    dx_k / dt = x_k (f_k - sum_j x_j f_j) / span.

Payoffs are in one unit, ¤ a head of market and month where firms use them.
"""

import math
from collections.abc import Sequence

from sim.science.rules import rule


@rule
def imitation_probability(own, other, span):
    """Probability that one takes over another's strategy: its lead over one's own payoff / span, within [0, 1].

    span : greatest difference of payoffs that is thought possible.
    Source: Schlag (1998), proportional imitation.

    >>> imitation_probability(1.0, 1.5, 2.0), imitation_probability(1.5, 1.0, 2.0), imitation_probability(0.0, 9.0, 2.0)
    (0.25, 0.0, 1.0)
    """
    return min(max((other - own) / span, 0.0), 1.0)


@rule
def fermi_probability(own, other, intensity):
    """Probability that one takes over another's strategy: 1 / (1 + exp(-intensity (other - own))).

    intensity : of selection, per unit of payoff; 0 is a coin.
    Source: Szabo & Toke (1998); Traulsen, Nowak & Pacheco (2006).

    >>> fermi_probability(1.0, 1.0, 5.0), round(fermi_probability(0.0, 1.0, math.log(3.0)), 12)
    (0.5, 0.75)
    """
    return 1.0 / (1.0 + math.exp(min(max(-intensity * (other - own), -700.0), 700.0)))


def adapt_aspiration(aspiration: float, payoff: float, rate: float) -> float:
    """What a firm is content with after it has earned a payoff: (1 - rate) aspiration + rate payoff.

    Source: Cyert & March (1963); Karandikar, Mookherjee, Ray & Vega-Redondo (1998).

    >>> adapt_aspiration(1.0, 0.0, 0.25)
    0.75
    """
    return (1 - rate) * aspiration + rate * payoff


def toward(mix: Sequence[float], other: Sequence[float], step: float) -> tuple[float, ...]:
    """A point on the way from one mix to another; step 0 stays, step 1 arrives.

    >>> toward((1.0, 0.0), (0.0, 1.0), 0.25)
    (0.75, 0.25)
    """
    return tuple(a + step * (b - a) for a, b in zip(mix, other, strict=True))


def replicate(mix: Sequence[float], fitness: Sequence[float], mutation: float) -> tuple[float, ...]:
    """Shares after one round of selection and mutation: x_k' = sum_j x_j f_j q_jk / sum_j x_j f_j.

    fitness : positive, one a kind; q : 1 - mutation for the kind itself, the rest spread evenly over the others.
    Source: Page & Nowak (2002), the replicator-mutator equation.

    >>> replicate((0.5, 0.5), (3.0, 1.0), 0.0), replicate((1.0, 0.0), (3.0, 1.0), 0.25)
    ((0.75, 0.25), (0.75, 0.25))
    """
    grown = [x * f for x, f in zip(mix, fitness, strict=True)]
    total, strayed = sum(grown), mutation / (len(grown) - 1)
    return tuple((g * (1 - mutation) + (total - g) * strayed) / total for g in grown)


def posture(flexibility: float, depth: float, distinctiveness: float, price: float, dearest: float) -> tuple[float, ...]:
    """Strategy mix that a firm's public offer suggests: what is visible of each kind, scaled to sum to 1.

    Flexibility, depth, distinctiveness where it is positive, and undercutting, 1 - price / dearest fare; even if there is nothing.

    >>> [round(part, 12) for part in posture(0.0, 0.2, 0.6, 40.0, 50.0)]
    [0.0, 0.2, 0.6, 0.2]
    >>> posture(0.0, 0.0, 0.0, 50.0, 50.0)
    (0.25, 0.25, 0.25, 0.25)
    """
    visible = (flexibility, depth, max(distinctiveness, 0.0), 1 - price / dearest if dearest > 0 else 0.0)
    total = sum(visible)
    return tuple(value / total if total > 0 else 1 / len(visible) for value in visible)
