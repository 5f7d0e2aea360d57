"""Who comes and who goes: profit invites, empty tills end.

Sources: Bain (1956), Barriers to New Competition (Harvard), for profit that invites; Baumol, Panzar & Willig (1982),
Contestable Markets, for free entry until profit is what an entrant asks for; Geroski (1995), What do we know about
entry?, Int. J. Industrial Organization 13, 421-440, for entry that is easy and survival that is not; Lafontaine (1992),
Agency theory and franchising, RAND J. Economics 23, 263-283, for royalties as a part of revenue. Implements G2, B3, D8.
"""

from collections.abc import Sequence


def months_in_the_red(before: int, cash_cents: int) -> int:
    """Months in a row at whose end the firm owed money.

    >>> months_in_the_red(2, -1), months_in_the_red(2, 0)
    (3, 0)
    """
    return before + 1 if cash_cents < 0 else 0


def invites(profits: Sequence[float], watch: int, hurdle: float) -> bool:
    """Whether the mean profit a head of the last `watch` months exceeds what an entrant asks for; never before it was watched so long.

    >>> invites([0.02, 0.04], 2, 0.02), invites([0.02, 0.04], 3, 0.02), invites([0.02, 0.02], 2, 0.02)
    (True, False, False)
    """
    return len(profits) >= watch and sum(profits[-watch:]) / watch > hurdle


def royalty_cents(revenue_cents: int, part: float) -> int:
    """What a franchisee pays for the brand, in whole cents.

    >>> royalty_cents(12345, 0.06)
    741
    """
    return round(revenue_cents * part)
