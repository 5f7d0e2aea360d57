"""Play from the command line: compose, check, make the folder, play with progress, report."""

from __future__ import annotations

import argparse
import json
import pathlib
import shutil
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.desk import warm
from sim.desk.doing import doing, done
from sim.desk.screen import bar, complain, console, say, say_uncached, say_undrawn
from sim.ground.files import write_text
from sim.ground.interrupt import listening
from sim.ground.params import ConfigError
from sim.ground.units import told, words_of
from sim.ground.values import one_line
from sim.study.catalogue import new_folder
from sim.world.composing.configuration import alone
from sim.world.composing.door import refuse_settings
from sim.world.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.market.records import Records
    from sim.market.runs import Result

STOPPED = 130


def checked(overrides: list[str], args: argparse.Namespace) -> tuple[DictConfig, dict[str, Any], Scenario]:
    """What words compose to, the same as plain values, and the scenario that they make; or `ConfigError`."""
    return alone(overrides, args.config_dir, args.allow_foreign_code)


def new_results(config: DictConfig, of: str) -> pathlib.Path:
    """Make the folder for results that Hydra's settings name, of a run or of a sweep; one that is there gets a number.

    Raises
    ------
    ConfigError : no folder that could be new.
    """
    word = f"hydra.{of}.dir"
    try:
        wanted = OmegaConf.select(config, word, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigError(f"{word}: {one_line(error)}") from None
    path = pathlib.Path(str(wanted or "").strip())
    if not path.name or path.name == ".." or not str(path).isprintable():
        raise ConfigError(f"{word} = {str(wanted or '')!r}: expected a new folder for the results, such as results/mine")
    try:
        return new_folder(path)
    except OSError as error:
        raise ConfigError(f"{word}: {path}: cannot be made ({error.strerror})") from None


def _remove(folder: pathlib.Path) -> None:
    """Take back a folder that was made for nothing, and its parents as far as they are empty."""
    shutil.rmtree(folder)
    with suppress(OSError):
        folder.parent.rmdir()
        folder.parent.parent.rmdir()


def single(args: argparse.Namespace) -> int:
    """Check everything, then play one scenario; nothing is written before the configuration is known to be good."""
    from sim.pages.terminal import show

    refuse_settings(args.words, "one run", "it takes hydra.run.dir=...", ["hydra.run.dir"])
    config, values, scenario = checked(args.words, args)
    done()
    if args.cfg:
        print(OmegaConf.to_yaml(values), end="")
        return 0
    warm.first(lambda: scenario, args.quiet)
    folder = new_results(config, "run")
    code, result = play_into(values, scenario, folder, args, args.words)
    if result is not None and not args.quiet:
        show(result, console())
    say_undrawn()
    if code == 0:
        plain = args.quiet or args.no_report
        print("" if plain else "\n", end="")
        say(folder if plain else f"Report: {folder / 'report.html'}")
    return code




@contextmanager
def _progress(scenario: Scenario, quiet: bool):
    say_uncached()
    with bar(told("months", words_of(scenario)), quiet) as progress:
        total = scenario.periods * scenario.replications
        task = progress.add_task(f"{scenario.name}, {scenario.replications} seeds", total=total)
        yield lambda: progress.advance(task)


def play_into(
    values: dict[str, Any],
    scenario: Scenario,
    folder: pathlib.Path,
    args: argparse.Namespace,
    overrides: list[str],
    seen: Callable[[Records], None] = lambda records: None,
) -> tuple[int, Result | None]:
    """Play into a folder; the exit code and, if the run was completed, its result."""
    from sim.market.runs import Interrupted, run
    from sim.pages import chapters, look
    from sim.study.manifest import manifest

    chapters.built(scenario)
    if (folder / "config.yaml").exists():
        raise ConfigError(f"{folder}: holds another run already; expected a folder for each")
    write_text(folder / "config.yaml", OmegaConf.to_yaml(values))
    about, began = manifest(scenario) | {"overrides": " ".join(overrides) or "none"}, time.perf_counter()

    def close(status: str) -> None:
        """Write what is known of the run beside it, with the status that it has now."""
        facts = about | {"status": status, "wall_time_seconds": round(time.perf_counter() - began, 2)}
        write_text(folder / "manifest.json", json.dumps(facts, indent=2) + "\n")

    close("running")
    try:
        with _progress(scenario, args.quiet) as tick, listening():
            result = run(scenario, folder=folder, tick=tick, seen=seen)
    except Interrupted as stopped:
        close(str(stopped))
        complain(f"{stopped}; what was recorded is in {folder}")
        return STOPPED, None
    except KeyboardInterrupt:
        close(told("stopped by the user: after its last month", words_of(scenario)))
        raise
    except (ConfigError, MemoryError) as error:
        if not (folder / "records.parquet").exists():
            _remove(folder)  # nothing was played: leave nothing half-written
        else:
            close(f"failed: {error}")
        raise
    if not args.no_report:
        doing("drawing the report", args.quiet)
        look.report(result, folder / "report.html")
        chapters.write(result, folder)
        done()
    close("complete")
    return 0, result
