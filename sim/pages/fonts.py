"""Fonts for every script: where the usual font has no sign for a letter, one of the installed ones that has."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable

from matplotlib.font_manager import findfont, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

LIKED = ("Noto Sans CJK SC", "Noto Sans", "Source Han Sans", "WenQuanYi", "Microsoft YaHei", "PingFang", "Arial Unicode")
NONE = "Last Resort"  # has a box for every letter
LOST: dict[str, None] = {}  # texts that pictures of this process show in part as boxes


def fit(text: Text) -> None:
    """Give a text further fonts if its own lack some of its letters; remember it if no installed one has them."""
    if text.get_text().isascii():
        return
    own = findfont(text.get_fontproperties())
    lacking = frozenset(c for c in text.get_text() if _shown(c) and not has(own, c))
    if not lacking:
        return
    families, lost = families_for(lacking)
    known = text.get_fontfamily()
    text.set_fontfamily([*known, *(family for family in families if family not in known)])
    if lost:
        LOST[" ".join(text.get_text().split())] = None


def caution(texts: Iterable[str]) -> str:
    """One line on texts that no font here draws in full; "" if there are none.

    >>> caution([]), caution(["夜班车"]).partition(",")[0]
    ('', 'No font here draws 夜班车 in full')
    """
    first, *more = [*texts] or [""]
    if not first:
        return ""
    told = f"{first} and {len(more)} more" if more else first
    return f"No font here draws {told} in full, so pictures show boxes; install a font with these letters, such as one of the Noto family."


def _shown(letter: str) -> bool:
    return not letter.isspace() and unicodedata.category(letter) not in ("Cc", "Cf", "Mn")


@functools.lru_cache(maxsize=4096)
def has(path: str, letter: str) -> bool:
    """Whether a font's file has a sign for a letter."""
    try:
        return FT2Font(path).get_char_index(ord(letter)) != 0
    except (OSError, RuntimeError):  # bitmaps only, or damaged
        return False


@functools.lru_cache(maxsize=256)
def families_for(letters: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Families that together have the most of these letters, and the letters that none has."""
    chosen, left = [], set(letters)
    for entry in sorted(fontManager.ttflist, key=lambda font: (_liked(font.name), font.weight != 400, font.name)):
        if not left:
            break
        if not entry.name.startswith(NONE) and (found := {letter for letter in left if has(entry.fname, letter)}):
            chosen.append(entry.name)
            left -= found
    return tuple(chosen), frozenset(left)


def _liked(name: str) -> int:
    return next((place for place, start in enumerate(LIKED) if name.startswith(start)), len(LIKED))
