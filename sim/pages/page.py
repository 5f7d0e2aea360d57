"""A page that opens anywhere, offline: words, table, pictures and provenance in one HTML file."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.ground.units import words_of
from sim.pages import customers, figures, html, summary
from sim.pages.axes import in_words
from sim.pages.chapters import chapters
from sim.study.manifest import manifest

if TYPE_CHECKING:
    from sim.market.runs import Result

CAPTIONS = {
    "shares": "Left: what customers buy, by mode, and who stays out. Right: the {purchases} that are contested.",
    "breadth_depth": "Breadth is how many of the year's {buyers} a firm {served} at least once; depth is how much of their {trade} it {served}.",
    "loyalty": "Nobody is given loyalty: it is what needs, experience, habit, points and the alternatives leave.",
    "profit": "Revenue minus {vehicle}, handling, overhead and strategy costs. Dips are features copied: a copy is paid when it starts.",
    "adoption": "Features are copied late and in part. Parity: half of the rivals offer it at a fidelity of 0.8 or more.",
    "positioning": "Left: what the {price} buys in {signature}. Right: how far an offer adapts to time and to the customer's segment.",
    "standing": "Left: unaware are those who do not know the firm; nobody buys from a firm unknown to him; loyal are those who bought in half of the year's months. Right: stages move by recency, frequency and satisfaction.",
}
PICTURES = figures.ALL | {"standing": customers.standing}
GLOSSARY = {
    "[%]": "parts of a whole in per cent; files hold them as fractions of one, [1]",
    "points": "hundredths of a whole: 12 % is two points more than 10 %",
    "± and 95 % interval": "how far the mean over seeds may be off by chance; one seed has none",
    "breadth": "customers who bought from the firm in twelve months / customers who bought at all",
    "depth": "purchases of the firm's customers from the firm / all their purchases in twelve months (share of wallet)",
    "repeat rate": "buyers who bought from their last firm again / buyers whose last firm it was",
    "retention": "customers of the twelve months before who bought again in the last twelve / all customers of the twelve before",
    "satisfaction gap": "quality perceived minus quality expected, mean over purchases",
    "util": "the unit of utility; the chance part of a choice has a standard deviation of 1.28 utils",
    "class": "{class}",
    "fidelity": "how much of an original feature a copy delivers, 1 for the innovator",
    "¤/month": "money of the whole market; it grows with population.customers",
}


def render(result: Result) -> str:
    """The whole page as text: what happened, cautions first, the picture, the table; the rest is folded."""
    scenario, words = result.scenario, result.scenario.population.words
    main, *others = (
        html.picture(in_words(draw(result), words_of(scenario)), number, name.replace("_", " and "), CAPTIONS[name].format(**words))
        for number, (name, draw) in enumerate(PICTURES.items(), 1)
    )
    parts = [
        html.heading(f"Scenario {scenario.name}", 1),
        html.heading("What happened"),
        html.listed(summary.sentences(result)),
        main,
        html.heading("The last year"),
        html.table(summary.table(result)),
        html.note("Mean over seeds ± half-width of the 95 % interval."),
        html.folded("More pictures", others),
        *_chapters(result, len(PICTURES)),
        html.folded("What the words mean", [html.facts({key: text.format(**words) for key, text in GLOSSARY.items()})]),
        html.folded("Where this comes from", [html.facts(manifest(scenario))]),
    ]
    return html.document(scenario.name, parts, words_of(scenario))


def _chapters(result: Result, number: int) -> Iterator[str]:
    """What not every market has, folded; number : of the last picture before."""
    for name, told in chapters(result).items():
        parts = [part for table, note in told.tables for part in (html.table(table), html.note(note))]
        if told.draw:
            number += 1
            parts.append(html.picture(in_words(told.draw(), words_of(result.scenario)), number, name, told.caption))
        yield html.folded(told.title, parts)


def write(result: Result, path: pathlib.Path) -> pathlib.Path:
    """Write the page; it is complete or not there."""
    return html.save(render(result), path)
