"""The science: scalar, pure rules, each with its source. No loops over customers, no arrays, no state.

Rules that run once a customer are compiled (`@rule`) and inlined into the kernels that call them; rules that run once
a firm are plain Python. Compiled code is cached on disk under a folder named after the source of all rules and
kernels, because the compiler's own cache would not notice that a rule used by an unchanged kernel has changed.
"""

import hashlib
import os
import pathlib
import tempfile

import numba


def _cache_folder() -> pathlib.Path:
    package = pathlib.Path(__file__).parent.parent
    digest = hashlib.blake2b(digest_size=8)
    for folder in ("rules", "kernels"):
        for path in sorted((package / folder).glob("*.py")):
            digest.update(path.read_bytes())
    home = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = home / "differentia" / digest.hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        folder = pathlib.Path(tempfile.gettempdir()) / f"differentia-{digest.hexdigest()}"
    return folder


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(_cache_folder())


def rule(function):
    """Compile a scalar rule and let the compiler inline it, so that the loops that call it vectorise."""
    return numba.njit(cache=True, error_model="numpy", forceinline=True)(function)
