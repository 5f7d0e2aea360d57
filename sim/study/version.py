"""Which code computed: versions, and a digest of the part of the package that bears on numbers."""

from __future__ import annotations

import hashlib
import pathlib
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import sim
from sim.ground.foreign import digests
from sim.ground.params import ConfigError
from sim.study.plan import leaves

TELLING = ("study", "pages", "desk")  # rooms that have no part in the numbers of a run
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
        if part.parts[0] not in TELLING:
            digest.update(f"{part.as_posix()}\0".encode() + path.read_bytes())
    libraries = {name: version(name) for name in LIBRARIES}
    return {
        "differentia": sim.__version__,
        "model": digest.hexdigest()[:12],
        "python": platform.python_version(),
    } | libraries


def foreign(configs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Digests of the files that hold classes from outside this package which configurations name, and of all of the
    user's own modules that these import.

    >>> sorted(foreign([{"mechanism": {"mine": {"_target_": "json.decoder.JSONDecoder"}}}]))
    ['json.decoder']
    """
    named = {str(v) for config in configs for key, v in leaves(config).items() if key.endswith("_target_")}
    return digests({name.rpartition(".")[0] for name in named})


def refuse_edited(said: Mapping[str, str], configs: Iterable[Mapping[str, Any]]) -> None:
    """Raise `ConfigError` if the user's own modules are not those of which a plan's code speaks: edited meanwhile."""
    here = foreign(configs)
    if edited := [name for name, digest in here.items() if said.get(name) != digest]:
        raise ConfigError(f"{', '.join(edited)}: edited after the study had begun; start it again with --resume")
