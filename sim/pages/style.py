"""How firms look in every picture: by strategy, told apart by colour, hatch, marker and line alike.

Colours are Okabe & Ito's (2008) palette, which readers with colour-vision deficiency can tell apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matplotlib.colors import to_hex, to_rgb


@dataclass(frozen=True)
class Look:
    """Colour, hatch, marker and line of a firm."""

    colour: str
    hatch: str
    marker: str
    line: str | tuple


LOOKS = {
    "flexibility": Look("#0072B2", "///", "o", "-"),
    "diversification": Look("#009E73", "...", "s", "--"),
    "distinctiveness": Look("#D55E00", "xxx", "^", "-."),
    "price": Look("#E69F00", "---", "D", ":"),
    "follower": Look("#CC79A7", "ooo", "v", (0, (5, 1, 1, 1, 1, 1))),
    "fixed": Look("#999999", "", "P", (0, (1, 1))),
}
OTHER = Look("#56B4E9", "++", "*", (0, (3, 1)))
OUTSIDE = "#EEEEEE"
MODES = ("#777777", "#A8A8A8", "#CFCFCF", "#8FA7BF", "#BFD0DD")
AGAIN = ("h", "X", "p", "<", ">", "d")
LINES = ("--", "-.", ":", "-")
TONES = (0.45, -0.45, -0.75, 0.7)  # towards white, or black, for further firms of a strategy


def look(strategy: str) -> Look:
    """Look of a strategy; one that is not of the house gets a look of its own."""
    return LOOKS.get(strategy, OTHER)


def looks(strategies: Mapping[str, str]) -> dict[str, Look]:
    """Look of every firm: its strategy's; further ones of a strategy are paler or darker, with other lines, markers, hatches."""
    seen: dict[str, int] = {}
    chosen = {}
    for firm, strategy in strategies.items():
        number = seen[strategy] = seen.get(strategy, -1) + 1
        base = look(strategy)
        if number:
            tone = TONES[(number - 1) % len(TONES)]
            base = replace(
                base,
                colour=to_hex([c + ((tone > 0) - c) * abs(tone) for c in to_rgb(base.colour)]),
                hatch=base.hatch[:1] * (number + 1),
                marker=AGAIN[(number - 1) % len(AGAIN)],
                line=LINES[(number - 1) % len(LINES)],
            )
        chosen[firm] = base
    return chosen
