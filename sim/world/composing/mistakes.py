"""What Hydra, OmegaConf and the YAML reader say, in the one line that a user needs."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import OmegaConf

from sim.ground.params import ConfigError, nearest
from sim.ground.values import one_line
from sim.world.composing.composition import DataSource, composed
from sim.world.composing.reading import broken
from sim.world.scenario import PARTS

STUDY = (
    "factors",
    "design",
    "engine",
    "precision",
    "tables",
    "metrics",
    "moves",
    "chunk_seconds",
)  # read by studies only


def misread(word: str, error: HydraException) -> ConfigError:
    """What is wrong with a word that Hydra cannot read."""
    told = one_line(error).split(" See ")[0]
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


def explain(error: Exception, overrides: Sequence[str], folder: pathlib.Path) -> ConfigError:
    """The one line that a user needs, from what Hydra or the YAML reader raised; folder : the shipped files."""
    if isinstance(error, ConfigError):
        return error
    groups = [p.name for p in folder.iterdir() if p.is_dir()]
    if isinstance(error, OverrideParseException):
        return misread(str(error.override).removeprefix("++"), error)
    if isinstance(error, MissingConfigException) and error.missing_cfg_file:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        if not error.options and group.split("/")[0] not in groups:
            return ConfigError(f"{group or name}: no such group of files; {nearest(group or name, groups)}")
        files = error.options or [p.stem for p in (folder / group).glob("*.yaml")]
        return ConfigError(f"{group}={name}: no such file; {nearest(name, files)}")
    if "Ambiguous value" in str(error):
        several = ", ".join(o for o in overrides if "," in o)
        return ConfigError(
            f"{several}: several values; differentia sweep makes a study of them, --multirun a run of each"
        )
    if swept := re.search(r"Sweep parameters '(.+)' requires --multirun", str(error)):
        return ConfigError(f"{swept[1]}: several values; differentia sweep makes a study of them, --multirun a run of each")
    if wrong := re.search(r"In '?([^':]+)'?: Could not override '([^']+)'", str(error)):
        if wrong[2] in groups:
            return ConfigError(
                f"{wrong[1]}.yaml: override {wrong[2]}: chosen after this file is read; a file of experiment/ may, or the command "
                f"line: {wrong[2]}=..."
            )
        return ConfigError(f"{wrong[1]}.yaml: override {wrong[2]}: no such group; {nearest(wrong[2], groups)}")
    if "Config group override must be a string or a list" in str(error):
        return _no_file(overrides, folder, groups)
    if clash := re.search(r"In '([^']+)': \w+ raised while composing config: Cannot merge", one_line(error)):
        return _clash(clash[1], error, folder)
    if unknown := re.search(r"Could not (?:override|append to config\.?|delete from config\.?) '([^']+)'", str(error)):
        return _unknown(unknown[1].split("@")[0], error, overrides, folder)
    if isinstance(error, yaml.YAMLError):
        return broken(error, folder)
    if isinstance(error, OSError) and error.strerror:
        return ConfigError(f"{error.filename}: cannot be read ({error.strerror})")
    return ConfigError(_said(error, overrides))


def _no_file(overrides: Sequence[str], folder: pathlib.Path, groups: Sequence[str]) -> ConfigError:
    """Which word gives a value where the name of a file of a group is meant."""
    for word in overrides:
        name, _, value = word.lstrip("+").partition("=")
        group = name.split("@")[0]
        if group in groups and re.fullmatch(r"[\d.eE+-]+|true|false|\{.*\}", value):
            files = ", ".join(sorted(path.stem for path in (folder / group).glob("*.yaml")))
            return ConfigError(f"{name} = {value}: expected the name of a file of {group}/: {files}")
    return ConfigError(f"{' '.join(overrides)}: a value where the name of a file is expected")


def _clash(name: str, error: Exception, folder: pathlib.Path) -> ConfigError:
    """Where a file holds a list for what is a mapping, or the other way round."""
    own = DataSource.values.get(name, {})  # before the next composition
    usual = OmegaConf.to_container(composed([]), resolve=False)
    kinds = {"list": "a list", "dict": "a mapping"}
    for key, item in _places(own):
        found = usual
        for part in key.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        if found is not None and type(found) is not type(item) and {type(found), type(item)} & {list}:
            held, expected = kinds.get(type(item).__name__, "a value"), kinds.get(type(found).__name__, "a value")
            return ConfigError(f"{name}.yaml: {key}: expected {expected}, found {held}")
    return ConfigError(f"{name}.yaml: cannot be composed: {one_line(error).rpartition('config: ')[2].split(' full_key')[0]}")


def _places(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    here = [(f"{prefix}{key}", item) for key, item in values.items()]
    return here + [p for key, item in here if isinstance(item, Mapping) for p in _places(item, f"{key}.")]


def _said(error: Exception, overrides: Sequence[str]) -> str:
    """What an error says by itself or by its cause, with the words or files that it may be about."""
    chain, told, kind = error, "", ""
    while chain is not None and (not told or told.startswith("Error merging override")):
        told, kind, chain = one_line(chain), type(chain).__name__, chain.__cause__
    key = re.search(r" full_key: (?!object_type|reference_type)(\S+)", told)
    told = re.split(r" (?:full_key|reference_type|object_type)[:=]", told)[0]
    place = " ".join(word.removeprefix("++") for word in overrides) or "the shipped files"
    where = f" at {key[1]}" if key else ""
    return f"{place}: cannot be composed{where}: {told or kind}"


def _unknown(name: str, error: Exception, overrides: Sequence[str], folder: pathlib.Path) -> ConfigError:
    """What a word about a name that is not there could have meant."""
    if name in PARTS:
        return ConfigError(f"{name}: unknown name; each firm has its own: firms.<firm>.{name}=...")
    inside = re.search(r"full_key: (\S+)", str(error.__cause__))
    if inside and inside.group(1).startswith(f"{name}."):
        return ConfigError(f"{inside.group(1)}: unknown name; +{inside.group(1)}=... would add it")
    groups = [p.name for p in folder.iterdir() if p.is_dir()]
    if name in groups:
        return ConfigError(f"{name}: no choice to change; files ask for one of its by their defaults, +{name}=... adds one")
    try:
        rest = OmegaConf.to_container(composed([o for o in overrides if name not in o]), resolve=False)
    except Exception:  # something else is wrong as well, which is said next
        return ConfigError(f"{name}: unknown name; {nearest(name, groups)}")
    factors = list(rest["factors"]) if isinstance(rest.get("factors"), Mapping) else []
    if name in factors:
        return ConfigError(f"{name}: a factor of the experiment, moved by studies only: differentia sweep")
    group = name.partition(".")[0]
    takers = _takers(group, folder)
    if name in takers:
        chosen = f"{group}={rest['hydra']['runtime']['choices'][group]}"
        return ConfigError(f"{name}: {chosen} takes none; expected one of {', '.join(takers[name])}")
    keys = [key for key, _ in _places(rest) if not key.startswith(("hydra", "factors."))]
    told = f"; factors of the experiment: {', '.join(factors)}" if factors else ""
    return ConfigError(f"{name}: unknown name; {nearest(name, {*factors, *keys, *groups, *takers})}{told}")
