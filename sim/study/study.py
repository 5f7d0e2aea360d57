"""A study as its user holds it: the store, and the pictures and pages that it draws of itself."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.ground.files import write_csv
from sim.study.store import Store

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METRICS = ("share", "profit")


class Study(Store):
    """A study on disk that draws itself; see `sim.study.store.Store` for what can be read from it."""

    def table(self, metrics: Sequence[str] = METRICS) -> pd.DataFrame:
        """Last-year means with their 95 % half-widths over seeds, as text: a row a point and firm."""
        from sim.pages.study import table

        return table(self, metrics)

    def plot(self, metric: str = "share", firms: Sequence[str] | None = None, to: int | None = None) -> Figure:
        """A measure over what the study moves, by firm, with 95 % intervals over seeds; to : a point, for differences to it."""
        from sim.pages.study import picture

        return picture(self, metric, firms, to)

    def report(self, metrics: Sequence[str] = METRICS) -> pathlib.Path:
        """Write study.html and study.csv into the study's folder; returns the page."""
        from sim.pages.study import numbers, write

        write_csv(self.folder / "study.csv", numbers(self, metrics))
        return write(self, self.folder / "study.html", metrics)
