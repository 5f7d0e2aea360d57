"""What metrics are called, and how their numbers are written: the unit comes from the records' data dictionary."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Iterator, Mapping

from sim import mechanisms
from sim.mechanisms import Mechanism
from sim.records import FIRMS, MARKET
from sim.report.summary import COLUMNS
from sim.table import Column

PLAIN = {"purchases": "purchases"}
LEVELS = {"price", "cash", "receivable", "liability", "lifetime_value", "customer_equity"}  # money that is no flow
NO_PARTS = ("stock_", "fleet")  # pure numbers that are no parts of a whole
DIGITS = {"1": 4, "points": 2, "AUD": 2, "AUD/month": 0, "purchases/month": 0, "customers": 0}
MOST = 6
MINUS, UNKNOWN = "\N{MINUS SIGN}", "–"


def column(metric: str) -> Column | None:
    """What the data dictionary says of a metric: of the firms, of the market, of any mechanism; None if nothing.

    >>> column("share").unit, column("no_such") is None
    ('1', True)
    """
    for columns in (FIRMS, MARKET):
        if metric in columns:
            return columns[metric]
    for module in pkgutil.iter_modules(mechanisms.__path__):
        importlib.import_module(f"{mechanisms.__name__}.{module.name}")
    found = (cls.records | cls.market_records for cls in _below(Mechanism))
    return next((columns[metric] for columns in found if metric in columns), None)


def _below(kind: type[Mechanism]) -> Iterator[type[Mechanism]]:
    for cls in kind.__subclasses__():
        yield cls
        yield from _below(cls)


def unit(metric: str) -> str:
    """Unit of a month's value; flows are by month; "" if nothing is known of it.

    >>> unit("profit"), unit("price"), unit("share")
    ('AUD/month', 'AUD', '1')
    """
    known = column(metric)
    if known is None:
        return ""
    flow = known.unit == "purchases" or (known.unit == "AUD" and metric not in LEVELS)
    return f"{known.unit}/month" if flow else known.unit


def gap_unit(metric: str) -> tuple[str, float]:
    """Unit in which a difference is told, and what to multiply it by: fractions differ by points, hundredths of one.

    >>> gap_unit("share"), gap_unit("price")
    (('points', 100.0), ('AUD', 1.0))
    """
    of = unit(metric)
    return ("points", 100.0) if of == "1" and not metric.startswith(NO_PARTS) else (of, 1.0)


def name(metric: str, words: Mapping[str, str] = PLAIN) -> str:
    """A metric's name without its unit, in the words of the market.

    >>> name("share", {"purchases": "journeys"}), name("repeat_rate"), name("value_share")
    ('share of journeys', 'repeat rate', 'value share')
    """
    return COLUMNS.get(metric, metric.replace("_", " ")).format(**PLAIN | dict(words)).split(" [")[0]


def title(metric: str, words: Mapping[str, str] = PLAIN) -> str:
    """A metric's name with its unit, for an axis or a column.

    >>> title("profit"), title("no_such")
    ('profit [AUD/month]', 'no such')
    """
    of = unit(metric)
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

    >>> number(-1234.5, "AUD/month"), number(0.25, "points", signed=True), number(float("nan"), "1")
    ('−1,234', '+0.25', '–')
    """
    if math.isnan(value):
        return UNKNOWN
    digits = max(DIGITS.get(of, 3), digits)
    text = f"{round(value, digits) + 0.0:{'+' if signed else ''},.{digits}f}"
    return text.replace("-", MINUS)


def between(value: float, low: float, high: float, of: str) -> str:
    """A difference with its interval as text, in two significant digits of the half-width; without one where there is none.

    >>> between(3.1, 2.7, 3.5, "points"), between(0.1, -0.2, 0.4, "AUD/month"), between(3.0, float("nan"), 0.0, "points")
    ('+3.10 (+2.70 to +3.50)', '+0.10 (−0.20 to +0.40)', '+3.00')
    """
    half = (high - low) / 2
    digits = min(1 - math.floor(math.log10(half)), MOST) if half > 0 else 0
    told = number(value, of, True, digits)
    if math.isnan(half):
        return told
    return f"{told} ({number(low, of, True, digits)} to {number(high, of, True, digits)})"
