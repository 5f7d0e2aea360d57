"""Tables and lists as Markdown, for notes and pull requests."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from sim.ground.shown import visible

ACTIVE = re.compile(r"[\\`*~<>|$]|(?<!\w)_|_(?!\w)|(?<=\])[(\[:]|&(?=[#\w])|^(?:#|[-+](?=\s))|(?:(?<=^\d)|(?<=^\d\d))[.)](?=\s)")


def plain(text: object) -> str:
    r"""Text on one line that Markdown shows as it is.

    >>> print(plain("a|b `c` a_b [x](y) 2 < 3"))
    a\|b \`c\` a_b [x]\(y) 2 \< 3
    """
    return ACTIVE.sub(r"\\\g<0>", visible(" ".join(str(text).split())))


def pipes(frame: pd.DataFrame) -> str:
    """A frame as a pipe table; bars and line breaks inside cells are kept from breaking it.

    >>> print(pipes(pd.DataFrame({"firm": ["a|b"], "share": [0.5]})))
    | firm | share |
    | --- | --- |
    | a\\|b | 0.5 |
    """
    head, *rows = [f"| {' | '.join(map(plain, row))} |" for row in (list(frame.columns), *frame.itertuples(index=False))]
    return "\n".join([head, f"| {' | '.join(['---'] * len(frame.columns))} |", *rows])


def bullets(sentences: Iterable[str]) -> str:
    """Sentences as a bulleted list.

    >>> bullets(["one", "two"])
    '- one\\n- two'
    """
    return "\n".join(f"- {plain(sentence)}" for sentence in sentences)
