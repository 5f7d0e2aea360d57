"""Dealers: independent outlets that carry a firm's line as long as it feeds them, and how far they carry it.

    coverage = 1 - exp(-reach * outlets),   outlets per 1,000 heads of market
    left     = N (churn + exit max(0, 1 - y / y0) (1 - loyalty if protected))
    joined   = (pool - N) entry max(0, 1 - y0 / y)

N dealers, y the income that a dealer expects of the line, y0 what the shelf would earn otherwise. With a constant income
y > y0 the stock rests where joined = left, at N = pool a / (a + churn), a = entry (1 - y0 / y).
Sources: coverage is that of points thrown at random on a plane, Stoyan, Kendall & Mecke (1995), Stochastic Geometry and its
Applications, ch. 3; entry and exit by income over the outside option, Jovanovic (1982), Econometrica 50, 649-670, and
Coughlan, Anderson, Stern & El-Ansary (2006), Marketing Channels, 7th ed., on margins, coverage and guarantees.
Implements B3, B4, B5, C5.
"""

import math


def coverage(outlets: float, reach: float) -> float:
    """Chance that a customer has one of the outlets near him; outlets per 1,000 heads.

    >>> coverage(0.0, 2.0), round(coverage(1.0, 2.0), 4)
    (0.0, 0.8647)
    """
    return -math.expm1(-reach * outlets)


def leaving(income: float, outside: float, churn: float, exit_rate: float, kept: float) -> float:
    """Chance a month that a dealer gives the line up; kept : part of those let down who stay out of loyalty.

    >>> leaving(4.0, 4.0, 0.01, 0.5, 0.0), leaving(1.0, 4.0, 0.0, 0.4, 0.5)
    (0.01, 0.15000000000000002)
    """
    lack = max(0.0, 1 - income / outside) if outside > 0 else 0.0
    return min(1.0, churn + exit_rate * lack * (1 - kept))


def joining(income: float, outside: float, entry: float) -> float:
    """Chance a month that a shop which could carry the line takes it up.

    >>> joining(4.0, 4.0, 0.1), joining(8.0, 4.0, 0.1)
    (0.0, 0.05)
    """
    return entry * max(0.0, 1 - outside / income) if income > 0 else 0.0


def whole(expected: float, draw: float) -> int:
    """A whole number with this expectation: rounded up where the draw is below the fraction.

    >>> whole(2.25, 0.2), whole(2.25, 0.3)
    (3, 2)
    """
    return math.floor(expected) + int(draw < expected - math.floor(expected))
