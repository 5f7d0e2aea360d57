"""Chapters of a report: what is told of what not every market has. Here is only what each must say; none is drawn here."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.ground.foreign import check_target
from sim.ground.names import check_name
from sim.ground.params import ConfigError, Params, param
from sim.ground.values import shown


@dataclass(frozen=True, kw_only=True)
class Chapter(Params, abc.ABC):
    """A part of a report. Subclasses are frozen dataclasses of `param` fields."""

    place: int = param("where it stands among the chapters, low first", "1", low=0, source="register R590")

    @abc.abstractmethod
    def tell(self, result: Any) -> Any | None:
        """What a result has to say of it (`sim.pages.chapters.Told`), or None if nothing."""


def chosen(values: object, allow_foreign: bool) -> dict[str, dict[str, Any]]:
    """Values of chapters by name, their classes checked but not yet imported: a market is played without its pictures.

    Raises
    ------
    ConfigError : not values by name, or a class outside this package that was not allowed.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"chapter = {shown(values)}: expected a mapping of names")
    for name, said in values.items():
        check_name(name, f"chapter.{name}")
        if not isinstance(said, Mapping):
            raise ConfigError(f"chapter.{name} = {shown(said)}: expected the parameters of a Chapter by name")
        check_target(said.get("_target_"), Chapter, f"chapter.{name}", allow_foreign)
    return {name: dict(said) for name, said in values.items()}
