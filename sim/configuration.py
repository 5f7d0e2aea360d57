"""From YAML files and overrides to a checked scenario; with `sim.cli` the only place that knows Hydra and OmegaConf."""

from __future__ import annotations

import copy
import dataclasses
import functools
import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import yaml
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.plugins import Plugins
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.overriding import changed, told_apart
from sim.params import ConfigError, nearest
from sim.scenario import PARTS, Scenario

TRUSTED = ("hydra._internal.", "hydra_plugins.")
FORBIDDEN = ("callbacks", "job_logging", "hydra_logging")
OPEN = ("firms.", "mechanism.ownership.sets", "factors.")  # their keys are names that a user gives
STUDY = ("factors", "design", "engine", "precision", "tables", "metrics", "moves", "chunk_seconds")  # read by studies only
FOREIGN = "foreign code is refused unless --allow-foreign-code is given"


def config_folder() -> pathlib.Path:
    """Folder of the configuration files: inside an installed package, beside it in a checkout."""
    package = pathlib.Path(__file__).parent
    packed = package / "_configs"
    return packed if packed.is_dir() else package.parent / "configs"


def normalised(overrides: Iterable[str]) -> list[str]:
    """Let `firms.<firm>.<parameter>=` add parameters that the scenario file left to the strategy's or pricing's file.

    Owners' names, too, are the user's own.

    >>> normalised(["firms.thrift.budget=0.1", "seed=3"])
    ['++firms.thrift.budget=0.1', 'seed=3']
    """
    return ["++" + o if o.startswith(OPEN) else o for o in overrides]


def _keys(values: Any, prefix: str = "") -> list[str]:
    if not isinstance(values, Mapping):
        return []
    here = [f"{prefix}{key}" for key in values]
    return here + [k for key, item in values.items() for k in _keys(item, f"{prefix}{key}.")]


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def misread(word: str, error: HydraException) -> ConfigError:
    """What is wrong with a word that Hydra cannot read."""
    told = _one_line(error).split(" See ")[0]
    if function := re.search(r"Unknown function '(\w+)' Available: ([\w,]+)", told):
        return ConfigError(f"{word}: no function {function[1]}(); {nearest(function[1], function[2].split(','))}")
    if "=" not in word and not word.startswith("~"):
        return ConfigError(f"{word}: not of the form name=value; compare and analyse take folders of studies")
    return ConfigError(f"{word}: not of the form name=value ({told})")


def _takers(group: str, folder: pathlib.Path) -> dict[str, list[str]]:
    """Parameters of the files of a group that only studies read, each with the words that choose a file that takes it."""
    found: dict[str, list[str]] = {}
    for path in sorted((folder / group).glob("*.yaml")) if group in STUDY else ():
        for key in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.setdefault(f"{group}.{key}", []).append(f"{group}={path.stem}")
    return found


