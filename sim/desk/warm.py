"""Compile before anything is played: the command `differentia warm`, and what a first run does by itself."""

from __future__ import annotations

import argparse
import pathlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from sim.desk.doing import done
from sim.desk.screen import console, say
from sim.ground.folders import config_folder
from sim.ground.interrupt import listening
from sim.ground.params import ConfigError
from sim.world.composing.configuration import compose

if TYPE_CHECKING:
    from sim.world.scenario import Scenario


def _kept() -> list[pathlib.Path]:
    """Files of compiled code that are there."""
    from sim.science.rules import CACHE, PIECES

    return [] if CACHE is None else list(CACHE.rglob(PIECES))


class _Pieces(ProgressColumn):
    """How many pieces of code are there by now."""

    max_refresh = 0.5  # s

    def render(self, task: Task) -> Text:
        """The number, looked up anew."""
        return Text(f"{len(_kept())} pieces so far")


@contextmanager
def _shown(quiet: bool) -> Iterator[None]:
    err = console(error=True)
    columns = (TextColumn("{task.description}", markup=False), _Pieces(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal, transient=True) as progress:
        progress.add_task("compiling the loops over customers, once")
        yield


def first(asked: Callable[[], Scenario], quiet: bool) -> None:
    """Compile what a scenario calls, if nothing is there yet and it can be kept; `asked` makes the scenario."""
    from sim.market.warming import warm
    from sim.science.rules import CACHE

    if CACHE is not None and not _kept():
        with _shown(quiet), listening():
            warm(asked())


def where() -> str:
    """In one line where compiled code lies and how much it is."""
    from sim.science.rules import CACHE

    if CACHE is None:
        return "compiled code is not kept"
    files = _kept()
    return f"{CACHE}: {len(files)} pieces of compiled code, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB"


def command(args: argparse.Namespace) -> int:
    """Compile what the scenarios that are shipped call, or the one that the words say; say where it lies."""
    from sim.market.warming import FEW, MANY, warm
    from sim.science.rules import CACHE

    shipped = [[f"scenario={path.stem}"] for path in sorted((config_folder() / "scenario").glob("*.yaml"))]
    wanted = [args.words] if args.words else shipped
    scenarios = [compose(*words, config_dir=args.config_dir, allow_foreign=args.allow_foreign_code) for words in wanted]
    done()
    if CACHE is None:
        raise ConfigError("warm: no folder is the user's alone and can be written; NUMBA_CACHE_DIR names one")
    began = time.perf_counter()
    with _shown(args.quiet), listening():
        for scenario in scenarios:
            warm(scenario, (MANY, FEW))
    say(where() if args.quiet else f"{where()}, {time.perf_counter() - began:.0f} s")
    return 0
