"""A part of the report that is there only when its mechanism is on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Chapter:
    """What is told of one mechanism.

    Attributes
    ----------
    name : of the mechanism, and of the file of numbers. title : what is told.
    tables : as text, each with a note on how to read it, one after the other on the page. brief : what a terminal shows.
    numbers : what the tables were made from, for a file.
    draw : draws the picture, or None if a picture would say no more than the tables. caption : what it shows.
    """

    name: str
    title: str
    tables: tuple[tuple[pd.DataFrame, str], ...]
    brief: pd.DataFrame
    numbers: pd.DataFrame
    draw: Callable[[], Figure] | None = None
    caption: str = ""
