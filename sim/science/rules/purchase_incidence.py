"""How often a customer buys: a rate of one's own, and chance around it.

Purchases of one customer are Poisson with a rate that stays; rates differ between customers by a Gamma distribution. The
counts of all customers are then negative binomial (NBD)::

    lambda_i ~ Gamma(shape k, mean m),   n_it ~ Poisson(lambda_i season_t),   P(n = 0) = (1 + m / k)^-k

Source: Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8, 26-41. Implements A5, G1.
"""

import numpy as np

from sim.science.rules import rule
from sim.science.rules.numeric import exp32

f4 = np.float32
FEW, HIGHEST = 4, f4(80)


@rule
def poisson(u, rate, most):
    """Poisson count by inversion of its distribution at u in (0, 1), at most `most`; rates above 80 count as 80.

    >>> import numpy as np
    >>> [poisson(np.float32(u), np.float32(1.0), 255) for u in (0.3, 0.5, 0.9)]
    [0, 1, 2]
    """
    rate = min(rate, HIGHEST)
    probability = exp32(-rate)
    total, count = probability, 0
    while u > total and count < most:
        count += 1
        probability *= rate / count
        total += probability
    return count


@rule
def few(u, rate):
    """The same count as `poisson` if it is below `FEW`, else `FEW`: written out, so that loops over customers vectorise.

    >>> import numpy as np
    >>> [int(few(np.float32(u), np.float32(1.0))) for u in (0.3, 0.5, 0.9, 0.9999)]
    [0, 1, 2, 4]
    """
    rate = min(rate, HIGHEST)
    probability = exp32(-rate)
    total = probability
    count = f4(u > total)
    probability *= rate
    total += probability
    count += f4(u > total)
    probability *= rate / f4(2)
    total += probability
    count += f4(u > total)
    probability *= rate / f4(3)
    total += probability
    return count + f4(u > total)
