"""Words that change values in a composed configuration, told apart from those that choose the files it is made of."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from omegaconf import DictConfig


def told_apart(words: Sequence[str], folders: Sequence[pathlib.Path]) -> tuple[list[str], list[Override]]:
    """Words that choose files, and those that Hydra applies one after another to what the files make.

    folders : of configuration files; a name is a choice of files if one of them has a folder of that name. Where a word
    is of neither kind, or cannot be read, all are left to Hydra as choices.
    """
    choices, changes = list[str](), list[Override]()
    try:
        read = [OverridesParser.create().parse_override(word) for word in words]
    except HydraException:
        return list(words), []
    for word, override in zip(words, read, strict=True):
        if override.is_sweep_override() or isinstance(override.value(), dict):
            return list(words), []
        if any((folder / override.key_or_group).is_dir() for folder in folders):
            choices.append(word)
        else:
            changes.append(override)
    return choices, changes


def changed(config: DictConfig, changes: Sequence[Override]) -> DictConfig:
    """The configuration, changed in place, by Hydra itself.

    Raises
    ------
    HydraException : a name that is not there, a value that is not of its kind.
    """
    ConfigLoaderImpl._apply_overrides_to_config(list(changes), config)
    config.hydra.overrides.task.extend([override.input_line for override in changes])
    return config
