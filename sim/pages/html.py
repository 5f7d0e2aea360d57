"""Parts of pages that open anywhere, offline: pictures and tables inside the text, nothing loaded from elsewhere."""

from __future__ import annotations

import html
import io
import pathlib
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import matplotlib as mpl
import pandas as pd
from matplotlib.text import Text

from sim.ground.files import write_text
from sim.ground.shown import visible
from sim.ground.units import Words, told
from sim.pages import fonts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SAID = re.compile(r"(?<=>)[^<>]+(?=<)")  # what a page says, between its tags
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 2rem auto; padding: 0 1rem; color: #1b1b1b; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
table { border-collapse: collapse; font-size: 0.84rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.4rem; text-align: right; border-bottom: 1px solid #ddd; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
table:not(.words) td { white-space: nowrap; }
table.words th, table.words td { text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.wide { overflow-x: auto; } figure { margin: 1rem 0; } figure svg { width: 100%; height: auto; }
figcaption, .note { color: #555; font-size: 0.9rem; } summary { font-size: 1.15rem; font-weight: 600; margin-top: 1.6rem; cursor: pointer; }
dt { font-weight: 600; } dd { margin: 0 0 0.4rem 0; }
"""


def svg(figure: Figure, title: str) -> str:
    """The figure as inline SVG with its title for those who cannot see it, the same bytes for the same numbers."""
    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": title, "svg.fonttype": "path", "text.usetex": False}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return text[text.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{html.escape(visible(title))}"', 1)


def picture(figure: Figure, number: int, title: str, caption: str) -> str:
    """A numbered figure with its caption; the caption is plain text. Texts that no font draws are said in it."""
    drawn = svg(figure, title)
    lost = [text for text in fonts.LOST if text in {" ".join(t.get_text().split()) for t in figure.findobj(Text)}]
    below = f"<b>Figure {number}.</b> {_plain(f'{caption} {fonts.caution(lost)}'.rstrip())}"
    return f"<figure>{drawn}<figcaption>{below}</figcaption></figure>"


def _plain(text: object) -> str:
    """Text that a page shows as it is: never as markup, without control codes."""
    return html.escape(visible(str(text)), quote=False)


def _one_line(value: object) -> object:
    return visible(value) if isinstance(value, str) else value


def table(frame: pd.DataFrame, kind: str = "") -> str:
    """A table that scrolls sideways where the page is narrow; `kind` "words" sets all of it flush left."""
    lines = frame.rename(columns=_one_line).map(_one_line)
    with pd.option_context("display.max_colwidth", None):
        text = lines.to_html(index=False, border=0, classes=kind or None, justify="unset")
    return f'<div class="wide">{text}</div>'


def listed(sentences: Iterable[str]) -> str:
    """Sentences as a bulleted list.

    >>> listed(["a < b"])
    '<ul><li>a &lt; b</li></ul>'
    """
    return "<ul>" + "".join(f"<li>{_plain(sentence)}</li>" for sentence in sentences) + "</ul>"


def note(text: str) -> str:
    """A remark in small print.

    >>> note("95 % & more")
    '<p class="note">95 % &amp; more</p>'
    """
    return f'<p class="note">{_plain(text)}</p>'


def heading(text: str, level: int = 2) -> str:
    """A heading.

    >>> heading("What differs")
    '<h2>What differs</h2>'
    """
    return f"<h{level}>{_plain(text)}</h{level}>"


def folded(title: str, parts: Iterable[str]) -> str:
    """Parts of a page behind their heading, which opens them.

    >>> folded("More", ["<p>all of it</p>"])
    '<details><summary>More</summary><p>all of it</p></details>'
    """
    return f"<details><summary>{html.escape(title, quote=False)}</summary>{''.join(parts)}</details>"


def facts(about: Mapping[str, object]) -> str:
    """Names and what they stand for, as a list of definitions.

    >>> facts({"seeds": 10})
    '<dl><dt>seeds</dt><dd>10</dd></dl>'
    """
    pairs = (f"<dt>{_plain(key)}</dt><dd>{_plain(value)}</dd>" for key, value in about.items())
    return f"<dl>{''.join(pairs)}</dl>"


def document(title: str, parts: Iterable[str], words: Words) -> str:
    """A whole page of the parts, one after the other, in a scenario's words for money and time."""
    head = f'<meta charset="utf-8"><title>Differentia: {_plain(told(title, words))}</title><style>{STYLE}</style>'
    body = SAID.sub(lambda said: told(said[0], words), "\n".join(parts))
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{body}\n</body></html>\n'


def save(text: str, path: pathlib.Path) -> pathlib.Path:
    """Write a text file; it is complete or not there.

    Raises
    ------
    OSError : the place cannot be written.
    """
    return write_text(path, text)
