"""The three words by which a person looks at what was found: `table`, `draw` and `report`."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from functools import singledispatch
from typing import TYPE_CHECKING, NoReturn

import pandas as pd

from sim.ground.files import write_csv, write_text
from sim.ground.params import ConfigError
from sim.ground.units import told_table, words_of
from sim.market.runs import Result
from sim.pages import analysis, cells, comparison, explanation, figures, page, study, summary
from sim.pages.axes import in_words
from sim.study.answers.analyse import Analysis
from sim.study.answers.cells import Cells
from sim.study.answers.comparison import Comparison
from sim.study.answers.explain import Explanation
from sim.study.store import Study

if TYPE_CHECKING:
    from matplotlib.figure import Figure



def _refused(word: str, found: object) -> NoReturn:
    raise ConfigError(f"{word}: {found!r} is not what run, sweep, compare, explain or analyse give back")


@singledispatch
def table(found: object, *args: object) -> pd.DataFrame:
    """What was found as a table of text, for people.

    found : a `Result` (last-year means over seeds with their 95 % half-widths, as printed after a run), or a `Study`
        (the same, a row a point and firm) with its metrics, by default share and profit.

    Raises
    ------
    ConfigError : anything else.
    """
    _refused("table", found)


@singledispatch
def draw(found: object, *args: object) -> Figure:
    """The main picture of what was found, as a matplotlib figure.

    found : a `Result` (shares over time), a `Study` (a measure over what it moves, by firm; `draw(study, metric, firms,
        to)`, `to` being a point that differences are taken to), or what compare, explain and analyse gave back.

    Raises
    ------
    ConfigError : anything else, or a metric or firm that is not there.
    """
    _refused("draw", found)


@singledispatch
def report(found: object, *args: object) -> pathlib.Path:
    """Write the page of what was found, which opens anywhere and offline; returns its path.

    found : a `Result`, with the path of the page; a `Study` (study.html and study.csv go into its own folder), with its
        metrics; or what compare, explain and analyse gave back, with a folder for the page and its tables.

    Raises
    ------
    ConfigError : anything else. OSError : the place cannot be written.
    """
    _refused("report", found)


@table.register(Result)
def _(found: Result) -> pd.DataFrame:
    return told_table(summary.table(found), words_of(found.scenario))


@draw.register(Result)
def _(found: Result) -> Figure:
    return in_words(figures.shares(found), words_of(found.scenario))


@report.register(Result)
def _(found: Result, path: str | pathlib.Path) -> pathlib.Path:
    return page.write(found, pathlib.Path(path))


@table.register(Study)
def _(found: Study, metrics: Sequence[str] = study.METRICS) -> pd.DataFrame:
    return told_table(study.table(found, metrics), words_of(*found.header["bases"]))


@draw.register(Study)
def _(found: Study, metric: str = "share", firms: Sequence[str] | None = None, to: int | None = None) -> Figure:
    return in_words(study.picture(found, metric, firms, to), words_of(*found.header["bases"]))


@report.register(Study)
def _(found: Study, metrics: Sequence[str] = study.METRICS) -> pathlib.Path:
    write_csv(found.folder / "study.csv", study.numbers(found, metrics))
    return study.write(found, found.folder / "study.html", metrics)


@draw.register(Analysis)
def _(found: Analysis) -> Figure:
    return in_words(next(iter(analysis.figures(found).values())), words_of(found.facts))


@draw.register(Comparison)
def _(found: Comparison) -> Figure:
    return in_words(next(iter(comparison.figures(found).values())), words_of(found.facts))


@draw.register(Explanation)
def _(found: Explanation) -> Figure:
    return in_words(next(iter(explanation.figures(found).values())), words_of(found.facts))


def _made(folder: str | pathlib.Path) -> pathlib.Path:
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@report.register(Comparison)
def _(found: Comparison, folder: str | pathlib.Path) -> pathlib.Path:
    folder = _made(folder)
    write_csv(folder / "compare.csv", found.contrasts)
    write_text(folder / "compare.md", comparison.markdown(found))
    if found.moves is not None:
        write_csv(folder / "moves.csv", found.moves)
    return comparison.write(found, folder / "compare.html")


@report.register(Analysis)
def _(found: Analysis, folder: str | pathlib.Path) -> pathlib.Path:
    folder = _made(folder)
    for name, numbers in analysis.tables(found).items():
        write_csv(folder / f"{name}.csv", numbers)
    return analysis.write(found, folder / "analysis.html")


@report.register(Explanation)
def _(found: Explanation, folder: str | pathlib.Path) -> pathlib.Path:
    folder = _made(folder)
    write_csv(folder / "explain.csv", found.every)
    write_text(folder / "explain.md", explanation.markdown(found))
    return explanation.write(found, folder / "explain.html")


@report.register(Cells)
def _(found: Cells, folder: str | pathlib.Path) -> pathlib.Path:
    folder = _made(folder)
    told = found.points.rename_axis("point").reset_index().merge(found.contrasts.rename(columns={"arm": "point"}), on="point")
    write_csv(folder / "compare.csv", told)
    return cells.write(found, folder / "compare.html")
