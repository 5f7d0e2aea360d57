"""Expectation, disconfirmation, satisfaction.

A customer compares what was perceived with what was expected; the gap moves satisfaction, a loss weighing more than
a gain of the same size, and teaches the customer what to expect next time::

    d = q - e,   S <- S + a_S (v(d) - S),   e <- e + a_e d,   v(d) = d if d >= 0 else lambda d

What is perceived has two parts: what one gets, technical quality, and how one gets it, functional quality::

    q = w_T T + w_F F

Sources: Oliver (1980), A cognitive model of the antecedents and consequences of satisfaction decisions, J. Marketing
Research 17, 460-469; Kahneman & Tversky (1979) and Tversky & Kahneman (1992) for lambda = 2.25; Grönroos (1984), A service quality model
and its marketing implications, European J. Marketing 18(4), 36-44, for the two parts. Implements E1 and G8.
"""

from sim.science.rules import rule


@rule
def felt_gap(gap, loss_aversion):
    """Value of a quality gap: gains as they are, losses times loss_aversion [utils].

    >>> felt_gap(-1.0, 2.25), felt_gap(1.0, 2.25)
    (-2.25, 1.0)
    """
    return gap if gap >= 0 else loss_aversion * gap


@rule
def perceived(total, technical, technical_weight, functional_weight):
    """Quality perceived of a service worth `total`, of which `technical` is what one gets, the rest how [utils].

    >>> perceived(1.0, 0.75, 2.0, 1.0), perceived(1.0, 0.75, 1.0, 3.0)
    (1.75, 1.5)
    """
    return technical_weight * technical + functional_weight * (total - technical)


@rule
def smooth(before, target, rate):
    """Exponential smoothing: before + rate (target - before).

    >>> smooth(1.0, 3.0, 0.25)
    1.5
    """
    return before + rate * (target - before)
