"""What metrics are called, and how their numbers are written: the unit comes from the records' data dictionary."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from sim.study.unit import level_unit

COLUMNS = {
    "share": "share of {purchases} [%]",
    "breadth": "breadth [%]",
    "depth": "depth [%]",
    "repeat_rate": "repeat rate [%]",
    "retention": "retention [%]",
    "profit": "profit [¤/month]",
    "price": "{price} [¤]",
    "satisfaction_gap": "satisfaction gap [utils]",
}
MINUS = "\N{MINUS SIGN}"
PLAIN = {"purchases": "purchases", "price": "price"}
DIGITS = {"1": 4, "%": 2, "% of a whole": 0, "points": 2, "¤": 2, "¤/month": 0, "purchases/month": 0, "customers": 0}
MOST = 6
UNKNOWN = "–"


def name(metric: str, words: Mapping[str, str] = PLAIN) -> str:
    """A metric's name without its unit, in the words of the market.

    >>> name("share", {"purchases": "journeys"}), name("repeat_rate"), name("value_share")
    ('share of journeys', 'repeat rate', 'value share')
    """
    if metric not in COLUMNS:
        return metric.replace("_", " ")
    return COLUMNS[metric].split(" [")[0].format(**PLAIN | dict(words))


def title(metric: str, words: Mapping[str, str] = PLAIN) -> str:
    """A metric's name with its unit, for an axis or a column.

    >>> title("profit"), title("depth"), title("no_such")
    ('profit [¤/month]', 'depth [%]', 'no such')
    """
    of = level_unit(metric)[0]
    return f"{name(metric, words)} [{of}]" if of else name(metric, words)


def heading(metric: str, words: Mapping[str, str] = PLAIN) -> str:
    """A metric's name as the first words of a sentence.

    >>> heading("repeat_rate")
    'Repeat rate'
    """
    told = name(metric, words)
    return told[0].upper() + told[1:]


def number(value: float, of: str, signed: bool = False, digits: int = 0) -> str:
    """A number as text in so many digits as its unit deserves, or `digits` if that is more; a dash if it is not known.

    >>> number(-1234.5, "¤/month"), number(0.25, "points", signed=True), number(float("nan"), "1")
    ('−1,234', '+0.25', '–')
    """
    if math.isnan(value):
        return UNKNOWN
    digits = max(DIGITS.get(of, 3), digits)
    text = f"{round(value, digits) + 0.0:{'+' if signed else ''},.{digits}f}"
    return text.replace("-", MINUS)


def give_or_take(value: float, half: float, of: str, signed: bool = False) -> str:
    """A number with the half-width of its interval, both in two significant digits of it; without where there is none.

    >>> give_or_take(0.1234, 0.0123, "points", signed=True), give_or_take(-3.0, 0.0, "¤/month")
    ('+0.123 ±0.012', '−3')
    """
    digits = _digits(half)
    told = number(value, of, signed, digits)
    return f"{told} ±{number(half, of, False, digits)}" if half > 0 and not math.isnan(value) else told


def _digits(half: float) -> int:
    """Decimals of two significant digits of a half-width, at most six; none where there is none."""
    return min(1 - math.floor(math.log10(half)), MOST) if half > 0 else 0


def between(value: float, low: float, high: float, of: str, signed: bool = True) -> str:
    """A number with its interval as text, in two significant digits of the half-width; without one where there is none.

    >>> between(3.1, 2.7, 3.5, "points"), between(0.1, -0.2, 0.4, "¤/month"), between(3.0, float("nan"), 0.0, "points")
    ('+3.10 (+2.70 to +3.50)', '+0.10 (−0.20 to +0.40)', '+3.00')
    """
    half = (high - low) / 2
    digits = _digits(half)
    told = number(value, of, signed, digits)
    if math.isnan(half):
        return told
    return f"{told} ({number(low, of, signed, digits)} to {number(high, of, signed, digits)})"


def cautions_first(sentences: Iterable[str]) -> list[str]:
    """Sentences with the warnings before what they qualify, otherwise in their order.

    >>> cautions_first(["a wins.", "Caution: one seed.", "b loses."])
    ['Caution: one seed.', 'a wins.', 'b loses.']
    """
    return sorted(sentences, key=lambda told: not told.startswith("Caution"))
