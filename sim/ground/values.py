"""Plain values: NumPy's as Python's own, and anything at all, be it an error, in one line of words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SHOWN = 60  # characters of a wrong value
PLAIN = frozenset({int, float, str, bool, type(None)})  # kinds of value that stay as they are


def one_line(text: object) -> str:
    r"""A text, or what an error says, in one line of signs that can be shown.

    >>> one_line("a\n  b\x1b[31m")
    'a b\\x1b[31m'
    """
    try:
        line = " ".join(str(text).split())
        return line if line.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)
    except Exception:  # somebody's own error may fail when it is asked what it says
        return type(text).__name__


def shown(value: object) -> str:
    """A wrong value as it is told: one line, cut where it is long, with its type where that says more.

    >>> shown("a" * 80)[-4:], shown(None), shown(3)
    ('a...', 'None', '3')
    """
    try:
        text = one_line(repr(value))
    except Exception:  # somebody's own object may fail when it is shown
        text = f"a {type(value).__name__}"
    return cut(text, SHOWN)


def cut(text: str, longest: int) -> str:
    """A text, or as much of it as there is room for.

    >>> cut("abcdefgh", 6)
    'abc...'
    """
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def native(value: Any) -> Any:
    """A value with NumPy's numbers, truth values and texts as Python's own, so that it is written and hashed alike.

    >>> import numpy as np
    >>> native({"seed": np.int64(3), "on": np.True_, "list": [np.float32(0.5)]})
    {'seed': 3, 'on': True, 'list': [0.5]}
    """
    kind = type(value)
    if kind in PLAIN:
        return value
    if kind in (list, tuple):
        return value if all(type(item) in PLAIN for item in value) else kind(native(item) for item in value)
    if kind is dict:
        if all(type(key) is str and type(item) in PLAIN for key, item in value.items()):
            return value
        return {native(key): native(item) for key, item in value.items()}
    if kind.__module__ == "numpy" and getattr(value, "ndim", 1) == 0:
        item = value.item()
        return item if type(item) in (int, float, str, bool) else float(value) if value.dtype.kind == "f" else value
    if hasattr(value, "keys") and isinstance(value, Mapping):
        return {native(key): native(item) for key, item in value.items()}
    return value


def name_rule(key: object) -> str:
    """What to write in place of a name that is no text.

    >>> name_rule(True)
    'YAML reads this name as true, as it does on, yes and true; write it in quotes'
    """
    if isinstance(key, bool):
        words = "on, yes and true" if key else "off, no and false"
        return f"YAML reads this name as {str(key).lower()}, as it does {words}; write it in quotes"
    kind = {int: "a whole number", float: "a number", type(None): "nothing"}.get(type(key), type(key).__name__)
    decimal = "; a decimal number has a point, no comma" if isinstance(key, (int, float)) else ""
    return f"YAML reads this name as {kind}; expected text, in quotes if it is meant as a name{decimal}"
