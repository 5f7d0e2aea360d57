"""An analysis of a study on one page: what it says in words, its pictures, every number, where it comes from."""

from __future__ import annotations

import math
import pathlib
from typing import TYPE_CHECKING

import pandas as pd

from sim.ground.units import words_of
from sim.pages import html, sensitivity
from sim.pages.axes import in_words
from sim.study import measures
from sim.study.answers.box import where

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.study.answers.analyse import Analysis
    from sim.study.answers.box import Box
    from sim.study.factor import Factor

ROWS = 60
OUTCOME = "unit of the outcome"
TITLES = {  # of a column: in words, and its unit; None if it holds no measure
    "first": ("first order", "1"),
    "total": ("total", "1"),
    "second": ("second order", "1"),
    "mu_star": ("mean absolute effect μ*", OUTCOME),
    "sigma": ("spread of the effect σ", OUTCOME),
    "mu": ("mean effect μ", OUTCOME),
    "score": ("score", "1"),
    "density": ("density", "1"),
    "coverage": ("coverage", "1"),
    "mass": ("part of all cases", "1"),
    "held out": ("density on cases held out", "1"),
    "maximum": ("largest regret", OUTCOME),
    "mean": ("mean regret", OUTCOME),
    "worst": ("largest in", None),
    "behind": ("more than the smallest", OUTCOME),
    "minimax": ("smallest largest", None),
    "regret": ("regret", OUTCOME),
}
CAPTIONS = {
    "scores": "How much of what a forest of extremely randomised trees learnt rests on each factor; all add up to 1.",
    "box": "Limits of the box within the whole range of each factor that it limits.",
    "regret": "What each strategy earns less in a future than the best strategy there; means over seeds.",
}


def figures(analysis: Analysis) -> dict[str, Figure]:
    """The pictures that the study allows, by name: indices, scores, box_1, box_2, ..., regret."""
    drawn = {}
    if analysis.indices is not None:
        draw = sensitivity.sobol if "total" in analysis.indices.table else sensitivity.morris
        drawn["indices"] = draw(analysis.indices.table, analysis.outcome)
    if analysis.scores is not None:
        drawn["scores"] = sensitivity.scores(analysis.scores.table, analysis.outcome)
    factors = {factor.name: factor for factor in analysis.study.factors}
    for number, box in enumerate(analysis.boxes or [], 1):
        limits = _limits(box, factors)
        if len(limits):
            what = f"{analysis.firm} has the highest {analysis.metric.replace('_', ' ')}"
            drawn[f"box_{number}"] = sensitivity.box(limits, box.coverage, box.density, what)
    if analysis.losses is not None:
        drawn["regret"] = sensitivity.regret(lost(analysis), analysis.outcome, analysis.unit)
    return drawn


def lost(analysis: Analysis) -> pd.DataFrame:
    """Regret of the mean over seeds, a row a strategy and future: strategy, future, regret."""
    mean = analysis.losses.groupby(["strategy", "future"], sort=False)[analysis.metric].mean()
    return (mean.groupby(level="future", sort=False).transform("max") - mean).rename("regret").reset_index()


def _limits(box: Box, factors: dict[str, Factor]) -> pd.DataFrame:
    """Limits on factors of numbers beside their whole range; choices of names are told in words only."""
    rows = {}
    for limit in box.limits:
        factor = factors[limit.factor]
        if isinstance(limit.value, tuple):
            continue
        ends = (factor.low, factor.high) if factor.levels is None else (min(factor.levels), max(factor.levels))
        row = rows.setdefault(
            limit.factor, dict(zip(("low", "high", "minimum", "maximum"), (*ends, *ends), strict=True))
        )
        row["low" if limit.sign.startswith(">") else "high"] = limit.value
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("factor").reset_index()
    return frame if len(frame) else pd.DataFrame(columns=["factor"])


def tables(analysis: Analysis) -> dict[str, pd.DataFrame]:
    """Every table that the study allows, by name; of boxes those that were found."""
    found = {}
    if analysis.indices is not None:
        found |= {"indices": analysis.indices.table, "indices_growth": analysis.indices.growth}
        if len(analysis.indices.pairs):
            found["indices_pairs"] = analysis.indices.pairs
    if analysis.scores is not None:
        found["scores"] = analysis.scores.table
    boxes = [box for box in analysis.boxes or [] if box.limits]
    if boxes:
        found["boxes"] = pd.DataFrame(
            {
                "limits": where(box.limits),
                "density": box.density,
                "coverage": box.coverage,
                "mass": box.mass,
                "points": box.points,
                "held out": box.held_out,
            }
            for box in boxes
        )
    if analysis.regret is not None:
        found |= {"regret": analysis.regret, "regret_by_future": lost(analysis)}
    return found


def render(analysis: Analysis) -> str:
    """The whole page as text."""
    title = f"What moves the {analysis.outcome}"
    parts = [
        html.heading(title, 1),
        html.note(
            f"Mean of the last year of every run of {analysis.folder.name}, {analysis.study.header['points']:,} points; "
            "half-widths of 95 % intervals behind ±."
        ),
        html.listed(analysis.sentences),
    ]
    for number, (name, figure) in enumerate(figures(analysis).items(), 1):
        parts.append(html.picture(in_words(figure, words_of(analysis.facts)), number, name, _caption(name, analysis)))
    for name, table in tables(analysis).items():
        if name != "indices_growth":
            shown = readable(table.head(ROWS), analysis.unit)
            parts += [html.heading(name.replace("_", " ").capitalize()), html.table(shown)]
    parts.append(html.folded("Where this comes from", [html.facts(analysis.facts)]))
    return html.document(title, parts, words_of(analysis.facts))


def _caption(name: str, analysis: Analysis) -> str:
    """What a picture shows, in a sentence or two."""
    if name == "indices" and "total" in analysis.indices.table:
        return (
            "First-order index: part of the variance that would vanish if the factor were known. Total index: part that "
            "would be left if all others were known. Bars: 95 % intervals by bootstrap."
        )
    if name == "indices":
        return (
            "Mean absolute effect of moving a factor over its range, and how much the effect differs over the space; "
            "bars: 95 % intervals by bootstrap."
        )
    return CAPTIONS[name.partition("_")[0]]


def readable(table: pd.DataFrame, unit: str) -> pd.DataFrame:
    """A table as text under titles with units, half-widths of 95 % intervals behind ±; unit : of the outcome.

    >>> readable(pd.DataFrame({"strategy": ["bold"], "maximum": [41.7], "maximum_half": [6.2], "minimax": [True]}), "¤/month")
      strategy largest regret [¤/month] smallest largest
    0     bold                     42 ±6              yes
    """
    told = {}
    for column in table.columns[~table.columns.str.endswith("_half")]:
        title, of = TITLES.get(column, (column, None))
        if of is None:
            told[title] = (
                table[column].map({True: "yes", False: "no"}) if table[column].dtype == bool else table[column]
            )
        else:
            halves = table.get(f"{column}_half", pd.Series(math.nan, table.index))
            digits = unit if of == OUTCOME else "points"
            told[f"{title} [{unit if of == OUTCOME else of}]"] = [
                measures.number(value, digits) + ("" if math.isnan(half) else f" ±{measures.number(half, digits)}")
                for value, half in zip(table[column], halves, strict=True)
            ]
    return pd.DataFrame(told)


def write(analysis: Analysis, path: pathlib.Path) -> pathlib.Path:
    """Write the page; it is complete or not there."""
    return html.save(render(analysis), path)
