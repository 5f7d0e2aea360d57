"""A comparison of scenarios on one page: what differs, the verdict, pictures, every number, and where it comes from."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.ground.units import told_lines, words_of
from sim.pages import contrast, html, volume
from sim.pages.axes import in_words
from sim.pages.markdown import bullets, pipes, plain
from sim.study import measures
from sim.study.unit import gap_unit, level_unit

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.study.answers.compare import Comparison

MEANT = {
    "points": "hundredths of one: a share that rises from 0.10 to 0.13 rises by 3 points",
    "interval": "how far the mean difference over seeds may be off by chance",
    "Holm": "p-values corrected for being read together (Holm 1979); below 1 minus the confidence a difference is told from zero",
    "effect": "the mean difference over the standard deviation of the seeds' differences, corrected for few seeds (Hedges)",
    "paired": "both scenarios were played with the same seeds and share every draw, so that chance cancels in the difference",
    "¤/month": "money of the whole market; it grows with population.customers",
}


def figures(comparison: Comparison) -> dict[str, Figure]:
    """The pictures of a comparison by name: forest, paths, "levels_<metric>" of each series, "source_of_volume_<arm>"."""
    drawn = {"forest": contrast.forest(comparison), "paths": contrast.paths(comparison)}
    for metric in comparison.series["metric"].unique():
        drawn[f"levels_{metric}"] = contrast.levels(comparison, metric)
    for arm in moved(comparison):
        drawn[f"source_of_volume_{arm}"] = volume.source_of_volume(comparison, arm)
    return drawn


def moved(comparison: Comparison) -> Sequence[str]:
    """The arms of which it is known who moved from whom."""
    return () if comparison.moves is None else comparison.names[1:]


def captions(comparison: Comparison) -> dict[str, str]:
    """What each picture shows and how sure it is, by the picture's name."""
    sure, first = contrast.known(comparison), comparison.names[0]
    told = {
        "forest": f"Mean of the last year minus that of {first}, for the contested firms; bars are {sure}. Filled markers "
        "are told from zero after Holm's correction over the contested firms' rows of the table below; one without a bar is the same in every seed.",
        "paths": f"Difference to {first}, seed by seed, then averaged; each point is the mean of the twelve months up to "
        f"it; bands are {sure}, for one month at a time.",
    }
    for arm in moved(comparison):
        told[f"source_of_volume_{arm}"] = (
            f"The same purchase occasions of the same sampled customers in {first} (rows) and {arm} (columns), last "
            f"{comparison.moved_months} months. Percent: mean over seeds with half-widths, {sure}; counts: all seeds together."
        )
    alone = contrast.known(comparison, "")
    for metric in comparison.series["metric"].unique():
        name = measures.heading(metric, comparison.scenario_words)
        told[f"levels_{metric}"] = (
            f"{name}, mean of the twelve months up to each and over seeds; bands are {alone}, of each arm by itself."
        )
    return told


def table(comparison: Comparison) -> pd.DataFrame:
    """Every contrast as text, contested firms first: means of both arms, difference with its interval, p after Holm, effect."""
    order = {firm: place for place, firm in enumerate(comparison.contested)}
    rows = comparison.contrasts.assign(place=comparison.contrasts["firm"].map(order).fillna(len(order)))
    rows = rows.sort_values(["arm", "place", "firm"], kind="stable")
    return pd.DataFrame([_row(row, comparison) for row in rows.itertuples()])


def _row(row, comparison: Comparison) -> dict[str, str]:
    unit, scale = gap_unit(row.metric)
    gap = measures.between(row.difference * scale, row.low * scale, row.high * scale, unit)
    level, times = level_unit(row.metric)
    arm = {"arm": row.arm} if len(comparison.names) > 2 else {}
    return arm | {
        "firm": row.firm,
        "metric": measures.title(row.metric, comparison.scenario_words),
        comparison.names[0]: measures.number(row.mean_a * times, level),
        "arm's" if arm else row.arm: measures.number(row.mean_b * times, level),
        f"difference ({comparison.confidence * 100:g} %)": f"{gap} {unit}".rstrip()
        if pd.notna(row.difference)
        else gap,
        "p (Holm)": _p(row.holm),
        "effect": measures.number(row.effect, "points", signed=True),
        "told from zero": _told(row, comparison.confidence),
        "seeds": f"{row.pairs:g}" if row.how == "paired" else f"{row.seeds_a:g} and {row.seeds_b:g}",
    }


def _told(row, confidence: float) -> str:
    if contrast.always(row):
        return "yes: the same in every seed"
    if pd.isna(row.holm):
        return "–"
    return "yes" if contrast.told(row, confidence) else "no"


def _p(value: float) -> str:
    if pd.isna(value):
        return measures.UNKNOWN
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _arms(comparison: Comparison) -> pd.DataFrame:
    return pd.DataFrame({"arm": list(comparison.names), "made with": [comparison.words[n] for n in comparison.names]})


def _title(comparison: Comparison) -> str:
    return " against ".join([" and ".join(comparison.names[1:]), comparison.names[0]])


def _moved_title(comparison: Comparison, arm: str) -> str:
    words = (comparison.scenario_words or measures.PLAIN)["purchases"]
    return f"Who moved from whom in {arm}: the largest numbers of {words}, all in moves.csv"


def render(comparison: Comparison) -> str:
    """The whole page as text."""
    told = captions(comparison)
    parts = [
        html.heading(_title(comparison), 1),
        html.note(f"Means over the last year; {contrast.known(comparison)}. First arm: {comparison.names[0]}."),
        html.heading("Verdict"),
        html.listed(comparison.verdicts),
        html.heading("What differs"),
        html.table(_arms(comparison), "words"),
        html.table(comparison.differing, "words"),
        html.heading("Pictures"),
    ]
    for number, (name, figure) in enumerate(figures(comparison).items(), 1):
        parts.append(html.picture(in_words(figure, words_of(comparison.facts)), number, name.replace("_", " "), told[name]))
    for arm in moved(comparison):
        parts += [html.heading(_moved_title(comparison, arm)), html.table(volume.table(comparison, arm))]
    parts += [
        html.heading("Every difference"),
        html.table(table(comparison)),
        html.note(f"Differences: arm minus {comparison.names[0]}; {contrast.known(comparison)} in brackets."),
        html.folded("What the words mean", [html.facts(MEANT)]),
        html.folded("Where this comes from", [html.facts(comparison.facts)]),
    ]
    return html.document(_title(comparison), parts, words_of(comparison.facts))


def write(comparison: Comparison, path: pathlib.Path) -> pathlib.Path:
    """Write the page; it is complete or not there."""
    return html.save(render(comparison), pathlib.Path(path))


def markdown(comparison: Comparison) -> str:
    """The comparison without pictures as Markdown: verdict, what differs, every difference, provenance."""
    facts = [f"{key}: {value}" for key, value in comparison.facts.items()]
    parts = [
        f"# {plain(_title(comparison))}",
        plain(f"Means over the last year; {contrast.known(comparison)}."),
        bullets(comparison.verdicts),
        "## What differs",
        pipes(_arms(comparison)),
        pipes(comparison.differing),
        *(
            f"## {plain(_moved_title(comparison, arm))}\n\n{pipes(volume.table(comparison, arm))}"
            for arm in moved(comparison)
        ),
        "## Every difference",
        pipes(table(comparison)),
        "## Where this comes from",
        bullets(facts),
    ]
    return told_lines("\n\n".join(parts) + "\n", words_of(comparison.facts), plain)
