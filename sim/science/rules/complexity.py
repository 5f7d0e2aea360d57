"""Complexity: a service is a bundle of elements, and what one of them does hangs on others.

A feature has N elements. A firm that copies it gets each right or keeps its usual practice in its place. The
contribution of element j depends on its own state and on those of the K elements after it (in a ring)::

    v_j = 1 if all K + 1 are as in the original,  0 if none is,  otherwise uniform on (-1, 1);   V = sum_j v_j / N

so that the original is worth 1 and the usual practice 0. A version that holds each element with chance phi is worth
phi^(K + 1) in the mean: in proportion for K = 0, and ever less the more elements hang together. Single versions
may be worth less than nothing: the parts do not fit.

Sources: Kauffman (1993), The Origins of Order, for NK landscapes; Levinthal (1997), Management Science 43, 934-950;
Rivkin (2000), Imitation of complex strategies, Management Science 46, 824-844, for the cause. The two anchors, 1 and 0, and
with them the law phi^(K + 1) are this project's own and in none of these sources. Implements A7 and A3.
"""

from collections.abc import Callable, Sequence


def surroundings(right: Sequence[bool], element: int, interdependence: int) -> int:
    """State of an element and of the K after it as a bit pattern, its own first.

    >>> bin(surroundings([True, False, True], 2, 1)), bin(surroundings([True, False, True], 0, 1))
    ('0b11', '0b1')
    """
    return sum(right[(element + k) % len(right)] << k for k in range(interdependence + 1))


def contribution(pattern: int, interdependence: int, draw: float) -> float:
    """What an element does: 1 where everything it hangs on is right, 0 where nothing is, else 2 draw - 1.

    >>> contribution(0b11, 1, 0.2), contribution(0, 1, 0.2), round(contribution(0b01, 1, 0.2), 3)
    (1.0, 0.0, -0.6)
    """
    if pattern == (1 << (interdependence + 1)) - 1:
        return 1.0
    return 2 * draw - 1 if pattern else 0.0


def version_worth(right: Sequence[bool], interdependence: int, draw: Callable[[int, int], float]) -> float:
    """Worth of a version in parts of the original; draw(element, pattern) : the landscape's uniform numbers.

    >>> version_worth([True, True, False, False], 0, lambda element, pattern: 0.0)
    0.5
    >>> version_worth([True, True, True, False], 1, lambda element, pattern: 0.0)
    0.0
    """
    patterns = [surroundings(right, j, interdependence) for j in range(len(right))]
    total = sum(contribution(p, interdependence, draw(j, p)) for j, p in enumerate(patterns))
    return total / len(right)


def expected_worth(fidelity: float, interdependence: int) -> float:
    """Mean worth over landscapes of a version that holds each element with chance fidelity: fidelity^(K + 1), our own law.

    >>> expected_worth(0.8, 0), round(expected_worth(0.8, 5), 3)
    (0.8, 0.262)
    """
    return fidelity ** (interdependence + 1)
