"""The same table and words in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from sim.report import summary
from sim.report.chapters import chapters
from sim.report.study import brief

if TYPE_CHECKING:
    import pandas as pd

    from sim.runs import Result

POSITION = ["firm", "strategy", "share", "breadth", "depth", "price"]
WORDS = ("firm", "strategy", "institution", "won by")  # columns that hold no numbers
LONGEST = 40  # rows of a study that a terminal shows
LOYALTY = ["firm", "repeat_rate", "retention", "satisfaction_gap", "profit"]


def _table(frame: pd.DataFrame, names: list[str], title: str, titles: dict[str, str]) -> Table:
    table = Table(title=title, box=box.SIMPLE, title_justify="left")
    columns = [titles.get(name, name) for name in names]
    for column in columns:
        table.add_column(escape(column), justify="left" if column in WORDS else "right", overflow="fold")
    for row in frame[columns].itertuples(index=False):
        table.add_row(*row)
    return table


def show(result: Result, console: Console) -> None:
    """Print the last year's table in two halves, the chapters in brief, and the paragraph of what happened."""
    frame, titles = summary.table(result), summary.titles(result)
    console.print(_table(frame, POSITION, "Position in the last year (mean over seeds ± 95 % half-width)", titles))
    console.print(_table(frame, LOYALTY, "Loyalty and money in the last year", titles))
    for told in chapters(result):
        console.print(_table(told.brief, list(told.brief), told.title, {}))
        console.print(told.tables[0][1] + "\n", markup=False, highlight=False)
    console.print(summary.words(result), markup=False, highlight=False)


def show_jobs(jobs: list[tuple[str, Result]], console: Console) -> None:
    """Print the last year of several runs side by side: a row a run and contested firm."""
    names = ["profit", "share", "breadth", "depth", "retention"]
    table = Table(
        Column("run", overflow="fold"),
        "firm",
        title="The last year, run by run (mean over seeds ± 95 % half-width)",
        box=box.SIMPLE,
        title_justify="left",
    )
    titles = summary.titles(jobs[0][1])
    for name in names:
        table.add_column(escape(titles[name]), justify="right")
    for words, result in jobs:
        frame, own = summary.table(result).set_index("firm"), summary.titles(result)
        for firm in summary.contested(result):
            table.add_row(words, firm, *frame.loc[firm, [own[name] for name in names]])
            words = ""
        table.add_section()
    console.print(table)


def show_study(frame: pd.DataFrame, console: Console) -> None:
    """Print what the points of a study came to, firms with a strategy only, the first rows of a long one."""
    moving = frame[frame["strategy"] != "fixed"] if (frame["strategy"] != "fixed").any() else frame
    over = f"{frame['seeds'].min()} to {frame['seeds'].max()}" if frame["seeds"].nunique() > 1 else frame["seeds"].max()
    title = f"The last year, point by point (mean over {over} seeds ± half-width of the 95 % interval)"
    table = Table(title=title, box=box.SIMPLE, title_justify="left", collapse_padding=True, pad_edge=False)
    shown = brief(moving.head(LONGEST))
    for name in shown.columns:
        own = {"justify": "left", "no_wrap": True} if name == "firm" else {"justify": "right", "overflow": "fold"}
        table.add_column(escape(name), **own)
    for number, row in enumerate(shown.itertuples(index=False)):
        if row[0] and number:
            table.add_section()
        table.add_row(*row)
    console.print(table)
    if len(moving) > LONGEST:
        console.print(f"{len(moving) - LONGEST:,} more rows are in study.csv", markup=False, highlight=False)
