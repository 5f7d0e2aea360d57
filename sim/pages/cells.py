"""Every point of a study against the first, on one page and in a terminal: what to mind, then the whole table."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

import pandas as pd

from sim.ground.units import words_of
from sim.pages import comparison, html
from sim.study.declared import names

if TYPE_CHECKING:
    from sim.study.answers.cells import Cells

ROWS = 60  # that stand open on a page; the rest is folded


def table(found: Cells) -> pd.DataFrame:
    """Every difference as text: the point and its factors, firm, metric, both levels, difference with its interval, p after Holm."""
    rows = comparison.table(found)
    first, called = found.names[0], names(found.study)
    where = found.points.loc[rows.pop("arm")]
    for place, name in enumerate(found.points):
        values = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in where[name])
        rows.insert(place, called[name].heading, list(values), allow_duplicates=True)
    rows.insert(0, "point", where.index.map(str))
    return rows.rename(columns={first: f"point {first}", "arm's": "this point"})


def render(found: Cells) -> str:
    """The whole page as text."""
    rows, title = table(found), f"Every point of {found.folder.name} against point {found.names[0]}"
    more = rows.iloc[ROWS:]
    return html.document(
        title,
        [
            html.heading(title, 1),
            html.listed(found.verdicts),
            html.table(rows.head(ROWS)),
            *[html.folded(f"{len(more):,} more rows", [html.table(more)])] * (len(more) > 0),
            html.folded("What the words mean", [html.facts(comparison.MEANT)]),
            html.folded("Where this comes from", [html.facts(found.facts)]),
        ],
        words_of(found.facts),
    )


def write(found: Cells, path: pathlib.Path) -> pathlib.Path:
    """Write the page; it is complete or not there."""
    return html.save(render(found), path)
