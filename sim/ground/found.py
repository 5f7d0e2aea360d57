"""What a question leaves behind is numbers; looking at them is done by the words at the door."""

from __future__ import annotations

from typing import NoReturn

WORDS = {"plot": "draw", "report": "report", "table": "table"}


class Found:
    """Base of results, studies and answers: it draws and writes nothing of itself.

    >>> Found().plot
    Traceback (most recent call last):
    AttributeError: Found has no plot of its own; write sim.draw(...)
    """

    def __getattr__(self, name: str) -> NoReturn:
        """Tell the word at the door for what was a method once."""
        told = f" of its own; write sim.{WORDS[name]}(...)" if name in WORDS else ""
        raise AttributeError(f"{type(self).__name__} has no {name}{told}")
