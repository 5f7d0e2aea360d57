"""Hydra's composition: where it looks for files, how it reads one, and what it may look at."""

from __future__ import annotations

import functools
import os
import pathlib
import pickle
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult, ConfigSource
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, OmegaConf, open_dict

from sim.ground.files import state
from sim.ground.folders import config_folder
from sim.ground.params import ConfigError
from sim.world.composing.overriding import changed, told_apart
from sim.world.composing.reading import FOREIGN, read, text_of

SCHEME = "differentia"
ALL = "all"  # of a group: every file that the shipped folder holds, as if a file said so
GATHERED = ("chapter", "mechanism", "metric")  # groups of which a configuration has any number of files
FILES = 300  # that one configuration is made of
VALUES = 100_000  # of all of them, each as often as it is named
A_FILE = 20  # values that reading a file is worth


def installed_plugins() -> None:
    """Let Hydra find plugins where packages are installed only: it would import any `hydra_plugins` beside a user's files."""
    if "hydra_plugins" not in sys.modules:
        folders = (pathlib.Path(place) for place in sys.path)
        kept = [f / "hydra_plugins" for f in folders if f.name in ("site-packages", "dist-packages")]
        plugins = ModuleType("hydra_plugins")
        plugins.__path__ = [str(folder) for folder in kept if folder.is_dir()]
        sys.modules["hydra_plugins"] = plugins


class DataSource(FileConfigSource):
    """A folder of configurations, whose files are read as data; `parts` and `values` are of those of the configuration at hand."""

    parts: ClassVar[dict[str, tuple[int, list[str]]]] = {}  # values of each file, and the files that it is made of
    values: ClassVar[dict[str, dict[str, Any]]] = {}

    @staticmethod
    def scheme() -> str:
        """How Hydra's search path names such a folder."""
        return SCHEME

    def is_config(self, config_path: str) -> bool:
        """Whether a file is there; none lies outside the folder."""
        _refuse_outside(config_path)
        return super().is_config(config_path) or bool(self._all(config_path))

    def is_group(self, config_path: str) -> bool:
        """Whether a group is there; none lies outside the folder."""
        _refuse_outside(config_path)
        return super().is_group(config_path)

    def load_config(self, config_path: str) -> ConfigResult:
        """A file of the folder, with what its first line says about its place.

        Raises
        ------
        ConfigError : see `sim.world.composing.reading`; or its defaults are not a list of names, or lead back to itself.
        """
        if files := self._all(config_path):
            return self._result(config_path, {"defaults": files}, len(files), "_global_")
        path = pathlib.Path(self.path, self._normalize_file_name(config_path))
        trusted = OwnFolder.allow_foreign or pathlib.Path(self.path) == config_folder()
        if not trusted and config_path.split("/")[0] == "hydra":
            raise ConfigError(f"{path}: Hydra's settings are for the command line; {FOREIGN}")
        values, size, header = _read(path, state(path), trusted)
        return self._result(config_path, values, size, header["package"])

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        """Names of files and groups in a folder, `all` among them where a group has it."""
        files = super().list(config_path, results_filter)
        return sorted({*files, ALL}) if results_filter is not ObjectType.GROUP and self._all(f"{config_path}/{ALL}") else files

    def _all(self, config_path: str) -> Sequence[str]:
        """The files that `all` of a group stands for; none for any other name, and in any folder but the shipped one."""
        group, _, name = config_path.removesuffix(".yaml").rpartition("/")
        if name != ALL or group not in GATHERED or pathlib.Path(self.path) != config_folder():
            return ()
        return [f"/{group}/{path.stem}" for path in sorted((config_folder() / group).glob("*.yaml"))]

    def _result(self, config_path: str, values: dict[str, Any], size: int, package: str | None) -> ConfigResult:
        """What a file says, as Hydra takes it, noted among those that the configuration at hand is made of."""
        place = pathlib.Path(self.path, self._normalize_file_name(config_path))
        DataSource.parts[config_path] = size + A_FILE, [*_made_of(values.get("defaults"), config_path, place)]
        DataSource.values[config_path] = values
        _refuse_endless(place)
        return ConfigResult(self.provider, f"{SCHEME}://{self.path}", OmegaConf.create(values), {"package": package})


@functools.lru_cache(maxsize=512)
def _read(
    path: pathlib.Path, written: tuple[int, ...] | None, trusted: bool
) -> tuple[dict[str, Any], int, dict[str, str | None]]:
    """What a file says, how many values that is, and what its first line says about its place."""
    text = text_of(path)
    header = ConfigSource._get_header_dict(text[:512]) if "@package" in text[:512] else {"package": None}
    if not trusted and "hydra" in (header["package"] or "").split("."):
        raise ConfigError(f"{path}, line 1: Hydra's settings are for the command line; {FOREIGN}")
    return *read(path, text, trusted), header


