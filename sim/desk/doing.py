"""What is being done, on one line of a terminal from the first moment on; it is gone when there is something to say."""

from __future__ import annotations

import sys

_shown: list[str] = []


def doing(text: str, quiet: bool) -> None:
    """Show what is being done, on standard error, if that is a terminal; in place of what was shown before."""
    if not quiet and sys.stderr.isatty():
        done()
        _shown.append(text)
        print(f"{text} ...", end="\r", file=sys.stderr, flush=True)


def done() -> None:
    """Take away what is shown."""
    if _shown:
        print(" " * (len(_shown.pop()) + len(" ...")), end="\r", file=sys.stderr, flush=True)
