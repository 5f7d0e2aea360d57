"""A page that opens anywhere, offline: words, table, pictures and provenance in one HTML file."""

from __future__ import annotations

import html
import io
import os
import pathlib
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd

from sim.report import customers, figures, summary
from sim.report.manifest import manifest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-size: 0.86rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.55rem; text-align: right; border-bottom: 1px solid #ddd; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
.wide { overflow-x: auto; } figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
figcaption, .note { color: #555; font-size: 0.9rem; } dt { font-weight: 600; } dd { margin: 0 0 0.4rem 0; }
"""


def _svg(figure: Figure, title: str) -> str:
    """The figure as inline SVG, the same bytes for the same numbers."""
    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": title, "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{html.escape(title)}"', 1)


def _html_table(frame: pd.DataFrame) -> str:
    return f'<div class="wide">{frame.to_html(index=False, border=0)}</div>'


def render(result: Result) -> str:
    """The whole page as text."""
    scenario = result.scenario
    about = manifest(scenario)
    told = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in summary.sentences(result))
    parts = [
        f"<h1>Scenario {html.escape(scenario.name)}</h1>",
        f'<p class="note">differentia {about["version"]}, seeds {about["seeds"]}, mechanisms: {", ".join(scenario.mechanism) or "none"}</p>',
        f"<h2>What happened</h2><ul>{told}</ul>",
        "<h2>The last year</h2>",
        _html_table(summary.table(result)),
        '<p class="note">Mean over seeds ± half-width of the 95 % interval. Shares are fractions, never per cents.</p>',
    ]
    for number, (name, draw) in enumerate(PICTURES.items(), 1):
        parts.append(
            f"<figure>{_svg(draw(result), name.replace('_', ' and '))}<figcaption><b>Figure {number}.</b> {CAPTIONS[name].format(**scenario.population.words)}</figcaption></figure>"
        )
    words = "".join(
        f"<dt>{html.escape(key)}</dt><dd>{html.escape(text.format(**scenario.population.words))}</dd>"
        for key, text in GLOSSARY.items()
    )
    parts.append(f"<h2>What the words mean</h2><dl>{words}</dl>")
    facts = "".join(f"<dt>{html.escape(key)}</dt><dd>{html.escape(str(value))}</dd>" for key, value in about.items())
    parts.append(f"<h2>Where this comes from</h2><dl>{facts}</dl>")
    body = "\n".join(parts)
    return f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Differentia: {html.escape(scenario.name)}</title><style>{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'


def write(result: Result, path: pathlib.Path) -> pathlib.Path:
    """Write the page; it is complete or not there."""
    part = path.with_suffix(".part")
    try:
        part.write_text(render(result), encoding="utf-8")
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return path
