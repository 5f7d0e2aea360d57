"""From YAML files and overrides to a checked scenario; with `sim.cli` the only place that knows Hydra and OmegaConf."""

from __future__ import annotations

import copy
import dataclasses
import functools
import pathlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.composition import OwnFolder, composed, config_folder, settings, state
from sim.door import check_composed, check_words, of_hydra
from sim.mistakes import STUDY, explain, one_line
from sim.params import ConfigError, nearest
from sim.reading import check_references, read, text_of
from sim.scenario import PARTS, Scenario
from sim.spelling import spelled

OPEN = ("firms.", "mechanism.ownership.sets", "factors.")  # their keys are names that a user gives
GLOBAL = ("experiment", "scenario")  # groups whose files say in their first line that they are about the whole


def normalised(overrides: Iterable[str]) -> list[str]:
    """Let `firms.<firm>.<parameter>=` add parameters that the scenario file left to the strategy's or pricing's file.

    Owners' names, too, are the user's own.

    >>> normalised(["firms.thrift.budget=0.1", "seed=3"])
    ['++firms.thrift.budget=0.1', 'seed=3']
    """
    return ["++" + o if o.startswith(OPEN) else o for o in map(spelled, overrides)]


def load(overrides: Sequence[str], own: str | pathlib.Path | None = None, allow_foreign: bool = False) -> DictConfig:
    """Compose the configuration, Hydra's own settings included; every failure is a `ConfigError` of one line.

    Nothing that a file or a word names is imported before all of it has passed `sim.door`.
    """
    folder, overrides = config_folder(), normalised(overrides)
    OwnFolder.folder, OwnFolder.allow_foreign = _own(own), allow_foreign
    try:
        if not allow_foreign:
            check_words(overrides)
        config = composed(overrides)
        if not allow_foreign:
            expected = settings(tuple(word for word in overrides if of_hydra(word)))
            check_composed(OmegaConf.to_container(config, resolve=False), expected, overrides, folder)
        return config
    except RecursionError:
        raise ConfigError(f"{own or folder}: the defaults of a file lead back to itself") from None
    except Exception as error:  # whatever Hydra and OmegaConf make of files that are not theirs
        raise explain(error, overrides, folder) from None


def _own(own: str | pathlib.Path | None) -> pathlib.Path | None:
    """The user's folder of configurations, if it can be one."""
    if own is None:
        return None
    folder = pathlib.Path(own)
    if not str(own).strip() or not folder.is_dir():
        raise ConfigError(f"--config-dir {own}: no such folder")
    if (folder / "config.yaml").exists():
        raise ConfigError(f"{folder / 'config.yaml'}: a folder of one's own holds groups of files, not the root")
    return folder


def plain(config: DictConfig, own: str | pathlib.Path | None = None) -> dict[str, Any]:
    """The composed scenario as nested plain values, strategies, revision and pricing rules read in."""
    values = _without_nothing(_container(config, {"hydra", *STUDY}))
    known = {field.name for field in dataclasses.fields(Scenario)}
    for name in values:
        if name in GLOBAL:
            raise ConfigError(f"{name}: a file of {name}/ begins with the line # @package _global_, or is about nothing")
        if name not in known:
            raise ConfigError(f"{name}: unknown name; {nearest(str(name), {*known, *STUDY})}")
    folders = [config_folder()] if own is None else [pathlib.Path(own), config_folder()]
    firms = values.get("firms") or {}
    if isinstance(firms, dict):
        for name, firm in firms.items():
            _fill(name, firm, firms, folders)
    return values


def study_values(config: DictConfig) -> dict[str, Any]:
    """What a composed configuration says about a study: factors, design, where it is played, precision, tables kept."""
    return _container(config, set(config) - set(STUDY))


def _container(config: DictConfig, without: set[str]) -> dict[str, Any]:
    try:
        return OmegaConf.to_container(
            OmegaConf.masked_copy(config, [n for n in config if n not in without]), resolve=True
        )
    except OmegaConfBaseException as error:
        raise ConfigError(one_line(error)) from None


def _without_nothing(values: Any) -> Any:
    """Take names out whose value is null, at every depth: how a file takes out what another one put into a mapping."""
    if not isinstance(values, dict):
        return values
    return {key: _without_nothing(item) for key, item in values.items() if item is not None}


def _fill(name: str, firm: Any, firms: Mapping[str, Any], folders: Sequence[pathlib.Path]) -> None:
    """Replace the names of a firm's strategy, revision and pricing rule by the contents of their files."""
    if not isinstance(firm, dict):
        raise ConfigError(f"firms.{name} = {firm!r}: expected the firm's parameters by name")
    if "mode" not in firm:
        complete = [other for other, values in firms.items() if isinstance(values, dict) and "mode" in values]
        raise ConfigError(f"firms.{name}: unknown firm, or a new one without mode; {nearest(name, complete)}")
    for group in PARTS:
        choice = firm.get(group, "fixed" if group == "revision" else None)
        if isinstance(choice, str):
            choice = {"kind": choice}
        if not isinstance(choice, dict) or not {"kind", "_target_"} & set(choice):
            own = f"set its values as firms.{name}.<parameter>"
            raise ConfigError(f"firms.{name}.{group} = {choice!r}: expected the name of a {group}; {own}")
        if "kind" in choice:
            own = {key: value for key, value in choice.items() if key != "kind"}
            firm[group] = _read(group, choice["kind"], f"firms.{name}.{group}", folders) | own


def _read(group: str, kind: str, where: str, folders: Sequence[pathlib.Path]) -> dict[str, Any]:
    """Contents of the file of a group that has this name, one's own folder before the shipped one."""
    files = {p.stem: p for folder in reversed(folders) for p in sorted((folder / group).glob("*.yaml"))}
    if not isinstance(kind, str) or kind not in files:
        raise ConfigError(f"{where} = '{kind}': unknown {group}; {nearest(str(kind), files)}")
    try:
        return copy.deepcopy(_contents(*state(files[kind]), OwnFolder.allow_foreign))
    except (OSError, OmegaConfBaseException) as error:
        raise ConfigError(f"{files[kind]}: {getattr(error, 'strerror', None) or one_line(error)}") from None


@functools.lru_cache(maxsize=128)
def _contents(path: pathlib.Path, written: int, size: int, allow_foreign: bool) -> dict[str, Any]:
    """Values of a file that stands by itself: one of a strategy, a revision or a pricing rule."""
    values, _ = read(path, text_of(path), allow_foreign)
    if "defaults" in values:
        raise ConfigError(f"{path}: defaults: a file of {path.parent.name}/ is read by itself; expected its values")
    if not allow_foreign:
        check_references(values)
    return OmegaConf.to_container(OmegaConf.create(values), resolve=True)


def compose(*overrides: str, config_dir: str | None = None, allow_foreign: bool = False) -> Scenario:
    """Scenario from the shipped configuration and Hydra overrides.

    Parameters
    ----------
    overrides : e.g. ``"scenario=intercity", "seed=7", "mechanism=[]"``.
    config_dir : a folder with configuration files of your own, searched first.
    allow_foreign : let `_target_` name classes outside this package; they run code.

    Raises
    ------
    ConfigError : one line that says what is wrong, where, and what is allowed.

    Examples
    --------
    >>> compose("seed=7", "periods=3").seed
    7
    """
    return Scenario.from_config(plain(load(overrides, config_dir, allow_foreign), config_dir), allow_foreign)
