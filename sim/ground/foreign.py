"""Classes from outside this package: found, held to what is on disk, and blamed in one line when they fail.

A run's id says which code played it, so a class must be the one that its file holds now. Python reads a file once; what
was edited since is refused until it is read again, in this process and in every worker.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib
import importlib.machinery
import importlib.util
import inspect
import pathlib
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType, ModuleType, TracebackType
from typing import Any

from sim.ground.files import state
from sim.ground.params import ConfigError, Params
from sim.ground.values import one_line, shown

PACKAGE = "sim."
HOUSE = pathlib.Path(__file__).parents[1]
LIBRARIES = tuple(
    {pathlib.Path(sysconfig.get_path(kind)) for kind in ("stdlib", "platstdlib", "purelib", "platlib")} | {HOUSE}
)
_read: dict[str, tuple[object, str]] = {}  # by module: the import that was looked at, and the digest of its file then


def check_target(target: object, base: type[Params], where: str, allow_foreign: bool) -> None:
    """Raise `ConfigError` unless this can be the name of a class, and of one of this package where no other is allowed."""
    if not isinstance(target, str) or not all(part.isidentifier() for part in target.split(".")) or "." not in target:
        raise ConfigError(f"{where}._target_ = {shown(target)}: expected the dotted name of a {base.__name__}")
    if not target.startswith(PACKAGE) and not allow_foreign:
        raise ConfigError(
            f"{where}._target_ = {shown(target)}: code outside this package is refused unless --allow-foreign-code is given"
        )


def locate(target: object, base: type[Params], where: str, allow_foreign: bool) -> type[Params]:
    """Class named by a config's `_target_`.

    Only classes of this package are found unless the user opted in, so that a stranger's config cannot run code.

    Raises
    ------
    ConfigError : not a name, outside the package, not there, not a `base`, fails when it is read, or was edited since.
    """
    check_target(target, base, where, allow_foreign)
    module, _, name = target.rpartition(".")
    found = getattr(_imported(module, f"{where}._target_ = {shown(target)}"), name, None)
    if found is None:
        raise ConfigError(f"{where}._target_ = {shown(target)}: not found (module '{module}' has no attribute '{name}')")
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ConfigError(f"{where}._target_ = {shown(target)}: not a {base.__name__}")
    return found


def _imported(name: str, where: str) -> ModuleType:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise ConfigError(f"{where}: not found ({error})") from None
        raise blame(error, where) from error
    except (Exception, SystemExit) as error:  # whatever somebody's module does when it is read
        if isinstance(error, SyntaxError) and not error.filename:  # Python does not say where: signs that no source has
            error.filename, error.lineno = f"{name.rpartition('.')[2]}.py", error.lineno or 1
        raise blame(error, where) from error
    if is_foreign(name):
        for each in own_modules([name]):
            _hold(each, where)
    return module


def is_foreign(module: str) -> bool:
    """Whether a module is not part of this package."""
    return not module.startswith(PACKAGE) and module != PACKAGE[:-1]


def _hold(module: ModuleType, where: str) -> None:
    """Raise `ConfigError` if the file of a module is not what Python has read."""
    digest, spec = _digest(module), module.__spec__
    seen, then = _read.get(module.__name__, (None, digest))
    if seen is not spec and _agrees(module):  # looked at for the first time, or reloaded since
        _read[module.__name__] = spec, digest
    elif seen is not spec or then != digest:
        file = pathlib.Path(module.__file__).name
        raise ConfigError(
            f"{where}: {file} was edited after Python had read it; start Python again, or importlib.reload({module.__name__})"
        )


def own_modules(names: Iterable[str]) -> list[ModuleType]:
    """Modules that have been read from files of the user's own: these, and all that they import, by name.

    What lies with Python's libraries is no code of one's own, unless it is named.
    """
    found: dict[str, ModuleType] = {}
    asked = sorted({name for name in names if is_foreign(name)})
    named = set(asked)
    while asked:
        name = asked.pop()
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if name in found or not file or not (name in named or _is_own(file)):
            continue
        found[name] = module
        package = getattr(module, "__package__", "") or ""
        asked += [each for each in _imports(file, state(pathlib.Path(file)), package) if is_foreign(each)]
        asked += [name.rpartition(".")[0]]
    return [found[name] for name in sorted(found)]


def digests(names: Iterable[str]) -> dict[str, str]:
    """Digests of the files of modules of one's own and of all of one's own that they import, by module.

    >>> sorted(digests(["json.decoder"]))
    ['json.decoder']
    """
    return {module.__name__: _digest(module) for module in own_modules(names)}


def held(classes: Iterable[type]) -> dict[str, str]:
    """Digests of the files of classes from outside the package and of all of one's own that they import, by module.

    Raises
    ------
    ConfigError : one of them was edited after Python had read it.
    """
    modules = own_modules([cls.__module__ for cls in classes])
    for module in modules:
        _hold(module, module.__name__)
    return {module.__name__: _digest(module) for module in modules}


@functools.cache
def _is_own(file: str) -> bool:
    path = pathlib.Path(file)
    return not {"site-packages", "dist-packages"} & set(path.parts) and not any(map(path.is_relative_to, LIBRARIES))


def _digest(module: ModuleType) -> str:
    return _digest_of(module.__file__, state(pathlib.Path(module.__file__)))


@functools.lru_cache(maxsize=1024)
def _digest_of(file: str, written: tuple[int, ...] | None) -> str:
    return hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest()[:12]


@functools.lru_cache(maxsize=1024)
def _imports(file: str, written: tuple[int, ...] | None, package: str) -> tuple[str, ...]:
    """Names of all that a source file imports, whether modules or what is in them."""
    try:
        tree = ast.parse(pathlib.Path(file).read_bytes())
    except (SyntaxError, ValueError):  # compiled, or broken since
        return ()
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and (package or not node.level):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return tuple(names)


def _agrees(module: ModuleType) -> bool:
    """Whether functions and plain constants of a module are those that its source says; all that can be told later."""
    if type(getattr(module.__spec__, "loader", None)) is not importlib.machinery.SourceFileLoader:
        return True
    try:
        source = pathlib.Path(module.__file__).read_bytes()
        tree, compiled = ast.parse(source), compile(source, module.__file__, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    said = {code.co_qualname: code for code in _codes(compiled)}
    own = (function.__code__ for function in _functions(vars(module), module.__name__))
    if any(said.get(code.co_qualname) != code for code in own if code.co_filename == module.__file__):
        return False
    plain = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return all(vars(module).get(name) == value for name, value in plain.items())


def _codes(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _codes(inner)


def _functions(names: Any, module: str) -> Iterator[FunctionType]:
    for value in list(names.values()):
        value = getattr(value, "fget", None) or getattr(value, "__func__", value)
        if isinstance(value, FunctionType):
            yield value
        elif isinstance(value, type) and value.__module__ == module:
            yield from _functions(vars(value), module)


def blame(error: BaseException, where: str) -> ConfigError:
    """The one line for a failure of somebody's class: where, the file and line of their own code, and what it said."""
    if isinstance(error, SyntaxError) and error.filename:
        place, said = f"{pathlib.Path(error.filename).name} line {error.lineno}", f"{type(error).__name__}: {error.msg}"
    else:
        place, said = _place(error.__traceback__), one_line(error)
        said = f"{type(error).__name__}: {said}" if said else type(error).__name__
    inside = where.endswith(")") and place
    return ConfigError(f"{where[:-1]}, {place}): {said}" if inside else ": ".join(w for w in (where, place, said) if w))


