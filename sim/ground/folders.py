"""Where the shipped configuration files lie."""

from __future__ import annotations

import pathlib


def config_folder() -> pathlib.Path:
    """Folder of the configuration files: inside an installed package, beside it in a checkout."""
    package = pathlib.Path(__file__).parents[1]
    packed = package / "_configs"
    return packed if packed.is_dir() else package.parent / "configs"
