"""What a report tells of what not every market has: a file a chapter, chosen by configuration. Nothing that every page has.

A chapter's class says in `tell` what a result has to say; there is no list of them here.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.ground.files import write_csv
from sim.ground.foreign import blamed, is_foreign, locate
from sim.ground.params import ConfigError
from sim.world.chapter import Chapter
from sim.world.firm import made

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.market.runs import Result
    from sim.world.scenario import Scenario


@dataclass(frozen=True)
class Told:
    """What a chapter tells.

    Attributes
    ----------
    title : what is told.
    tables : as text, each with a note on how to read it, one after the other on the page. brief : what a terminal shows.
    numbers : what the tables were made from, for a file.
    draw : draws the picture, or None if a picture would say no more than the tables. caption : what it shows.
    """

    title: str
    tables: tuple[tuple[pd.DataFrame, str], ...]
    brief: pd.DataFrame
    numbers: pd.DataFrame
    draw: Callable[[], Figure] | None = None
    caption: str = ""


def built(scenario: Scenario) -> dict[str, Chapter]:
    """The chapters that a scenario's reports may have, by name, in the order of the page.

    Raises
    ------
    ConfigError : a class that is not there or no chapter, or values that it does not take.
    """
    found = {}
    for name, said in scenario.chapter.items():
        where = f"chapter.{name}"
        cls = locate(said["_target_"], Chapter, where, allow_foreign=True)  # the scenario has refused what was not allowed
        found[name] = made(cls, {key: value for key, value in said.items() if key != "_target_"}, where)
    return dict(sorted(found.items(), key=lambda pair: (pair[1].place, pair[0])))


def chapters(result: Result) -> dict[str, Told]:
    """What the chapters that a result has something to say in tell, by name, in the order of the page."""
    found = {}
    for name, chapter in built(result.scenario).items():
        cls = type(chapter)
        with blamed([cls] if is_foreign(cls.__module__) else []):
            told = chapter.tell(result)
        if not isinstance(told, Told | None):
            raise ConfigError(f"chapter.{name}: {cls.__name__}.tell gave a {type(told).__name__}; expected Told or None")
        if told is not None:
            found[name] = told
    return found


def write(result: Result, folder: pathlib.Path) -> None:
    """Write the numbers of every chapter into a folder, as <name>.csv.

    Raises
    ------
    OSError : the place cannot be written.
    """
    for name, told in chapters(result).items():
        write_csv(folder / f"{name}.csv", told.numbers)
