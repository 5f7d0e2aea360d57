"""Metrics of one's own: numbers computed from a period's records and recorded beside them. One file each; no state, no market.

A metric sees the columns that are recorded anyway and those that mechanisms add, never another metric: nothing depends
on the order in which they are computed.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from sim.ground.column import Column
from sim.ground.names import snake
from sim.ground.params import ConfigError, Params


class Metric(Params, abc.ABC):
    """One number a period, of every firm or of the market. Subclasses are frozen dataclasses of `param` fields.

    Class attributes
    ----------------
    called : name of its column in the records: that of its class, in small letters.
    column : type, unit and meaning; tables, pages and the data dictionary show it by them. A number of the unit "1" is a
        part of a whole and told in per cent.
    of : "firms" for a number a firm, "market" for one number.
    reads : columns of the records that it cannot do without.
    source : where the measure comes from.
    """

    called: ClassVar[str] = ""
    column: ClassVar[Column]
    of: ClassVar[Literal["firms", "market"]] = "firms"
    reads: ClassVar[frozenset[str]] = frozenset()
    source: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.called = snake(cls.__name__)

    def check(self):
        """It must say what it is."""
        if not hasattr(self, "column"):
            raise ConfigError(f"{type(self).__name__}: declares no column; expected its type, unit and meaning")

    @abc.abstractmethod
    def compute(self, firms: Mapping[str, np.ndarray], market: Mapping[str, float]) -> np.ndarray | float:
        """Its value of a period: an array of shape (firms,), or one number of the market.

        firms : columns of the firms' records by name, a value a firm, for reading only. market : those of the market's.
        """
