"""Text as a medium can show it: no control codes, and something near for what an encoding lacks."""

from __future__ import annotations

import codecs
import re
import sys
import unicodedata

# controls, line and paragraph separators, marks that turn the direction of writing, halves of characters
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
NEAR = str.maketrans(
    {"±": "+-", "\N{MINUS SIGN}": "-", "–": "-", "—": "-", "×": "x", "·": ".", "‘": "'", "’": "'", "“": '"', "”": '"', "μ": "u"}
    | dict.fromkeys("─━╸╺╶╴", "-") | dict.fromkeys("│┃", "|")
)  # fmt: skip
ERRORS = "differentia.near"


def visible(text: str) -> str:
    r"""Text on one line, with escapes for what a terminal or a page would obey instead of show.

    >>> visible("a\x1b[31m\nb"), visible("夜班车 naïve")
    ('a\\x1b[31m\\nb', '夜班车 naïve')
    """
    return UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def near(text: str) -> str:
    """What comes nearest in ASCII; question marks, as wide, where nothing does.

    >>> near("±0.5 − café … 夜")
    '+-0.5 - cafe ... ??'
    """
    return "".join(_near(letter) for letter in text.translate(NEAR))


def _near(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or ("" if unicodedata.combining(letter) else "?" * (1 + (unicodedata.east_asian_width(letter) in "WF")))


codecs.register_error(ERRORS, lambda error: (near(error.object[error.start : error.end]), error.end))


def encodable(text: str, encoding: str) -> str:
    """Text in the letters of an encoding, before it is set in columns.

    >>> encodable("0.5 ±0.1", "ascii"), encodable("0.5 ±0.1", "cp1252"), encodable("0.5 ±0.1", "utf-8")
    ('0.5 +-0.1', '0.5 ±0.1', '0.5 ±0.1')
    """
    return text.encode(encoding, ERRORS).decode(encoding)


def lenient() -> None:
    """Let standard output and standard error say what comes nearest, where their encoding lacks a character."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=ERRORS)
