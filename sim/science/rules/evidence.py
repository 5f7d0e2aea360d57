"""What cannot be seen before it is bought is judged by evidence and by promises.

A service is intangible. Who has no experience of a firm sees the part of it that premises, staff and documents make
visible, and hears what the firm says of itself::

    promised x = x + promise |x|,   perceived x = evidence * promised x

Sources: Shostack (1977), Breaking free from product marketing, J. Marketing 41(2), 73-80, for evidence in the place of
the intangible; Nelson (1970), Information and consumer behavior, J. Political Economy 78, 311-329, for qualities that
only experience tells; Parasuraman, Zeithaml & Berry (1985), J. Marketing 49(4), 41-50, gap 4, for promises that exceed
delivery. Implements G3, F7 and A3.
"""


def promised(level, promise):
    """What the firm says of a level [attribute's unit]: more of a strength, less of a weakness.

    >>> promised(2.0, 0.5), promised(-2.0, 0.5)
    (3.0, -1.0)
    """
    return level + promise * abs(level)


def perceived(level, evidence, promise):
    """What who never bought makes of a level [attribute's unit].

    >>> perceived(2.0, 0.5, 0.5), perceived(2.0, 1.0, 0.0)
    (1.5, 2.0)
    """
    return evidence * promised(level, promise)
