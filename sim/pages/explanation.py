"""A difference between two scenarios, taken apart over what differs between them: picture, table, page."""

from __future__ import annotations

import math
import pathlib
import textwrap
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.ground.units import told_lines, words_of
from sim.pages import html
from sim.pages.axes import SMALL, grid, headline, in_words
from sim.pages.markdown import bullets, pipes, plain
from sim.study import measures

if TYPE_CHECKING:
    from sim.study.answers.explain import Explanation

MOST = 20
RAISES, LOWERS, WHOLE = "#0072B2", "#D55E00", "#555555"
MEANT = (
    "The part of a switch is its Shapley value (Shapley 1953): what it adds when it is thrown, mean over all orders in which "
    "the switches could be thrown. Parts add up to the whole difference; a part holds its share of what switches do only together."
)


def known(explanation: Explanation) -> str:
    """What the parts rest on: how many markets were played, whether all, and over how many seeds."""
    how = "all" if explanation.exact else "sampled"
    seeds = f"{explanation.seeds} seeds" if explanation.seeds > 1 else "one seed, so no interval"
    return f"{how} combinations of the switches ({explanation.coalitions:,} markets), {seeds}"


def efficiency(explanation: Explanation) -> str:
    """Whether the parts add up to the whole, and whether that can be told from 0, in one line."""
    scale, of = _scale(explanation)
    total, whole = explanation.table["value"].sum() * scale, explanation.total[0] * scale
    rest, count = whole - total, len(explanation.table)
    sums = "The only part comes to" if count == 1 else f"The {count} parts add up to"
    sums = f"{_caution(explanation)}{sums} {measures.number(total, of, True)} {of}".rstrip()
    against = f"the whole difference is {measures.number(whole, of, True)} {of}".rstrip()
    if abs(rest) <= 1e-6 * max(abs(whole), abs(explanation.table["value"]).sum() * scale, 1e-12):
        return f"{sums}; {against}: nothing is left over."
    return f"{sums}; {against}: {measures.number(rest, of, True)} {of}".rstrip() + " is left over."


def _caution(explanation: Explanation) -> str:
    """A warning for a whole whose interval holds 0: nothing may be there to take apart."""
    _, low, high = explanation.total
    if not low <= 0 <= high:
        return ""
    return "Caution: the interval of the whole difference holds 0, so there may be none to take apart. "


def _scale(explanation: Explanation) -> tuple[float, str]:
    """What to multiply by, and the unit told: fractions differ by points."""
    return (100.0, "points") if explanation.unit == "1" else (1.0, explanation.unit)


def letter(name: str) -> str:
    """An arm without what it was asked for.

    >>> letter("A: mechanism.imitation.lag=12"), letter("base")
    ('A', 'base')
    """
    return name.partition(":")[0]


def _steps(explanation: Explanation) -> pd.DataFrame:
    """Parts by size; beyond the twenty largest they are drawn as one, whose interval is not known."""
    table = explanation.table.sort_values("value", key=abs, ascending=False)
    if len(table) <= MOST:
        return table
    rest = table.iloc[MOST - 1 :]
    one = {
        "switch": f"{len(rest)} smaller ones together",
        "value": rest["value"].sum(),
        "low": math.nan,
        "high": math.nan,
    }
    return pd.concat([table.iloc[: MOST - 1], pd.DataFrame([one])], ignore_index=True)


def waterfall(explanation: Explanation) -> Figure:
    """Steps from the first arm's level to the second's, the largest first, each with its interval; the whole below."""
    scale, of = _scale(explanation)
    steps, (first, second) = _steps(explanation), map(letter, explanation.names)
    figure, (axis,) = grid(1, 1, 1.2 + 0.42 * (len(steps) + 1))
    at, values = 0.0, []
    for place, step in enumerate(steps.itertuples()):
        value = step.value * scale
        _step(axis, place, at, value, (step.low * scale, step.high * scale), RAISES if value >= 0 else LOWERS)
        axis.plot([at + value, at + value], [place - 0.3, place + 1.3], color="#999999", lw=0.7, zorder=0)
        values.append(measures.between(value, step.low * scale, step.high * scale, of))
        at += value
    total, low, high = (part * scale for part in explanation.total)
    _step(axis, len(steps), 0.0, total, (low, high), WHOLE)
    values.append(measures.between(total, low, high, of))
    _sides(axis, [*steps["switch"], f"whole: {second} minus {first}"], values)
    axis.set_xlabel(f"{explanation.noun} of {explanation.firm} above its level in {first} (0) [{of}]")
    headline(figure, f"From {first} (0) to {second}: {known(explanation)}; lines: 95 % intervals")
    return figure


