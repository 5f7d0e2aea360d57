"""The same table and words in a terminal. Names are shown letter by letter: never as markup, emoji codes or control codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import pandas as pd
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.ground.shown import encodable, visible
from sim.ground.units import AS_WRITTEN, Words, told, words_of
from sim.pages import cells, summary
from sim.pages.chapters import chapters
from sim.pages.study import brief
from sim.study.declared import Name, short

if TYPE_CHECKING:
    from sim.market.runs import Result
    from sim.study.answers.cells import Cells

POSITION = ["firm", "strategy", "share", "breadth", "depth", "price"]
JOB = ["firm", "profit", "share", "breadth", "depth", "retention"]
WORDS = ("firm", "strategy", "institution", "won by")  # columns that hold no numbers
GAP = 2  # cells that a column takes beside its own
LONGEST = 40  # rows of a study that a terminal shows
LOYALTY = ["firm", "repeat_rate", "retention", "satisfaction_gap", "profit"]


def _longest(texts: Iterable[str]) -> int:
    return max((cell_len(word) for text in texts for word in text.split()), default=1)


def _widths(frame: pd.DataFrame, room: int) -> list[int]:
    """Cells of each column: titles may break between words; from the right so may cells, as long as room is short."""
    widths = [max([_longest([name]), *map(cell_len, frame[name])]) for name in frame]
    for place in reversed(range(len(widths))):
        if sum(widths) + GAP * len(widths) > room:
            widths[place] = _longest([frame.columns[place], *frame.iloc[:, place]])
    return widths


def text_table(frame: pd.DataFrame, title: str, console: Console, words: Words, apart: bool = False) -> Table:
    """A table of text in the scenario's words and letters that the terminal has; apart : with space before every row that has a first cell."""
    frame, title = _letters(frame, console, words), encodable(visible(told(title, words)), console.encoding)
    table = Table(title=Text(title), box=box.SIMPLE, title_justify="left", collapse_padding=True, pad_edge=False)
    for name, width in zip(frame, _widths(frame, console.width), strict=True):
        table.add_column(Text(name), justify="left" if name in WORDS else "right", width=width)
    for row in frame.itertuples(index=False):
        if apart and row[0]:
            table.add_section()
        table.add_row(*map(Text, row))
    return table


def _letters(frame: pd.DataFrame, console: Console, words: Words) -> pd.DataFrame:
    def shown(text: str) -> str:
        """A text in the words, without signs that the terminal cannot write or would obey."""
        return encodable(visible(told(text, words)), console.encoding)

    return frame.rename(columns=shown).map(shown)


def _last_year(result: Result, names: list[str]) -> pd.DataFrame:
    """These columns of a result's table, under their titles in the words of the market."""
    titles = summary.titles(result)
    return summary.table(result)[[titles.get(name, name) for name in names]]


def show(result: Result, console: Console) -> None:
    """Print what happened, cautions first, the last year's table in two halves, and the chapters in brief."""
    words = words_of(result.scenario)
    for sentence in summary.sentences(result):
        say(console, told(f"- {sentence}", words))
    console.print()
    position = "Position in the last year (mean over seeds ± 95 % half-width)"
    for names, title in ((POSITION, position), (LOYALTY, "Loyalty and money in the last year")):
        console.print(text_table(_last_year(result, names), title, console, words), crop=False)
    for chapter in chapters(result).values():
        console.print(text_table(chapter.brief, chapter.title, console, words), crop=False)
        say(console, told(chapter.tables[0][1], words))
        console.print()


def say(console: Console, text: str) -> None:
    """Print a line of text, letter by letter."""
    console.print(Text(visible(text)))


def show_jobs(jobs: list[tuple[list[str], Result]], console: Console) -> None:
    """Print the last year of several runs, a table each of the contested firms, under the words in which they differ."""
    head = told("\nThe last year, run by run (mean over seeds ± 95 % half-width)\n", words_of(*(r.scenario for _, r in jobs)))
    console.print(head, highlight=False)
    keys = list(dict.fromkeys(word.partition("=")[0] for words, _ in jobs for word in words))
    names = dict(zip(keys, short(keys), strict=True))
    for words, result in jobs:
        pairs = (word.partition("=")[::2] for word in words)
        title = ", ".join(f"{names[key]}={value}" for key, value in pairs)
        rows = _last_year(result, JOB)
        rows = rows[rows["firm"].isin(list(summary.contested(result)))]
        console.print(text_table(rows, title, console, words_of(result.scenario)), crop=False)


def show_cells(found: Cells, console: Console) -> None:
    """Print the differences of a study's points to its first one, those that are best told from zero on top."""
    rows = cells.table(found).iloc[found.contrasts["holm"].fillna(1.0).argsort(kind="stable").to_numpy()]
    shown = rows[["point", *rows.columns[1 : 1 + found.points.shape[1]], "firm", "metric"]].head(LONGEST)
    shown = pd.concat([shown, rows.filter(regex=r"^(difference|p) \(").head(LONGEST)], axis=1)
    left = [f"{len(rows) - LONGEST:,} more rows"] * (len(rows) > LONGEST)
    while sum(_widths(shown, 10**6)) + GAP * shown.shape[1] > console.width and shown.columns[1] != "firm":
        place = list(shown.columns).index("firm") - 1
        left.insert(0, shown.columns[place])
        shown = shown.iloc[:, [column for column in range(shown.shape[1]) if column != place]]
    console.print(text_table(shown, f"Differences to point {found.names[0]}", console, words_of(found.facts)), crop=False)
    if left:
        say(console, f"In compare.csv only: {', '.join(left)}")


def show_study(
    frame: pd.DataFrame, console: Console, called: Mapping[str, Name] | None = None, words: Words = AS_WRITTEN
) -> None:
    """Print what the points of a study came to, firms with a strategy only, as many rows and metrics as have room."""
    moving = frame[frame["strategy"] != "fixed"] if (frame["strategy"] != "fixed").any() else frame
    over = f"{frame['seeds'].min()} to {frame['seeds'].max()}" if frame["seeds"].nunique() > 1 else frame["seeds"].max()
    title = f"The last year, point by point (mean over {over} seeds ± half-width of the 95 % interval)"
    shown, left = _letters(brief(moving.head(LONGEST), called), console, words), []
    while sum(_widths(shown, console.width)) + GAP * shown.shape[1] > console.width and shown.columns[-2] != "firm":
        left.insert(0, shown.columns[-1])
        shown = shown.iloc[:, :-1]
    console.print(text_table(shown, title, console, words, apart=True), crop=False)
    left += [f"{len(moving) - LONGEST:,} more rows"] * (len(moving) > LONGEST)
    if left:
        say(console, f"In study.csv only: {', '.join(left)}")