def _place(tb: TracebackType | None) -> str:
    """File and line of the last step that was taken in code of the user's own, else of the last but those of Python's imports."""
    frames = [f for f in traceback.extract_tb(tb) if not f.filename.startswith("<")]
    own = [f for f in frames if _is_own(f.filename)] or frames
    return f"{pathlib.Path(own[-1].filename).name} line {own[-1].lineno}" if own else ""


def place_of(cls: type) -> str:
    """File and line where a class is written; empty where that cannot be told."""
    try:
        return f"{pathlib.Path(inspect.getsourcefile(cls)).name} line {inspect.getsourcelines(cls)[1]}"
    except (OSError, TypeError):
        return ""


def called(where: str, function: Callable[..., Any], *args: Any) -> Any:
    """What a function of somebody's class returns; its `ConfigError` passes, any other failure becomes one that names it."""
    try:
        return function(*args)
    except ConfigError:
        raise
    except (Exception, SystemExit) as error:
        raise blame(error, where) from error


@contextmanager
def blamed(strangers: Iterable[type]) -> Iterator[None]:
    """Say in one line what fails inside, where classes from outside the package take part; without any, nothing is caught."""
    names = ", ".join(f"{cls.__module__}.{cls.__qualname__}" for cls in strangers)
    try:
        yield
    except (ConfigError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        if not names or (isinstance(error, OSError) and not _hook(error.__traceback__)):  # such as a disk that is full
            raise
        raise blame(error, _hook(error.__traceback__) or f"a world with {names}") from error


def _hook(tb: TracebackType | None) -> str:
    """The class whose method failed, and the method: the outermost of the user's own."""
    while tb is not None:
        frame = tb.tb_frame
        if _is_own(frame.f_code.co_filename) and "self" in frame.f_locals:
            return f"{type(frame.f_locals['self']).__qualname__}.{frame.f_code.co_name}"
        tb = tb.tb_next
    return ""
