"""From YAML files and overrides to a checked scenario; with `sim.desk.cli` the only place that knows Hydra and OmegaConf."""

from __future__ import annotations

import dataclasses
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.ground.folders import config_folder
from sim.ground.names import check_call
from sim.ground.params import ConfigError, checked, refuse_unknown
from sim.ground.values import one_line
from sim.world.composing.absent import without_nothing
from sim.world.composing.choices import filled, taken_out
from sim.world.composing.composition import OwnFolder, composed, settings
from sim.world.composing.door import check_composed, check_words, of_hydra, texts
from sim.world.composing.mistakes import STUDY, explain
from sim.world.composing.settings import settings_of
from sim.world.composing.spelling import spelled
from sim.world.scenario import Scenario

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

    Nothing that a file or a word names is imported before all of it has passed `sim.world.composing.door`.
    """
    folder, overrides = config_folder(), normalised(overrides)
    OwnFolder.folder, OwnFolder.allow_foreign = _own(own), allow_foreign
    try:
        if not allow_foreign:
            check_words(overrides)
        config = composed(overrides)
        _refuse_nothing(config, overrides)
        if not allow_foreign:
            expected = settings(tuple(word for word in overrides if of_hydra(word)))
            check_composed(OmegaConf.to_container(config, resolve=False), expected, overrides, folder)
        return config
    except RecursionError:
        raise ConfigError(f"{own or folder}: the defaults of a file lead back to itself") from None
    except Exception as error:  # whatever Hydra and OmegaConf make of files that are not theirs
        raise explain(error, overrides, folder) from None


def _refuse_nothing(config: DictConfig, words: Iterable[str]) -> None:
    """Raise `ConfigError` for a word that names an empty mapping: it is merged into what is there, and changes nothing."""
    for word in words:
        name, _, value = word.lstrip("+").partition("=")
        if value.replace(" ", "") == "{}" and OmegaConf.select(config, name):
            inside = f"~{name}.{next(iter(OmegaConf.select(config, name)))}"
            raise ConfigError(f"{name}={{}}: changes nothing, names are added to those that are there; {inside} takes one out")


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


def plain(config: DictConfig, own: str | pathlib.Path | None = None, allow_foreign: bool = False) -> dict[str, Any]:
    """The composed scenario as nested plain values, strategies, revision and pricing rules read in."""
    values = checked(_container(config, {"hydra", *STUDY}))
    known = {field.name for field in dataclasses.fields(Scenario)}
    for name in values:
        if name in GLOBAL:
            raise ConfigError(f"{name}: a file of {name}/ begins with the line # @package _global_, or is about nothing")
    refuse_unknown([name for name in values if name not in known], {*known, *STUDY}, "")
    folders = [config_folder()] if own is None else [pathlib.Path(own), config_folder()]
    return without_nothing(filled(taken_out(values, folders), folders), allow_foreign)


def study_values(config: DictConfig) -> dict[str, Any]:
    """What a composed configuration says about a study: factors, design, where it is played, precision, tables kept."""
    return settings_of(_container(config, set(config) - set(STUDY)))


def _container(config: DictConfig, without: set[str]) -> dict[str, Any]:
    """Plain values; only where one refers to others is a copy made, in which the reference is looked up without the rest."""
    nodes = {name: node for name, node in config.items_ex(resolve=False) if name not in without}
    values = {name: OmegaConf.to_container(n) if OmegaConf.is_config(n) else n for name, n in nodes.items()}
    if not any("${" in text for text in texts(values)):
        return values
    try:
        return OmegaConf.to_container(OmegaConf.masked_copy(config, list(values)), resolve=True)
    except OmegaConfBaseException as error:
        raise ConfigError(one_line(error)) from None


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
    check_call("compose", overrides, config_dir=config_dir)
    return alone(overrides, config_dir, allow_foreign)[2]


def alone(
    overrides: Sequence[str], own: str | pathlib.Path | None, allow_foreign: bool
) -> tuple[DictConfig, dict[str, Any], Scenario]:
    """What a run by itself plays: the composed configuration, its plain values, the scenario; nothing moves in it."""
    for word in overrides:
        name = word.lstrip("+~").partition("=")[0]
        if name.partition(".")[0].partition("@")[0] in STUDY:
            raise ConfigError(f"{name}: read by studies only, such as differentia sweep; one run passes over it")
    config = load(overrides, own, allow_foreign)
    study_values(config)
    values = plain(config, own, allow_foreign)
    return config, values, Scenario.from_config(values, allow_foreign)
