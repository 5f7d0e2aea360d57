"""A page that opens anywhere, offline: words, table, pictures and provenance in one HTML file."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

from sim.report import customers, figures, html, summary
from sim.report.chapters import chapters
from sim.report.manifest import manifest

if TYPE_CHECKING:
    from sim.runs import Result

CAPTIONS = {
    "shares": "Left: what customers buy, by mode, and who stays out. Right: the {purchases} that are contested.",
    "breadth_depth": "Breadth is how many of the year's {buyers} a firm {served} at least once; depth is how much of their {trade} it {served}.",
    "loyalty": "Nobody is given loyalty: it is what needs, experience, habit, points and the alternatives leave.",
    "profit": "Revenue minus {vehicle}, handling, overhead and strategy costs. Dips are features copied: a copy is paid when it starts.",
    "adoption": "Features are copied late and in part. Parity: half of the rivals offer it at a fidelity of 0.8 or more.",
    "positioning": "Left: what the {price} buys in {signature}. Right: how far an offer adapts to time and to the customer's segment.",
    "standing": "Left: nobody buys from a firm unknown to him; loyal are those who bought in half of the year's months. Right: stages move by recency, frequency and satisfaction.",
}
PICTURES = figures.ALL | {"standing": customers.standing}
GLOSSARY = {
    "[1]": "a pure number; shares and rates are fractions of one, never per cents",
    "± and 95 % interval": "how far the mean over seeds may be off by chance; one seed has none",
    "breadth": "customers who bought from the firm in twelve months / customers who bought at all",
    "depth": "purchases of the firm's customers from the firm / all their purchases in twelve months (share of wallet)",
    "repeat rate": "buyers who bought from their last firm again / buyers whose last firm it was",
    "retention": "customers of the twelve months before who bought again in the last twelve / all customers of the twelve before",
    "satisfaction gap": "quality perceived minus quality expected, mean over purchases",
    "util": "the unit of utility; the chance part of a choice has a standard deviation of 1.28 utils",
    "class": "{class}",
    "fidelity": "how much of an original feature a copy delivers, 1 for the innovator",
    "AUD/month": "money of the whole market; it grows with population.customers",
}


def render(result: Result) -> str:
    """The whole page as text."""
    scenario, words = result.scenario, result.scenario.population.words
    about = manifest(scenario)
    parts = [
        html.heading(f"Scenario {scenario.name}", 1),
        html.note(
            f"differentia {about['version']}, seeds {about['seeds']}, mechanisms: {', '.join(scenario.mechanism) or 'none'}"
        ),
        html.heading("What happened"),
        html.listed(summary.sentences(result)),
        html.heading("The last year"),
        html.table(summary.table(result)),
        html.note("Mean over seeds ± half-width of the 95 % interval. Shares are fractions, never per cents."),
    ]
    for number, (name, draw) in enumerate(PICTURES.items(), 1):
        parts.append(html.picture(draw(result), number, name.replace("_", " and "), CAPTIONS[name].format(**words)))
    for told in chapters(result):
        parts.append(html.heading(told.title))
        for table, note in told.tables:
            parts += [html.table(table), html.note(note)]
        if told.draw:
            number += 1
            parts.append(html.picture(told.draw(), number, told.name, told.caption))
    glossary = {key: text.format(**words) for key, text in GLOSSARY.items()}
    parts += [html.heading("What the words mean"), html.facts(glossary)]
    parts += [html.heading("Where this comes from"), html.facts(about)]
    return html.document(scenario.name, parts)


def write(result: Result, path: pathlib.Path) -> pathlib.Path:
    """Write the page; it is complete or not there."""
    return html.save(render(result), path)
