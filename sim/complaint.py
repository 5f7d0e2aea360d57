"""What goes wrong, said on the terminal in one line, whatever signs a stranger's file has put into it."""

from __future__ import annotations

import sys


def printable(text: object) -> str:
    """A text as one line that cannot steer a terminal: what is no visible sign is shown as its code.

    >>> printable("a\\n b\\x1b[31m")
    'a b\\\\x1b[31m'
    """
    line = " ".join(str(text).split())
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)


def complain(text: object) -> None:
    """Print a line that begins with the program's name to stderr; what the terminal has no sign for is shown as its code."""
    line = f"differentia: {printable(text)}"
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), file=sys.stderr)
