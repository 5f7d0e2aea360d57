"""Names that a user gives: such as can stand in a table's column, a file's name and a picture, each told from the others."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

from sim.ground.params import ConfigError
from sim.ground.values import shown

LONGEST = 40
INSIDE = " .-_"
RULE = f"a name of up to {LONGEST} letters, digits, spaces, dots, hyphens"


def check_name(name: object, where: str) -> None:
    """Raise `ConfigError` unless a text can be a name; marks of letters, as Hindi or Thai write them, count as letters.

    >>> check_name("Nachtbus 7", "firms"), check_name("夜班车", "firms")
    (None, None)
    """
    right = isinstance(name, str) and 0 < len(name) <= LONGEST and (name[0].isalnum() or name[0] == "_")
    if not right or not all(c.isalnum() or c in INSIDE or unicodedata.category(c)[0] == "M" for c in name):
        raise ConfigError(f"{where}: expected {RULE}")
    if not name.isprintable() or name[-1] in " .":
        raise ConfigError(f"{where}: expected {RULE}, that does not end in a space or a dot")


def check_apart(names: Iterable[str], where: str, reserved: Iterable[str] = ()) -> None:
    """Raise `ConfigError` if two names could be taken for one another: they differ in case, signs or writing only.

    reserved : words that tables use for what is no such thing.
    """
    seen = {alike(word): word for word in reserved}
    words = set(seen)
    for name in names:
        key = alike(name)
        if key in words:
            raise ConfigError(f"{where}.{name}: tables use the word '{seen[key]}' themselves; expected another name")
        if key in seen:
            raise ConfigError(
                f"{where}.{name}: too much like {shown(seen[key])}; expected names that differ in more than capitals, "
                "spaces, dots, hyphens or how a letter is written"
            )
        seen[key] = name


def alike(name: str) -> str:
    """What is the same for names that columns and files would not tell apart.

    >>> alike("Basic-One") == alike("basic one"), alike("a") == alike("b")
    (True, False)
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else "_" for c in folded)


def snake(name: str) -> str:
    """The name of a class as files, columns and words write it.

    >>> snake("WordOfMouth")
    'word_of_mouth'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def check_call(what: str, words: Iterable[object], arms: object = (), **given: object) -> None:
    """Raise `ConfigError` unless a function was called with texts: words and arms texts each, folders and names texts or None.

    >>> check_call("sweep", ["seed=1"], folder=None)
    """
    for word in words:
        if not isinstance(word, str):
            raise ConfigError(f"{what}: expected words such as 'seed=7', each as a text of its own, got {shown(word)}")
    if isinstance(arms, str) or not isinstance(arms, Iterable) or not all(isinstance(arm, str) for arm in arms):
        raise ConfigError(f"{what}: arms = {shown(arms)}: expected a list of texts, such as ['', 'seed=2']")
    for name, value in given.items():
        if value is not None and not isinstance(value, (str, PurePath)):
            raise ConfigError(f"{what}: {name} = {shown(value)}: expected text")
