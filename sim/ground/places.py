"""Where compiled code and other caches may lie: a folder that nobody but the user can write, or none at all.

Compiled code is unpickled when it is read, so whoever can write where it lies can run code as the user. A folder is
trusted if it is the user's own, and it and all folders above it can be written by nobody but the user and root; a shared
folder such as /tmp may be above it, because it is sticky: nobody can move away there what is another's.
"""

from __future__ import annotations

import os
import pathlib
import stat
import tempfile
from collections.abc import Iterator

NAME = "differentia"


def settle() -> None:
    """Where no cache can be kept at home, name a private folder to the libraries that keep one; before they are imported."""
    bases = [("XDG_CACHE_HOME", ".cache"), ("XDG_CONFIG_HOME", ".config")]
    if all(_makable(_base(variable, name)) for variable, name in bases):
        return
    if (folder := private(_shared())) is not None:
        if not _makable(_base(*bases[0])):
            os.environ["XDG_CACHE_HOME"] = str(folder)
        os.environ.setdefault("MPLCONFIGDIR", str(folder / "matplotlib"))


def code(name: str, kind: str) -> pathlib.Path | None:
    """Private folder for compiled code, by its name: under NUMBA_CACHE_DIR, the user's own caches or the temporary folder.

    The first that can be had, or that cannot be written but holds files of the kind already, as one of an image does.
    """
    for path in _wanted():
        if private(path) is not None:
            return private(path / name)
        for made in (path, path.with_name(f"{NAME}-0")):  # by the user, or by root, who makes images
            if (folder := _filled(made / name, kind)) is not None:
                return folder
    return None


def _filled(path: pathlib.Path, kind: str) -> pathlib.Path | None:
    """The folder, if it holds files of a kind and nobody but the user and root can have put them there."""
    try:
        path = path.parent.resolve(strict=True) / path.name
        found = os.lstat(path)
        safe = stat.S_ISDIR(found.st_mode) and not _writable(path)
        return path if safe and next(path.rglob(kind), None) is not None else None
    except (OSError, ValueError, RuntimeError):
        return None


def _writable(path: pathlib.Path) -> bool:
    """Whether anybody but the user and root can write a folder or put another in its place."""
    if not hasattr(os, "geteuid"):  # Windows keeps a user's folders apart by other means
        return False
    found = os.lstat(path)
    if found.st_uid not in (0, os.geteuid()) or _open_to_others(found):
        return True
    return not all(_guarded(os.lstat(folder)) for folder in path.parents)


def _wanted() -> Iterator[pathlib.Path]:
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        yield pathlib.Path(chosen).absolute() / own_name()
    if (base := _base("XDG_CACHE_HOME", ".cache")) is not None:
        yield base / NAME
    if (base := _shared()) is not None:
        yield base / NAME


def _base(variable: str, name: str) -> pathlib.Path | None:
    """A folder of the user's by the XDG specification, which passes over a variable that is not absolute; None if unknown."""
    if os.path.isabs(os.environ.get(variable, "")):
        return pathlib.Path(os.environ[variable])
    try:
        home = pathlib.Path.home()
    except RuntimeError:  # a user whom the system does not know
        return None
    return home / name if home.is_absolute() else None


def own_name() -> str:
    """What the user's folder is called where others have theirs, too."""
    return f"{NAME}-{os.geteuid()}" if hasattr(os, "geteuid") else NAME


def _shared() -> pathlib.Path | None:
    """The user's part of the folder for temporary files; None if there is none."""
    try:
        return pathlib.Path(tempfile.gettempdir()).absolute() / own_name()
    except OSError:
        return None


def _makable(path: pathlib.Path | None) -> bool:
    """Whether a folder is there and can be written, or can be made."""
    if path is None:
        return False
    while not os.path.exists(path) and path != path.parent:
        path = path.parent
    return os.path.isdir(path) and os.access(path, os.W_OK | os.X_OK)


def private(path: pathlib.Path | None) -> pathlib.Path | None:
    """The folder, made if need be, without links in its name; None if it is not the user's alone or cannot be written."""
    if path is None:
        return None
    try:
        above = _made(path.parent).resolve(strict=True)
        path = _made(above / path.name)
        if not _trusted(path):
            return None
        tempfile.TemporaryFile(dir=path).close()
    except (OSError, ValueError):
        return None
    return path


def _made(path: pathlib.Path) -> pathlib.Path:
    """The folder with those above it; what is missing is made for the user alone."""
    for folder in (*reversed(path.parents), path):
        if not os.path.lexists(folder):
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:  # another process was faster
                continue
    return path


def _trusted(path: pathlib.Path) -> bool:
    """Whether nobody but the user and root can write a folder or put another in its place."""
    if not hasattr(os, "geteuid"):
        return True
    found = os.lstat(path)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not _writable(path)


def _guarded(found: os.stat_result) -> bool:
    sticky = bool(found.st_mode & stat.S_ISVTX)
    return found.st_uid in (0, os.geteuid()) and (sticky or not _open_to_others(found))


def _open_to_others(found: os.stat_result) -> bool:
    """Whether others can write; a group that holds only its user, as many systems give, is not others."""
    if found.st_mode & stat.S_IWOTH:
        return True
    return bool(found.st_mode & stat.S_IWGRP) and not of_user_alone(found.st_gid)


def of_user_alone(group: int) -> bool:
    """Whether a group is that of the user alone: his first, named as he is, without further members."""
    import grp
    import pwd

    try:
        user, found = pwd.getpwuid(os.geteuid()), grp.getgrgid(group)
    except KeyError:
        return False
    return user.pw_gid == group and found.gr_name == user.pw_name and set(found.gr_mem) <= {user.pw_name}
