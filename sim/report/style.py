"""How firms look in every picture: by strategy, told apart by colour, hatch, marker and line alike.

Colours are Okabe & Ito's (2008) palette, which readers with colour-vision deficiency can tell apart.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    """Colour, hatch, marker and line of one strategy."""

    colour: str
    hatch: str
    marker: str
    line: str


LOOKS = {
    "flexibility": Look("#0072B2", "///", "o", "-"),
    "diversification": Look("#009E73", "...", "s", "--"),
    "distinctiveness": Look("#D55E00", "xxx", "^", "-."),
    "price": Look("#E69F00", "---", "D", ":"),
    "follower": Look("#CC79A7", "ooo", "v", (0, (5, 1, 1, 1, 1, 1))),
    "fixed": Look("#999999", "", "P", (0, (1, 1))),
}
OTHER = Look("#56B4E9", "++", "*", (0, (3, 1)))
OUTSIDE = Look("#EEEEEE", "", "", "-")
MODES = ("#777777", "#A8A8A8", "#CFCFCF", "#8FA7BF", "#BFD0DD")


def look(strategy: str) -> Look:
    """Look of a strategy; one that is not of the house gets a look of its own."""
    return LOOKS.get(strategy, OTHER)
