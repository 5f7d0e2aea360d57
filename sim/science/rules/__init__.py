"""The science: scalar, pure rules, each with its source. No loops over customers, no arrays, no state.

Rules that run once a customer are compiled (`@rule`) and inlined into the kernels that call them; rules that run once
a firm are plain Python. Compiled code is cached on disk under a folder named after the source of all rules and
kernels, because the compiler's own cache would not notice that a rule used by an unchanged kernel has changed. It is
cached only where nobody else can write (`sim.ground.places`); where there is no such place it is compiled anew each time.
"""

import hashlib
import pathlib
from contextlib import suppress

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, UserProvidedCacheLocator
from numba.core.registry import CPUDispatcher

from sim.ground.places import code

PIECES = "*.nbc"  # files of compiled code, one a function and kinds of arguments


def code_folder() -> pathlib.Path | None:
    """Where code of these very rules and kernels may be kept; None if nowhere."""
    package = pathlib.Path(__file__).parent.parent
    digest = hashlib.blake2b(digest_size=8)
    for folder in ("rules", "kernels"):
        for path in sorted((package / folder).glob("*.py")):
            digest.update(path.read_bytes())
    return code(f"code-{digest.hexdigest()}", PIECES)


CACHE = code_folder()


class _Place(UserProvidedCacheLocator):
    """The folder that was found to be safe and no other, whether it can be written or not."""

    @classmethod
    def from_function(cls, py_func, py_file):
        """The place of a function's code."""
        return cls(py_func, py_file)


class _Code(CompileResultCacheImpl):
    _locator_classes = [_Place]


class _Kept(FunctionCache):
    """Code on disk that can only save time: what cannot be read is compiled, and what cannot be written is not kept."""

    _impl_class = _Code

    def load_overload(self, sig, target_context):
        """Compiled code, or None if there is none that can be read."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # whatever reading a damaged file gives
            with suppress(Exception):
                self.flush()
            return None

    def save_overload(self, sig, data):
        """Keep compiled code if there is room for it."""
        with suppress(OSError):  # a full disk, a folder that was deleted
            super().save_overload(sig, data)


def compiled(function, kind=CPUDispatcher, **options):
    """Compile a function when it is first called, and keep its code where that is safe; kind : of what is returned."""
    if numba.config.DISABLE_JIT:
        return function
    numba.config.CACHE_DIR = str(CACHE or "")
    made = kind(function, targetoptions={"nopython": True, "error_model": "numpy", "boundscheck": None, **options})
    if CACHE is not None:
        made._cache = _Kept(function)
    return made


def rule(function):
    """Compile a scalar rule and let the compiler inline it, so that the loops that call it vectorise."""
    return compiled(function, forceinline=True)
