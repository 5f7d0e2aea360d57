"""How content a firm's staff is, and what that does to what it delivers (G6, G7).

Each month satisfaction goes a part of the way to what the firm's spending, the work load and the freedom to act make of it::

    s* = clip(s0 + g sqrt(m) - l (load / usual - 1) + e (empowerment - usual empowerment), 0, 1),   s += a (s* - s)
    noise x exp(-n (s - s0)),   quality + q (s - s0),   recovery = min(1, empowerment (s / s0)^r)

m : internal marketing a head and month. s0 is the satisfaction at which a firm delivers as configured.
Sources: Heskett, Jones, Loveman, Sasser & Schlesinger (1994), Putting the service-profit chain to work, Harvard
Business Review 72(2), 164-174; Schlesinger & Heskett (1991), Breaking the cycle of failure in services, Sloan
Management Review 32(3), 17-28; square root for diminishing returns as in sim.science.rules.capability.
"""

import math


def contentment(
    usual: float,
    response: float,
    spend: float,
    load_weight: float,
    strain: float,
    freedom_weight: float,
    freedom: float,
) -> float:
    """Satisfaction that lasting conditions lead to; strain : load / usual - 1; freedom : empowerment over the usual.

    >>> contentment(0.5, 2.0, 0.01, 0.2, 0.5, 0.3, 0.0), contentment(0.5, 9.0, 1.0, 0.0, 0.0, 0.0, 0.0)
    (0.6, 1.0)
    """
    goal = usual + response * math.sqrt(spend) - load_weight * strain + freedom_weight * freedom
    return min(max(goal, 0.0), 1.0)


def approach(satisfaction: float, goal: float, pace: float) -> float:
    """Satisfaction after a month: so much of the way to the goal.

    >>> approach(0.5, 0.7, 0.25)
    0.55
    """
    return satisfaction + pace * (goal - satisfaction)


def noise_factor(satisfaction: float, usual: float, steadiness: float) -> float:
    """Factor on the noise of delivery: content staff serve alike every day.

    >>> noise_factor(0.5, 0.5, 1.0), round(noise_factor(0.7, 0.5, 1.0), 4)
    (1.0, 0.8187)
    """
    return math.exp(-steadiness * (satisfaction - usual))


def zeal(satisfaction: float, usual: float, recovery: float) -> float:
    """Factor on the chance that an empowered front line puts a failure right.

    >>> zeal(0.6, 0.5, 1.0), zeal(0.6, 0.5, 0.0)
    (1.2, 1.0)
    """
    return (satisfaction / usual) ** recovery
