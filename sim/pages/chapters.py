"""What a report tells of mechanisms that not every market has: who came and went, tenders, dealers."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

from sim.ground.files import write_csv
from sim.pages import dealers, presence, tenders

if TYPE_CHECKING:
    from sim.market.runs import Result
    from sim.pages.chapter import Chapter


def chapters(result: Result) -> list[Chapter]:
    """The chapters that a result has something to say in, in the order of the page."""
    return [told for told in (part.chapter(result) for part in (presence, tenders, dealers)) if told is not None]


def write(result: Result, folder: pathlib.Path) -> None:
    """Write the numbers of every chapter into a folder, as <name>.csv.

    Raises
    ------
    OSError : the place cannot be written.
    """
    for told in chapters(result):
        write_csv(folder / f"{told.name}.csv", told.numbers)
