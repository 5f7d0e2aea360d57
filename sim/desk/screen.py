"""What the command writes on a terminal: lines, tables and bars, in which names are shown letter by letter."""

from __future__ import annotations

import functools
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sim.ground.shown import visible
from sim.ground.values import one_line

WIDTH = 120  # cells of a line that goes to a file or a pipe


def console(error: bool = False, width: int = WIDTH) -> Console:
    """Standard output, or standard error, as rich writes to it: nothing in a text is markup, an emoji code or coloured."""
    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else width
    return Console(stderr=error, width=width, markup=False, emoji=False, highlight=False)


def say(text: object, error: bool = False) -> None:
    """Write one line."""
    print(visible(str(text)), file=sys.stderr if error else sys.stdout)


def complain(text: object) -> None:
    """Write one line on standard error that begins with the program's name, whatever signs a stranger's file has put into it."""
    say(f"differentia: {one_line(text)}", error=True)


def bar(counted: str, quiet: bool) -> Progress:
    """A bar on standard error that counts something, with the time left; only where that is a terminal."""
    err = console(error=True)
    columns = [TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()]
    columns += [TextColumn(f"{counted}, time left"), TimeRemainingColumn(), TimeElapsedColumn()]
    return Progress(*columns, console=err, disable=quiet or not err.is_terminal, transient=True)


@functools.cache
def say_uncached() -> None:
    """Say once that compiled code is not kept, where it cannot be."""
    from sim.science.rules import CACHE

    if CACHE is None:
        told = "no folder is the user's alone and can be written, so code is compiled anew each time (about a minute)"
        say(f"differentia: {told}; NUMBA_CACHE_DIR names one", error=True)


def say_undrawn() -> None:
    """Say which texts the pictures of this command show in part as boxes, if there are any."""
    fonts = sys.modules.get("sim.pages.fonts")  # not there: nothing was drawn
    if fonts is not None and (told := fonts.caution(fonts.LOST)):
        say(f"differentia: {told}", error=True)