def _refuse_outside(config_path: str) -> None:
    if ".." in config_path.split("/"):
        raise ConfigError(f"{config_path}: expected a file of the folders of configurations, not outside them")


def _made_of(defaults: Any, config_path: str, path: pathlib.Path) -> Iterator[str]:
    """Files that a list of defaults names.

    Raises
    ------
    ConfigError : not a list of names, or of one group: name each.
    """
    if not isinstance(defaults, list | None):
        raise ConfigError(f"{path}: defaults = {str(defaults)[:40]!r}: expected a list of - group: name")
    overrides = False
    for item in defaults or ():
        group, names = next(iter(item.items())) if isinstance(item, Mapping) and len(item) == 1 else ("", item)
        names = names if isinstance(names, list) and group else [names]
        if not all(isinstance(name, str) or (name is None and group) for name in names):
            raise ConfigError(f"{path}: defaults: {str(item)[:40]!r}: expected - group: name, or - name")
        if item == "_self_":
            continue
        if "override" in group.split(" "):
            overrides = True
            continue
        if overrides:
            raise ConfigError(f"{path}: defaults: {str(item)[:40]!r}: comes after an override; expected overrides last")
        for name in filter(None, names):
            folder = f"{group.split(' ')[-1].split('@')[0]}/" if group else ""
            whole = f"{folder}{name.split('@')[0]}".removesuffix(".yaml")
            yield whole[1:] if whole.startswith("/") else "/".join([*config_path.split("/")[:-1], whole])


def _refuse_endless(path: pathlib.Path) -> None:
    """Raise `ConfigError` if what files are made of has no end, or one that takes too long."""
    weights: dict[str, int] = {}

    def weight(name: str, inside: tuple[str, ...]) -> int:
        """Values of a file and of all that its defaults name; inside : the files that led to it."""
        if name in inside:
            raise ConfigError(f"{path}: its defaults lead back to itself: {' -> '.join([*inside[inside.index(name):], name])}")
        if name not in weights:
            own, parts = DataSource.parts.get(name, (0, []))
            weights[name] = own + sum(weight(part, (*inside, name)) for part in parts)
        return weights[name]

    heaviest = max(weight(name, ()) for name in DataSource.parts)
    if heaviest > VALUES or len(DataSource.parts) > FILES:
        raise ConfigError(f"{path}: a configuration of more than {FILES} files or {VALUES:,} values by its defaults")


class OwnFolder(SearchPathPlugin):
    """Hydra's own way to look into more folders first; `folder` is the user's, or None."""

    folder: ClassVar[pathlib.Path | None] = None
    allow_foreign: ClassVar[bool] = False  # whether its files may set what is Hydra's

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Put the user's folder first, then the shipped one."""
        search_path.prepend("differentia", f"{SCHEME}://{config_folder()}")
        if OwnFolder.folder is not None:
            search_path.prepend("own", f"{SCHEME}://{OwnFolder.folder.resolve()}")


installed_plugins()
Plugins.instance().register(OwnFolder)
Plugins.instance().register(DataSource)


def composed(overrides: Sequence[str]) -> DictConfig:
    """Hydra's composition; the last choices of files are kept, because Hydra reads some fifty files for each."""
    if OwnFolder.allow_foreign and any("hydra" in o for o in overrides):  # may name folders that are not looked at here
        return pickle.loads(_composed.__wrapped__(tuple(overrides), ()))
    folders = [config_folder()] if OwnFolder.folder is None else [OwnFolder.folder.resolve(), config_folder()]
    files = tuple((path, state(path)) for folder in folders for path in sorted(folder.rglob("*.yaml")))
    choices, changes = told_apart(overrides, folders)
    made = pickle.loads(_composed(tuple(choices), (OwnFolder.allow_foreign, *folders, *files)))
    with open_dict(made.hydra.runtime):
        made.hydra.runtime.cwd = os.getcwd()
    return changed(made, changes)


@functools.lru_cache(maxsize=64)
def _composed(overrides: tuple[str, ...], state: tuple[object, ...]) -> bytes:
    """Hydra's composition, pickled: a copy is made of it for each use, eight times as fast as by `copy.deepcopy`."""
    GlobalHydra.instance().clear()
    DataSource.parts, DataSource.values = {}, {}
    with initialize_config_dir(version_base="1.3", config_dir=str(config_folder())):
        return pickle.dumps(hydra_compose("config", overrides=list(overrides), return_hydra_config=True))


@functools.lru_cache(maxsize=64)
def settings(words: tuple[str, ...]) -> Mapping[str, Any]:
    """Hydra's own settings as the shipped files and words about them leave them, before anything in them is read."""
    before, OwnFolder.folder = OwnFolder.folder, None
    try:
        return OmegaConf.to_container(composed(words).hydra, resolve=False)
    finally:
        OwnFolder.folder = before
