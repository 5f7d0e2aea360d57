"""Answers to questions that a study puts to its own files again and again, kept while none of these files changes."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Hashable, Iterable

import pandas as pd

from sim.ground.files import state

ANSWERS = 32  # that are kept
ROWS = 50_000  # of an answer that is kept; longer ones are asked for again


class Answered:
    """The last answers, each with the state of the files that it was taken from."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Hashable, pd.DataFrame]] = {}

    def take(self, question: Hashable, files: Iterable[pathlib.Path], ask: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """The answer that was given before, if no file has changed since; else what `ask` says now."""
        now = tuple(state(path, follow=False) for path in files)
        before, answer = self._kept.pop(question, (None, None))
        if answer is None or before != now:
            answer = ask()
        if len(answer) <= ROWS:
            self._kept[question] = now, answer
        while len(self._kept) > ANSWERS:
            del self._kept[next(iter(self._kept))]
        return answer.copy()