def _step(axis: Axes, place: float, start: float, value: float, limits: tuple[float, float], colour: str) -> None:
    axis.barh(
        place,
        value,
        left=start,
        height=0.6,
        color=colour,
        alpha=0.75,
        hatch="///" if colour == LOWERS else "",
        edgecolor="white",
        lw=0,
    )
    if not math.isnan(limits[0]):
        ends = [start + limits[0], start + limits[1]]
        axis.plot(ends, [place, place], color="black", lw=1.3)
        axis.plot(ends, [place, place], "|", color="black", ms=7)


def _sides(axis: Axes, names: list[str], values: list[str]) -> None:
    """Names to the left, numbers to the right, so that neither can cover a bar."""
    axis.axvline(0, color="black", lw=0.7)
    axis.set_yticks(
        range(len(names)),
        [textwrap.fill(textwrap.shorten(name, 84, placeholder=" …"), 30) for name in names],
        fontsize=SMALL,
    )
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.margins(x=0.05)
    for place, told in enumerate(values):
        axis.annotate(
            told, (1.01, place), xycoords=axis.get_yaxis_transform(), va="center", fontsize=SMALL, annotation_clip=False
        )


def figures(explanation: Explanation) -> dict[str, Figure]:
    """The pictures of an explanation by name."""
    return {"waterfall": waterfall(explanation)}


def table(explanation: Explanation) -> pd.DataFrame:
    """Every part as text, the largest first, with its interval and its part of the whole; the whole in the last row."""
    scale, of = _scale(explanation)
    unit = f" [{of}]" if of else ""
    parts = explanation.table.sort_values("value", key=abs, ascending=False)
    whole = dict(zip(("value", "low", "high"), explanation.total, strict=True))
    all_of_it = math.nan if _caution(explanation) else 1.0
    rows = [*parts.to_dict("records"), whole | {"switch": "whole difference", "share_of_total": all_of_it}]
    return pd.DataFrame(
        {
            "what differs": row["switch"],
            f"part{unit} (95 % interval)": measures.between(*(row[k] * scale for k in ("value", "low", "high")), of),
            "part of the whole [%]": measures.number(100 * row["share_of_total"], "% of a whole"),
        }
        for row in rows
    )


def _title(explanation: Explanation) -> str:
    first, second = map(letter, explanation.names)
    return f"Why the {explanation.noun} of {explanation.firm} differs: {second} against {first}"


def render(explanation: Explanation) -> str:
    """The whole page as text."""
    first = letter(explanation.names[0])
    told = f"Each step is what one switch adds, from the level in {first} (0); the lines are 95 % intervals; {known(explanation)}."
    return html.document(
        _title(explanation),
        [
            html.heading(_title(explanation), 1),
            html.note(f"Mean of the last year; {known(explanation)}."),
            html.listed([*explanation.names, efficiency(explanation)]),
            html.picture(in_words(waterfall(explanation), words_of(explanation.facts)), 1, "waterfall", told),
            html.table(table(explanation)),
            html.note(MEANT),
            html.folded("Where this comes from", [html.facts(explanation.facts)]),
        ],
        words_of(explanation.facts),
    )


def write(explanation: Explanation, path: pathlib.Path) -> pathlib.Path:
    """Write the page; it is complete or not there."""
    return html.save(render(explanation), pathlib.Path(path))


def markdown(explanation: Explanation) -> str:
    """The explanation without its picture, as Markdown."""
    facts = bullets(f"{key}: {value}" for key, value in explanation.facts.items())
    title, sure = plain(_title(explanation)), plain(f"Mean of the last year; {known(explanation)}.")
    parts = [f"# {title}", sure, bullets(explanation.names)]
    parts += [plain(efficiency(explanation)), pipes(table(explanation)), MEANT, "## Where this comes from", facts]
    return told_lines("\n\n".join(parts) + "\n", words_of(explanation.facts), plain)
