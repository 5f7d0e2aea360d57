"""Imitation: features are noticed late, copied by chance, and first in part; copies get better with practice.

Sources: Mansfield, Schwartz & Wagner (1981), Economic Journal 91, 907-918, for imitation that takes time and costs about
two thirds of the innovation; Cohen & Levinthal (1990), Administrative Science Quarterly 35, 128-152, for absorptive
capacity; Rivkin (2000), Management Science 46, 824-844, for partial fidelity. A7, A8, A9.
"""

import math


def notice_lag(draw: float, mean: int) -> int:
    """Months until a rival notices, geometric from 0 with the given mean; draw : uniform in (0, 1).

    >>> notice_lag(0.5, 0), notice_lag(0.9, 3), notice_lag(0.1, 3)
    (0, 0, 8)
    """
    return int(math.log(draw) / math.log(mean / (1 + mean))) if mean else 0


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
