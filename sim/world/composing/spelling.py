"""Words of the command line as Hydra's grammar takes them: values in any script, with quotes where it asks for them.

The grammar knows a value without quotes only if it is of ASCII letters, digits and a few signs; names left of `=` never
have quotes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from sim.ground.params import ConfigError
from sim.ground.shown import visible

QUOTED = re.compile(r"""\s*('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""", re.DOTALL)
PART = re.compile(r"(?:\\.|[^\\,()\[\]{}:=])+|.", re.DOTALL)
KNOWN = re.compile(r"""[\w\s/\\+.$%*@?|'",()\[\]{}:=-]*""", re.ASCII)
OPENS = {"(": ")", "[": "]", "{": "}"}


def spelled(word: str) -> str:
    """A word `name=value` in which what the grammar does not know is quoted.

    Raises
    ------
    ConfigError : not UTF-8 text, or a name left of `=` or `:` that is not of ASCII.

    >>> spelled("name=夜班车"), spelled("lag=3"), spelled("name=夜,a&b, [x, y!]"), spelled("name='夜'")
    ("name='夜班车'", 'lag=3', "name='夜','a&b', [x, 'y!']", "name='夜'")
    """
    word = as_typed(word)
    if KNOWN.fullmatch(word):
        return word
    name, sign, value = word.partition("=")
    if not name.isascii():
        raise ConfigError(f"{word}: names outside ASCII are set in files only, such as one of --config-dir")
    return name + sign + _quoted(word, value)


def as_typed(word: str) -> str:
    r"""A word whose bytes the system could not read in its own encoding, read as UTF-8.

    >>> as_typed("name=\udce5\udca4\udc9c"), as_typed("seed=7")
    ('name=夜', 'seed=7')
    """
    try:
        return os.fsencode(word).decode() if re.search("[\ud800-\udfff]", word) else word
    except UnicodeError:
        raise ConfigError(f"{visible(word)}: not UTF-8 text") from None


def _quoted(word: str, value: str) -> str:
    """A value with quotes around each part that needs them; `=` and `:` part only what is in brackets."""
    parts, inside, run = [], [], ""
    for part in _pieces(value):
        closes = bool(inside) and part == inside[-1]
        if part in OPENS:
            inside.append(OPENS[part])
        elif closes:
            inside.pop()
        divides = part in ("", ",", *OPENS) or closes or part == {")": "=", "}": ":"}.get(inside[-1] if inside else "")
        if divides and part == ":" and not run.isascii():
            raise ConfigError(f"{word}: names outside ASCII are set in files only, such as one of --config-dir")
        if not divides:
            run += part
            continue
        parts += [_primitive(run), part]
        run = ""
    return "".join(parts)


def _pieces(value: str) -> Iterator[str]:
    """Texts and the signs between them, then an empty one; quotes in the middle of a text are letters of it."""
    at, fresh = 0, True
    while at < len(value):
        found = (fresh and QUOTED.match(value, at)) or PART.match(value, at)
        at, fresh = found.end(), found[0] in ",([{:="
        yield found[0]
    yield ""


def _primitive(text: str) -> str:
    """A single value, quoted if it holds what the grammar does not know and no quotes."""
    bare = text.strip()
    if KNOWN.fullmatch(bare) or bare[0] in "'\"":
        return text
    plain = re.sub(r"\\([\\()\[\]{}:=, \t])", r"\1", bare)
    return text.replace(bare, quoted(plain))


def quoted(text: object) -> str:
    r"""Text as one value of the grammar, whatever it holds.

    >>> print(quoted("a,b=it's"))
    'a,b=it\'s'
    """
    told = re.sub(r"(\\*)('|$)", lambda found: found[1] * 2 + ("\\'" if found[2] else ""), str(text))
    return f"'{told}'"