def _explain(error: Exception, overrides: Sequence[str], folder: pathlib.Path) -> ConfigError:
    """The one line that a user needs, from what Hydra or the YAML reader raised."""
    if isinstance(error, ConfigError):
        return error
    if isinstance(error, OverrideParseException):
        return misread(str(error.override).removeprefix("++"), error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        files = error.options or [p.stem for p in (folder / group).glob("*.yaml")]
        return ConfigError(f"{group}={name}: no such file; {nearest(name, files)}")
    if "Ambiguous value" in str(error):
        return ConfigError(
            f"{', '.join(o for o in overrides if ',' in o)}: several values; differentia sweep makes a study of them, --multirun a run of each"
        )
    unknown = re.search(r"Could not (?:override|append to config\.?|delete from config\.?) '([^']+)'", str(error))
    if unknown:
        name = unknown.group(1).split("@")[0]
        if name in PARTS:
            return ConfigError(f"{name}: unknown name; each firm has its own: firms.<firm>.{name}=...")
        inside = re.search(r"full_key: (\S+)", str(error.__cause__))
        if inside and inside.group(1).startswith(f"{name}."):
            return ConfigError(f"{inside.group(1)}: unknown name; +{inside.group(1)}=... would add it")
        groups = [p.name for p in folder.iterdir() if p.is_dir()]
        rest = OmegaConf.to_container(_compose([o for o in overrides if name not in o]), resolve=False)
        factors = list(rest["factors"] or {})
        if name in factors:
            return ConfigError(f"{name}: a factor of the experiment, moved by studies only: differentia sweep")
        group = name.partition(".")[0]
        takers = _takers(group, folder)
        if name in takers:
            chosen = f"{group}={rest['hydra']['runtime']['choices'][group]}"
            return ConfigError(f"{name}: {chosen} takes none; expected one of {', '.join(takers[name])}")
        keys = [key for key in _keys(rest) if not key.startswith(("hydra", "factors."))]
        told = f"; factors of the experiment: {', '.join(factors)}" if factors else ""
        return ConfigError(f"{name}: unknown name; {nearest(name, {*factors, *keys, *groups, *takers})}{told}")
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        return ConfigError(f"{mark.name}, line {mark.line + 1}: {_one_line(error.problem)}")
    if isinstance(error, OSError):
        return ConfigError(f"{error.filename}: cannot be read ({error.strerror})")
    return ConfigError(_one_line(error))


class OwnFolder(SearchPathPlugin):
    """Hydra's own way to look into one more folder first; `folder` is the user's, or None."""

    folder: ClassVar[pathlib.Path | None] = None

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Put the user's folder ahead of the shipped one."""
        if OwnFolder.folder is not None:
            search_path.prepend("differentia", f"file://{OwnFolder.folder.resolve()}")


Plugins.instance().register(OwnFolder)


def _compose(overrides: Sequence[str]) -> DictConfig:
    """Hydra's composition; the last choices of files are kept, because Hydra reads some fifty files for each."""
    if any("hydra" in o for o in overrides):  # Hydra's own settings may name folders that are not looked at here
        return _composed.__wrapped__(tuple(overrides), ())
    folders = [config_folder()] if OwnFolder.folder is None else [OwnFolder.folder.resolve(), config_folder()]
    files = tuple(_state(path) for folder in folders for path in sorted(folder.rglob("*.yaml")))
    choices, changes = told_apart(overrides, folders)
    return changed(copy.deepcopy(_composed(tuple(choices), (pathlib.Path.cwd(), *folders, *files))), changes)


def _state(path: pathlib.Path) -> tuple[pathlib.Path, int, int]:
    """What changes when somebody writes to a file: time of the last write [ns] and size [bytes]."""
    about = path.stat()
    return path, about.st_mtime_ns, about.st_size


@functools.lru_cache(maxsize=16)
def _composed(overrides: tuple[str, ...], state: tuple[object, ...]) -> DictConfig:
    GlobalHydra.instance().clear()
    with initialize_config_dir(version_base="1.3", config_dir=str(config_folder())):
        return hydra_compose("config", overrides=list(overrides), return_hydra_config=True)


def _refuse_foreign(config: DictConfig) -> None:
    """Raise `ConfigError` if a stranger's files name code, log files or environment variables in Hydra's settings."""
    values = OmegaConf.to_container(config, resolve=False)
    shipped = OmegaConf.to_container(_compose([]).hydra, resolve=False)
    for block in FORBIDDEN:
        if values["hydra"][block] != shipped[block]:
            raise ConfigError(f"hydra.{block}: {FOREIGN}")
    _refuse_names(values, "")


def _refuse_names(values: Any, where: str) -> None:
    items = values.items() if isinstance(values, Mapping) else enumerate(values) if isinstance(values, list) else ()
    for key, item in items:
        place = f"{where}.{key}".lstrip(".")
        named = place.startswith("hydra.") and key in ("_target_", "()", "class") and not str(item).startswith(TRUSTED)
        if named or (isinstance(item, str) and ("ext://" in item or "${oc." in item)):
            raise ConfigError(f"{place} = '{item}': {FOREIGN}")
        _refuse_names(item, place)


def load(overrides: Sequence[str], own: str | pathlib.Path | None = None, allow_foreign: bool = False) -> DictConfig:
    """Compose the configuration, Hydra's own settings included; every failure is a `ConfigError` of one line."""
    folder, overrides = config_folder(), normalised(overrides)
    own = None if own is None else pathlib.Path(own)
    if own is not None and not own.is_dir():
        raise ConfigError(f"--config-dir {own}: no such folder")
    if own is not None and (own / "config.yaml").exists():
        raise ConfigError(f"{own / 'config.yaml'}: a folder of one's own holds groups of files, not the root")
    OwnFolder.folder = own
    try:
        config = _compose(overrides)
        if not allow_foreign and (own is not None or any("hydra" in o for o in overrides)):
            _refuse_foreign(config)
        return config
    except UnicodeDecodeError as error:
        raise ConfigError(f"a configuration file is not UTF-8 text ({error.reason} at byte {error.start})") from None
    except (HydraException, OmegaConfBaseException, yaml.YAMLError, OSError, ValueError) as error:
        raise _explain(error, overrides, folder) from None


def plain(config: DictConfig, own: str | pathlib.Path | None = None) -> dict[str, Any]:
    """The composed scenario as nested plain values, strategies, revision and pricing rules read in."""
    values = _without_nothing(_container(config, {"hydra", *STUDY}))
    known = {field.name for field in dataclasses.fields(Scenario)}
    for name in values:
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
        raise ConfigError(_one_line(error)) from None


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
        return copy.deepcopy(_contents(*_state(files[kind])))
    except (yaml.YAMLError, OSError, OmegaConfBaseException) as error:
        raise _explain(error, [], folders[-1]) from None


@functools.lru_cache(maxsize=128)
def _contents(path: pathlib.Path, written: int, size: int) -> dict[str, Any]:
    return OmegaConf.to_container(OmegaConf.load(path), resolve=True)


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
