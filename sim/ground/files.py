"""Files written so that a broken write loses nothing and no link is followed: beside their place first, then renamed.

What lies in a folder that somebody else made is data. A link there would otherwise lead a writer, or a reader, outside.
"""

from __future__ import annotations

import os
import pathlib
import re
import stat
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sim.ground.params import ConfigError

if TYPE_CHECKING:
    import pandas as pd

LEFT = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{8}")  # what a writer that was killed leaves behind
IDLE = 60  # s after which such a file is not being written any more
FORMULA = ("=", "+", "-", "@", "\t", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # wide forms count, too


@contextmanager
def beside(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A new file's place beside `path`, which it takes when the block ends; a link that was there is replaced, not followed.

    Raises
    ------
    OSError : the disk is full or the folder cannot be written; what was there before is untouched and nothing is left.
    """
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")  # readers of a whole folder pass over a leading dot
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write_text(path: pathlib.Path, text: str) -> pathlib.Path:
    """Write a text file; it is complete or not there. What cannot be encoded is replaced.

    Raises
    ------
    OSError : as `beside`.
    """
    with beside(path) as part, part.open("x", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return path


def write_csv(path: pathlib.Path, frame: pd.DataFrame) -> pathlib.Path:
    """Write a table as CSV without its index; texts that a spreadsheet would take for formulas are marked as texts.

    Raises
    ------
    OSError : as `beside`.
    """
    shown = frame.rename(columns=harmless)
    for place, kind in enumerate(frame.dtypes):
        if kind.kind not in "biufcmM":
            shown.isetitem(place, frame.iloc[:, place].astype(object).map(harmless))
    return write_text(path, shown.to_csv(index=False))


def harmless(cell: object) -> object:
    """A cell that no spreadsheet computes: a text that begins like a formula, and is no number, gets an apostrophe.

    >>> harmless("=1+1"), harmless("-0.5"), harmless("plain"), harmless(-2)
    ("'=1+1", '-0.5', 'plain', -2)
    """
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")  # a bare one ends a row, and is not quoted
    if not cell.lstrip(" \u00a0\ufeff").startswith(FORMULA):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def regular(path: pathlib.Path) -> bool:
    """Whether a file itself lies there, no link, pipe or folder.

    >>> regular(pathlib.Path("nowhere"))
    False
    """
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False
    except (NotADirectoryError, ValueError):
        return False


def state(path: pathlib.Path, follow: bool = True) -> tuple[int, int, int, int] | None:
    """What changes when somebody writes to a file or puts another in its place; None if there is none.

    follow : whether a link stands for what it leads to, rather than for itself.

    >>> state(pathlib.Path("nowhere")) is None
    True
    """
    try:
        about = path.stat(follow_symlinks=follow)
    except OSError:
        return None
    return about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns


def own_folder(path: pathlib.Path) -> pathlib.Path:
    """The path, unless something else than a folder lies there; nothing need be there.

    Raises
    ------
    ConfigError : a link or a file.
    """
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        what = "a link" if path.is_symlink() else "a file"
        raise ConfigError(f"{path}: {what}; expected a folder of its own there: take it away, or name another place")
    return path


def clear(folder: pathlib.Path, ours: Callable[[str], bool], idle: float = IDLE) -> None:
    """Remove what writers that were killed left in a folder.

    ours : whether such a name is written there. idle : seconds for which it has not been touched.
    """
    for path in folder.iterdir():
        name = LEFT.fullmatch(path.name)
        with suppress(OSError):
            if name and ours(name["name"]) and regular(path) and time.time() - path.lstat().st_mtime >= idle:
                path.unlink()
