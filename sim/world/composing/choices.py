"""What files chose in a composed configuration: firms' rules named by their files, and what one file took out of another."""

from __future__ import annotations

import copy
import functools
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.ground.files import state
from sim.ground.params import ConfigError, checked, nearest, refuse_unknown
from sim.ground.values import one_line, shown
from sim.world.composing.composition import OwnFolder
from sim.world.composing.reading import check_references, read, text_of
from sim.world.scenario import PARTS


def taken_out(values: dict[str, Any], folders: Sequence[pathlib.Path]) -> dict[str, Any]:
    """The values without firms, mechanisms, metrics and chapters that are null; raises `ConfigError` for one that no file has ever put there."""
    for group, named in _NAMED.items():
        items = values.get(group)
        if isinstance(items, dict) and (gone := [name for name, item in items.items() if item is None]):
            known = named(group, folders)
            refuse_unknown([name for name in gone if name not in known], {*known, *items} - {*gone}, f"{group}.")
            values[group] = {name: item for name, item in items.items() if item is not None}
    return values


def _files_of(group: str, folders: Sequence[pathlib.Path]) -> set[str]:
    return {path.stem for folder in folders for path in (folder / group).glob("*.yaml")}


def _firms_of(group: str, folders: Sequence[pathlib.Path]) -> set[str]:
    """Firms of which any file says something."""
    found: set[str] = set()
    for path in (path for folder in folders for path in sorted(folder.rglob("*.yaml"))):
        try:
            said, _ = read(path, text_of(path), OwnFolder.allow_foreign)
        except ConfigError:
            continue
        firms = said.get("firms") if isinstance(said, dict) else None
        found |= {name for name, firm in firms.items() if firm is not None} if isinstance(firms, dict) else set()
    return found


_NAMED = {"firms": _firms_of, "mechanism": _files_of, "metric": _files_of, "chapter": _files_of}


def filled(values: dict[str, Any], folders: Sequence[pathlib.Path]) -> dict[str, Any]:
    """The values with the names of each firm's strategy, revision and pricing rule replaced by the contents of their files.

    Raises
    ------
    ConfigError : no such file, or no firm's values. 
    """
    firms = values.get("firms")
    for name, firm in firms.items() if isinstance(firms, dict) else ():
        _fill(name, firm, firms, folders)
    return values


def _fill(name: str, firm: Any, firms: Mapping[str, Any], folders: Sequence[pathlib.Path]) -> None:
    """Replace the names of a firm's strategy, revision and pricing rule by the contents of their files."""
    if not isinstance(firm, dict):
        raise ConfigError(f"firms.{name} = {shown(firm)}: expected the firm's parameters by name")
    if firm.get("mode") is None:
        complete = [other for other, values in firms.items() if isinstance(values, dict) and values.get("mode")]
        raise ConfigError(f"firms.{name}: unknown firm, or a new one without mode; {nearest(name, complete)}")
    for group in PARTS:
        choice = "fixed" if group == "revision" and firm.get(group) is None else firm.get(group)
        if isinstance(choice, str):
            choice = {"kind": choice}
        if not isinstance(choice, dict) or not {"kind", "_target_"} & set(choice):
            own = f"set its values as firms.{name}.<parameter>"
            raise ConfigError(f"firms.{name}.{group} = {shown(choice)}: expected the name of a {group}; {own}")
        if "kind" in choice:
            own = {key: value for key, value in choice.items() if key != "kind"}
            firm[group] = _read(group, choice["kind"], f"firms.{name}.{group}", folders) | own


def _read(group: str, kind: str, where: str, folders: Sequence[pathlib.Path]) -> dict[str, Any]:
    """Contents of the file of a group that has this name, one's own folder before the shipped one."""
    files = {p.stem: p for folder in reversed(folders) for p in sorted((folder / group).glob("*.yaml"))}
    if not isinstance(kind, str) or kind not in files:
        raise ConfigError(f"{where} = {shown(kind)}: unknown {group}; {nearest(str(kind), files)}")
    try:
        return copy.deepcopy(_contents(files[kind], state(files[kind]), OwnFolder.allow_foreign))
    except (OSError, OmegaConfBaseException) as error:
        raise ConfigError(f"{files[kind]}: {getattr(error, 'strerror', None) or one_line(error)}") from None


@functools.lru_cache(maxsize=128)
def _contents(path: pathlib.Path, written: tuple[int, ...] | None, allow_foreign: bool) -> dict[str, Any]:
    """Values of a file that stands by itself: one of a strategy, a revision or a pricing rule."""
    values, _ = read(path, text_of(path), allow_foreign)
    if "defaults" in values:
        raise ConfigError(f"{path}: defaults: a file of {path.parent.name}/ is read by itself; expected its values")
    if not allow_foreign:
        check_references(values)
    return checked(OmegaConf.to_container(OmegaConf.create(values), resolve=True), path.stem)
