"""Several runs from the command line, each by itself: Hydra's multirun, checked as a whole before the first is played."""

from __future__ import annotations

import argparse
import math
import os
import pathlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import ChoiceSweep, Override, RangeSweep
from hydra.core.plugins import Plugins
from hydra.errors import HydraException
from hydra.plugins.launcher import Launcher
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from sim.desk import warm
from sim.desk.console import STOPPED, checked, new_results, play_into
from sim.desk.doing import done
from sim.desk.screen import complain, console, say, say_undrawn
from sim.ground.folders import config_folder
from sim.ground.params import ConfigError, nearest
from sim.ground.values import one_line
from sim.study.words import listed, parsed
from sim.world.composing.configuration import normalised, plain
from sim.world.composing.door import of_hydra, refuse_settings
from sim.world.composing.spelling import quoted
from sim.world.scenario import Scenario

if TYPE_CHECKING:
    from sim.market.runs import Result
    from sim.study.jobs import JobLog

MOST = 10_000  # runs, each with a folder of its own
SWEEPER = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"


def multirun(args: argparse.Namespace) -> int:
    """Check every combination of a sweep, then hand the sweep to Hydra's sweeper and launcher."""
    from sim.pages.terminal import show_jobs
    from sim.study.jobs import Jobs

    refuse_settings(args.words, "--multirun", "it takes hydra.sweep.dir=...", ["hydra.sweep.dir"])
    words = normalised(map(listed, args.words))
    jobs = _jobs(words)
    ready = [checked(list(job), args) for job in jobs]
    done()
    if args.cfg:
        print("---\n".join(OmegaConf.to_yaml(values) for _, values, _ in ready), end="")
        return 0
    plain_jobs = [[word.removeprefix("++") for word in job] for job in jobs]
    codes: list[int] = []
    played: list[tuple[list[str], Result]] = []

    def task(config: DictConfig) -> None:
        """Play one job of the study; note its exit code and, if it came to an end, its result."""
        values = plain(config, args.config_dir, args.allow_foreign_code)
        scenario = Scenario.from_config(values, args.allow_foreign_code)
        folder = pathlib.Path(HydraConfig.get().runtime.output_dir)
        own = [word.removeprefix("++") for word in HydraConfig.get().overrides.task]
        log = study.job(HydraConfig.get().job.num, scenario)
        code, result = _guarded(values, scenario, folder, args, own, log)
        codes.append(code)
        if code == STOPPED:
            raise KeyboardInterrupt
        if result is not None:
            moved = [word for word in own if not all(word in job for job in plain_jobs)]
            played.append((moved, result))
            say(f"{' '.join(moved)}: {folder}")

    _refuse_strange_launchers(ready[0][0])
    warm.first(lambda: ready[0][2], args.quiet)
    folder = new_results(ready[0][0], "sweep")
    told = [word for word in args.words if not of_hydra(word)]
    study = Jobs.begin(folder, told, plain_jobs, [(values, scenario) for _, values, scenario in ready])
    _launch(task, [*words, f"hydra.sweep.dir={quoted(folder)}"])
    if played and not args.quiet:
        show_jobs(played, console())
    say_undrawn()
    return max(codes, default=0)


def _jobs(words: list[str]) -> list[list[str]]:
    """The words of every run of a multirun: each combination of the values that its words give.

    Raises
    ------
    ConfigError : no values, too many, or a function that is for files or for studies.
    """
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper

    read, number = [parsed(word) for word in words], 1
    for override in read:
        number *= _values(override)
        if number > MOST:
            raise ConfigError(f"--multirun: {number:,} runs; expected at most {MOST:,}")
    (jobs,) = BasicSweeper.split_arguments(read, max_batch_size=None)
    return [list(job) for job in jobs]


def _values(override: Override) -> int:
    """How many values a word gives; a multirun plays each."""
    word, value = (override.input_line or "").removeprefix("++"), override.value()
    if not override.is_sweep_override():
        return 1
    if getattr(value, "shuffle", True) or not isinstance(value, (ChoiceSweep, RangeSweep)):
        raise ConfigError(f"{word}: --multirun takes values in their order, as in a,b,c, or range(1,4)")
    if isinstance(value, ChoiceSweep):
        return len(value.list)
    steps = (value.stop - value.start) / value.step if value.step else 0.0
    if not 0 < steps <= MOST:
        raise ConfigError(f"{word}: expected steps that lead from its start to its end, at most {MOST:,}")
    return math.ceil(steps)


def _refuse_strange_launchers(config: DictConfig) -> None:
    """Raise `ConfigError` unless the jobs go through Hydra's own sweeper and a launcher that is installed."""
    known = {f"{kind.__module__}.{kind.__qualname__}" for kind in Plugins.instance().discover(Launcher)}
    settings = OmegaConf.to_container(config.hydra, resolve=False)
    named = {name: str((settings[name] or {}).get("_target_")) for name in ("launcher", "sweeper")}
    if named["launcher"] not in known:
        raise ConfigError(f"hydra.launcher: {named['launcher']}: no launcher of the name; {nearest(named['launcher'], known)}")
    if named["sweeper"] != SWEEPER:
        raise ConfigError(f"hydra.sweeper: {named['sweeper']}: expected {SWEEPER}; differentia sweep has designs")


def _launch(task: Callable[[DictConfig], None], words: list[str]) -> None:
    """Hand the jobs to Hydra's sweeper and launcher; `ConfigError` if the launcher does not take its settings."""
    import hydra

    before, sys.argv = sys.argv, ["differentia", "--multirun", *words]
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
    try:
        hydra.main(version_base="1.3", config_path=str(config_folder()), config_name="config")(task)()
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(f"--multirun: {type(error).__name__}: {one_line(error)}") from error
    finally:
        sys.argv = before


def _guarded(
    values: dict[str, Any],
    scenario: Scenario,
    folder: pathlib.Path,
    args: argparse.Namespace,
    overrides: list[str],
    log: JobLog,
) -> tuple[int, Result | None]:
    """One job of a sweep: its runs go into the study; a failure is said and counted, and the sweep goes on."""
    error = ""
    try:
        return play_into(values, scenario, folder, args, overrides, log.seen)
    except (ConfigError, OSError) as failure:
        error = str(failure)
        complain(f"{folder}: {error}")
        return 2, None
    finally:
        log.close(error)
