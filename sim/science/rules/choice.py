"""Discrete choice: an appeal per alternative, plus a shock per alternative, and the best one is bought.

With independent Gumbel shocks the probability of firm f is the multinomial logit::

    P_if = exp(V_if) / (1 + sum_g exp(V_ig))

where the 1 is the outside option, whose appeal is zero. The best of appeals with Gumbel shocks is the first of a race:
with eps = -ln(-ln u), V + eps is greatest where -ln(u) / exp(V) is least, a time that is exponential with rate exp(V).
Sources: McFadden (1974), Conditional logit analysis of qualitative choice behavior; Train (2009), Discrete Choice
Methods with Simulation, 2nd ed., ch. 3 and 6; for the race Yellott (1977), The relationship between Luce's choice axiom,
Thurstone's theory of comparative judgment, and the double exponential distribution, J. Mathematical Psychology 15,
109-144; Maddison, Tarlow & Minka (2014), A* sampling, NIPS 27, section 2.
"""

import numpy as np

from sim.science.rules import rule
from sim.science.rules.numeric import log32

FAR = np.float32(60)  # utils: half the exponents of single precision away from the outside option


@rule
def arrival(u, odds):
    """When an alternative arrives in the race of a purchase occasion, by a uniform number: -ln(u) / exp(V).

    odds : exp(V), 1 for the outside option; exp(-80) at least, at which an alternative arrives after 3e27 at the
    earliest, while the outside option does after 17 at the latest: who is out of the question, V = -inf, never wins.

    >>> half = np.float32(0.5)
    >>> abs(float(arrival(half, np.float32(2.0))) - 0.34657359) < 1e-6
    True
    """
    return -log32(u) / odds


@rule
def log_arrival(u, appeal):
    """Logarithm of the time of arrival, ln(-ln u) - V = -(V + eps), for appeals over FAR, whose times are too small to tell.

    >>> abs(float(log_arrival(np.float32(0.5), np.float32(100.0))) + 100.36651) < 1e-4
    True
    """
    return log32(-log32(u)) - appeal


@rule
def fare_disutility(price_sensitivity, journey, fare):
    """Utility lost by paying: alpha_i * l_im * p_f [utils = utils/¤ * 1 * ¤].

    >>> round(fare_disutility(0.02, 1.5, 30.0), 6)
    0.9
    """
    return price_sensitivity * journey * fare


@rule
def attribute_worth(taste, level):
    """Utility of an attribute in linear form: theta_ik * x_fk [utils].

    Source: McFadden & Train (2000), Mixed MNL models for discrete response, J. Applied Econometrics 15, 447-470.
    """
    return taste * level


@rule
def fit_gained(weight, position, standard, ideal):
    """Utility gained by moving an offer from the standard position towards the customer's ideal point.

    weight * ((z0_d - a_id)^2 - (z_fd - a_id)^2) [utils], weight >= 0; zero for the standard offer itself.

    >>> fit_gained(2.0, 1.0, 0.5, 1.0), fit_gained(2.0, 0.5, 0.5, 1.0)
    (0.5, 0.0)

    Source: ideal-point (unfolding) model, Coombs (1964), A Theory of Data; DeSarbo & Rao (1986), Marketing Science 5.
    """
    before, after = standard - ideal, position - ideal
    return weight * (before * before - after * after)


@rule
def money_utility(inclusive, price_sensitivity):
    """Expected consumer surplus of one occasion over not buying: ln(sum exp V) / alpha_i [money].

    Source: Small & Rosen (1981), Applied welfare economics with discrete choice models, Econometrica 49, 105-130.
    """
    return log32(inclusive) / price_sensitivity
