"""Tables and lists as Markdown, for notes and pull requests."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd


def pipes(frame: pd.DataFrame) -> str:
    """A frame as a pipe table; bars and line breaks inside cells are kept from breaking it.

    >>> print(pipes(pd.DataFrame({"firm": ["a|b"], "share": [0.5]})))
    | firm | share |
    | --- | --- |
    | a\\|b | 0.5 |
    """
    rows = [list(frame.columns), ["---"] * len(frame.columns), *frame.itertuples(index=False)]
    return "\n".join(f"| {' | '.join(_cell(value) for value in row)} |" for row in rows)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def bullets(sentences: Iterable[str]) -> str:
    """Sentences as a bulleted list.

    >>> bullets(["one", "two"])
    '- one\\n- two'
    """
    return "\n".join(f"- {' '.join(sentence.split())}" for sentence in sentences)
