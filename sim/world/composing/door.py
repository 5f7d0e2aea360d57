"""What words and files may ask of Hydra and of this computer; checked before anything that they name is imported.

The user's own command line may choose folders for results and where runs are played. A file, a stored word and a level
of a factor are a stranger's: they may not. `--allow-foreign-code` takes the door off its hinges.
"""

from __future__ import annotations

import functools
import pathlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from sim.ground.params import ConfigError
from sim.world.composing.reading import FOREIGN, REFERRED, check_references, plain, read, text_of

FOLDERS = {"hydra.run.dir": "a run", "hydra.sweep.dir": "--multirun"}  # that the command line may name
LAUNCHER = "hydra/launcher"  # of --multirun: one that is installed
SENT = ("address", "partition", "cluster", "folder")  # of an engine: where runs, or files about them, go
OWN_WORDS = "only the command line says where runs are sent"
PASSING = ("runtime", "overrides", "job")  # what Hydra notes about itself


def of_hydra(word: str) -> Override | None:
    """The word as Hydra reads it if it is about Hydra's own settings, by its name or by its package.

    >>> of_hydra("+experiment@hydra.run=mine").key_or_group, of_hydra("name=hydra")
    ('experiment', None)
    """
    if "hydra" not in word.partition("=")[0]:
        return None
    try:
        override = OverridesParser.create().parse_override(word)
    except HydraException as error:
        raise ConfigError(f"{word}: not of the form name=value ({' '.join(str(error).split())})") from None
    parts = {part for text in (override.key_or_group, override.package or "") for part in _parts(text)}
    return override if "hydra" in parts else None


def _parts(text: str) -> Iterable[str]:
    return (part for dotted in text.split("/") for name in dotted.split(".") for part in name.split(":"))


def check_words(words: Iterable[str]) -> None:
    """Raise `ConfigError` for a word that sets more of Hydra's than where results go and what launches a multirun."""
    for word in words:
        override = of_hydra(word)
        if override is None:
            continue
        key, value = override.key_or_group, override.value()
        launches = key.startswith("hydra.launcher.") and not key.endswith("._target_")
        named = key in FOLDERS or key == LAUNCHER or launches
        if not named or override.is_delete() or override.package or isinstance(value, (list, dict)):
            raise ConfigError(
                f"{word}: not for a run to set; of Hydra's settings {', '.join(FOLDERS)} and {LAUNCHER} are; {FOREIGN}"
            )
        if override.is_sweep_override():
            raise ConfigError(f"{word}: expected one value")


def refuse_settings(words: Iterable[str], command: str, instead: str, but: Iterable[str] = ()) -> None:
    """Raise `ConfigError` for a word about Hydra's settings that a command does not read, but for those named."""
    for word in words:
        override = of_hydra(word)
        if override and override.key_or_group in FOLDERS and override.key_or_group not in but:
            raise ConfigError(f"{word}: of {FOLDERS[override.key_or_group]}, not of {command}; {instead}")


def texts(values: Any) -> Iterator[str]:
    """Every text in nested values, names among them."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, Mapping):
        for key, item in values.items():
            yield from texts(key)
            yield from texts(item)
    elif isinstance(values, (list, tuple)):
        for item in values:
            yield from texts(item)


def check_strange_words(words: Iterable[str], where: str) -> None:
    """Raise `ConfigError` for words of a file or of a store that only the user's own command line may say."""
    for word in words:
        name = word.lstrip("+~").partition("=")[0]
        if "hydra" in _parts(name.replace("@", ".")):
            raise ConfigError(f"{where}: {word}: Hydra's settings are for the command line; {FOREIGN}")
        if name.startswith("engine.") and name.split(".")[1] in SENT:
            raise ConfigError(f"{where}: {word}: {OWN_WORDS}; give it there again")
        if not plain(word):
            raise ConfigError(f"{where}: {word}: {REFERRED}; {FOREIGN}")


def check_composed(values: Mapping[str, Any], expected: Mapping[str, Any], words: Sequence[str], shipped: pathlib.Path) -> None:
    """Raise `ConfigError` if what was composed asks for more than its user's own words do.

    values : the configuration, Hydra's settings included, before anything between `${` and `}` is read.
    expected : Hydra's settings as the shipped files and the words leave them. shipped : the shipped files.
    """
    for block, held in values["hydra"].items():
        if block not in PASSING and held != expected[block]:
            raise ConfigError(f"hydra.{block}: changed by a file; Hydra's settings are for the command line; {FOREIGN}")
    job = {key: held for key, held in values["hydra"]["job"].items() if key != "override_dirname"}
    if job != {key: held for key, held in expected["job"].items() if key != "override_dirname"}:
        raise ConfigError(f"hydra.job: changed by a file; Hydra's settings are for the command line; {FOREIGN}")
    _check_sent(values.get("engine"), words, shipped)
    check_references({name: item for name, item in values.items() if name != "hydra"})


def _check_sent(engine: object, words: Sequence[str], shipped: pathlib.Path) -> None:
    """Where runs are sent is said by the shipped file of the engine, or by the user's own words."""
    if not isinstance(engine, Mapping):
        return
    known = _shipped(shipped).get(str(engine.get("_target_")), {})
    said = {word.lstrip("+").partition("=")[0] for word in words if "${" not in word}
    for name in SENT:
        if name in engine and engine[name] != known.get(name) and f"engine.{name}" not in said:
            told = f"engine.{name} = {str(engine[name])!r}"
            raise ConfigError(f"{told}: from a file; {OWN_WORDS}; write engine.{name}=... there and take it out of the file")


@functools.cache
def _shipped(shipped: pathlib.Path) -> dict[str, dict[str, Any]]:
    """Values of the shipped engines by their classes."""
    found = (read(path, text_of(path), True)[0] for path in sorted((shipped / "engine").glob("*.yaml")))
    return {str(values["_target_"]): values for values in found}
