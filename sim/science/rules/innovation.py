"""Innovation: new features arrive by chance that money raises, live, and are given up.

The feature of a kind that comes after n others is smaller, all features of a kind together do less than their sum, and
a feature pays as long as what it adds is worth more than it costs::

    chance = 1 - exp(-productivity sqrt(spend)),   size_n = size (1 - exhaustion)^n,   level = m (1 - exp(-sum / m))

Sources: Loury (1979), Quarterly J. of Economics 93, 395-410, for a hazard that rises less than proportionally with R&D;
Klevorick, Levin, Nelson & Winter (1995), Research Policy 24, 185-205, for technological opportunity that is used up;
Kahneman & Tversky (1979), Econometrica 47, 263-291, for sensitivity that diminishes; Levitt (1965), Harvard Business
Review 43(6), 81-94, for stages. A7, A8, A9.
"""

import math


def arrival_probability(spend: float, productivity: float) -> float:
    """Probability that a new feature arrives this period: 1 - exp(-productivity sqrt(spend)).

    >>> arrival_probability(0.0, 0.6)
    0.0
    """
    return -math.expm1(-productivity * math.sqrt(spend))


def opportunity(earlier: int, exhaustion: float) -> float:
    """What is left of the mean size after so many features of the kind in the market: (1 - exhaustion)^earlier.

    >>> opportunity(0, 0.1), round(opportunity(2, 0.1), 2)
    (1.0, 0.81)
    """
    return (1 - exhaustion) ** earlier


def saturate(total: float, most: float) -> float:
    """Level reached by features that add up to a total: m (1 - exp(-|total| / m)) with the total's sign.

    >>> round(saturate(2.0, 2.0), 4), round(saturate(0.01, 2.0), 5), saturate(-2.0, 2.0) == -saturate(2.0, 2.0)
    (1.2642, 0.00998, True)
    """
    return math.copysign(-most * math.expm1(-abs(total) / most), total)


def stage(offering: int, reached: int, possible: int, quiet: int, settled: int) -> str:
    """Stage in the life of a feature, by how many firms offer it.

    offering, reached, possible : firms that offer it now, that ever did at once, that could. quiet : months since one
    was added. settled : quiet months after which those who wanted it have it.

    >>> [stage(1, 1, 5, 9, 6), stage(2, 2, 5, 3, 6), stage(2, 2, 5, 6, 6), stage(5, 5, 5, 0, 6), stage(1, 2, 5, 9, 6)]
    ['introduction', 'growth', 'maturity', 'maturity', 'decline']
    """
    if offering < reached:
        return "decline"
    if reached <= 1:
        return "introduction"
    return "maturity" if offering >= possible or quiet >= settled else "growth"
