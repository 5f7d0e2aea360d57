"""Innovation and imitation: new features arrive by chance that money raises, and rivals copy them late and in part.

Sources: Loury (1979), Quarterly J. of Economics 93, 395-410, for a hazard that rises less than proportionally with R&D;
Mansfield, Schwartz & Wagner (1981), Economic Journal 91, 907-918, for imitation that takes time and costs about two
thirds of the innovation; Cohen & Levinthal (1990), Administrative Science Quarterly 35, 128-152, for absorptive
capacity; Rivkin (2000), Management Science 46, 824-844, for partial fidelity. Implements A7.
"""

import math


def arrival_probability(spend: float, productivity: float) -> float:
    """Probability that a new feature arrives this period: 1 - exp(-productivity sqrt(spend)).

    >>> arrival_probability(0.0, 0.6)
    0.0
    """
    return -math.expm1(-productivity * math.sqrt(spend))


def copy_probability(age: int, lag: int, imitability: float, capacity: float) -> float:
    """Probability that a rival starts to copy a feature this period; zero until it has noticed it (age >= lag).

    >>> copy_probability(2, 3, 0.1, 0.9), round(copy_probability(3, 3, 0.1, 0.9), 3)
    (0.0, 0.09)
    """
    return imitability * capacity if age >= lag else 0.0


def learn(fidelity: float, growth: float, ceiling: float) -> float:
    """Fidelity of a copy after one more period: grows by a fixed step towards its ceiling.

    >>> round(learn(0.4, 0.1, 0.9), 3), learn(0.85, 0.1, 0.9)
    (0.5, 0.9)
    """
    return max(fidelity, min(fidelity + growth, ceiling))
