"""In which unit a metric is told, and a difference of it; the records' data dictionary knows."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from sim.ground.column import Column
from sim.market.records import FIRMS, MARKET
from sim.world import mechanisms
from sim.world import metric as of_metrics
from sim.world.mechanisms import Mechanism
from sim.world.metric import Metric

LEVELS = {"price", "cash", "receivable", "liability", "lifetime_value", "customer_equity"}  # money that is no flow
NO_PARTS = ("stock_", "fleet")  # pure numbers that are no parts of a whole


def column(metric: str) -> Column | None:
    """What the data dictionary says of a metric: of the firms, of the market, of any mechanism; None if nothing.

    >>> column("share").unit, column("no_such") is None
    ('1', True)
    """
    for columns in (FIRMS, MARKET):
        if metric in columns:
            return columns[metric]
    if metric in (of_one := _metrics()):
        return of_one[metric]
    found = (cls.records | cls.market_records for cls in _below(Mechanism, mechanisms))
    return next((columns[metric] for columns in found if metric in columns), None)


def of_market(metric: str) -> bool:
    """Whether a name is recorded of the market, if of anything: one value a month, which no firm has.

    >>> of_market("hhi"), of_market("purchases"), of_market("tenders_lapsed"), of_market("share")
    (True, True, True, False)
    """
    own = {cls.called for cls in _below(Metric, of_metrics) if cls.of == "market"}
    return metric in own.union(MARKET, *(cls.market_records for cls in _below(Mechanism, mechanisms)))


def _metrics() -> dict[str, Column]:
    """Columns of all metrics that Python has read, whoever wrote them, and of those of the house."""
    return {cls.called: cls.column for cls in _below(Metric, of_metrics) if hasattr(cls, "column")}


def _below(kind: type, package: ModuleType) -> Iterator[Any]:
    """Every class of a kind: those that Python has read, and all of the package where the house has its own."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    yield from _heirs(kind)


def _heirs(kind: type) -> Iterator[Any]:
    for cls in kind.__subclasses__():
        yield cls
        yield from _heirs(cls)


def unit(metric: str) -> str:
    """Unit of a month's value; flows are by month; "" if nothing is known of it.

    >>> unit("profit"), unit("price"), unit("share")
    ('¤/month', '¤', '1')
    """
    known = column(metric)
    if known is None:
        return ""
    if metric in _metrics():  # whoever wrote it says its unit in full
        return known.unit
    flow = known.unit == "purchases" or (known.unit == "¤" and metric not in LEVELS)
    return f"{known.unit}/month" if flow else known.unit


def gap_unit(metric: str) -> tuple[str, float]:
    """Unit in which a difference is told, and what to multiply it by: fractions differ by points, hundredths of one.

    Of pure numbers that are no parts of a whole, and of what is not known, it is "".

    >>> gap_unit("share"), gap_unit("price"), gap_unit("fleet")
    (('points', 100.0), ('¤', 1.0), ('', 1.0))
    """
    of = unit(metric)
    if of == "1":
        return ("", 1.0) if metric.startswith(NO_PARTS) else ("points", 100.0)
    return of, 1.0


def level_unit(metric: str) -> tuple[str, float]:
    """Unit in which people read a level, and what to multiply it by: parts of a whole are told in per cent.

    >>> level_unit("share"), level_unit("price"), level_unit("fleet")
    (('%', 100.0), ('¤', 1.0), ('1', 1.0))
    """
    return ("%", 100.0) if gap_unit(metric)[0] == "points" else (unit(metric), 1.0)
