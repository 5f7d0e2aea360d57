"""Which code computed: versions, and a digest of the part of the package that bears on numbers."""

from __future__ import annotations

import hashlib
import pathlib
import platform
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import sim
from sim.study.plan import leaves

TELLING = (
    "study",
    "questions",
    "report",
    "fit",
    "overriding",
    "configuration",
    "wording",
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


def foreign(configs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Digests of the files that hold classes from outside this package which configurations name; not of what these import.

    >>> sorted(foreign([{"mechanism": {"mine": {"_target_": "json.decoder.JSONDecoder"}}}]))
    ['json.decoder']
    """
    named = {str(v) for config in configs for key, v in leaves(config).items() if key.endswith("_target_")}
    modules = sorted({name.rpartition(".")[0] for name in named if not name.startswith("sim.")})
    files = {name: getattr(sys.modules.get(name), "__file__", None) for name in modules}
    return {n: hashlib.sha256(pathlib.Path(f).read_bytes()).hexdigest()[:12] for n, f in files.items() if f}
