"""The learning relationship: every purchase teaches the firm the customer, and the rival must learn again.

Knowledge is the part of the way from what the firm offers the customer's segment to what this customer wants::

    k <- k + r d (1 - k) at a purchase,   k <- (1 - phi) k each month,   offer to i = z + k (a_i - z)

so that n purchases in a row leave 1 - (1 - r d)^n, and a firm without the capability d never learns.

Source: Pine, Peppers & Rogers (1995), Do you want to keep your customers forever?, Harvard Business Review 73(2),
103-114; the learning curve after Estes (1950), Psychological Review 57, 94-107. Implements F1, F2 and F3.
"""

from sim.science.rules import rule


@rule
def learned(knowledge, whole, step):
    """Knowledge after a purchase, on a scale from 0 to whole.

    >>> learned(0.0, 1.0, 0.25), learned(0.5, 1.0, 0.25)
    (0.25, 0.625)
    """
    return knowledge + step * (whole - knowledge)


@rule
def fit_learned(weight, position, ideal, knowledge):
    """Utility gained by moving the segment's offer towards this customer by the known part of the way.

    weight * ((z - a)^2 - ((1 - k)(z - a))^2) = weight * (z - a)^2 k (2 - k) [utils].

    >>> fit_learned(2.0, 1.0, 0.0, 0.5), fit_learned(2.0, 1.0, 0.0, 1.0), fit_learned(2.0, 1.0, 0.0, 0.0)
    (1.5, 2.0, 0.0)

    Source: the ideal-point model of `sim.science.rules.choice.fit_gained`.
    """
    away = position - ideal
    return weight * away * away * knowledge * (2 - knowledge)
