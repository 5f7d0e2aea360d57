"""Which code computed: versions, and a digest of the part of the package that bears on numbers."""

from __future__ import annotations

import hashlib
import pathlib
import platform
from functools import cache
from importlib.metadata import version

import sim

TELLING = (
    "study",
    "questions",
    "report",
    "fit",
    "configuration",
    "planning",
    "describe",
    "profile",
    "console",
    "console_study",
    "cli",
)
LIBRARIES = ("numpy", "numba", "mesa", "scikit-learn")


@cache
def code() -> dict[str, str]:
    """Versions of all that bears on the numbers of a run; two runs with the same are the same bits.

    >>> sorted(code())[:2]
    ['differentia', 'mesa']
    """
    root, digest = pathlib.Path(sim.__file__).parent, hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        part = path.relative_to(root)
        if part.parts[0].removesuffix(".py") not in TELLING:
            digest.update(f"{part.as_posix()}\0".encode() + path.read_bytes())
    libraries = {name: version(name) for name in LIBRARIES}
    return {
        "differentia": sim.__version__,
        "model": digest.hexdigest()[:12],
        "python": platform.python_version(),
    } | libraries
