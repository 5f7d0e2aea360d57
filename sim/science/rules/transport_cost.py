"""Distance between what a customer wants and what a firm offers, as a cost that grows in proportion to it.

Customers and firms have places on a line, and whoever buys bears the way::

    V_if <- V_if - cost |a_i - z_f|

With two firms at the ends of a line of length one, customers spread evenly and everybody buying, the firms ask unit
cost + cost / alpha, where alpha is the utility of money.
Source: Hotelling (1929), Stability in competition, Economic Journal 39, 41-57. Implements A6.
"""

from sim.science.rules import rule


@rule
def way(cost, ideal, position):
    """Utility lost on the way from a customer's ideal point to a firm's position: cost * |a_i - z_f| [utils].

    >>> way(2.0, 0.25, 1.0), way(2.0, 1.0, 0.25)
    (1.5, 1.5)
    """
    return cost * abs(ideal - position)
