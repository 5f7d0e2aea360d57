"""Levels of need: a higher need counts as far as the lower ones are met.

Needs are ordered. How far level k is met moves with what is delivered on it, and what is offered on a level is worth
its part that the levels below let through::

    met_k <- met_k + smoothing (clamp(1 + sensitivity * worth_k, 0, 1) - met_k),   weight_k = product of met_j over j < k

worth_k is the utility delivered on the level over the standard service; the standard service meets a need fully.

Source: Maslow (1943), A theory of human motivation, Psychological Review 50, 370-396, whose levels are met in part and
in order (p. 388: "85 per cent in his physiological needs, 70 per cent in his safety needs"). Implements A2.
"""

from sim.science.rules import rule

LEVELS = ("physiological", "safety", "social", "esteem", "self_actualisation")


@rule
def fulfilled(worth, sensitivity):
    """How far a service meets a need: 1 for the standard service or a better one, less for a worse one.

    >>> fulfilled(-0.25, 2.0), fulfilled(0.3, 2.0), fulfilled(-3.0, 2.0)
    (0.5, 1.0, 0.0)
    """
    return min(max(1 + sensitivity * worth, 0.0), 1.0)
